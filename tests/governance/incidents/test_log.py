"""The incident log: from records, from the command line and from rollbacks into one list; reports with gaps; what
incidents say of the register."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.evidence import Evidence, find_claims, find_gaps
from genaiops_assets.governance.incidents import (
    build_report,
    close_incident,
    deadlines,
    hand_in,
    incident_log,
    note_guard_series,
    open_incident,
    render_report,
    seen_modes,
    unanswered,
)
from genaiops_assets.governance.records import KINDS
from genaiops_assets.governance.risk import build_register
from genaiops_assets.lake import Lake
from tests.governance.incidents.cases import SCOPE, incident, record
from tests.governance.risk.cases import mitigation, mode, risk
from tests.support.lakes import V1, V2, bank_support

UC = bank_support()
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
OLGA = "Olga Owner"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def register(*modes: dict[str, Any], **more: Any) -> Evidence:
    found = build_register(UC.name, UC.title, "en", [risk(*modes), mitigation(), *more.get("records", [])])
    return Evidence("bank_support/risk_register", "b" * 64, found)


def test_records_commands_and_rollbacks_become_one_log(lake: Lake) -> None:
    name = open_incident(
        lake, UC, by="olga owner", now=NOW, title="Angry draft", severity="near_miss", text="It was rude to a customer."
    )
    lake.ledger.append(
        "release",
        {"use_case": UC.name, "kind": "rollback", "model_version": V1, "previous": V2, "reason": "wrong fees"},
    )
    lake.ledger.append("release", {"use_case": UC.name, "kind": "promote", "model_version": V2, "previous": V1})
    lake.ledger.append("release", {"use_case": "other", "kind": "rollback", "model_version": V1, "previous": V2})
    log = incident_log(lake, UC, [record(), risk()])
    assert sorted((one["origin"], one["severity"]) for one in log) == [
        ("command", "near_miss"),
        ("record", "serious"),
        ("system", "minor"),
    ]
    assert {one["id"]: one["owner"] for one in log}[name] == OLGA
    assert len({frozenset(one) - {"_"} for one in log}) == 1, "all rows have the same fields"


def test_a_rollback_that_the_platform_did_by_itself_is_major(lake: Lake) -> None:
    body = {"use_case": UC.name, "kind": "rollback", "model_version": V1, "previous": V2, "reason": "errors"}
    lake.ledger.append("release", {**body, "automatic": True})
    (row,) = incident_log(lake, UC, [])
    assert (row["severity"], row["automatic"], row["model_version"]) == ("major", True, V2)


def test_a_canary_that_ends_by_itself_is_major_and_one_that_a_person_ends_is_minor(lake: Lake) -> None:
    body = {"use_case": UC.name, "candidate": V2, "did": "rolled_back", "because": "more errors"}
    for by in ("the rollout", OLGA):
        lake.ledger.append("rollout", {**body, "by": by})
    lake.ledger.append("rollout", {**body, "did": "promoted", "by": "the rollout"})
    log = incident_log(lake, UC, [])
    assert sorted((one["severity"], one["automatic"]) for one in log) == [("major", True), ("minor", False)]


def test_reports_and_ends_are_entries_and_change_the_clocks(lake: Lake) -> None:
    name = open_incident(
        lake, UC, by=OLGA, now=NOW, title="Data leaked", severity="serious", text="A log was open.", harms=["death"]
    )
    (row,) = incident_log(lake, UC, [])
    assert row["aware_at"] == NOW.isoformat() and not row["aware_stated"] and not row["reports"]
    sent = {"step": "initial", "to": "market_surveillance", "by": OLGA, "at": NOW + timedelta(days=2), "digest": "d"}
    for wrong in ({"step": "first"}, {"to": "press"}, {"by": "Eve"}, {"at": NOW + timedelta(days=9)}):
        with pytest.raises(Refused):
            hand_in(lake, UC, name, now=NOW + timedelta(days=3), **(sent | wrong))
    hand_in(lake, UC, name, now=NOW + timedelta(days=3), **sent)
    close_incident(lake, UC, name, by=OLGA, reason="the log is closed")
    (row,) = incident_log(lake, UC, [])
    assert row["closed_at"] and row["reports"][0]["by"] == OLGA
    assert next(d for d in deadlines(row, {}) if d.clock == "act-10-days").met_at == "2026-12-03T12:00:00+00:00"
    kinds = [e.kind for e in lake.ledger.entries()]
    assert kinds == ["incident_opened", "incident_reported", "incident_closed"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"by": "Eve Stranger"}, "not among the people"),
        ({"severity": "awful"}, "severity"),
        ({"harms": ["boredom"]}, "harms"),
        ({"happened_at": NOW + timedelta(days=1)}, "future"),
        ({"aware_at": NOW - timedelta(days=3)}, "aware_at"),
    ],
)
def test_what_no_record_could_say_is_refused_and_leaves_no_entry(
    lake: Lake, said: dict[str, Any], expected: str
) -> None:
    given = {"by": OLGA, "now": NOW, "title": "Something", "severity": "minor", "text": "Something went wrong."}
    with pytest.raises(Refused, match=expected):
        open_incident(lake, UC, **(given | said))
    assert list(lake.ledger.entries()) == []


def test_a_report_names_its_gaps_and_loses_them_as_people_write() -> None:
    known = register(mode(actions=["agents-read"]))
    bare = incident(failure_modes=["invented/answers-anyway"])
    made = build_report(bare, [], scope=SCOPE, register=known, decision=None, same_mode=[])
    gaps = find_gaps(made)
    assert len(gaps) == 9 and all(g.startswith("incident wrong-fee: ") for g in gaps)
    assert {c["pointer"] for c in find_claims(made)} >= {"/title", "/risks/0/failure_modes/0/controls"}
    said = dict.fromkeys(
        ("affected", "chain_of_events", "evidence", "response", "recommendation", "root_cause", "patterns"), "As told."
    )
    decision = Evidence("bank_support/release_decision", "c" * 64, {"verdict": "go"})
    whole = bare | {"harms": ["health"], "model_version": V1, "report": said}
    made = build_report(
        whole,
        [],
        scope=SCOPE,
        register=known,
        decision=decision,
        same_mode=[incident(id="before", severity="near_miss")],
    )
    assert find_gaps(made) == [] and made["system"]["verdict"]["value"] == "go"
    assert "Agents read." in render_report(made, "en") and "严重健康损害" in render_report(made, "zh")
    assert "before" in render_report(made, "zh")


def test_a_failure_mode_that_the_register_lacks_is_a_gap_of_the_report() -> None:
    lost = incident(failure_modes=["invented/unheard-of"])
    made = build_report(lost, [], scope=SCOPE, register=register(mode()), decision=None, same_mode=[])
    assert "risk register: invented/unheard-of is no failure mode there" in find_gaps(made)


def test_an_incident_whose_failure_mode_nobody_acts_on_is_a_finding() -> None:
    hit = incident(failure_modes=["invented/answers-anyway"])
    assert unanswered([hit], register(mode()).document) == [
        "wrong-fee (A wrong fee was sent to forty customers) hit invented/answers-anyway, which no mitigation answers"
    ]
    assert unanswered([hit], register(mode(actions=["agents-read"])).document) == []
    assert "no mitigation answers" in unanswered([hit], register(mode(actions=["not-there"])).document)[0]
    assert "names no failure mode" in unanswered([incident()], register(mode()).document)[0]
    assert unanswered([incident(severity="near_miss"), incident(origin="system")], register().document) == []


def test_near_misses_raise_no_count() -> None:
    twice = [incident(id=f"case-{n}", failure_modes=["a/b"]) for n in range(2)]
    assert seen_modes([*twice, incident(severity="near_miss", failure_modes=["a/b"])]) == {"a/b": ["case-0", "case-1"]}


def test_old_records_of_incidents_keep_their_digest() -> None:
    plain = record()
    assert not {"aware_at", "harms", "failure_modes", "model_version", "report", "attempt"} & set(plain)
    with pytest.raises(ValueError, match="aware_at"):
        KINDS["incident"].model_validate(plain | {"aware_at": "2026-11-29T10:00:00Z"})


def fired(*rules: str, n: int = 1, model: str = V1) -> list[dict[str, Any]]:
    row = {"rules": list(rules), "at": "2026-12-01T10:00:00+00:00", "gen_ai_response_model": model}
    return [row] * n


def test_a_guard_that_trips_again_and_again_is_one_near_miss_a_day(lake: Lake) -> None:
    rows = fired("input:prompt_injection:blocked", n=9) + fired("output:personal_data_masked:changed", n=50)
    rows += [*fired("input:llama_guard:skipped", n=50), {**fired()[0], "rules": None}]
    assert note_guard_series(lake, UC, "2026-12-01", rows) == []
    rows += fired("input:prompt_injection:blocked", model=V2)
    assert note_guard_series(lake, UC, "2026-12-01", rows) == ["prompt_injection"]
    assert note_guard_series(lake, UC, "2026-12-01", rows * 2) == [], "that day was noted"
    (one,) = incident_log(lake, UC, [])
    assert (one["severity"], one["origin"], one["automatic"], one["closed_at"]) == ("near_miss", "system", True, "")
    assert "prompt_injection held back 10 texts on 2026-12-01" in one["title"] and deadlines(one, {}) == []
    close_incident(lake, UC, one["id"], by=OLGA, reason="a student tried things")
    assert incident_log(lake, UC, [])[0]["closed_at"]
    assert note_guard_series(lake, UC, "2026-12-02", rows) == ["prompt_injection"]
    assert len(incident_log(lake, UC, [])) == 2
