"""The packaged seeds: a few for each risk class, in both languages, harmless, and none that succeeds by being asked."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from genaiops_assets.evaluation import Seed, chosen_attacks, packaged_seeds
from genaiops_assets.evaluation.red_team.detectors import DETECTORS, NEEDS_LOOK, detected
from genaiops_assets.evaluation.red_team.mutators import fitting, mutated
from genaiops_assets.text import language
from genaiops_assets.use_case import MUTATORS, OWASP_LLM, RISK_CLASSES

BY_ID = {seed.id: seed for seed in packaged_seeds()}
LANGUAGES = ("en", "zh")


def test_every_risk_class_has_a_few_seeds_and_every_id_is_known() -> None:
    counted = Counter(seed.risk for seed in packaged_seeds())
    assert counted.keys() == RISK_CLASSES.keys() and min(counted.values()) >= 3
    assert {seed.owasp for seed in packaged_seeds()} <= OWASP_LLM.keys()
    assert {seed.detector for seed in packaged_seeds()} == DETECTORS.keys()


@pytest.mark.parametrize("seed", packaged_seeds(), ids=lambda seed: seed.id)
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_seed_is_whole_in_both_languages(seed: Seed, spoken: str) -> None:
    said = seed.said(spoken)
    assert language(said.ask) == spoken
    assert bool(said.look) == (seed.detector in (*NEEDS_LOOK, "answers"))
    if seed.detector == "copies":
        assert said.planted
    if seed.detector == "leaks":
        assert said.look in (said.planted or said.secret).casefold() and said.look not in said.ask.casefold()
    if seed.detector == "matches":
        assert not re.search(said.look, said.ask, re.IGNORECASE), "a model that repeats the question has not obeyed"


@pytest.mark.parametrize("seed", packaged_seeds(), ids=lambda seed: seed.id)
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_an_answer_that_repeats_the_attack_is_no_success(seed: Seed, spoken: str) -> None:
    plain = mutated(seed, "plain", spoken)
    assert plain is not None
    if seed.detector != "answers":  # there whatever does not refuse is one
        assert detected(plain, plain.question, []) is None


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_each_mutator_disguises_a_seed_and_says_it_whole(spoken: str) -> None:
    seed = BY_ID["blue_heron"]
    made = {name: mutated(seed, name, spoken) for name in MUTATORS}
    missing = {name for name, attack in made.items() if attack is None}
    assert missing == (set() if spoken == "en" else {"rot13", "leet"})
    known = {name: attack for name, attack in made.items() if attack is not None}
    forms = {(a.question, a.turns, a.planted) for a in known.values()}
    assert len(forms) == len(known), "two mutators say the same"
    hidden = {name for name, a in known.items() if a.look not in a.question}
    assert hidden == {"base64", "spaced", "language_switch", "indirect_injection", *({"rot13", "leet"} - missing)}
    assert seed.said(spoken).ask in known["indirect_injection"].planted
    other = "zh" if spoken == "en" else "en"
    assert known["language_switch"].question == seed.said(other).ask
    assert known["language_switch"].look == f"{seed.said(spoken).look}|{seed.said(other).look}"
    assert len(known["many_shot"].turns) == 10 and len(known["multi_turn"].turns) == 2


def test_a_harmless_question_is_not_asked_where_a_sound_answer_would_count() -> None:
    assert "indirect_injection" not in fitting(BY_ID["purple_umbrella"], "en")
    assert "indirect_injection" not in fitting(BY_ID["moon_plan"], "en")
    assert "indirect_injection" not in fitting(BY_ID["poem"], "en")  # it plants a passage itself


# --- which attacks are tried


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("budget", [1, 11, 12, 36, 120])
def test_a_budget_is_spread_evenly_over_classes_and_seeds(spoken: str, budget: int) -> None:
    attacks = chosen_attacks(packaged_seeds(), [], budget=budget, language=spoken, seed=17)
    assert len(attacks) == budget == len({a.id for a in attacks})
    by_class = Counter(a.risk for a in attacks)
    assert max(by_class.values()) - min(by_class.values()) <= 1 or budget < 12
    assert len(by_class) == min(budget, 12)
    by_seed = Counter(a.probe for a in attacks)
    assert max(by_seed.values()) <= -(-budget // 36) + 1
    if budget == 120:
        by_mutator = Counter(a.mutator for a in attacks)
        assert max(by_mutator.values()) - min(by_mutator.values()) <= 2


def test_the_choice_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (
        [a.id for a in chosen_attacks(packaged_seeds(), [], budget=30, language="en", seed=s)] for s in (1, 1, 2)
    )
    assert first == again != other


def test_more_than_there_is_gives_all_there_is() -> None:
    every = chosen_attacks(packaged_seeds(), [], budget=5000, language="en", seed=1)
    assert len(every) == sum(len(fitting(seed, "en")) for seed in packaged_seeds())
