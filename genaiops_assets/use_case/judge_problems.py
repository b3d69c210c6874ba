"""What is wrong with the fields about judges and imported results, found when the use case file loads.

Belongs here: names that nothing is done with, and files that are not there. Does not belong here: the fields
(`judges.py`), gates (`gate_problems.py`)."""

from __future__ import annotations

from collections.abc import Iterator

from genaiops_assets.use_case.measures import FIRST_SUITES, nearest
from genaiops_assets.use_case.schema import UseCase

Problem = tuple[str, str, str]  # field, message, hint


def judge_problems(uc: UseCase) -> Iterator[Problem]:
    stated = uc.evaluation
    named = {f"judge_settings.{n}": n for n in stated.judge_settings}
    named |= {f"judge_limits.{n}": n for n in stated.judge_limits}
    named |= {f"judge_labels.{i}.judge": labels.judge for i, labels in enumerate(stated.judge_labels)}
    for field, judge in named.items():
        if judge not in stated.judges:
            message = f"'{judge}' is not among evaluation.judges, so nobody would read this"
            yield f"evaluation.{field}", message, nearest(judge, stated.judges)
    yield from _lost_files(uc)
    yield from _unmeasured(uc)
    taken = {*FIRST_SUITES, *stated.suites}
    for place, results in enumerate(stated.imported):
        if results.name in taken:
            yield (
                f"evaluation.imported.{place}.name",
                f"there is a suite '{results.name}' already",
                "choose another name",
            )
        taken.add(results.name)


def _unmeasured(uc: UseCase) -> Iterator[Problem]:
    """Gates on the score of a judge that nothing measures; a demo may stay undecided."""
    measured = {labels.judge for labels in uc.evaluation.judge_labels}
    for place, gate in enumerate(uc.success_criteria.gates):
        parts = gate.metric.split("/")[1:]
        judge = parts[2] if parts[0] == "cells" and len(parts) > 2 else ""
        if uc.risk != "demo" and judge in uc.evaluation.judges and judge not in measured:
            message = f"the judge {judge} is measured on no labelled rows, so this gate could never decide"
            yield f"success_criteria.gates.{place}.metric", message, "name a file in evaluation.judge_labels"


def _lost_files(uc: UseCase) -> Iterator[Problem]:
    stated = uc.evaluation
    refs = {f"judge_labels.{i}.ref": labels.ref for i, labels in enumerate(stated.judge_labels)}
    refs |= {f"judge_settings.{n}.examples": s.examples for n, s in stated.judge_settings.items() if s.examples}
    refs |= {f"imported.{i}.ref": results.ref for i, results in enumerate(stated.imported)}
    refs |= {
        f"imported.{i}.samples.{n}": ref
        for i, results in enumerate(stated.imported)
        for n, ref in enumerate(results.samples)
    }
    for field, ref in refs.items():
        relative = ref.removeprefix("path:")
        if ref.startswith("path:") and not uc.path(relative).exists():
            yield f"evaluation.{field}", f"'{relative}' does not exist", "paths are relative to the use case file"
