"""What was not shown is released only when somebody accepts what is left of the risk, until a day, and every later
document says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.evidence import Evidence, verify_claims
from genaiops_assets.governance.release import (
    Accepts,
    approval_in_words,
    approval_of,
    build_history,
    overriding,
    release,
    revoke,
    told_of_versions,
    warning_of,
)
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import ACCEPTS, APPROVER, OWNER, approve, promote
from tests.support.lakes import V1, V2, candidate, publish

TODAY = datetime.now(UTC).date()


def decided(lake: Lake, uc: UseCase, version: str = V1, verdict: str = "undecided", **more: Any) -> None:
    """A candidate whose decision left gates open."""
    candidate(lake, uc, version, verdict=verdict)
    now = lake.current(uc.key("release_decision"), version)
    gates = [
        {
            "id": "tuning_helps",
            "status": "undecided" if verdict == "undecided" else "pass",
            "severity": "must",
            "reason": "few items",
        },
        {"id": "is_fast", "status": "fail", "severity": "should", "reason": "2 s"},
    ]
    content = {**now.json("decision.json"), "gates": gates, **more}
    publish(lake, uc.key("release_decision"), {"decision.json": content}, partition=version, inputs=content["evidence"])


@pytest.mark.parametrize(
    ("verdict", "missed", "said"),
    [
        ("undecided", [], "undecided: tuning_helps"),
        ("go", ["is_fast"], "should have passed: is_fast"),
        ("undecided", ["is_fast"], "undecided: tuning_helps; should have passed: is_fast"),
    ],
)
def test_what_was_not_shown_needs_an_acceptance_and_then_stands_everywhere(
    lake: Lake, uc: UseCase, verdict: str, missed: list[str], said: str
) -> None:
    decided(lake, uc, verdict=verdict, should_have_passed=missed)
    with pytest.raises(Refused, match=f"{V1}: {said}; somebody has to accept .*--accept .*--until"):
        approve(lake, uc)
    assert "--accept" in approval_in_words(lake, uc, V1).commands[0]
    made = approve(lake, uc, accepts=ACCEPTS)
    assert made.override["accepted_by"] == APPROVER and made.override["until"] == "2099-12-31"
    assert made.override["report"] == lake.heads.digest(uc.key("eval_report"), V1)
    assert said in warning_of(made) and said in approval_in_words(lake, uc, V1).override
    promote(lake, uc)
    entry = list(lake.ledger.entries("release"))[-1]
    assert entry.body["override"] == dict(made.override)
    history = build_history(lake, uc)
    assert said in history["production"]["override"] and history["overrides"][0]["released"] is True


def test_a_go_without_open_points_needs_none(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    assert dict(approve(lake, uc, accepts=ACCEPTS).override) == {}
    assert build_history(lake, uc)["overrides"] == []


@pytest.mark.parametrize(
    ("accepts", "why"),
    [
        (Accepts("", "2099-12-31"), "needs the reason why the risk is accepted"),
        (Accepts(" . ", "2099-12-31"), "needs the reason"),
        (Accepts("because", ""), "until when"),
        (Accepts("because", "next year"), "until when"),
        (Accepts("because", "2020-01-01"), "does not hold today"),
    ],
)
def test_an_acceptance_says_why_and_until_when(lake: Lake, uc: UseCase, accepts: Accepts, why: str) -> None:
    decided(lake, uc)
    with pytest.raises(Refused, match=why):
        approve(lake, uc, accepts=accepts)
    assert approval_of(lake, uc, V1).status == "waiting"


def record(lake: Lake, uc: UseCase, **changes: Any) -> None:
    report = lake.heads.digest(uc.key("eval_report"), V1)
    content = {
        "id": "A-1",
        "kind": "acceptance",
        "title": "Too small a sample",
        "author": "Arif Approver",
        "written_on": "2026-11-30",
        "text": "nobody acts on its answers",
        "owner": None,
        "due": None,
        "expires": (TODAY + timedelta(days=30)).isoformat(),
        "done_on": None,
        "bound": {"eval_report": report[:12]},
        "about": ["R-1"],
        "overrides": ["tuning_helps"],
    }
    publish(lake, uc.key("records"), {"records.json": {"records": [{**content, **changes}]}})


def test_a_record_of_somebody_who_may_accept_does_it_too(lake: Lake, uc: UseCase) -> None:
    decided(lake, uc)
    record(lake, uc)
    override = approve(lake, uc).override
    assert (override["record"], override["accepted_by"]) == ("A-1", "Arif Approver")


@pytest.mark.parametrize(
    "changes",
    [
        {"overrides": ["is_fast"]},
        {"overrides": []},
        {"author": "Ben Builder"},
        {"bound": {"eval_report": "0" * 12}},
        {"bound": {}},
        {"expires": "2026-11-01"},
        {"kind": "review"},
    ],
)
def test_a_record_that_does_not_cover_it_does_not(lake: Lake, uc: UseCase, changes: dict[str, Any]) -> None:
    decided(lake, uc)
    record(lake, uc, **changes)
    with pytest.raises(Refused, match="somebody has to accept"):
        approve(lake, uc)


def test_an_acceptance_that_is_over_releases_nothing_and_turns_the_check_red(
    lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genaiops_assets.assets.release.release_history import release_problems_today

    decided(lake, uc)
    approve(lake, uc, accepts=Accepts("because", TODAY.isoformat()))
    promote(lake, uc)
    history = build_history(lake, uc)
    assert release_problems_today(history, TODAY) == []
    (problem,) = release_problems_today(history, TODAY + timedelta(days=1))
    assert problem.endswith("that is over")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(overriding, "datetime", Tomorrow)
    with pytest.raises(Refused, match="that is over: accept and approve it again"):
        promote(lake, uc)
    release(lake, uc, V1, kind="rollback", by=OWNER, reason="a frightened person may go back")


def test_later_documents_claim_it_and_a_changed_history_breaks_them(lake: Lake, uc: UseCase) -> None:
    decided(lake, uc)
    approve(lake, uc, accepts=ACCEPTS)
    candidate(lake, uc, V2)
    revoke(lake, uc, V2, by=OWNER, reason="wrong data")
    content = build_history(lake, uc)
    history = Evidence(uc.key("release_history"), "a" * 64, content)
    told = told_of_versions(history)
    assert [c["value"]["model_version"] for c in told["overrides"]] == [V1]
    assert told["revoked"][0]["value"]["in_words"].startswith(f"{V2} was revoked by Olga Owner")
    assert set(told_of_versions(history, V2)) == {"revoked"} and told_of_versions(None) == {}
    assert verify_claims(told, lambda asset, digest: content) == []
    other = {**content, "overrides": [{**content["overrides"][0], "accepted_by": "Somebody Else"}]}
    assert verify_claims(told, lambda asset, digest: other)
