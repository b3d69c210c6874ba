"""A small home with two use cases, one English and one Chinese, as a notebook finds it: real tables, a real index of
the packaged embedder, a tiny real model. Holds no tests."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from genaiops_assets.alignment import PAIRS, build_plan, freeze, pair_row
from genaiops_assets.corpus import DOCUMENTS
from genaiops_assets.lake import Lake, digest_of, digest_of_text, index_terms, memo_key, write_json, write_rows
from genaiops_assets.retrieval import embedder_of, index_schema, open_embedder, terms_column
from genaiops_assets.use_case import Origin, UseCase, register
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import PACKAGED, publish
from tests.support.tiny_model import small_update, tiny_model

TEXTS = {
    "bank_support": {
        "fee": "Late return of the blue card costs 95 dollars each quarter.",
        "open": "Opening an account is free of charge for residents.",
        "lost": "A lost card is blocked within 2 hours of a call.",
    },
    "library_zh": {
        "late": "逾期归还图书，每册每天收取逾期费一角。",
        "card": "读者证遗失，补办需缴纳工本费十元。",
        "hours": "图书馆周一闭馆，周二至周日九点开门。",
    },
}
QUESTION = {"en": "What does {name} say?", "zh": "关于{name}有什么规定？"}


class SmallHome:
    """`home`: the folder; `versions`: model version by use case."""

    def __init__(self, folder: Path, names: tuple[str, ...] = ("bank_support", "library_zh")):
        self.folder, self.home = folder, folder / "home"
        self.lake, self.versions = Lake(self.home), dict[str, str]()
        self.base = tiny_model(folder / "base")
        self.adapter = small_update(self.base, folder / "adapter", size=0.5)
        (self.home / "use_cases.txt").parent.mkdir(parents=True, exist_ok=True)
        (self.home / "use_cases.txt").write_text("")
        for name in names:
            self.add(name)

    def add(self, name: str) -> UseCase:
        """A packaged example with the tiny model, its tables, one judged version."""
        own = self.folder / name
        shutil.copytree(PACKAGED / name, own)
        content = yaml.safe_load((own / "use_case.yaml").read_text("utf-8"))
        content["model"] = {"base": f"dir:{self.base}"}
        content["alignment"] = {
            "method": "dpo", "steps": 2, "batch_size": 2, "lora": {"r": 4, "alpha": 8}, "max_length": 3000,
        }  # fmt: skip
        content["evaluation"] = {"golden": content["evaluation"]["golden"], "max_new_tokens": 6}
        gates = content["success_criteria"]["gates"]
        content["success_criteria"]["gates"] = [gate for gate in gates if "/suites/" not in gate["metric"]]
        content["compute"] = {"cpus": 1}
        content.pop("presets", None)
        (own / "use_case.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        register(self.home, str(own))
        uc = load_use_case(own)
        documents = self.table(uc, "documents", DOCUMENTS, [document(uc, *item) for item in TEXTS[name].items()])
        self.index(uc, documents)
        pairs = self.table(uc, "preference_pairs", PAIRS, [pair(uc, *item) for item in TEXTS[name].items()], documents)
        self.versions[name] = self.judged(uc, pairs, documents)
        return uc

    def table(self, uc: UseCase, asset: str, schema: Any, rows: list[dict[str, Any]], *made_from: Any) -> Any:
        how = {"asset": uc.key(asset), "inputs": {a.asset.partition("/")[2]: a.digest for a in made_from}}
        facts = how | {"code_version": "1", "config": rows, "seed": 17}
        key = memo_key(**facts)
        with self.lake.work(key) as place:
            write_rows(place.scratch / "rows.parquet", schema, rows)
            arrange = with_terms if asset == "embeddings_index" else None
            snapshot = self.lake.tables.sync(uc.key(asset), place.scratch / "rows.parquet", arrange).snapshot
            write_json(place.staging / f"{asset}.json", {"rows": len(rows)})
            if asset == "embeddings_index":
                exact = {"mode": uc.knowledge.search, "index": "EXACT", "nprobes": 0, "refine": 0, "ef": 0}
                embedder = {"digest": embedder_of(self.lake, uc).digest}
                write_json(place.staging / "index.json", {"search": exact, "embedder": embedder})
            preview = {"figures": {"rows": len(rows)}, "tables": {"rows": [{"id": r["id"]} for r in rows]}}
            return self.lake.publish(
                uc.key(asset), None, key, place.staging, snapshots=[snapshot], summary=preview, provenance=facts
            )

    def index(self, uc: UseCase, documents: Any) -> None:
        texts = TEXTS[uc.name]
        embedder = open_embedder(asdict(embedder_of(self.lake, uc)), cache=self.lake.cache, cpus=1)
        vectors = np.asarray(embedder.encode(list(texts.values())), dtype=np.float32)
        rows = [
            {
                "id": f"{i}#0", "doc_id": i, "title": i, "heading": "", "text": text, "source": "kb",
                "license": "CC0-1.0", "first_seen": 1, "model": "packaged", "terms": terms_column(i, "", text),
                "vector": vector.tolist(),
            }
            for (i, text), vector in zip(texts.items(), vectors, strict=True)
        ]  # fmt: skip
        self.table(uc, "embeddings_index", index_schema(len(vectors[0])), rows, documents)

    def judged(self, uc: UseCase, pairs: Any, documents: Any) -> str:
        """A plan, its checkpoint, a report and a decision. Returns the version."""
        base = self.lake.resolve(uc.model.base, uc.folder)
        plan = build_plan(
            uc,
            base={"ref": base.ref, "digest": base.digest, "license": base.license, "record": ""},
            pairs={"digest": pairs.digest, "rows": 3},
            corpus={"digest": documents.digest, "rows": 3},
        )
        version, lake = plan["model_version"], self.lake
        publish(lake, uc.key("model_plan"), {"plan.json": plan}, inputs={"preference_pairs": pairs.digest})
        freeze(lake, uc, version)
        trained_from = {"base": base.digest, "pairs": pairs.digest, "start": ""}
        facts = {"asset": uc.key("aligned_checkpoint"), "inputs": trained_from, "code_version": "1", "seed": 17}
        key = digest_of(facts)
        with lake.work(key) as place:
            shutil.copytree(self.adapter, place.staging / "adapter", ignore=shutil.ignore_patterns("README.md"))
            write_json(place.staging / "training_log.json", {"history": []})
            checkpoint = lake.publish(
                uc.key("aligned_checkpoint"), version, key, place.staging, snapshots=[],
                summary={"figures": {"steps": 2}, "tables": {}}, provenance=facts | {"config": {}},
            )  # fmt: skip
        interval = {"mean": 0.12, "low": 0.02, "high": 0.22, "n": 80}
        report = publish(
            lake,
            uc.key("eval_report"),
            {"eval_report.json": {"model_version": version, "effects": {"tuning": {"held_out": interval}}}},
            partition=version,
            inputs={"checkpoint": checkpoint.digest},
        )
        decision = {
            "model_version": version,
            "verdict": "go",
            "reasons": [],
            "evidence": {"eval_report": report.digest},
        }
        publish(lake, uc.key("release_decision"), {"decision.json": decision}, partition=version)
        return version


def with_terms(table: Any) -> str:
    index_terms(table)
    return "terms"


def document(uc: UseCase, name: str, text: str) -> dict[str, Any]:
    rights = {"license": "CC0-1.0", "owner": "nobody", "rights_basis": "own_work", "personal_data": "none"}
    about = {"id": name, "source": "kb", "origin": f"{name}.md", "title": name, "text": text, "first_seen": 1}
    return {**about, **rights, "text_hash": digest_of_text(text), "language": uc.language}


def pair(uc: UseCase, name: str, text: str) -> dict[str, Any]:
    question = QUESTION[uc.language].format(name=name)
    refusal = "I do not know." if uc.language == "en" else "我不知道。"
    return pair_row(Origin.HUMAN, name, question, [text], (text, 1.0), (refusal, 0.0), "Bea")
