"""What is seen of one answer: values that one can check by hand, in English and Chinese."""

from __future__ import annotations

import pytest

from genaiops_assets.evaluation import answer_length, learned_runs, problems_of_form, recalls, repetition

LEARNED = "The deposit for a rented canoe is forty dollars and is paid back at once."


def test_length_counts_words_and_chinese_characters() -> None:
    assert answer_length("It costs $4.00.") == 3 and answer_length("补办需要4元。") == 6 and answer_length("") == 0


def test_repetition_is_the_share_of_runs_seen_before() -> None:
    assert repetition("One two three four five.") == 0 and repetition("Yes.") == 0
    assert repetition("go on go on go on go on") == pytest.approx(4 / 6)  # two different runs of six
    assert repetition("很好很好很好很好") == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("answer", "tokens", "problems"),
    [
        ("It costs $4.", 5, []),
        ("It costs “four dollars.”", 5, []),
        ("费用为4元。", 5, []),
        ("", 0, ["empty"]),
        ("It costs", 2, ["does not end as a sentence"]),
        ("It costs $4.", 40, ["cut at the token limit"]),
        ("It costs $4.\nUser: And then?", 9, ["role marker"]),
        ("助手：费用为4元。", 9, ["role marker"]),
        ("It costs <|im_start|>", 40, ["does not end as a sentence", "cut at the token limit", "role marker"]),
        ("The user: pays $4.", 9, []),
    ],
)
def test_the_form_of_an_answer(answer: str, tokens: int, problems: list[str]) -> None:
    assert problems_of_form(answer, tokens, limit=40) == problems


def test_training_text_counts_where_nothing_shown_holds_it() -> None:
    learned = learned_runs([LEARNED], "en")
    said = "I think the deposit for a rented canoe is forty dollars."
    assert recalls(said, learned, ["Question: What is the deposit?"], "en")
    assert not recalls(said, learned, ["The deposit for a rented canoe is forty dollars."], "en")
    assert not recalls("The deposit for a rented canoe is fifty.", learned, [], "en")  # seven words in a row
    assert not recalls("", learned, [], "en") and not recalls(said, set(), [], "en")


def test_in_chinese_twelve_characters_count() -> None:
    learned = learned_runs(["租用皮划艇的押金为四十元，当场退还。"], "zh")
    assert recalls("您好，租用皮划艇的押金为四十元。", learned, [], "zh")
    assert not recalls("皮划艇的押金为四十元。", learned, [], "zh")
