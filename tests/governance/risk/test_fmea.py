"""Failure modes of a version: ratings from figures, priorities by hand, and planted faults that must be found."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.risk import Reports, build_chart, build_fmea, build_register, draw_chart, render_fmea
from genaiops_assets.governance.risk.blocking import open_severe_actions
from genaiops_assets.governance.risk.severe import severe_findings
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import Criterion
from tests.governance.deciding import approve
from tests.governance.risk.cases import interval, mitigation, mode, report, risk
from tests.support.lakes import V1, bank_support, candidate, publish

GATES = [
    Criterion(
        id="finds_it",
        metric="/retrieval/golden/recall_at_k",
        at_least=0.5,
        min_items=20,
        rationale="Written before it all.",
    ),
    Criterion(
        id="not_worse", metric="/effects/tuning/all", at_least=-0.05, min_items=20, rationale="Written before it all."
    ),
]
REFUSED = interval(0.9, 0.85, 0.97, 60)  # so many of the unanswerable questions were refused


def fmea(*records: dict[str, Any], reports: Reports | None = None, language: str = "en") -> dict[str, Any]:
    given = reports or Reports(report(REFUSED), GATES, made=("privacy_record",))
    return build_fmea(build_register("shop", "Shop", language, records), V1, given)


def only(*modes: dict[str, Any], **more: Any) -> dict[str, Any]:
    (row,) = fmea(risk(*modes), **more)["rows"]
    return row


# --- ratings


def test_the_occurrence_comes_from_the_upper_end_of_the_measured_failures() -> None:
    """Refused at least 85 of 100: at most 0.15 fail, which is 1 in 10 or more, so O 10; S 7, D 5: H, RPN 350. The
    author assumed O 3, which would have been M and 105."""
    row = only(mode())
    assert (row["severity"], row["occurrence"], row["detection"]) == (7, 10, 5)
    assert (row["rpn"], row["action_priority"]) == (350, "H")
    assert (row["occurrence_source"], row["occurrence_assumed"]) == ("measured", 3)
    assert row["measured"]["rate"] == {"mean": 0.1, "upper": 0.15, "n": 60, "missing": 0, "confidence": 0.95}
    assert row["measured"]["pointer"] == "/suites/refusal/cells/tuned_with/refused/all"


def test_without_a_measurement_the_assumption_stands_and_says_so() -> None:
    row = only(mode(tests=[{"asset": "privacy_record"}]))
    assert (row["occurrence"], row["occurrence_source"], row["rpn"], row["action_priority"]) == (3, "assumed", 105, "M")
    assert "measured" not in row


def test_the_worst_of_several_tests_counts() -> None:
    """The gate's recall is at least 0.6: at most 0.4 are not found, worse than the 0.15 of the suite."""
    row = only(mode(tests=[*mode()["tests"], {"gate": "finds_it", "failures": "rest"}]))
    assert row["measured"]["name"] == "finds_it" and row["measured"]["rate"]["upper"] == 0.4


def test_a_gate_measures_only_where_somebody_says_which_share_of_its_figure_fails() -> None:
    """The mean of a score such as F1 is no share of answers that fail."""
    row = only(mode(tests=[{"gate": "finds_it"}]))
    assert row["tests"][0]["ran"] and row["occurrence_source"] == "assumed"


def test_an_effect_is_a_test_and_no_rate_of_failures() -> None:
    row = only(mode(tests=[{"gate": "not_worse", "failures": "rest"}]))
    assert row["tests"] == [{"kind": "gate", "name": "not_worse", "ran": True, "pointer": "/effects/tuning/all"}]
    assert row["occurrence_source"] == "assumed"


def test_attacks_measure_their_share_of_successes() -> None:
    attacked = {"classes": {"confabulation": {"success": interval(0.0, 0.0, 0.03, 100)}}}
    row = only(mode(tests=[{"red_team": "confabulation"}]), reports=Reports(report(), red_team=attacked))
    assert row["occurrence"] == 8  # 0.03 lies between 1 in 50 and 1 in 20
    assert row["measured"]["pointer"] == "/classes/confabulation/success"


def test_what_the_author_expects_afterwards_stands_beside() -> None:
    row = only(mode(after={"severity": 7, "occurrence": 3, "detection": 4}))
    assert row["after"] == {"severity": 7, "occurrence": 3, "detection": 4, "rpn": 84, "action_priority": "L"}


def test_the_most_urgent_comes_first_by_priority_and_not_by_product() -> None:
    """RPN 240 with M stands behind RPN 120 with H."""
    big = mode(id="big-product", severity=5, occurrence=6, detection=8, tests=[{"suite": "golden"}])
    urgent = mode(id="urgent", severity=10, occurrence=6, detection=2, tests=[{"suite": "golden"}])
    rows = fmea(risk(big, urgent))["rows"]
    assert [(r["name"], r["rpn"], r["action_priority"]) for r in rows] == [
        ("invented/urgent", 120, "H"),
        ("invented/big-product", 240, "M"),
    ]


# --- planted faults


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ({"suite": "refusal"}, "the report has no /suites/refusal"),
        ({"suite": "golden", "figure": "/cells/none/x/all", "failures": "rest"}, "the report has no /cells/none/x/all"),
        ({"gate": "gone"}, "the success criteria have no gate gone"),
        ({"red_team": "cbrn"}, "there is no report of the red team"),
        ({"asset": "overfitting_report"}, "overfitting_report was never made"),
    ],
)
def test_a_test_that_never_ran_is_named_and_its_failure_mode_is_untested(test: dict[str, str], why: str) -> None:
    found = fmea(risk(mode(tests=[test])), reports=Reports(report(), GATES))
    kind, name = next(iter(test.items()))
    assert found["never_ran"] == [f"invented/answers-anyway: {kind} {name} did not run: {why}"]
    assert found["untested"] == ["invented/answers-anyway"]
    assert why in render_fmea(found).replace("\\_", "_")


def test_a_suite_without_items_did_not_run() -> None:
    empty = {"mean": None, "low": None, "high": None, "n": 0, "confidence": 0.95}
    found = fmea(risk(mode()), reports=Reports(report(empty)))
    assert found["untested"] == ["invented/answers-anyway"] and "has no items" in found["never_ran"][0]


def test_a_named_gap_is_no_orphan_but_no_test_either() -> None:
    found = fmea(risk(mode(tests=[], gap="No suite exists yet.")))
    assert found["untested"] == [] and found["rows"][0]["tests"] == []
    assert "No suite exists yet." in render_fmea(found)


def test_a_high_priority_without_an_action_is_named() -> None:
    assert fmea(risk(mode()))["without_action"] == ["invented/answers-anyway"]
    assert fmea(risk(mode(actions=["agents-read"])), mitigation())["without_action"] == []


SEVERE = "failure mode invented/answers-anyway has severity 9"


@pytest.mark.parametrize(
    ("actions", "records", "findings"),
    [
        ([], [], [f"{SEVERE} and no action"]),
        (["agents-read"], [], [f"{SEVERE}: agents-read is no mitigation of this risk"]),
        (["agents-read"], [mitigation(about=["another"])], [f"{SEVERE}: agents-read is no mitigation of this risk"]),
        (["agents-read"], [mitigation()], [f"{SEVERE}: agents-read is open (Ben Builder, due 2026-12-24)"]),
        (["agents-read"], [mitigation(done_on="2026-11-20")], []),
        (
            ["agents-read", "second"],
            [mitigation(done_on="2026-11-20"), mitigation(id="second")],
            [f"{SEVERE}: second is open (Ben Builder, due 2026-12-24)"],
        ),
    ],
)
def test_severity_nine_always_needs_an_action_that_is_done(
    actions: list[str], records: list[dict[str, Any]], findings: list[str]
) -> None:
    """Also where the table says L: S 9, O 1, D 1."""
    grave = mode(severity=9, occurrence=1, detection=1, actions=actions, tests=[{"suite": "golden"}])
    found = fmea(risk(grave), *records)
    assert found["rows"][0]["action_priority"] == "L"
    assert found["blocking"] == findings
    lighter = risk(mode(severity=8, actions=actions))
    assert severe_findings(build_register("shop", "Shop", "en", [lighter, *records])) == []


def test_a_severe_action_is_asked_for_by_the_published_records(tmp_path: Path) -> None:
    lake, uc, today = Lake(tmp_path), bank_support(), date(2026, 12, 1)
    assert open_severe_actions(lake, uc, V1, today) == []
    for done_on, findings in ((None, 1), ("2026-11-20", 0)):
        records = [risk(mode(severity=9, actions=["agents-read"])), mitigation(done_on=done_on)]
        publish(lake, uc.key("records"), {"records.json": {"records": records}})
        assert len(open_severe_actions(lake, uc, V1, today)) == findings


def test_nobody_approves_a_go_while_a_severe_action_is_open_and_it_can_be_cured(tmp_path: Path) -> None:
    """Found after the decision: a risk that somebody wrote down since."""
    lake, uc = Lake(tmp_path), bank_support()
    candidate(lake, uc)
    grave = risk(mode(severity=10, actions=["agents-read"]))
    publish(lake, uc.key("records"), {"records.json": {"records": [grave, mitigation()]}})
    with pytest.raises(Refused, match="severity 10: agents-read is open"):
        approve(lake, uc)
    publish(lake, uc.key("records"), {"records.json": {"records": [grave, mitigation(done_on="2026-11-20")]}})
    assert approve(lake, uc).status == "approved"


# --- the chart


def test_the_chart_shows_the_worst_failure_mode_of_a_class_and_whether_it_was_measured(tmp_path: Path) -> None:
    guessed = mode(id="guessed", severity=4, occurrence=2, tests=[{"asset": "privacy_record"}])
    other = risk(mode(tests=[{"suite": "golden"}]), id="unfair", risk_class="bias")
    chart = build_chart(fmea(risk(mode(), guessed), other))
    first, second = chart["points"]
    assert (first["failure_mode"], first["severity"], first["likelihood"]) == ("invented/answers-anyway", 7, 10)
    assert (first["source"], first["measured"], first["failure_modes"], first["rating"]) == ("measured", 1, 2, "H")
    assert first["rate"]["n"] == 60 and first["evidence"].startswith("/suites/refusal")
    assert (second["risk_class"], second["source"], second["rating"]) == ("bias", "assumed", "M")  # S 7, O 3, unnoticed
    assert (first["suites"], second["suites"]) == (["refusal"], [])
    assert chart["assumed_only"] == ["bias"] and "cbrn" in chart["without_failure_mode"]
    for name in ("one", "two"):
        draw_chart(tmp_path / name / "risks.png", chart)
    assert (tmp_path / "one/risks.png").read_bytes() == (tmp_path / "two/risks.png").read_bytes()


def test_page_and_chart_speak_chinese(tmp_path: Path) -> None:
    found = fmea(risk(mode()), language="zh")
    assert "失效模式与影响分析" in render_fmea(found) and "每 10 次至少 1 次" in render_fmea(found)
    chart = build_chart(found)
    assert chart["points"][0]["title"] == "虚构内容"
    draw_chart(tmp_path / "risks.png", chart)
    assert (tmp_path / "risks.png").read_bytes().startswith(b"\x89PNG")


# --- what was seen in use


def seen(times: int, answers: int, **more: Any) -> dict[str, Any]:
    reports = Reports(
        report(interval(0.999, 0.998, 1, 6000)), GATES, seen={"invented/answers-anyway": times}, answers=answers
    )
    return only(mode(**more), reports=reports)


def test_incidents_raise_the_occurrence_and_say_so() -> None:
    """Measured: at most 0.002 fail, O 6. Three incidents in 100 answers: at most 0.0852 (Clopper and Pearson), O 9."""
    assert only(mode(), reports=Reports(report(interval(0.999, 0.998, 1, 6000)), GATES))["occurrence"] == 6
    row = seen(3, 100)
    assert (row["occurrence"], row["occurrence_source"]) == (9, "observed")
    assert row["seen"] == {"times": 3, "answers": 100, "occurrence": 9}
    assert row["rpn"] == 7 * 9 * 5


def test_incidents_never_lower_it() -> None:
    row = seen(1, 100_000)  # at most 0.0000557: O 3 by what was seen
    assert (row["occurrence"], row["occurrence_source"], row["seen"]["occurrence"]) == (6, "measured", 3)


def test_without_a_log_the_count_alone_rates() -> None:
    assert [seen(n, 0)["seen"]["occurrence"] for n in (1, 2, 9)] == [4, 5, 10]
