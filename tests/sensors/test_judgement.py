"""Both sensors on what versions are judged by: golden questions that cannot be read request nothing, and say so. What
they request is tested with real judgements (`tests/evaluation/test_judging.py`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from genaiops_assets.governance.release import decide, release
from tests.sensors.watch import Watch
from tests.support.lakes import V1, bank_support, candidate


@pytest.mark.parametrize("sensor", ["changed_criteria", "changed_criteria_of_production"])
def test_golden_questions_that_cannot_be_read_are_a_reason(
    watch: Callable[..., Watch], tmp_path: Path, sensor: str
) -> None:
    plain = bank_support()
    broken = tmp_path / "questions.jsonl"
    broken.write_text("{")
    uc = plain.model_copy(update={"evaluation": plain.evaluation.model_copy(update={"golden": str(broken)})})
    watched = watch(sensor, uc)
    candidate(watched.lake, uc)
    if sensor == "changed_criteria_of_production":
        decide(watched.lake, uc, V1, name="Ada Approver", decision="approved", reason="read the card")
        release(watched.lake, uc, V1, kind="promote", by="Olga Owner", reason="better answers")
    assert "the golden questions cannot be read: " in watched.reason()
    assert f"{broken}:1: broken JSON" in watched.reason()


def test_nothing_to_judge_is_a_reason(watch: Callable[..., Watch]) -> None:
    assert watch("changed_criteria").reason() == "no candidate for release"
    assert watch("changed_criteria_of_production").reason() == "nothing is in production"
