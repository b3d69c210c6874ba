"""The released version as the one to beat, for gates that say `against: champion`.

Belongs here: finding its report and answers. Does not belong here: the comparison (`evaluation`), or what is released
(`governance`)."""

from typing import Any

from genaiops_assets.assets.evaluation.answer_changes import released_report
from genaiops_assets.evaluation import Measure, difference_to_champion, rows_of_report, same_questions
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.use_case import CONFIDENCE, Criterion, UseCase

Compared = Any  # evaluation.gates.Compared


def compared_with_champion(
    lake: Lake, uc: UseCase, version: str, report: Artifact, resamples: int, gates: list[Criterion]
) -> tuple[Compared, dict[str, str]]:
    """What gives the difference at a pointer, and the champion: {"version", "report": digest}. (None, {}) where no gate
    asks, or nothing else is released."""
    asked = {gate.confidence for gate in gates if gate.against}
    champion, name = released_report(lake, uc, version) if asked else (None, "")
    if champion is None:
        return None, {}
    measure = Measure(resamples, CONFIDENCE, 0, tuple(sorted(asked - {CONFIDENCE})))

    def compared(pointer: str) -> dict[str, Any]:
        same = same_questions(lake, uc, champion, report)
        return difference_to_champion(
            pointer,
            rows_of_report(lake, uc, report),
            rows_of_report(lake, uc, champion),
            same,
            measure,
            report.json("eval_report.json"),
        )

    return compared, {"version": name, "report": champion.digest}
