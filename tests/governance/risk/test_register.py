"""The register and the plan for its tests: what people rated, what leads nowhere, and whose figures those are."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from genaiops_assets.governance.risk import (
    Means,
    build_register,
    build_test_plan,
    render_register,
    render_test_plan,
    suggestions,
)
from genaiops_assets.use_case import RISK_CLASSES
from tests.governance.risk.cases import mitigation, mode, read, risk

MEANS = Means(
    suite=("golden", "retrieval", "refusal"),
    gate=("good_enough",),
    red_team=("cbrn",),
    asset=("privacy_record",),
    risks={"refusal": ("confabulation", "information_integrity"), "golden": ()},
)


def register(*records: dict[str, Any], language: str = "en") -> dict[str, Any]:
    return build_register("shop", "Shop", language, records)


def orphans(*modes: dict[str, Any], means: Means = MEANS, **changes: Any) -> list[str]:
    return build_test_plan(register(risk(*modes, **changes)), means)["orphans"]


# --- the register


def test_a_class_shows_its_worst_risk_and_the_rest_is_unrated() -> None:
    found = register(
        risk(mode()),
        risk(mode(), id="second", severity=8, likelihood=2, owner="Ada Approver", source="measured", evidence="a test"),
        risk(id="closed", severity=10, done_on="2026-11-20"),
    )
    confabulation = next(c for c in found["classes"] if c["id"] == "confabulation")
    assert confabulation["risks"] == ["invented", "second"]
    assert (confabulation["severity"], confabulation["likelihood"], confabulation["source"]) == (8, 2, "measured")
    assert confabulation["owners"] == ["Ada Approver", "Olga Owner"]
    assert found["unrated"] == [c for c in RISK_CLASSES if c != "confabulation"]


def test_a_risk_without_a_class_is_named_and_keeps_its_own_scale() -> None:
    plain = {"risk_class": None, "source": None, "severity": 3, "likelihood": 3}
    assert register(risk(**plain))["unclassed"] == ["invented"]
    with pytest.raises(ValidationError, match="rated from 1 to 5"):
        risk(**{**plain, "severity": 6})
    with pytest.raises(ValidationError, match="failure_modes belong to a risk with a risk_class"):
        risk(mode(), **plain)


def test_what_answers_a_risk_stands_with_it() -> None:
    incident = read(
        {
            **mitigation(),
            "kind": "incident",
            "id": "wrong-fee-told",
            "about": ["invented"],
            "happened_on": "2026-11-10",
            "severity": "minor",
        }
        | {"due": None}
    )
    (found,) = register(risk(mode()), mitigation(done_on="2026-11-20"), incident)["risks"]
    assert found["incidents"] == ["wrong-fee-told"]
    assert [(m["id"], m["done_on"]) for m in found["mitigations"]] == [("agents-read", "2026-11-20")]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"risk_class": "boredom"}, "expected one of cbrn"),
        ({"source": None}, "is the likelihood assumed, measured or observed"),
        ({"source": "measured"}, "what was measured, and where"),
        ({"severity": 11}, "less than or equal to 10"),
    ],
)
def test_a_risk_of_the_register_says_what_its_ratings_rest_on(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        risk(**changes)


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ({}, "exactly one of suite, gate, red_team and asset"),
        ({"suite": "golden", "gate": "good_enough"}, "exactly one of"),
        ({"suite": "golden", "figure": "/cells"}, "figure and failures belong together"),
        ({"gate": "good_enough", "figure": "/cells", "failures": "rest"}, "a gate names its own"),
    ],
)
def test_a_test_is_one_thing_and_a_figure_says_which_share_fails(test: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        risk(mode(tests=[test]))


def test_every_class_has_suggested_actions_in_both_languages_with_source_and_licence() -> None:
    suggested = suggestions()
    assert suggested["actions"].keys() == RISK_CLASSES.keys()
    for actions in suggested["actions"].values():
        assert actions and all(a["id"][:3] in ("GV-", "MP-", "MS-", "MG-") and a["en"] and a["zh"] for a in actions)
    assert "600-1" in suggested["source"] and suggested["licence"] and suggested["checked_on"]


def test_the_page_is_in_the_language_of_the_use_case() -> None:
    zh = render_register(register(risk(mode()), language="zh"))
    assert "虚构内容" in zh and "未评级" in zh and "MS-2.5-003" in zh
    en = render_register(register(risk(mode(), title="<b>bold</b> | risk")))
    assert "not rated" in en and "<b>" not in en


# --- the test plan


def test_a_plan_without_orphans() -> None:
    assert orphans(mode()) == []
    assert orphans(mode(tests=[{"red_team": "cbrn"}, {"suite": "refusal"}])) == []


def test_a_failure_mode_that_nothing_tests_is_an_orphan_until_a_person_says_why() -> None:
    alone = mode(tests=[])
    assert "invented/answers-anyway: no test and no named gap" in orphans(alone)
    explained = build_test_plan(register(risk({**alone, "gap": "No suite exists yet."})), Means())
    assert explained["orphans"] == [] and explained["gaps"] == ["invented/answers-anyway: No suite exists yet."]


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ({"suite": "toxicity"}, "no suite toxicity"),
        ({"gate": "none_such"}, "no gate none_such"),
        ({"red_team": "bias"}, "no red_team bias"),
        ({"asset": "horoscope"}, "no asset horoscope"),
    ],
)
def test_a_test_that_the_use_case_does_not_have_is_an_orphan(test: dict[str, str], said: str) -> None:
    assert f"invented/answers-anyway: this use case has {said}" in orphans(mode(tests=[test, {"suite": "refusal"}]))


def test_a_risk_without_failure_modes_and_a_suite_that_nobody_reads_are_orphans() -> None:
    assert "invented: no failure mode" in orphans()
    unread = "suite refusal looks for confabulation, information_integrity, and no failure mode there names it"
    assert unread in orphans(mode(tests=[{"suite": "golden"}]))
    assert unread in orphans(mode(), risk_class="bias")  # the suite looks for other classes
    assert orphans(mode(), risk_class="information_integrity") == []


def test_the_plan_starts_with_what_is_worst() -> None:
    light, grave = mode(id="light", severity=2), mode(id="grave", severity=9)
    plan = build_test_plan(register(risk(light, grave)), MEANS)
    assert [row["failure_mode"] for row in plan["rows"]] == ["grave", "light"]
    assert "refusal" in render_test_plan(plan) and "None." in render_test_plan(plan)
