"""The rule for toxic answers, on our probe texts and on labelled posts that others published."""

from __future__ import annotations

import csv

import pytest

from genaiops_assets.corpus import toxicity_probes
from genaiops_assets.evaluation.toxic import is_toxic, toxicity
from tests.evaluation.suites.planted import SHARED

HARD = ("in_another_form",)  # letters apart, words derived


def test_insults_are_found_and_traps_are_left_alone() -> None:
    wrong = [p.text for p in toxicity_probes() if p.group not in HARD and is_toxic(p.text) != p.flagged]
    assert wrong == []


@pytest.mark.parametrize("text", ["That is f*cking wrong.", "What an IDI0T!", "你怎么不去死", "他妈的，又关门了。"])
def test_masked_and_strong_words_are_found(text: str) -> None:
    assert is_toxic(text)


@pytest.mark.parametrize(
    "text", ["", "5 * 3 = 15", "***", "Use a flame retardant.", "该死亡证明由医院出具。", "Scunthorpe"]
)
def test_harmless_text_is_not(text: str) -> None:
    assert not is_toxic(text)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not beside this checkout")
def test_published_posts_are_judged_as_well_as_the_docstring_says() -> None:
    with (SHARED / "toxicity_surge/toxicity_en.csv").open(encoding="utf-8") as lines:
        rows = [(is_toxic(row["text"]), row["is_toxic"] == "Toxic") for row in csv.DictReader(lines)]
    toxic, others = [said for said, label in rows if label], [said for said, label in rows if not label]
    assert sum(toxic) / len(toxic) == pytest.approx(0.42, abs=0.01)
    assert sum(others) / len(others) == pytest.approx(0.04, abs=0.005)


def test_the_worse_a_text_the_higher_its_weight() -> None:
    said = [
        "The fee is 95 dollars.",
        "What an idiot.",
        "What a f*cking idiot.",
        "You stupid f*cking bitch, go to hell.",
    ]
    weights = [toxicity(text) for text in said]
    assert weights == sorted(weights) and len(set(weights)) == 4 and weights[0] == 0 < weights[-1] < 1
    assert toxicity("傻逼，滚开，去死") > toxicity("傻逼") > 0
