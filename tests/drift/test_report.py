"""The report of a day: what moved with names, shares and ids, and no question's text."""

import json

import numpy as np
import pytest

from genaiops_assets.drift import Questions, Rule, distinct, drift_report, features_by_effect, rates
from tests.drift.samples import TOPICS

RULE = Rule(alpha=0.05, windows=100, min_effect=0.05, permutations=100)
ENGLISH = [
    "What is the fee of card {}?",
    "How do I transfer {} dollars abroad?",
    "Is my dog {} insured when it is ill?",
]
CHINESE = ["图书{}可以借多久？", "座位{}怎么预约？", "宠物保险{}多少钱？"]


def asked(wordings: list[str], shares: list[float], n: int, seed: int, served: float = 0.8) -> Questions:
    """n questions on three topics; the third is one the index has nothing near for, unless `served` says so for all."""
    random = np.random.default_rng(seed)
    topics = random.choice(3, size=n, p=shares)
    vectors = TOPICS[topics] + random.normal(scale=0.12, size=(n, TOPICS.shape[1]))
    scores = np.where(topics == 2, served - 0.6, served) + random.normal(scale=0.02, size=n)
    texts = [wordings[t].format(f"{seed}{i}") for i, t in enumerate(topics)]
    return Questions(
        [f"q{i}" for i in range(n)], texts, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), scores
    )


def told(wordings: list[str], now: list[float], n: int = 120, language: str = "en", **more) -> dict:
    reference, current = asked(wordings, [0.5, 0.5, 0.0], 150, 1), asked(wordings, now, n, 2)
    return drift_report(reference, current, RULE, expected_language=language, seed=17, **more)


@pytest.mark.parametrize(
    ("wordings", "language", "names"),
    [
        (ENGLISH, "en", {"dog", "insured", "ill", "my", "when", "it"}),
        (CHINESE, "zh", {"宠物", "物保", "保险", "多少", "少钱"}),
    ],
)
def test_a_new_topic_is_told_with_name_shares_and_examples(wordings: list[str], language: str, names: set[str]) -> None:
    report = told(wordings, [0.35, 0.35, 0.3], language=language)
    assert report["drifted"] and report["level"] == pytest.approx(0.0005) and report["permutations"] == 4000
    topic = report["topics"][0]
    assert set(topic["topic"].split(", ")) <= names and topic["share_before"] == 0 and 0.15 < topic["share_now"] <= 0.4
    assert topic["growth"] == pytest.approx(topic["share_now"] - topic["share_before"]) and len(topic["examples"]) == 3
    current = asked(wordings, [0.35, 0.35, 0.3], 120, 2)
    assert all(current.texts[int(i[1:])].startswith(wordings[2].split("{")[0]) for i in topic["examples"])
    assert names & {m["term"] for m in report["moved"]}
    assert report["recommendation"] == "add documents" and "index has nothing near" in report["why"]
    assert sum(gap["questions"] for gap in report["gaps"]) > 20 and report["gaps"][0]["median_score"] < 0.5


def test_a_report_holds_no_question() -> None:
    report = json.dumps(told(ENGLISH, [0.35, 0.35, 0.3]), ensure_ascii=False)
    assert "transfer 2" not in report and "insured when" not in report
    assert json.loads(report)["drifted"]


def test_an_index_that_is_behind_comes_first() -> None:
    assert told(ENGLISH, [0.35, 0.35, 0.3], index_is_behind=True)["recommendation"] == "refresh index"


def test_new_questions_the_index_knows_ask_for_training() -> None:
    reference = asked(ENGLISH, [0.5, 0.5, 0.0], 150, 1)
    current = asked(ENGLISH, [0.35, 0.35, 0.3], 120, 2, served=1.4)
    report = drift_report(reference, current, RULE, expected_language="en", seed=17)
    assert report["drifted"] and report["gaps"] == [] and report["recommendation"] == "retrain"
    assert {f["name"]: f["is_clear"] for f in report["features"]}["retrieval score"]


def test_an_ordinary_day_asks_for_nothing() -> None:
    report = told(ENGLISH, [0.5, 0.5, 0.0])
    assert not report["drifted"] and report["topics"] == [] and report["recommendation"] == "nothing"
    assert not any(f["is_clear"] for f in report["features"])
    assert set(features_by_effect(report)) == {"question length", "other language", "retrieval score"}


def test_questions_in_another_language_show() -> None:
    reference, current = asked(ENGLISH, [0.5, 0.5, 0.0], 150, 1), asked(CHINESE, [0.5, 0.5, 0.0], 120, 2)
    report = drift_report(reference, current, RULE, expected_language="en", seed=17)
    language = next(f for f in report["features"] if f["name"] == "other language")
    assert report["drifted"] and language["mean_now"] == 1.0 and language["is_clear"]


def test_longer_answers_show_where_there_are_enough() -> None:
    usual, longer = (
        ["It is ninety five dollars."] * 30,
        ["", *["It is ninety five dollars a year, and a card costs more."] * 40],
    )
    report = told(ENGLISH, [0.5, 0.5, 0.0], answers=(usual, longer))
    answers = next(f for f in report["features"] if f["name"] == "answer length")
    assert (answers["mean_before"], answers["mean_now"], answers["is_clear"]) == (5.0, 12.0, True)
    assert not report["drifted"]
    few = told(ENGLISH, [0.5, 0.5, 0.0], answers=(usual, longer[:10]))
    assert "answer length" not in {f["name"] for f in few["features"]}


def test_without_an_index_there_are_no_gaps() -> None:
    reference, current = asked(ENGLISH, [0.5, 0.5, 0.0], 150, 1), asked(ENGLISH, [0.35, 0.35, 0.3], 120, 2)
    bare = [Questions(q.ids, q.texts, q.vectors) for q in (reference, current)]
    report = drift_report(*bare, RULE, expected_language="en", seed=17)
    assert report["gaps"] == [] and report["recommendation"] == "retrain"


def test_too_few_questions_are_told_so() -> None:
    report = told(ENGLISH, [0.5, 0.5, 0.0], n=5)
    assert (
        not report["enough"]
        and not report["drifted"]
        and report["recommendation"] == "nothing"
        and "too few" in report["why"]
    )


def test_the_level_is_what_is_left_for_one_measurement() -> None:
    assert Rule(0.05, 1, 0.1, 100).shuffles == 100 and Rule(0.01, 100, 0.1, 100).shuffles == 20_000


def test_repetitions_are_left_out() -> None:
    assert distinct(["What is the fee?", "what is  the fee", "Fee?", "年费多少？", "年费多少"]) == [0, 2, 3]


def test_rates_are_shares_of_the_days_interactions() -> None:
    rows = [
        {"masked": "EMAIL", "passages": ["a"], "question": "What is the fee?"},
        {"masked": "", "passages": [], "question": "Hello"},
    ]
    shares = {"masked": 0.5, "without_passages": 0.5, "with_feedback": 0.5}
    assert rates(rows, ["what is the fee?"]) == {"volume": 2, "answers": 0, **shares}
    assert rates([], []) == {}
