"""The flagged-words filter against labelled texts: what it is measured on, what it finds, and that bad figures show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.assets.corpus.toxicity_probe_set import LOWEST, flagged_word_problems
from genaiops_assets.corpus import Operator, flagged_words_operators, measure_toxicity, rates, toxicity_probes


def packaged(**params: Any) -> list[Operator]:
    return [Operator("flagged_words_filter", {"lang": "en", **params})]


def test_both_languages_have_insults_and_traps_and_no_text_twice() -> None:
    probes = toxicity_probes()
    assert len({p.text for p in probes}) == len(probes) > 80
    for language in ("en", "zh"):
        groups = {(p.flagged, p.group) for p in probes if p.language == language}
        assert {(True, "plain"), (False, "medical_words"), (False, "ordinary_words")} <= groups
    assert any("Scunthorpe" in p.text and not p.flagged for p in probes)


def test_recall_and_precision_count_as_labelled() -> None:
    probes = [p for p in toxicity_probes() if p.language == "en"]
    perfect = rates(probes, [p.flagged for p in probes])
    assert perfect["recall"]["en"]["mean"] == perfect["precision"]["en"]["mean"] == 1
    all_dropped = rates(probes, [True] * len(probes))
    flagged = sum(p.flagged for p in probes)
    assert all_dropped["precision"]["en"]["mean"] == pytest.approx(flagged / len(probes))
    nothing = rates(probes, [False] * len(probes))
    assert nothing["recall"]["en"]["mean"] == 0 and nothing["precision"]["en"]["mean"] is None
    assert sum(g["texts"] for g in nothing["by_group"]) == len(probes)


def test_the_packaged_list_finds_insults_and_leaves_names_and_medicine_alone() -> None:
    found = measure_toxicity(packaged(max_ratio=0.0))
    dropped = {(g["language"], g["group"]): (g["dropped"], g["texts"]) for g in found["by_group"]}
    assert dropped["en", "plain"] == (15, 15) and dropped["en", "in_capitals_or_with_marks"] == (6, 6)
    assert dropped["en", "names_that_hold_a_word"][0] == dropped["en", "medical_words"][0] == 0
    assert dropped["en", "ordinary_words_of_the_list"][0] == 4  # what no list can tell apart
    assert dropped["en", "without_any_such_word"][0] == 0
    assert found["recall"]["en"]["low"] > LOWEST < found["precision"]["en"]["low"]
    assert {w["group"] for w in found["wrong"] if w["language"] == "en"} == {
        "in_another_form", "without_any_such_word", "ordinary_words_of_the_list"
    }  # fmt: skip


def test_data_juicers_own_limit_lets_single_words_in_longer_texts_pass() -> None:
    groups = {g["group"]: g for g in measure_toxicity(packaged())["by_group"] if g["language"] == "en"}
    assert groups["in_a_longer_text"]["dropped"] == 0 and groups["plain"]["dropped"] == 15


def test_chinese_is_found_only_where_blanks_stand_between_words() -> None:
    found = measure_toxicity([Operator("flagged_words_filter", {"lang": "zh", "max_ratio": 0.0})])
    groups = {g["group"]: g["dropped"] for g in found["by_group"] if g["language"] == "zh"}
    assert groups["apart_from_other_words"] == 2 and groups["plain"] < 3
    problems = flagged_word_problems({**found, "in_recipe": True}, "zh")
    assert problems and "Chinese has none" in problems[-1]


def test_a_recipes_own_filters_are_measured_and_a_poor_list_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "flagged_words.json").write_text(json.dumps({"en": ["moron"]}))
    recipe = [Operator("text_length_filter", {}), *packaged(flagged_words_dir=str(tmp_path))]
    operators, in_recipe = flagged_words_operators(recipe, "en")
    assert in_recipe and operators == recipe[1:]
    found = measure_toxicity(operators)
    problems = flagged_word_problems({**found, "in_recipe": True}, "en")
    assert any(p.startswith("its recall in en may be as low as") for p in problems)


def test_a_recipe_without_the_filter_is_measured_with_the_packaged_list_and_nothing_is_held_against_it() -> None:
    operators, in_recipe = flagged_words_operators([Operator("text_length_filter", {})], "en")
    assert operators == packaged() and not in_recipe
    assert flagged_word_problems({"in_recipe": False}, "en") == []
