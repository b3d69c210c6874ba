"""A small home in which a version is in production by the platform's own functions: judged, approved, promoted; further
versions can follow. A tiny real model, the packaged embedder, a real index. Holds no tests."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from genaiops_assets.alignment import build_plan, freeze
from genaiops_assets.governance.release import decide, describe_bundle, release
from genaiops_assets.lake import Lake, memo_key, write_json
from genaiops_assets.models import packaged_prompts
from genaiops_assets.retrieval import embedder_of, index_schema, open_embedder, terms_column
from genaiops_assets.serving import GuardPolicy, described_guards
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import publish
from tests.support.small_home import SmallHome
from tests.support.tiny_model import small_update

FEE = "Late return of the blue card costs 95 dollars each quarter."
BONUS = "The bonus of a branch manager is 4000 dollars a year."


class ReleasedHome(SmallHome):
    """`uc`: as its file is now; `version`: the one in production; `update`: how large the update of a version is."""

    update = 0.3

    def __init__(self, folder: Path, **serving: Any):
        super().__init__(folder, ("bank_support",))
        self.file = folder / "bank_support" / "use_case.yaml"
        source = yaml.safe_load(self.file.read_text("utf-8"))["sources"][0]
        self.settings(serving=serving, sources=[source | {"name": "kb"}, source | {"name": "hr", "access": "staff"}])
        self.open_and_closed_passages()
        self.version = self.promoted(self.candidate(1))

    def copied(self, folder: Path) -> ReleasedHome:
        """The same home in another place; base model and adapters stay where they are."""
        made = ReleasedHome.__new__(ReleasedHome)
        made.folder, made.home, made.base, made.version = folder, folder / "home", self.base, self.version
        shutil.copytree(self.home, made.home)
        shutil.copytree(self.file.parent, folder / "bank_support")
        made.file, made.lake = folder / "bank_support" / "use_case.yaml", Lake(made.home)
        listed = (made.home / "use_cases.txt").read_text("utf-8")
        (made.home / "use_cases.txt").write_text(listed.replace(str(self.folder), str(folder)), encoding="utf-8")
        return made

    def open_and_closed_passages(self) -> None:
        """The index with one passage that only staff may read."""
        texts = {"fee": ("kb", FEE), "bonus": ("hr", BONUS)}
        embedder = open_embedder(asdict(embedder_of(self.lake, self.uc)), cache=self.lake.cache, cpus=1)
        vectors = np.asarray(embedder.encode([text for _, text in texts.values()]), dtype=np.float32)
        rows = [
            {
                "id": f"{i}#0", "doc_id": i, "title": i, "heading": "", "text": text, "source": source,
                "license": "CC0-1.0", "first_seen": 1, "model": "packaged", "terms": terms_column(i, "", text),
                "vector": vector.tolist(),
            }
            for (i, (source, text)), vector in zip(texts.items(), vectors, strict=True)
        ]  # fmt: skip
        self.table(self.uc, "embeddings_index", index_schema(len(vectors[0])), rows)

    @property
    def uc(self) -> UseCase:
        return load_use_case(self.file.parent)

    def settings(self, **sections: Any) -> None:
        """Replace sections of the use case file."""
        content = yaml.safe_load(self.file.read_text("utf-8"))
        content |= json.loads(json.dumps(sections))  # no value twice: YAML would name it by an alias
        self.file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def candidate(self, number: int, guards: list[str] | None = None) -> str:
        """A further version, whole: plan, checkpoint, bundle, report, card, decision. Versions differ by their seed and
        by the size of their update. Returns the version."""
        uc, lake = self.uc, self.lake
        uc = uc.model_copy(update={"alignment": uc.alignment.model_copy(update={"seed": 100 + number})})
        base, pairs = lake.resolve(uc.model.base, uc.folder), lake.current(uc.key("preference_pairs"))
        documents = lake.current(uc.key("documents"))
        plan = build_plan(
            uc,
            base={"ref": base.ref, "digest": base.digest, "license": base.license, "record": ""},
            pairs={"digest": pairs.digest, "rows": 3},
            corpus={"digest": documents.digest, "rows": 3},
        )
        version = plan["model_version"]
        publish(lake, uc.key("model_plan"), {"plan.json": plan}, inputs={"preference_pairs": pairs.digest})
        freeze(lake, uc, version)
        checkpoint = self.checkpoint(uc, version, base.digest, pairs.digest, self.update * (1 + number / 10))
        frozen = lake.heads.digest(uc.key("model_plan"), version)
        bundle = self.bundle(uc, version, plan, frozen, checkpoint, guards or [])
        scope = publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()}).digest
        criteria = publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": []}}).digest

        def made(name: str, file: str, inputs: dict[str, str], **content: Any) -> str:
            files = {file: {"model_version": version, **content}}
            return publish(lake, uc.key(name), files, partition=version, inputs=inputs).digest

        report = made("eval_report", "eval_report.json", {"checkpoint": checkpoint})
        read = {"plan": frozen, "evaluation": report, "training": checkpoint, "criteria": criteria}
        card = made("model_card", "model_card.json", read)
        evidence = {
            "eval_report": report, "model_card": card, "success_criteria": criteria, "use_case_scope": scope,
            "release_bundle": bundle,
        }  # fmt: skip
        made("release_decision", "decision.json", evidence, verdict="go", reasons=[], evidence=evidence)
        return version

    def checkpoint(self, uc: UseCase, version: str, base: str, pairs: str, size: float) -> str:
        adapter = small_update(self.base, self.folder / f"adapter_{size}", size=size)
        inputs = {"base": base, "pairs": pairs, "start": ""}
        facts = {"asset": uc.key("aligned_checkpoint"), "inputs": inputs, "code_version": "1", "seed": 17}
        facts |= {"config": {"size": size}}
        with self.lake.work(key := memo_key(**facts)) as place:
            shutil.copytree(adapter, place.staging / "adapter", ignore=shutil.ignore_patterns("README.md"))
            write_json(place.staging / "training_log.json", {"history": []})
            return self.lake.publish(
                uc.key("aligned_checkpoint"), version, key, place.staging, snapshots=[],
                summary={"figures": {}, "tables": {}}, provenance=facts,
            ).digest  # fmt: skip

    def bundle(
        self, uc: UseCase, version: str, plan: dict[str, Any], frozen: str, checkpoint: str, guards: list[str]
    ) -> str:
        prompts, index = packaged_prompts(uc.language), self.lake.current(uc.key("embeddings_index"))
        serving = uc.serving.model_copy(update={"guards": guards})
        made = describe_bundle(
            uc.model_copy(update={"serving": serving}),
            version,
            plan=frozen,
            checkpoint=checkpoint,
            training=plan["training"],
            prompts={"digest": prompts.digest, "texts": prompts.model_dump(mode="json")},
            reranker="",
            index={"digest": index.digest, "embedder": embedder_of(self.lake, uc).digest},
            guard_rules=described_guards(guards),
            guard_policy=GuardPolicy(uc.serving.guard_settings).to_dict(),
        )
        inputs = {"aligned_checkpoint": checkpoint, "model_plan": frozen}
        files = {"release_bundle.json": made.model_dump(mode="json")}
        return publish(self.lake, uc.key("release_bundle"), files, partition=version, inputs=inputs).digest

    def promoted(self, version: str) -> str:
        decide(self.lake, self.uc, version, name="Ada Approver", decision="approved", reason="read the card")
        return release(
            self.lake, self.uc, version, kind="promote", by="Olga Owner", reason="better answers"
        ).model_version  # fmt: skip
