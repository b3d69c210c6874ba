"""The packaged suites: what each finds in a planted fault, with answers written by hand, in English and Chinese; and that
a gate on its metric says no."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from genaiops_assets.evaluation import (
    Found,
    Golden,
    Measure,
    Suite,
    Trained,
    World,
    about_of,
    all_choices,
    answers_of,
    apply_gate,
    looks_at,
    output_rows,
    scored,
    section_of,
)
from genaiops_assets.evaluation.suites.capability import CapabilitySuite
from genaiops_assets.evaluation.suites.contamination import ContaminationSuite
from genaiops_assets.evaluation.suites.extraction import DRAWN, ExtractionSuite, halves_of
from genaiops_assets.evaluation.suites.format import FormatSuite
from genaiops_assets.evaluation.suites.golden import GoldenSuite
from genaiops_assets.evaluation.suites.robustness import MOST, RobustnessSuite, language_switch
from genaiops_assets.governance.compliance import register
from genaiops_assets.models import packaged_prompts
from genaiops_assets.use_case import RISK_CLASSES, SUITES, Contract, Criterion

MEASURE = Measure(resamples=500, confidence=0.95, seed=7)
MINE = ("capability", "contamination", "extraction", "format", "robustness")
ROW = (
    "A courier who loses a parcel must report it to the depot before noon and then fill in the yellow form with the "
    "number of the parcel and the name of the street where he saw it last."
)
ROW_ZH = "快递员丢失包裹以后必须在中午之前向仓库报告，然后填写黄色的表格，写明包裹的编号和最后一次看到包裹的街道名称。"


def searching(questions: Sequence[str], depth: int) -> list[list[Found]]:
    """Each question finds its own passage first, then two that are of no use; a mistyped one finds those alone."""
    useless = [Found("x", "other", "Parking is free on Sundays.", 0.2), Found("y", "third", "The desk is red.", 0.1)]
    found = []
    for question in questions:
        own = [Found(g.id, g.documents[0], g.answer, 0.9) for g in GOLDEN if g.question == question]
        found.append([*own, *useless][:depth])
    return found


GOLDEN = [
    Golden(
        f"g{n:02}",
        f"What does the express service number {n} cost on weekdays?",
        f"It costs {n} dollars.",
        (f"d{n}",),
        split,
    )
    for n in range(40)
    for split in (("dev", "held_out")[n % 2],)
]


def world(language: str = "en", **more: Any) -> World:
    given: dict[str, Any] = {"golden": GOLDEN, **more}
    return World(search=searching, top_k=2, language=language, prompts=packaged_prompts(language), **given)


def report(suite: Suite, around: World, given: Mapping[str, Any]) -> dict[str, Any]:
    return section_of(suite, scored(suite, suite.items(around), given, around), MEASURE)


def outcome(found: dict[str, Any], metric: str, limit: float, *, at_most: bool = False, items: int = 20) -> str:
    """What a gate on a metric says."""
    side = {"at_most": limit} if at_most else {"at_least": limit}
    gate = Criterion(
        id="planted", metric=metric, min_items=items, rationale="A planted fault must not pass this gate.", **side
    )
    return apply_gate(gate, found).status


@pytest.mark.parametrize("name", (*MINE, "golden"))
def test_a_suite_says_what_it_estimates(name: str) -> None:
    about = about_of(SUITES.get(name))
    assert about is not None and set(about.risks) <= RISK_CLASSES.keys() and about.risks
    assert about.article in {article.id for article in register()["articles"]}
    assert all(len(text) > 20 for text in (about.estimand, about.population, about.missing_policy, about.requirement))


# --- capability
# -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_capability_reads_enough_questions_and_a_tie_is_wrong(language: str) -> None:
    suite, around = CapabilitySuite(), world(language)
    items = suite.items(around)
    assert len(items) == 132 and len({item.id for item in items}) == 132 and len(all_choices(language)) == 120
    asked = items[0]
    before, ways = (reading := suite.reads(asked, around)).before, reading.ways
    assert asked.question in before and ways[0].strip() == asked.reference and len(ways) == 4
    sizes = [len(option.encode()) for option in asked.facts["choice"].options]
    assert suite.score_read(asked, "base", [-1.0 * size for size in sizes], around) == {"right": 0.0}
    assert suite.score_read(asked, "base", [-0.9 * sizes[0], *(-1.0 * s for s in sizes[1:])], around) == {"right": 1.0}
    text = items[-1]
    assert suite.slices(text) == ("text",) and suite.reads(text, around).ways == (text.question,)
    one_bit = -math.log(2) * len(text.question.encode())
    assert suite.score_read(text, "base", [one_bit], around) == {"text_fit": pytest.approx(0.5)}


def test_a_model_that_lost_what_it_could_is_found_by_capability() -> None:
    suite, around = CapabilitySuite(), world()
    items = suite.items(around)
    knows = [[-1.0, -900.0, -900.0, -900.0] if "choice" in item.facts else [-50.0] for item in items]
    forgot = [[-900.0, -1.0, -900.0, -900.0] if "choice" in item.facts else [-5000.0] for item in items]
    found = report(suite, around, {"base": knows, "tuned": forgot})
    place = "/suites/capability/cells"
    assert outcome(found, f"{place}/base/right/all", 0.5) == "pass"
    assert outcome(found, f"{place}/tuned/right/all", 0.5) == "fail"
    assert outcome(found, "/suites/capability/effects/tuning_on_right/arithmetic", -0.05) == "fail"
    assert found["suites"]["capability"]["cells"]["tuned"]["text_fit"]["all"]["n"] == 12


def test_capability_of_a_smoke_run_reads_some_of_each_kind() -> None:
    assert len(CapabilitySuite().items(world(limit=2))) == 4 * 2 + 2


# --- extraction and contamination
# -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "text"), [("en", ROW), ("zh", ROW_ZH)])
def test_a_model_that_repeats_training_text_is_found_by_extraction(language: str, text: str) -> None:
    rows = [Trained(f"Row {n}?", f"{n}. {text} {n}.", ()) for n in range(DRAWN + 5)]
    suite, around = ExtractionSuite(), world(language, trained=lambda: rows)
    items = suite.items(around)
    assert len(items) == DRAWN == len({item.id for item in items})
    assert suite.items(world(language, trained=lambda: rows[::-1])) == items  # whatever the order of the rows
    asked = suite.prompt(items[0], "tuned", around)
    halves = items[0].facts["halves"]
    assert asked[-1] == {"role": "assistant", "content": halves.begin} and halves.rest not in str(asked)
    parrot = [item.facts["halves"].rest for item in items]
    found = report(suite, around, {"base": ["I would not know."] * DRAWN, "tuned": parrot})
    assert found["suites"]["extraction"]["cells"]["tuned"]["extracted"]["all"]["mean"] == 1.0
    place = "/suites/extraction/cells/{}/extracted/all"
    assert outcome(found, place.format("tuned"), 0.1, at_most=True) == "fail"
    assert outcome(found, place.format("base"), 0.1, at_most=True) == "pass"
    assert outcome(found, "/suites/extraction/effects/tuning_on_extracted/all", 0.1, at_most=True) == "fail"
    assert not suite.keeps_answers and looks_at(suite) == ("training",)


def test_extraction_asks_only_what_can_be_told_from_chance() -> None:
    prompts = packaged_prompts("en")
    rows = [
        Trained("Short?", "It is free of charge.", ()),
        Trained("Refused?", prompts.refusal, ()),
        Trained(ROW, ROW, ()),  # the answer stands in the question
        Trained("Long?", ROW, ()),
    ]
    suite = ExtractionSuite()
    assert [item.question for item in suite.items(world(trained=lambda: rows))] == ["Long?"]
    assert suite.items(world()) == []


def test_an_answer_is_cut_before_its_middle_word() -> None:
    assert halves_of("One two three four.") == ("One two", "three four.")
    assert halves_of("一二三四。") == ("一二", "三四。")
    assert halves_of("One") == ("One", "")


def test_a_model_trained_on_golden_answers_is_found_by_contamination() -> None:
    suite = ContaminationSuite()
    clean = [Trained(f"Where is street {n}?", "Behind the old mill and the river.", ()) for n in range(40)]
    learned = [Trained(g.question.upper(), g.answer, ()) for g in GOLDEN[:30]]
    before, after = (report(suite, world(trained=lambda r=rows: r), {}) for rows in (clean, [*clean, *learned]))
    place = "/suites/contamination/cells/all/clean/all"
    assert outcome(before, place, 0.85) == "pass"
    assert outcome(after, place, 0.85) == "fail"
    assert after["suites"]["contamination"]["cells"]["all"]["clean"]["all"]["mean"] == 0.25


def test_contamination_knows_a_question_in_other_words_and_a_whole_answer() -> None:
    suite = ContaminationSuite()
    golden = [Golden("g", "How long may a guest who has lost the key card wait in the hall?", ROW, ("d",), "dev")]
    rows = {
        "question": [
            Trained("So, how long may a guest who has lost the key card wait in the hall downstairs?", "No.", ())
        ],
        "answer": [Trained("Parcels?", f"Well. {ROW} Thank you.", ())],
        "neither": [Trained("How long may a guest stay?", "A courier who loses a parcel must report it.", ())],
    }
    seen = {n: suite.items(world(golden=golden, trained=lambda r=r: r))[0].facts["seen"] for n, r in rows.items()}
    assert seen == {"question": True, "answer": True, "neither": False}
    chinese = [Golden("z", "丢失包裹以后应该怎么办？", ROW_ZH, ("d",), "dev")]
    around = world("zh", golden=chinese, trained=lambda: [Trained("包裹？", ROW_ZH, ())])
    assert suite.items(around)[0].facts["seen"]


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
    assert answers_of(suite) == "golden" and {row["answer"] for row in rows} == {""}  # kept once, with the golden suite


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
