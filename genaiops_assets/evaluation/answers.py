"""Answers that exist already: published with an earlier report, and used again where they prove themselves.

Belongs here: what determines an answer, and reading earlier ones back. Does not belong here: generating (a payload), or
which reports are looked at (the asset)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import metadata

from genaiops_assets.evaluation.inputs import EarlierAnswers, EvaluationSettings
from genaiops_assets.evaluation.outputs import output_id
from genaiops_assets.lake import ERASED_TEXT, Lake, Snapshot, digest_of
from genaiops_assets.models import Messages

OPENVINO = ("openvino", "openvino-genai")
GENERATING = ("torch", "transformers", "peft", "bitsandbytes")  # another release may say something else


def answers_key(
    *,
    base: str,
    adapter: str,
    settings: EvaluationSettings,
    prompts: Sequence[Messages],
    ids: Sequence[str],
    taken: Sequence[str] = (),
) -> str:
    """Digest of everything that determines the answers of one cell. `base`, `adapter`: digests of the model and of the
    adapter's files, "" for none; `taken`: items whose prompt an earlier suite asked, so that others stand in a
    batch without them."""
    more: dict[str, object] = {"taken": list(taken)} if taken else {}
    if settings.engine != "transformers":
        more |= {"engine": settings.engine, "engine_libraries": versions_of(OPENVINO)}
    return digest_of(
        {
            **more,
            "base": base,
            "adapter": adapter,
            "dtype": settings.dtype,
            "load_in_4bit": settings.load_in_4bit,
            "max_new_tokens": settings.max_new_tokens,
            "batch_size": settings.batch_size,
            "libraries": versions_of(GENERATING),
            "prompts": list(prompts),
            "items": list(ids),
        }
    )


def versions_of(names: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


class EarlierRuns:
    """The answers of published reports. Rows are believed only when the whole snapshot has the digest that its report
    was published with: an edited or erased row makes all of it unusable, and the answers are generated again."""

    def __init__(self, lake: Lake, earlier: Sequence[EarlierAnswers]):
        self.lake, self.earlier = lake, earlier
        self._rows: dict[str, Mapping[str, str] | None] = {}

    def answers(self, suite: str, cell: str, ids: Sequence[str], key: str) -> list[str] | None:
        """The answers of these items, in their order; None when no report has all of them for this key."""
        for report in self.earlier:
            if report.answers.get(f"{suite}/{cell}") != key and f"{suite}/{cell}" not in report.whole:
                continue
            rows = self.rows(report) or {}
            wanted = [output_id(suite, i, cell) for i in ids]
            if all(i in rows and rows[i] != ERASED_TEXT for i in wanted):
                return [rows[i] for i in wanted]
        return None

    def rows(self, report: EarlierAnswers) -> Mapping[str, str] | None:
        """Row id → answer; None where the rows are not as published."""
        if report.report not in self._rows:
            snapshot = Snapshot(**report.snapshot)
            try:
                whole = self.lake.tables.digest(snapshot) == snapshot.digest
                rows = self.lake.tables.rows(snapshot, ["id", "answer"]) if whole else iter(())
                self._rows[report.report] = {r["id"]: r["answer"] for r in rows} if whole else None
            except KeyError:  # the snapshot is gone
                self._rows[report.report] = None
        return self._rows[report.report]
