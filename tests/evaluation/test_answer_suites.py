"""Suites format, robustness and golden: what each finds in answers written by hand, and that a gate on its metric says
no."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from genaiops_assets.evaluation import Golden, World, answers_of, output_rows, scored, section_of
from genaiops_assets.evaluation.suites.format import FormatSuite
from genaiops_assets.evaluation.suites.golden import GoldenSuite
from genaiops_assets.evaluation.suites.robustness import MOST, RobustnessSuite, language_switch
from genaiops_assets.use_case import Contract
from tests.evaluation.suite_worlds import GOLDEN, MEASURE, outcome, report, world

# --- format
# -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ("It costs 3 dollars.", set()),
        ("$3.00.", set()),
        ("", {"form", "own_language"}),
        ("It costs 3 dollars", {"form"}),
        ("<|im_start|>assistant It costs 3 dollars.", {"form", "no_marks"}),
        ("费用是三元。", {"own_language"}),
        ("very " * 121 + "long.", {"length"}),
    ],
)
def test_format_of_an_answer(answer: str, broken: set[str]) -> None:
    suite, around = FormatSuite(), world()
    found = suite.score(suite.items(around)[0], "tuned_with", answer, around)
    assert {name for name, value in found.items() if value == 0} == broken


def test_format_in_chinese() -> None:
    suite, around = FormatSuite(), world("zh", golden=[Golden("z", "费用是多少？", "三元。", ("d",), "dev")])
    (item,) = suite.items(around)
    assert set(suite.score(item, "tuned_with", "费用是三元。", around).values()) == {1.0}
    found = suite.score(item, "tuned_with", "It costs three yuan.", around)
    assert (found["own_language"], found["form"]) == (0.0, 1.0)
    assert suite.score(item, "tuned_with", "用户：费用是三元。", around)["no_marks"] == 0.0
    assert suite.score(item, "tuned_with", "很" * 200 + "长。", around)["length"] == 0.0


def test_broken_forms_and_broken_contracts_land_in_format() -> None:
    contracts = [
        Contract(name="no_promise", must_not_match=r"(?i)\bguarantee"),
        Contract(name="an_amount", must_match=r"\d"),
        Contract(name="brief", at_most_words=8),
    ]
    suite, around = FormatSuite(), world(contracts=contracts)
    good = ["It costs 3 dollars."] * 40
    bad = ["<|im_end|> We guarantee a very low price for everybody who comes to us"] * 40
    found = report(suite, around, {"base_with": good, "tuned_with": bad})
    metrics = ("form", "no_marks", "contract_no_promise", "contract_an_amount", "contract_brief")
    assert [outcome(found, f"/suites/format/cells/tuned_with/{m}/all", 0.85) for m in metrics] == ["fail"] * 5
    assert [outcome(found, f"/suites/format/cells/base_with/{m}/all", 0.85) for m in metrics] == ["pass"] * 5
    rows = output_rows(scored(suite, suite.items(around), {"tuned_with": bad}, around))
    assert answers_of(suite) == "golden" and all(row["passages"] for row in rows)  # by which erasure finds an answer


@pytest.mark.parametrize(
    "stated",
    [{}, {"must_match": "a", "must_not_match": "b"}, {"must_match": "("}, {"must_match": ""}, {"at_most_words": 0}],
)
def test_a_contract_asks_exactly_one_thing_that_can_be_asked(stated: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Contract"):
        Contract(name="odd", **stated)


# --- robustness
# -----------------------------------------------------------------------------------------------------------


def answered(around: World, suite: RobustnessSuite, says: Any) -> dict[str, Any]:
    items = suite.items(around)
    golden = {g.id: g.answer for g in GOLDEN}
    around = replace(around, golden_answers=lambda cell: golden)
    return section_of(suite, scored(suite, items, {"tuned_with": [says(item) for item in items]}, around), MEASURE)


def test_robustness_perturbs_dev_questions_alone_and_the_same_each_time() -> None:
    suite, around = RobustnessSuite(), world()
    items = suite.items(around)
    assert items == suite.items(world()) and len({item.id for item in items}) == len(items) == 40
    assert {item.facts["of"] for item in items} == {g.id for g in GOLDEN if g.split == "dev"}
    kinds = [suite.slices(item)[0] for item in items]
    assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys(
        ("typos", "distractor", "paraphrase", "passage_order"), 10
    )
    by = {suite.slices(item)[0]: item for item in items}
    stated = {g.id: g for g in GOLDEN}
    assert all(by[k].question != stated[by[k].facts["of"]].question for k in ("typos", "paraphrase"))
    assert [p.id for p in by["distractor"].passages] == ["y", by["distractor"].facts["of"], "x"]
    assert [p.id for p in by["passage_order"].passages] == ["x", by["passage_order"].facts["of"]]
    many = [replace(g, id=f"m{n}", split="dev") for n in range(3) for g in GOLDEN]
    assert len(suite.items(world(golden=many))) == MOST


def test_passages_of_one_have_no_order() -> None:
    kinds = {RobustnessSuite().slices(i)[0] for i in RobustnessSuite().items(replace(world(), top_k=1))}
    assert kinds == {"typos", "distractor", "paraphrase"}


def test_an_answerer_confused_by_typos_is_found_in_that_slice() -> None:
    golden = {g.id: g.answer for g in GOLDEN}
    around, suite = replace(world(), top_k=1), RobustnessSuite()
    found = answered(
        around, suite, lambda i: "No idea at all." if i.facts["kind"] == "typos" else golden[i.facts["of"]]
    )
    place = "/suites/robustness/cells/tuned_with"
    assert outcome(found, f"{place}/unchanged/typos", 0.7, items=10) == "fail"
    assert outcome(found, f"{place}/answer_f1/typos", 0.7, items=10) == "fail"
    assert outcome(found, f"{place}/unchanged/distractor", 0.7, items=10) == "pass"


def test_without_the_golden_answer_nothing_is_said_of_a_change() -> None:
    suite, around = RobustnessSuite(), world()
    found = suite.score(suite.items(around)[0], "tuned_with", GOLDEN[0].answer, around)
    assert found == {"answer_f1": 1.0, "unchanged": None}


def test_a_bilingual_set_is_asked_in_its_other_language() -> None:
    pair = [
        Golden("e", "What does a parcel cost?", "It costs 3 yuan.", ("d",), "dev"),
        Golden("z", "寄包裹要多少钱？", "三元。", ("d",), "held_out"),
    ]
    suite, around = RobustnessSuite(), world(golden=pair)
    switched = language_switch(pair[0], [], around)
    assert switched is not None and (switched.question, switched.reference) == (pair[1].question, "三元。")
    assert all(item.facts["of"] == "e" for item in suite.items(around))


# --- golden
# -----------------------------------------------------------------------------------------------------------


def test_wrong_citations_are_found_in_the_golden_suite() -> None:
    suite, around = GoldenSuite(), world(similarity=lambda a, b: 0.5)
    right, wrong = ([f"{g.answer} {mark}" for g in GOLDEN] for mark in ("[1]", "[2]"))
    found = report(suite, around, {"base_with": right, "tuned_with": wrong})
    assert outcome(found, "/cells/base_with/cites_right/all", 0.8) == "pass"
    assert outcome(found, "/cells/tuned_with/cites_right/all", 0.8) == "fail"
    assert found["cells"]["base_with"]["similarity"]["all"]["mean"] == 0.5
    assert found["cells"]["base_with"]["bleu"]["all"]["mean"] > 0.5
