"""One use case of a home: everything it has, by name.

Belongs here: finding artifacts, tables, plans, reports, decisions and lineage, and asking. Does not belong here:
training (`scratch.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from genaiops_assets.alignment import ModelPlan, read_plan
from genaiops_assets.errors import Missing
from genaiops_assets.governance.lineage import Life, life_of
from genaiops_assets.lake import ReadingLake
from genaiops_assets.use_case import UseCase
from genaiops_assets.workbench.artifact import ArtifactView
from genaiops_assets.workbench.lineage import Step, steps_of
from genaiops_assets.workbench.names import one_of
from genaiops_assets.workbench.scratch import ScratchTraining, train

if TYPE_CHECKING:
    import polars as pl

    from genaiops_assets.serving import Assistant

PLAN = "model_plan"
FOUND = ("rank", "id", "doc_id", "title", "heading", "score", "text")


class UseCaseView:
    """A use case for notebooks. Where a model version is left out, the newest is meant."""

    def __init__(self, lake: ReadingLake, settings: UseCase):
        self._lake, self.settings = lake, settings
        self._assistants: dict[bool, Assistant] = {}

    def __repr__(self) -> str:
        return f"<use case {self.name}: {len(self.assets)} assets, {len(self.versions)} model versions>"

    @property
    def name(self) -> str:
        return self.settings.name

    # --- what there is ------------------------------------------------------------------------------------------------

    @property
    def assets(self) -> list[str]:
        """Assets that have an output."""
        return self._lake.store.list(f"heads/{self.name}")

    @property
    def versions(self) -> list[str]:
        """Model versions that were planned, newest first."""
        asset = self.settings.key(PLAN)
        heads = {v: self._lake.heads.get(asset, v) for v in self._lake.heads.partitions(asset)}
        return sorted((v for v, head in heads.items() if head), key=lambda v: (heads[v] or {})["at"], reverse=True)

    @property
    def production(self) -> str | None:
        """The released model version."""
        from genaiops_assets.governance.release import production_release

        now = production_release(self._lake, self.settings)
        return now.model_version if now else None

    def overview(self) -> pl.DataFrame:
        """asset, partition, digest, at: the current outputs."""
        import polars as pl

        rows = []
        for asset in self.assets:
            for partition in (None, *self._lake.heads.partitions(self.settings.key(asset))):
                if head := self._lake.heads.get(self.settings.key(asset), partition):
                    rows.append({"asset": asset, "partition": partition, "digest": head["digest"], "at": head["at"]})
        return pl.DataFrame(rows, schema=dict.fromkeys(("asset", "partition", "digest", "at"), pl.String))

    # --- outputs ------------------------------------------------------------------------------------------------------

    def artifact(self, asset: str, partition: str | None = None, *, digest: str | None = None) -> ArtifactView:
        """The current output of an asset, or the one of a digest (its first digits do). `partition`: a model version or
        a day; of a partitioned asset the newest when left out. Raises Missing saying what there is."""
        key = self.settings.key(one_of(asset, self.assets, "asset", self.name))
        if digest is not None:
            known = self._lake.artifacts.digests(key)
            meant = [d for d in known if d.startswith(digest)]
            whole = meant[0] if len(meant) == 1 else one_of(digest, [d[:12] for d in known], "digest", asset)
            return ArtifactView(self._lake, self._lake.artifacts.get(key, whole))
        if partition is None and self._lake.heads.get(key) is None:
            partition = self._newest(key)
        if partition is not None:
            one_of(partition, self._lake.heads.partitions(key), "partition", asset)
        return ArtifactView(self._lake, self._lake.current(key, partition))

    def _newest(self, key: str) -> str:
        heads = [(self._lake.heads.get(key, p) or {}, p) for p in self._lake.heads.partitions(key)]
        return max((head.get("at", ""), partition) for head, partition in heads)[1]

    @cached_property
    def _tables(self) -> dict[str, str]:
        """Table → the asset whose current output stands for it."""
        found: dict[str, str] = {}
        for asset in self.assets:
            for name in self.artifact(asset).snapshots:
                if found.setdefault(name, asset) != name and asset == name:
                    found[name] = asset
        return found

    @property
    def tables(self) -> list[str]:
        """Names of tables that a current output stands for."""
        return sorted(self._tables)

    def table(
        self,
        name: str,
        *,
        columns: list[str] | None = None,
        where: str | None = None,
        partition: str | None = None,
        digest: str | None = None,
    ) -> pl.DataFrame:
        """A table's snapshot, sorted by id: the one of the current output, or of the output of `partition` or
        `digest`. `where`: a condition in SQL. Raises Missing saying what there is."""
        asset = self._tables[one_of(name, self.tables, "table", self.name)]
        return self.artifact(asset, partition, digest=digest).table(name, columns=columns, where=where)

    def _version(self, version: str | None) -> str:
        if version is None and not self.versions:
            raise Missing(f"{self.name} has no model version yet: genaiops run")
        return one_of(version, self.versions, "model version", self.name) if version else self.versions[0]

    def plan(self, version: str | None = None) -> ModelPlan:
        """The frozen plan of a model version. Raises Missing."""
        return read_plan(self._lake, self.settings, self._version(version))

    def report(self, version: str | None = None) -> dict[str, Any]:
        """eval_report.json of a version."""
        return self.artifact("eval_report", self._version(version)).json("eval_report.json")

    def decision(self, version: str | None = None) -> dict[str, Any]:
        """What the gates said of a version: verdict, reasons, evidence."""
        return self.artifact("release_decision", self._version(version)).json("decision.json")

    # --- where things come from ---------------------------------------------------------------------------------------

    def lineage(self, asset: str, partition: str | None = None) -> pl.DataFrame:
        """What an output was made from, step by step: depth, made, read_as, asset, digest. `asset` is empty for what
        is no asset: a base model, an embedder, a file."""
        import polars as pl

        start = self.artifact(asset, partition)
        steps = steps_of(self._lake, self.name, start.asset, start.digest)
        return pl.DataFrame([step._asdict() for step in steps], schema=Step.columns())

    def document(self, document_id: str) -> Life:
        """The life of one document: rights, decisions, passages, pairs, versions. Raises Missing."""
        return life_of(self._lake, self.settings, document_id)

    # --- asking -------------------------------------------------------------------------------------------------------

    def _assistant(self, *, with_model: bool) -> Assistant:
        """Loaded once. Raises as `Assistant`."""
        if with_model not in self._assistants:
            from genaiops_assets.serving import Assistant

            self._lake.borrow_caches()
            self._assistants[with_model] = Assistant(self._lake, self.settings, with_model=with_model)
        return self._assistants[with_model]

    def search(self, question: str, k: int | None = None) -> pl.DataFrame:
        """Passages for a question as the use case searches, best first: rank, id, doc_id, title, heading, score
        (cosine similarity), text. Nothing is logged."""
        import polars as pl

        assistant = self._assistant(with_model=False)
        [found] = assistant.retriever.find([question], k or assistant.top_k)
        rows = [{"rank": n, **{f: getattr(p, f) for f in FOUND[1:]}} for n, p in enumerate(found, start=1)]
        texts = dict.fromkeys(FOUND, pl.String) | {"rank": pl.Int64, "score": pl.Float64}
        return pl.DataFrame(rows, schema=texts)

    def ask(self, questions: str | Sequence[str]) -> pl.DataFrame:
        """Answers of the released model, else of the newest: question, answer, documents, model_version, seconds.
        Nothing is logged, so monitoring does not see it."""
        return answers_of(self._assistant(with_model=True), questions)

    def train_scratch(
        self,
        pairs: pl.DataFrame | Sequence[dict[str, Any]] | None = None,
        *,
        limit: int | None = None,
        said: Callable[[str], Any] = print,
        **changes: Any,
    ) -> ScratchTraining:
        """A training with the use case's settings that publishes nothing and is in no ledger: no model version, no
        evidence. `pairs`: rows with question, chosen, rejected and, if any, passages; the current preference pairs when
        left out, the first `limit` of them. `changes`: fields of section `alignment`, checked as in the file. `said` is
        given each line of progress. Raises Unusable naming a field, PayloadError where the training cannot run."""
        self._lake.borrow_caches()
        return train(self._lake, self.settings, self._pairs(pairs, limit), changes, said, self._with_adapter)

    def _pairs(self, given: Any, limit: int | None) -> list[dict[str, Any]]:
        rows = self.table("preference_pairs") if given is None else given
        rows = rows.to_dicts() if hasattr(rows, "to_dicts") else [dict(row) for row in rows]
        return rows if limit is None else rows[:limit]

    def _with_adapter(self, spec: Any, questions: str | Sequence[str]) -> pl.DataFrame:
        """Answers of a model that was trained here, over the same index with the same prompts."""
        import copy

        import polars as pl

        assistant = copy.copy(self._assistant(with_model=False))
        assistant.generator = spec.open(self._lake.cache, batch_size=self.settings.evaluation.batch_size)
        return answers_of(assistant, questions).with_columns(pl.lit("scratch").alias("model_version"))


def answers_of(assistant: Assistant, questions: str | Sequence[str]) -> pl.DataFrame:
    """As `UseCaseView.ask`."""
    import polars as pl

    from genaiops_assets.retrieval import documents_of

    rows = [
        {
            "question": answer.question,
            "answer": answer.text,
            "documents": documents_of(answer.passages),
            "model_version": answer.model_version,
            "seconds": answer.seconds,
        }
        for answer in assistant.answer([questions] if isinstance(questions, str) else list(questions))
    ]
    return pl.DataFrame(rows)
