"""A small home in which a version is in production by the platform's own functions: judged, approved, promoted; further
versions can follow. A tiny real model, the packaged embedder, a real index. Holds no tests."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.alignment import build_plan, freeze
from genaiops_assets.governance.release import decide, describe_bundle, release
from genaiops_assets.lake import memo_key, write_json
from genaiops_assets.models import packaged_prompts
from genaiops_assets.retrieval import embedder_of
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import publish
from tests.support.small_home import SmallHome
from tests.support.tiny_model import small_update


class ReleasedHome(SmallHome):
    """`uc`: as its file is now; `version`: the one in production."""

    def __init__(self, folder: Path, **serving: Any):
        super().__init__(folder, ("bank_support",))
        self.file = folder / "bank_support" / "use_case.yaml"
        self.settings(serving=serving)
        self.version = self.promoted(self.candidate(1))

    @property
    def uc(self) -> UseCase:
        return load_use_case(self.file.parent)

    def settings(self, **sections: Any) -> None:
        """Replace sections of the use case file."""
        content = yaml.safe_load(self.file.read_text("utf-8"))
        content |= sections
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
        checkpoint = self.checkpoint(uc, version, base.digest, pairs.digest, 0.3 + number / 10)
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
        )
        inputs = {"aligned_checkpoint": checkpoint, "model_plan": frozen}
        files = {"release_bundle.json": made.model_dump(mode="json")}
        return publish(self.lake, uc.key("release_bundle"), files, partition=version, inputs=inputs).digest

    def promoted(self, version: str) -> str:
        decide(self.lake, self.uc, version, name="Ada Approver", decision="approved", reason="read the card")
        return release(
            self.lake, self.uc, version, kind="promote", by="Olga Owner", reason="better answers"
        ).model_version  # fmt: skip
