"""A judge measured on rows that people labelled: agreement, area under the ROC curve, recall at 1 % false positives.

Belongs here: reading such rows, and the record. Does not belong here: what a gate makes of it (`standing.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.errors import Unusable
from genaiops_assets.evaluation.judges.base import Asked, Judge, Labelled, score_all
from genaiops_assets.lake import digest_of
from genaiops_assets.statistics import auc_interval, krippendorff_alpha, recall_at
from genaiops_assets.text import json_lines, language

FALSE_POSITIVES = 0.01
DIGITS = 6


class LabelsError(Unusable):
    """A file of labelled rows that cannot be used; the message names file, line and field."""


def read_labels(path: Path) -> list[Labelled]:
    """Rows {question, answer, label, language?, reference?, passages?} of a jsonl file, each once and in the order of
    their content. `question` or `answer` may be empty, not both; a language that is not stated is told from the text.
    Raises LabelsError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LabelsError(f"{path}: {error}") from error
    found: dict[str, Labelled] = {}
    for line in json_lines(raw):
        if line.problem:
            raise LabelsError(f"{path}:{line.number}: {line.problem}")
        row = _row(line.row, f"{path}:{line.number}")
        key = digest_of(row_dict(row)["asked"])
        if found.setdefault(key, row).label is not row.label:
            raise LabelsError(f"{path}:{line.number}: label: the same text is labelled otherwise further up")
    return [found[key] for key in sorted(found)]


def row_dict(row: Labelled) -> dict[str, Any]:
    """As JSON, for a payload; `row_of` reads it back."""
    asked = row.asked._asdict() | {"passages": list(row.asked.passages)}
    return {"asked": asked, "label": row.label, "language": row.language}


def row_of(stored: dict[str, Any]) -> Labelled:
    asked = Asked(**{**stored["asked"], "passages": tuple(stored["asked"]["passages"])})
    return Labelled(asked, stored["label"], stored["language"])


def judge_scores_record(judge: Judge, rows: Sequence[Labelled], cut: float = 0.5) -> dict[str, Any]:
    """What a gate asks of a judge: figures over all rows with a score and for each language. The texts are not in
    it."""
    scores = score_all(judge, [row.asked for row in rows])
    told = [(row, float(s)) for row, s in zip(rows, scores, strict=True) if s is not None]
    languages = sorted({row.language for row in rows})
    return {
        "schema_version": 1,
        "judge": judge.name,
        "version": judge.version,
        "labelled": digest_of([row_dict(row) for row in rows]),
        "rows": len(rows),
        "cut": cut,
        "all": figures(rows, told, cut),
        "by_language": {
            one: figures([r for r in rows if r.language == one], [t for t in told if t[0].language == one], cut)
            for one in languages
        },
    }


def figures(rows: Sequence[Labelled], told: Sequence[tuple[Labelled, float]], cut: float) -> dict[str, Any]:
    """{rows, scored, abstained, labelled, auc, recall_at_1_percent, agreement}. Rows without a score are in no figure
    and counted; `labelled`: scored rows that have the label."""
    right = [score for row, score in told if row.label]
    wrong = [score for row, score in told if not row.label]
    said = [(row.label, score >= cut) for row, score in told]
    return rounded(
        {
            "rows": len(rows),
            "scored": len(told),
            "abstained": len(rows) - len(told),
            "labelled": len(right),
            "auc": auc_interval(right, wrong).to_dict(),
            "recall_at_1_percent": recall_at(right, wrong, false_positive_rate=FALSE_POSITIVES).to_dict(),
            "agreement": krippendorff_alpha(said).to_dict(),
        }
    )


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value


def _row(row: dict[str, Any], place: str) -> Labelled:
    texts = {name: row.get(name, "") for name in ("question", "answer")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise LabelsError(f"{place}: {name}: expected text")
    if not any(text.strip() for text in texts.values()):
        raise LabelsError(f"{place}: answer: question and answer are both empty")
    label = row.get("label")
    if not isinstance(label, int) or label not in (0, 1):
        raise LabelsError(f"{place}: label: expected true or false")
    reference, passages = row.get("reference"), row.get("passages", [])
    if reference is not None and not isinstance(reference, str):
        raise LabelsError(f"{place}: reference: expected text")
    if not isinstance(passages, list) or not all(isinstance(text, str) for text in passages):
        raise LabelsError(f"{place}: passages: expected a list of texts")
    spoken = row.get("language") or language(texts["answer"] or texts["question"])
    if not isinstance(spoken, str):
        raise LabelsError(f"{place}: language: expected a name, such as en or zh")
    return Labelled(Asked(texts["question"], texts["answer"], reference, tuple(passages)), bool(label), spoken)
