"""A home in which one model version waits to be judged: a tiny real model with a tiny real adapter, a small index,
golden questions in a file. Payloads run in this process, vectors are made of words. Holds no tests."""

from __future__ import annotations

import json
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import PAIRS, build_plan, freeze, pair_row
from genaiops_assets.compute import Job, Launch
from genaiops_assets.corpus import FILTERED
from genaiops_assets.definitions import build_defs
from genaiops_assets.lake import Artifact, digest_of, digest_of_text, memo_key, record_gates, write_json, write_rows
from genaiops_assets.models import TransformersGenerator
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.retrieval import index_schema, specs
from genaiops_assets.use_case import Origin, UseCase
from tests.governance import evidence
from tests.retrieval.indexes import WIDTH, Words, passage
from tests.support.erasures import put
from tests.support.lakes import bank_support, publish
from tests.support.tiny_model import small_update, tiny_model

DAY = "2026-11-25"
EMPTY: dict[str, Any] = {"figures": {}, "tables": {}}
TEXTS = {
    "fee": "Late return of the blue card costs 95 dollars each quarter.",
    "open": "Opening an account is free of charge for residents.",
    "lost": "A lost card is blocked within 2 hours of a call.",
}
QUESTIONS = [
    {
        "id": "g1",
        "question": "What does late return cost?",
        "answer": "95 dollars.",
        "documents": ["fee"],
        "split": "dev",
    },
    {"id": "g2", "question": "Is opening free?", "answer": "Yes, it is.", "documents": ["open"], "split": "held_out"},
]
ANOTHER = {
    "id": "g3",
    "question": "When is a lost card blocked?",
    "answer": "In 2 hours.",
    "documents": ["lost"],
    "split": "dev",
}
GATE = {
    "id": "retrieval_helps", "metric": "/effects/retrieval/all", "at_least": -1.0, "confidence": 0.95, "min_items": 2,
    "rationale": "Search must not do harm to the answers of the base model.",
}  # fmt: skip


class InProcess:
    """A launcher that runs payloads here."""

    def run(self, context: Any, lake: Any, place: Any, launch: Launch) -> Any:
        plain = json.loads(json.dumps([launch.inputs, launch.config]))  # as it crosses the border
        job = Job(
            launch.payload, str(lake.home), lake.url, str(place.staging), str(place.scratch), 1, launch.seed, *plain
        )
        return import_module(f"genaiops_assets.payloads.{launch.payload}").work(job)


class Bench:
    """`generated` counts the prompts that models answered."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.folder, self.platform = folder, Platform(home=str(folder / "home"))
        self.lake, self.generated = self.platform.lake, 0
        self.update = 0.5  # of the adapter: another one is another model
        monkeypatch.setattr(specs, "open_embedder", lambda *_, **__: Words())
        monkeypatch.setattr(Platform, "launcher", lambda *_: InProcess())
        answer = TransformersGenerator.generate

        def counted(model: Any, prompts: Any, limit: int, **more: Any) -> list[str]:
            self.generated += len(prompts)
            return answer(model, prompts, limit, **more)

        monkeypatch.setattr(TransformersGenerator, "generate", counted)
        self.golden_file = folder / "questions.jsonl"
        self.questions(*QUESTIONS)
        self.uc = self.use_case()
        self.instance = dg.DagsterInstance.ephemeral()
        self.inputs()

    def questions(self, *items: dict[str, Any]) -> None:
        self.golden_file.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")

    def use_case(self, *gates: dict[str, Any], red_team: dict[str, Any] | None = None, **evaluation: Any) -> UseCase:
        """The packaged example with a tiny model, these gates and settings of the evaluation; without a red team unless
        its section is given."""
        whole = bank_support().model_dump(mode="json")
        whole["model"] |= {"base": f"dir:{self.folder / 'base'}", "dtype": "float32"}
        whole["evaluation"] |= {
            "golden": str(self.golden_file), "unanswerable": None, "suites": [], "retrieval_sets": [], "resamples": 200, "max_new_tokens": 4, **evaluation,
        }  # fmt: skip
        whole["alignment"] = {"method": "dpo", "steps": 2}
        whole["red_team"] = red_team
        whole["success_criteria"]["gates"] = list(gates) or [GATE]
        whole["knowledge"] |= {"search": "dense", "top_k": 1}
        return UseCase.model_validate(whole)

    def inputs(self) -> None:
        """What a judgement starts from: corpus, index, base model, pairs, plan and checkpoint."""
        lake, uc = self.lake, self.uc
        base = lake.resolve(f"dir:{tiny_model(self.folder / 'base')}", self.folder)
        self.corpus(**TEXTS)
        record = evidence.base_model().document | {"ref": uc.model.base, "digest": base.digest}
        base_record = publish(lake, uc.key("base_model"), {"base_model.json": record})
        corpus = lake.current(uc.key("filtered_corpus"))
        row = pair_row(Origin.HUMAN, "", "Who?", ["It is Ann."], ("It is Ann.", 1.0), ("Bob.", 0.0), "Bea")
        facts = {"focus": "", "corpus": {"digest": corpus.digest, "rows": 3}}
        pairs = put(lake, uc, "preference_pairs", {"preference_pairs": (PAIRS, [row])}, {"pairs.json": facts})
        plan = build_plan(
            uc,
            base={"ref": uc.model.base, "digest": base.digest, "license": base.license, "record": base_record.digest},
            pairs={"digest": pairs.digest, "rows": 1},
            corpus={"digest": corpus.digest, "rows": 3},
        )
        self.version = plan["model_version"]
        publish(lake, uc.key("model_plan"), {"plan.json": plan})
        freeze(lake, uc, self.version)
        self.checkpoint()
        self.instance.add_dynamic_partitions(f"{uc.name}__model_version", [self.version])

    def corpus(self, **texts: str) -> None:
        """The corpus and the index over it."""
        stated = {"source": "kb", "license": "MIT", "first_seen": 1}
        rows = [{**stated, "id": i, "title": i, "text": t, "text_hash": digest_of_text(t)} for i, t in texts.items()]
        put(
            self.lake,
            self.uc,
            "filtered_corpus",
            {"filtered_corpus": (FILTERED, rows)},
            {"corpus.json": evidence.corpus().document},
        )
        passages = [passage(i, t) for i, t in texts.items()]
        facts = {
            "search": {"mode": "dense", "index": "EXACT", "nprobes": 0, "refine": 0, "ef": 0},
            "texts": texts,
            "embedder": {"digest": "words"},
        }
        key = digest_of(facts)
        table = self.uc.key("embeddings_index")
        with self.lake.work(key) as place:
            write_rows(place.scratch / "index.parquet", index_schema(WIDTH), passages)
            rows = self.lake.tables.sync(table, place.scratch / "index.parquet").snapshot
            write_json(place.staging / "index.json", facts)
            self.lake.publish(table, None, key, place.staging, snapshots=[rows], summary=EMPTY, provenance={})
        passed = dict.fromkeys(("index_recall_is_high", "index_rows_equal_chunks"), True)
        record_gates(self.lake, table, self.lake.heads.digest(table), passed)

    def checkpoint(self) -> None:
        """A checkpoint as a training publishes it, with the record that proves what it was made from."""
        adapter = small_update(self.folder / "base", self.folder / f"adapter_{self.update}", size=self.update)
        training = self.current("model_plan").json("plan.json")["training"]
        made_from = {"base": training["base"]["digest"], "pairs": training["pairs"]["digest"], "start": ""}
        asset, seed = self.uc.key("aligned_checkpoint"), training["seed"]
        facts = {"asset": asset, "inputs": made_from, "code_version": "1", "config": training, "seed": seed}
        key = memo_key(asset, made_from, "1", training, seed)
        with self.lake.work(key) as place:
            shutil.copytree(adapter, place.staging / "adapter")
            write_json(place.staging / "training_log.json", evidence.training().document | {"method": "dpo"})
            self.lake.publish(asset, self.version, key, place.staging, snapshots=[], summary=EMPTY, provenance=facts)

    def run(self, job: str, partition: str = "", **ops: Any) -> dg.ExecuteInProcessResult:
        """Runs a job of the use case as it is now."""
        definitions = build_defs([self.uc], self.platform)
        config = {"ops": {f"{self.uc.name}__{name}": {"config": value} for name, value in ops.items()}}
        return definitions.resolve_job_def(f"{self.uc.name}__{job}").execute_in_process(
            instance=self.instance, partition_key=partition or self.version, run_config=config if ops else {}
        )

    def judge(self, **ops: Any) -> dict[str, Any]:
        """Judges the version and returns its decision."""
        assert self.run("judge", **ops).success
        return self.decision

    @property
    def decision(self) -> dict[str, Any]:
        return self.lake.current(self.uc.key("release_decision"), self.version).json("decision.json")

    def current(self, asset: str, partition: str = "") -> Artifact:
        return self.lake.current(self.uc.key(asset), partition or self.version)
