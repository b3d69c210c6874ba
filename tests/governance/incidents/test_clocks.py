"""Legal clocks: which run, from when, until when, and that they are red before the deadline. Every time is given."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from genaiops_assets.governance.compliance import register
from genaiops_assets.governance.incidents import Deadline, deadlines, decided_roles, pressing, rules
from tests.governance.incidents.cases import handed_in, incident

AWARE = datetime.fromisoformat("2026-12-01T08:00:00+00:00")
ONLY = dict.fromkeys(rules()["roles"], False)
SYSTEM = {**ONLY, "high_risk_provider": True}
MODEL = {**ONLY, "systemic_risk_provider": True}
CONTROLLER = {**ONLY, "controller": True}


def hours(found: list[Deadline]) -> list[float]:
    return [(datetime.fromisoformat(d.due) - AWARE) / timedelta(hours=1) for d in found]


@pytest.mark.parametrize(
    ("harms", "roles", "expected"),
    [
        ([], SYSTEM, [15 * 24]),
        (["health"], SYSTEM, [15 * 24]),
        (["death"], SYSTEM, [10 * 24]),
        (["widespread"], SYSTEM, [2 * 24]),
        (["critical_infrastructure", "death"], SYSTEM, [2 * 24]),
        (["critical_infrastructure"], MODEL, [2 * 24]),
        (["security_breach"], MODEL, [5 * 24]),
        (["death"], MODEL, [10 * 24]),
        (["property_or_environment"], MODEL, [15 * 24]),
        (["personal_data"], CONTROLLER, [72]),
        (["health"], CONTROLLER, []),
        (["death"], ONLY, []),
    ],
)
def test_the_strictest_clock_of_each_role_runs_from_awareness(
    harms: list[str], roles: dict[str, bool], expected: list[float]
) -> None:
    assert hours(deadlines(incident(harms=harms), roles)) == expected


@pytest.mark.parametrize("severity", ["near_miss", "minor", "major"])
def test_what_is_not_serious_owes_an_authority_of_the_act_nothing(severity: str) -> None:
    assert deadlines(incident(severity=severity, harms=["death"]), SYSTEM) == []


def test_a_role_that_nobody_stated_counts_and_says_so() -> None:
    found = deadlines(incident(harms=["death"]), {})
    assert {d.role for d in found} == {"high_risk_provider", "systemic_risk_provider", "deployer"}
    assert not any(d.role_stated for d in found) and "is not stated" in found[0].in_words(AWARE)
    stated = deadlines(incident(), SYSTEM)
    assert stated[0].role_stated and "is not stated" not in stated[0].in_words(AWARE)


@pytest.mark.parametrize(
    ("share_used", "standing"),
    [
        (0, "running"),
        (0.39, "running"),
        (0.41, "near"),
        (0.65, "near"),
        (0.67, "red"),
        (0.999, "red"),
        (1.01, "overdue"),
    ],
)
def test_a_clock_is_red_before_its_deadline(share_used: float, standing: str) -> None:
    (deadline,) = deadlines(incident(), SYSTEM)
    now = AWARE + share_used * timedelta(days=15)
    assert deadline.standing(now) == standing
    assert pressing([deadline], now, "red", "overdue") == (
        [deadline.in_words(now)] if standing in ("red", "overdue") else []
    )


def test_a_report_that_was_handed_in_meets_its_clock_and_no_other() -> None:
    both = SYSTEM | MODEL | {"high_risk_provider": True}
    told = incident(reports=[handed_in("2026-12-05T10:00:00+00:00")])
    late = AWARE + timedelta(days=20)
    found = {d.clock: d.standing(late) for d in deadlines(told, both)}
    assert found == {"act-15-days": "met", "code-15-days": "overdue"}


def test_the_ai_office_hears_every_four_weeks_while_it_goes_on_and_the_end_within_sixty_days() -> None:
    first = handed_in("2026-12-05T10:00:00+00:00", to="ai_office")
    going_on = incident(reports=[first])
    follow_up = next(d for d in deadlines(going_on, MODEL) if d.step == "intermediate")
    assert follow_up.due == "2027-01-02T10:00:00+00:00" and not follow_up.met_at
    second = handed_in("2026-12-30T10:00:00+00:00", "intermediate", "ai_office")
    dues = [(d.due[:10], d.met_at[:10]) for d in deadlines(incident(reports=[first, second]), MODEL)]
    assert dues == [("2026-12-16", "2026-12-05"), ("2027-01-02", "2026-12-30"), ("2027-01-27", "")]
    over = incident(reports=[first, second], closed_at="2027-01-10T00:00:00+00:00")
    dues = [(d.step, d.due[:10], d.met_at[:10]) for d in deadlines(over, MODEL)]
    assert dues[-1] == ("final", "2027-03-11", "") and ("intermediate", "2027-01-27", "") not in dues
    last = handed_in("2027-02-01T00:00:00+00:00", "final", "ai_office")
    assert deadlines(over | {"reports": [first, second, last]}, MODEL)[-1].met_at[:10] == "2027-02-01"


def test_the_data_names_a_source_and_a_day_and_no_clock_leads_nowhere() -> None:
    data: dict[str, Any] = rules()
    assert date.fromisoformat(data["checked_on"]) <= date(2026, 12, 31)
    ids = [c["id"] for c in data["clocks"]]
    assert len(ids) == len(set(ids))
    known = {a.id for a in register()["articles"]} | {"gdpr-33"}
    for clock in data["clocks"]:
        assert clock["source"] in data["sources"] and clock["article"] in known
        assert clock["role"] in data["roles"] and clock["to"] in data["recipients"]
        assert set(clock.get("instead_of", ())) <= set(ids) and clock["hours"] > 0
    assert 0 < data["time_left"]["red"] < data["time_left"]["warn"] < 1


@pytest.mark.parametrize(
    ("provider", "high_risk", "expected"),
    [
        ((True, "stated"), (True, "stated"), True),
        ((True, "stated"), (False, "stated"), False),
        ((True, "assumed"), (False, "stated"), False),
        ((True, "assumed"), (True, "stated"), None),
        ((True, "stated"), (True, "assumed"), None),
        ((True, "stated"), (False, "assumed"), None),
    ],
)
def test_a_role_is_decided_only_by_what_somebody_stated_or_computed(
    provider: tuple[bool, str], high_risk: tuple[bool, str], expected: bool | None
) -> None:
    facts = {n: {"value": v, "how": h} for n, (v, h) in {"system_provider": provider, "high_risk": high_risk}.items()}
    assert decided_roles(facts).get("high_risk_provider") is expected
    assert "systemic_risk_provider" not in decided_roles(facts), "a fact that is not there decides nothing"
