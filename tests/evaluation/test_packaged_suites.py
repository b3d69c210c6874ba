"""Suites capability, extraction and contamination: what each finds in a planted fault, in English and Chinese, and that a
gate on its metric says no; and that every suite says what it estimates."""

from __future__ import annotations

import math

import pytest

from genaiops_assets.evaluation import Golden, Trained, about_of, all_choices, looks_at
from genaiops_assets.evaluation.suites.capability import CapabilitySuite
from genaiops_assets.evaluation.suites.contamination import ContaminationSuite
from genaiops_assets.evaluation.suites.extraction import DRAWN, ExtractionSuite, halves_of
from genaiops_assets.governance.compliance import register
from genaiops_assets.models import packaged_prompts
from genaiops_assets.use_case import RISK_CLASSES, SUITES
from tests.evaluation.suite_worlds import GOLDEN, outcome, report, world

MINE = ("capability", "contamination", "extraction", "format", "robustness")
ROW = (
    "A courier who loses a parcel must report it to the depot before noon and then fill in the yellow form with the "
    "number of the parcel and the name of the street where he saw it last."
)
ROW_ZH = "快递员丢失包裹以后必须在中午之前向仓库报告，然后填写黄色的表格，写明包裹的编号和最后一次看到包裹的街道名称。"


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
