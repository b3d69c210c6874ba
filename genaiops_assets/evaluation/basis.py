"""By which golden questions and criteria something was judged, and which there are now.

Belongs here: comparing the two by content, from the use case's files. Does not belong here: what follows from a
difference (sensors)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from genaiops_assets.evaluation.golden import load_golden, load_unanswerable
from genaiops_assets.lake import ERASED_TEXT, Lake, digest_of
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class JudgedBy:
    """Digests of golden items and criteria, of their content alone; `version` says what was judged, "" for today's."""

    golden: str
    criteria: str
    version: str = ""

    @property
    def digest(self) -> str:
        return digest_of([self.golden, self.criteria])

    def differs_from(self, other: JudgedBy | None) -> list[str]:
        """What is not the same, in words."""
        if other is None:
            return ["golden questions", "success criteria"]
        found = {"golden questions": self.golden == other.golden, "success criteria": self.criteria == other.criteria}
        return [name for name, same in found.items() if not same]


def judgement_basis(uc: UseCase) -> JudgedBy:
    """As the files are now. Raises GoldenError."""
    return JudgedBy(golden_digest(golden_content(uc)), digest_of(uc.success_criteria.model_dump(mode="json")))


def golden_content(uc: UseCase) -> dict[str, Any]:
    """The golden set as the files have it: `items`, and `unanswerable` where there are any. Raises GoldenError."""
    stated, limit = uc.evaluation, uc.evaluation.limit_per_split
    content = {"items": [g.to_dict() for g in load_golden(uc.path(stated.golden), limit)]}
    if stated.unanswerable:
        content["unanswerable"] = [g.to_dict() for g in load_unanswerable(uc.path(stated.unanswerable), limit)]
    return content


def golden_digest(content: dict[str, Any]) -> str:
    """Of the questions alone; as it always was where all can be answered."""
    return digest_of([content["items"], content["unanswerable"]] if "unanswerable" in content else content["items"])


def judged_by(lake: Lake, uc: UseCase, asset: str, partition: str) -> JudgedBy | None:
    """What a report was really made from: the questions that went into it, and the criteria its verdict applied. None
    where there is no report."""
    try:
        report = lake.current(uc.key(asset), partition)
        inputs = report.provenance()["inputs"]
        criteria = inputs.get("criteria") or decided_by(lake, uc, partition)
        golden = lake.artifacts.get(uc.key("golden_set"), inputs["golden"])
        content = lake.artifacts.get(uc.key("success_criteria"), criteria).json("criteria.json")
    except (KeyError, FileNotFoundError):
        return None
    questions = golden.json("golden.json")
    items = [*questions["items"], *questions.get("unanswerable", [])]
    if any(ERASED_TEXT in (i["question"], i["answer"]) for i in items):
        return JudgedBy("erased", digest_of(content), inputs["version"])
    return JudgedBy(golden_digest(questions), digest_of(content), inputs["version"])


def decided_by(lake: Lake, uc: UseCase, version: str) -> Any:
    """The criteria that the decision on a version applied."""
    return lake.current(uc.key("release_decision"), version).json("decision.json")["evidence"]["success_criteria"]
