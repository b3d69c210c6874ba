"""Observed questions: what teaches does not measure, and an answer is scored by what the corpus knows."""

from __future__ import annotations

import pytest

from genaiops_assets.alignment import build_plan, comparable, is_covered, measuring, teaching, topic_score
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.models import REFUSAL
from tests.support.lakes import bank_support, publish

PASSAGE = "The fee for a late payment is 95 dollars."


@pytest.mark.parametrize("count", [0, 1, 2, 7, 48, 49, 500])
def test_no_question_both_teaches_and_measures(count: int) -> None:
    asked = [f"question {n}" for n in range(count)]
    taught, measured = teaching(asked), measuring(asked)
    assert not set(taught) & set(measured)
    assert len(taught) == min(24, (count + 1) // 2) and len(measured) == min(24, count // 2)
    assert taught == sorted(taught, key=asked.index)


def test_where_the_corpus_speaks_an_answer_must_rest_on_it() -> None:
    assert is_covered([0.2, 0.4]) and not is_covered([0.39]) and not is_covered([])
    assert topic_score("The fee is 95 dollars.", [PASSAGE], True, "en") == 1.0
    assert topic_score("Bananas grow upwards.", [PASSAGE], True, "en") == 0.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_the_corpus_is_silent_an_honest_refusal_is_best(language: str) -> None:
    assert topic_score(REFUSAL[language], [], False, language) == 1.0
    assert topic_score("The fee is 95 dollars.", [PASSAGE], False, language) < 0.3


def test_what_came_before_is_production_when_it_has_the_same_base(tmp_path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    assert comparable(lake, uc, "b" * 64) == ""
    base = {"ref": "pkg:tiny/model.gguf", "digest": "b" * 64, "license": "MIT", "record": "r" * 64}
    rows = {"digest": "a" * 64, "rows": 3}
    plan = build_plan(uc, base=base, pairs=rows, corpus=rows)
    version = plan["model_version"]
    publish(lake, uc.key("model_plan"), {"plan.json": plan}, partition=version)
    pointer = dict.fromkeys(("kind", "by", "reason", "at", "entry", "previous"), "x")
    released = {"use_case": uc.name, "model_version": version, "digests": {}, **pointer}
    lake.store.write(f"production/{uc.name}.json", pretty_json(released))
    assert comparable(lake, uc, "b" * 64) == version
    assert comparable(lake, uc, "c" * 64) == ""
