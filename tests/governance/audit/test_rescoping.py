"""A wider use: found in drift reports, asked for once, blocking until somebody who may decides. Days are given."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.drift import open_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.governance.audit import (
    build_rescoping,
    decide_scope,
    decisions,
    new_topics,
    render_rescoping,
    request_rescoping,
    scope_behind,
    undecided_scope,
    waiting,
)
from genaiops_assets.governance.risk import blocking_findings
from genaiops_assets.governance.tasks import close_by_hand
from genaiops_assets.lake import Lake
from tests.support.lakes import V1, bank_support, candidate, publish

UC = bank_support()
TODAY = date(2026, 12, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def topic(name: str, before: float, now: float) -> dict[str, Any]:
    return {"topic": name, "share_before": before, "share_now": now, "questions": round(100 * now)}


def gap(name: str, share: float) -> dict[str, Any]:
    return {"topic": name, "share": share, "questions": round(100 * share)}


def report(*topics: dict[str, Any], gaps: tuple[dict[str, Any], ...] = (), enough: bool = True) -> dict[str, Any]:
    return {"enough": enough, "topics": list(topics), "gaps": list(gaps)}


WIDE = report(gaps=(gap("pension, fund, shares", 0.2),))
TAX = report(topic("报税, 税务, 申报", 0.01, 0.3), gaps=(gap("报税, 税务, 申报", 0.3),))
COVERED = report(topic("loan, house", 0.0, 0.9))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (WIDE, ["pension, fund, shares"]),
        (TAX, ["报税, 税务, 申报"]),
        (COVERED, ["loan, house"]),
        (report(topic("fee, card", 0.1, 0.4)), []),  # more of what was asked before
        (report(topic("fee, card", 0.1, 0.4), gaps=(gap("boat, loan", 0.2),)), ["boat, loan"]),
        (report(topic("a, b", 0.0, 0.1), gaps=(gap("a, b", 0.1), gap("c", 0.3))), ["c", "a, b"]),
        (report(topic("a, b", 0.0, 0.9), enough=False), []),
    ],
)
def test_new_is_what_nobody_asked_before_or_the_index_does_not_know(given: dict[str, Any], expected: list[str]) -> None:
    assert [row["topic"] for row in new_topics(given)] == expected


def test_a_request_is_opened_once_and_blocks_every_release_until_the_decision(lake: Lake) -> None:
    candidate(lake, UC, V1)
    for name in ("risk_register", "records"):
        publish(lake, UC.key(name), {f"{name}.json": {"records": [], "risks": []}})
    for n in range(3):
        request_rescoping(lake, UC, f"2026-12-0{n + 1}", WIDE, f"cause {n}", TODAY)
    (task,) = waiting(lake, UC)
    assert (task.owner, task.due) == ("Olga Owner", "2026-12-15") and "20%" in task.why
    (finding,) = blocking_findings(lake, UC, V1, TODAY)
    assert "pension, fund, shares" in finding and f"genaiops rescope {task.id}" in finding
    with pytest.raises(Refused, match="genaiops rescope"):
        close_by_hand(lake, UC, task.id, name="Olga Owner", reason="no time")
    decide_scope(lake, UC, task.id[:4], name="ada approver", decision="keep_out", reason="we give no such advice")
    assert undecided_scope(lake, UC, V1, TODAY) == blocking_findings(lake, UC, V1, TODAY) == open_tasks(lake, UC) == []
    request_rescoping(lake, UC, "2026-12-09", report(gaps=(gap("pension, fund, old", 0.5),)), "later", TODAY)
    assert waiting(lake, UC) == [], "what was decided is not asked again"
    request_rescoping(lake, UC, "2026-12-09", TAX, "later", TODAY)
    assert len(waiting(lake, UC)) == 1


def test_what_the_index_covers_is_new_to_the_questions_and_not_to_the_scope(lake: Lake) -> None:
    assert new_topics(COVERED)[0]["covered"] and not new_topics(TAX)[0]["covered"]
    request_rescoping(lake, UC, "2026-12-01", COVERED, "cause", TODAY)
    assert waiting(lake, UC) == []
    (day,) = build_rescoping(UC, [("2026-12-01", COVERED)], [], [])["days"]
    assert day["topics"][0]["questions"] == 90


def test_a_share_below_the_limit_asks_for_nothing(lake: Lake) -> None:
    request_rescoping(lake, UC, "2026-12-01", report(gaps=(gap("pension", 0.09),)), "cause", TODAY)
    assert waiting(lake, UC) == []


@pytest.mark.parametrize("name", ["Ben Builder", "Eve Stranger"])
def test_builders_and_strangers_widen_no_scope(lake: Lake, name: str) -> None:
    request_rescoping(lake, UC, "2026-12-01", WIDE, "cause", TODAY)
    with pytest.raises(Refused, match="cannot widen"):
        decide_scope(lake, UC, waiting(lake, UC)[0].id, name=name, decision="widen", reason="why not")
    assert decisions(lake, UC) == [] and len(waiting(lake, UC)) == 1


def test_a_scope_that_was_widened_has_to_be_written_anew(lake: Lake) -> None:
    before = publish(lake, UC.key("use_case_scope"), {"scope.json": UC.scope()}).digest
    request_rescoping(lake, UC, "2026-12-01", WIDE, "cause", TODAY)
    decide_scope(lake, UC, waiting(lake, UC)[0].id, name="Olga Owner", decision="widen", reason="the desk wants it")
    found = build_rescoping(UC, [("2026-12-01", WIDE)], decisions(lake, UC), waiting(lake, UC))
    assert "unchanged" in scope_behind(found, before)[0] and scope_behind(found, "f" * 64) == []
    assert "taken into the scope" in render_rescoping(found, "en") and "纳入范围" in render_rescoping(found, "zh")
    assert found["days"][0]["share"] == 0.2
