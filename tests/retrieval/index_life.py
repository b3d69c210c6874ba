"""The life of an index in one process: payloads run here, vectors are made of words. Holds no tests."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.retrieval_report import retrieving_assets
from genaiops_assets.assets.knowledge.chunks import chunk_assets
from genaiops_assets.assets.knowledge.embeddings_index import current_index, knowledge_assets
from genaiops_assets.compute import Launch
from genaiops_assets.compute.local import job_of
from genaiops_assets.corpus import FILTERED
from genaiops_assets.lake import Lake, digest_of_text
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.retrieval import Index, Retriever
from genaiops_assets.use_case import UseCase
from tests.retrieval.indexes import WIDTH, Words
from tests.support.erasures import put
from tests.support.lakes import publish

TEXTS = {
    "fee": "Late return of the blue card costs 95 dollars each quarter.",
    "open": "Opening an account is free of charge for residents.",
    "zh": "逾期归还借书证的费用为每季度九十五元。",
}


class Embedder(Words):
    """Counts what it embeds."""

    width = WIDTH
    seen: list[str] = []  # noqa: RUF012

    def __init__(self, *where: Any, **how: Any):
        pass

    def encode(self, texts: Any) -> Any:
        self.seen.extend(texts)
        return super().encode(texts)


class InProcess:
    """A launcher that runs payloads here."""

    def run(self, context: Any, lake: Lake, place: Any, launch: Launch) -> Any:
        return import_module(f"genaiops_assets.payloads.{launch.payload}").work(job_of(launch, lake, place))


class Life:
    """One use case whose corpus is changed by hand."""

    def __init__(self, home: Path, uc: UseCase):
        self.uc, self.platform = uc, Platform(home=str(home))
        self.lake = self.platform.lake
        items = [
            {
                "id": "g1",
                "question": "What does late return of the card cost?",
                "answer": "95",
                "documents": ["fee"],
                "split": "dev",
            },
            {
                "id": "g2",
                "question": "Is opening an account free?",
                "answer": "yes",
                "documents": ["open"],
                "split": "held_out",
            },
        ]
        publish(self.lake, uc.key("golden_set"), {"golden.json": {"items": items}})

    def corpus(self, **texts: str) -> None:
        rows = [
            {
                "id": i,
                "source": "kb",
                "title": i,
                "text": t,
                "text_hash": digest_of_text(t),
                "license": "MIT",
                "first_seen": 1,
            }
            for i, t in texts.items()
        ]
        put(
            self.lake,
            self.uc,
            "filtered_corpus",
            {"filtered_corpus": (FILTERED, rows)},
            {"corpus.json": {"texts": texts}},
        )

    def run(self, *assets: str, maintain: bool = False) -> dg.ExecuteInProcessResult:
        Embedder.seen.clear()
        made = [*chunk_assets(self.uc), *knowledge_assets(self.uc), *retrieving_assets(self.uc)]
        chosen = [dg.AssetKey([self.uc.name, a]) for a in assets or ("chunks", "embeddings_index")]
        config = {"ops": {f"{self.uc.name}__embeddings_index": {"config": {"maintain": True}}}} if maintain else None
        with dg.DagsterInstance.ephemeral() as instance:
            definitions = dg.Definitions(
                assets=[a for a in made if not isinstance(a, dg.AssetChecksDefinition)],
                asset_checks=[a for a in made if isinstance(a, dg.AssetChecksDefinition)],
                resources={"platform": self.platform},
            )
            job = definitions.resolve_implicit_global_asset_job_def()
            done = job.execute_in_process(instance=instance, asset_selection=chosen, run_config=config)
        judged = [
            e for e in done.get_asset_check_evaluations() if e.check_name != "index_is_fast"
        ]  # that is up to the machine
        assert all(e.passed for e in judged), [e for e in judged if not e.passed]
        return done

    @property
    def index(self) -> Index:
        return current_index(self.lake, self.uc)

    def found(self, question: str, **more: Any) -> list[str]:
        return [p.doc_id for p in Retriever(self.index, Words()).find([question], 10, **more)[0]]
