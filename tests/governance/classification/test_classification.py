"""The regulatory classification: the guidelines' examples, each branch of the law, dates, and what is owed for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.classification import (
    RegulatoryClassification,
    by_hardware,
    by_size,
    render_classification,
    two_figures,
)
from tests.governance.classification.made import ALL_STATED, base, checkpoint, classified, value

HOURS = 3600.0
GPAI = {"general_purpose": True, "acts_for_original_provider": False, "established_in_union": True}
FREE = {
    "weights_are_public": True,
    "model_information_is_public": True,
    "is_monetised": False,
    "release_licence": "Apache-2.0",
}


# --- the guidelines' examples (C(2025) 7719, annex A.3)


@pytest.mark.parametrize(
    ("parameters", "tokens", "flop", "crossed"),
    [(3.8e9, 3.3e12, 7.5e22, False), (0.6e9, 36e12, 1.3e23, True), (1.54e9, 18e12, 1.66e23, True)],
)
def test_models_of_the_annex_by_their_size(parameters: float, tokens: float, flop: float, crossed: bool) -> None:
    assert by_size(parameters, tokens) == pytest.approx(flop, rel=0.01)
    found = classified(
        model=base(parameters),
        **{**ALL_STATED, "base_training_flop": by_size(parameters, tokens)},
    )
    assert found["tests"]["gpai_indicative"]["crossed"] is crossed


@pytest.mark.parametrize(
    ("hours", "peak", "flop"), [(200_000, 300e12, 1.0e23), (370_000, 989e12, 6.5e23)], ids=["A100", "H100"]
)
def test_models_of_the_annex_by_their_hardware(hours: float, peak: float, flop: float) -> None:
    assert by_hardware(hours, HOURS, peak, 0.5) == pytest.approx(flop, rel=0.1)


def test_a_share_of_use_above_one_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        by_hardware(1, 1, 1, 50)


def test_amounts_are_counts_with_two_figures() -> None:
    found = classified(**ALL_STATED)
    assert found["compute"]["unit"] == "FLOP" and two_figures(1.234e21) == "1.2e+21"
    assert {t["unit"] for t in found["tests"].values()} == {"FLOP"}


# --- computation


def test_direct_and_cumulative_are_kept_apart() -> None:
    stages = {"aligned_checkpoint": checkpoint(flop_cumulative=5e14)}
    found = classified(stages, **{**ALL_STATED, "further_training_flop": 2e14})["compute"]
    assert found["own"] == {"direct": 1.2e14, "cumulative": 7e14}
    assert found["whole"]["cumulative"] == 7e14 + 1.6e21


def test_stages_are_summed_and_a_reward_model_is_left_out() -> None:
    stages = {name: checkpoint(name, flop=1e14) for name in ("sft_checkpoint", "reward_model", "aligned_checkpoint")}
    found = classified(stages, **ALL_STATED)["compute"]
    assert [s["stage"] for s in found["stages"]] == ["sft_checkpoint", "aligned_checkpoint"]
    assert found["own"]["direct"] == 2e14


def test_the_base_model_as_it_is_cost_nothing_and_what_was_tuned_elsewhere_is_not_known() -> None:
    as_it_is = Evidence("bank_support/aligned_checkpoint", "c" * 64, {"checkpoint": {"method": "none"}})
    assert classified({"aligned_checkpoint": as_it_is}, **ALL_STATED)["compute"]["own"]["direct"] == 0.0
    elsewhere = Evidence(
        "bank_support/aligned_checkpoint", "c" * 64, {"checkpoint": {"method": "external", "tuned_elsewhere": {}}}
    )
    found = classified({"aligned_checkpoint": elsewhere}, **ALL_STATED)
    assert found["compute"]["own"]["direct"] is None and found["tests"]["own_training_alone"]["crossed"]
    assert found["tests"]["own_training_alone"]["assumed"] and value(found, "gpai_provider")


def test_methods_that_disagree_are_named() -> None:
    document = RegulatoryClassification()
    near, far = (classified({"aligned_checkpoint": checkpoint(agreement=a)}, **ALL_STATED) for a in (1.29, 1.31))
    one = classified({"aligned_checkpoint": checkpoint(agreement=None)}, **ALL_STATED)
    assert document.judge("methods_agree", near, {}).problems == []
    assert "1.31" in document.judge("methods_agree", far, {}).problems[0]
    assert "only one method" in document.judge("methods_agree", one, {}).problems[0]


def test_an_unknown_training_of_the_base_is_bounded_from_above() -> None:
    small = {k: v for k, v in ALL_STATED.items() if k != "base_training_flop"}
    found = classified(**small)
    assert found["compute"]["upstream"]["how"] == "bound" and not value(found, "gpai_provider")
    large = classified(model=base(70e9), stages={"aligned_checkpoint": checkpoint(flop=4e22)}, **small)
    assert large["tests"]["base_is_gpai"]["assumed"] and value(large, "gpai_provider")


# --- thresholds and the rule for those who change a model


def test_more_than_the_line_and_not_the_line_itself() -> None:
    at, above = (classified(**{**ALL_STATED, "base_training_flop": f}) for f in (1e23 - 1.2e14, 1.0001e23))
    assert not at["tests"]["gpai_indicative"]["crossed"] and above["tests"]["gpai_indicative"]["crossed"]
    assert at["tests"]["gpai_indicative"]["close"]


@pytest.mark.parametrize(("own", "becomes"), [(4.9e22, False), (5.1e22, True)])
def test_a_third_of_the_original_makes_a_modifier_a_provider(own: float, becomes: bool) -> None:
    answers = {**ALL_STATED, **GPAI, "base_training_flop": 1.5e23}
    stages = {"aligned_checkpoint": checkpoint(flop=own)}
    found = classified(stages, **answers)
    assert found["tests"]["modifier"]["more_than"] == pytest.approx(5e22)
    assert value(found, "gpai_provider") is becomes
    assert not value(classified(stages, **{**answers, "acts_for_original_provider": True}), "gpai_provider")


@pytest.mark.parametrize(("systemic", "third"), [(True, 1e25 / 3), (False, 1e23 / 3), (None, 1e23 / 3)])
def test_of_an_unknown_original_a_third_of_the_threshold_counts(systemic: bool | None, third: float) -> None:
    answers = {k: v for k, v in ALL_STATED.items() if k != "base_training_flop"} | GPAI
    found = classified(model=base(70e9), **answers, **({} if systemic is None else {"base_is_systemic": systemic}))
    expected = third if systemic else 1e23 / 3
    assert found["tests"]["modifier"]["more_than"] == pytest.approx(expected)


def test_a_modifier_of_a_systemic_model_provides_a_systemic_model() -> None:
    stages = {"aligned_checkpoint": checkpoint(flop=6e22)}
    found = classified(
        stages, model=base(70e9), **{**ALL_STATED, **GPAI, "base_training_flop": 1.5e23, "base_is_systemic": True}
    )
    assert value(found, "systemic") and found["owed"]["systemic_risk_file"]["owed"]
    assert "article-55.1.c" in found["owed"]["systemic_risk_file"]["articles"]


def test_systemic_risk_looks_at_cumulative_computation() -> None:
    generated = {"aligned_checkpoint": checkpoint(flop=1e14, flop_cumulative=2e25)}
    original = {**ALL_STATED, **GPAI, "roles": ["original_provider"], "base_training_flop": 2e24}
    assert value(classified(generated, **original), "systemic")
    assert not value(classified(**original), "systemic")


# --- the exemption of free models


def test_a_free_model_owes_no_technical_documentation_and_still_copyright_and_summary() -> None:
    provider = {**ALL_STATED, **GPAI, "roles": ["original_provider"], "base_training_flop": 1e24}
    owed = classified(**provider)["owed"]
    free = classified(**provider, **FREE)["owed"]
    for name in ("technical_documentation", "downstream_documentation"):
        assert owed[name]["owed"] and not free[name]["owed"]
    for name, article in (("copyright_record", "article-53.1.c"), ("training_content_summary", "article-53.1.d")):
        assert free[name]["owed"] and free[name]["articles"] == [article]
    abroad = {**provider, "established_in_union": False}
    assert classified(**abroad)["owed"]["authorised_representative"]["owed"]
    assert not classified(**abroad, **FREE)["owed"]["authorised_representative"]["owed"]


@pytest.mark.parametrize(
    "broken",
    [
        {"weights_are_public": False},
        {"model_information_is_public": False},
        {"is_monetised": True},
        {"release_licence": "CC-BY-NC-4.0"},
    ],
    ids=lambda b: next(iter(b)),
)
def test_one_failing_condition_ends_the_exemption(broken: dict[str, Any]) -> None:
    provider = {**ALL_STATED, **GPAI, "roles": ["original_provider"], "base_training_flop": 1e24, **FREE}
    assert value(classified(**provider), "open_source_exempt")
    assert not value(classified(**{**provider, **broken}), "open_source_exempt")


def test_systemic_risk_voids_the_exemption() -> None:
    provider = {**ALL_STATED, **GPAI, **FREE, "roles": ["original_provider"], "base_training_flop": 2e25}
    found = classified(**provider)
    assert value(found, "systemic") and not value(found, "open_source_exempt")
    assert found["owed"]["technical_documentation"]["owed"]


# --- high-risk


@pytest.mark.parametrize(
    ("answers", "high", "exempt"),
    [
        ({"annex_iii_use": []}, False, False),
        ({"annex_iii_use": ["5.b"]}, True, False),
        ({"annex_iii_use": ["5.b"], "article_6_3": {"value": "none", "profiles_people": False}}, True, False),
        ({"annex_iii_use": ["4"], "article_6_3": {"value": "d", "profiles_people": False}}, False, True),
        ({"annex_iii_use": ["4"], "article_6_3": {"value": "d", "profiles_people": True}}, True, False),
        ({"annex_iii_use": [], "annex_i_product": True}, True, False),
    ],
)
def test_the_branch_of_article_6(answers: dict[str, Any], high: bool, exempt: bool) -> None:
    found = classified(**{**ALL_STATED, **answers})
    assert (value(found, "high_risk"), value(found, "exempt_by_6_3")) == (high, exempt)


def test_what_a_high_risk_system_owes_begins_in_december_2027() -> None:
    answers = {**ALL_STATED, "annex_iii_use": ["5.b"], "article_6_3": {"value": "none", "profiles_people": False}}
    now, then = classified(**answers), classified(**answers, today=date(2027, 12, 2))
    assert not now["owed"]["risk_register"]["owed"] and now["owed"]["risk_register"]["applies_from"] == "2027-12-02"
    assert now["owed"]["risk_register"]["because"].startswith("From 2027-12-02")
    assert then["owed"]["risk_register"]["owed"] and then["owed"]["deployer_pack"]["owed"]


# --- dates


@pytest.mark.parametrize(
    ("placed", "today", "owed"),
    [
        (None, "2026-12-01", True),
        ("2026-07-01", "2026-12-01", False),
        ("2026-07-01", "2026-12-02", True),
        (None, "2026-08-01", False),
    ],
)
def test_marking_begins_later_for_what_was_there_before(placed: str | None, today: str, owed: bool) -> None:
    answers = {**ALL_STATED, "marking_exempt": False, "first_placed_on": placed}
    assert classified(**answers, today=date.fromisoformat(today))["owed"]["content_marking_config"]["owed"] is owed


def test_the_document_is_the_same_on_two_days_between_two_dates() -> None:
    assert classified(**ALL_STATED, today=date(2026, 8, 2)) == classified(**ALL_STATED, today=date(2026, 12, 1))
    assert classified(**ALL_STATED, today=date(2026, 8, 1)) != classified(**ALL_STATED, today=date(2026, 8, 2))


# --- what the Commission is told


def test_a_systemic_model_is_to_be_notified_with_two_figures_and_a_rebuttal_if_there_is_one() -> None:
    original = {**ALL_STATED, **GPAI, "roles": ["original_provider"], "base_training_flop": 1.234e25}
    found = classified(**original)
    assert (found["notification"]["flop"], found["notification"]["within_days"]) == ("1.2e+25", 14)
    assert found["notification"]["rebuttal"] is None and classified(**ALL_STATED)["notification"] is None
    assert "1.2e+25 FLOP (14 days" in render_classification(found, "en")
    assert classified(**original, rebuttal=True)["notification"]["rebuttal"] == "Olga says so."


def test_each_criterion_of_annex_xiii_is_known_or_a_gap_for_a_provider() -> None:
    provider = {**ALL_STATED, **GPAI, "roles": ["original_provider"], "base_training_flop": 1e24}
    points = {one["point"]: one["known"] for one in classified(**provider)["annex_XIII"]}
    assert list(points) == list("abcdefg")
    assert points["a"]["parameters"]["pointer"] == "/parameters" and points["c"]["said"] == "1.0e+24"
    assert points["f"]["gap"] and points["g"]["gap"]
    known = classified(**provider, business_users_in_union=12)["annex_XIII"]
    assert known[5]["known"]["users"] == 12
    assert {one["point"]: one["known"] for one in classified(**ALL_STATED)["annex_XIII"]}["f"] is None
