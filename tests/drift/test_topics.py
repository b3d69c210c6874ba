"""Topics are named in both languages, and the picture of the embeddings is repeatable."""

import numpy as np
import pytest

from genaiops_assets.drift import project_2d, what_moved
from genaiops_assets.drift.topics import names_of
from tests.drift.samples import questions


def test_the_new_topic_is_named_in_english() -> None:
    usual = ["What is the fee for the card?", "How do I open the account?", "What is the rate on the loan?"] * 20
    new = ["What is the fee for crypto trading?", "Can the bank hold crypto for me?"] * 10
    moved = what_moved(usual, usual[:40] + new)
    assert moved[0]["term"] == "crypto"
    assert moved[0]["reference_texts"] == 0 and moved[0]["current_texts"] == 20
    assert moved[0]["current_share"] == pytest.approx(20 / 60)
    assert not {"the", "what", "is"} & {entry["term"] for entry in moved}
    assert [entry["z"] for entry in moved] == sorted((entry["z"] for entry in moved), reverse=True)


def test_the_new_topic_is_named_in_chinese() -> None:
    usual = ["信用卡的年费是多少？", "怎样开立账户？", "贷款的利率是多少？"] * 20
    new = ["可以买数字货币吗？", "数字货币的手续费是多少？"] * 10
    moved = what_moved(usual, usual[:40] + new, top=5)
    assert {"数字", "货币"} <= {entry["term"] for entry in moved}
    assert "多少" not in {entry["term"] for entry in moved}
    assert len(moved) <= 5


def test_nothing_moved_is_an_empty_list() -> None:
    texts = ["What is the fee?", "透支费用是多少？"] * 20
    assert what_moved(texts, texts) == []
    assert what_moved([], texts) == [] and what_moved(texts, []) == [] and what_moved(["?"], ["!"]) == []


def test_projection_keeps_the_widest_direction_and_both_sizes() -> None:
    reference, current = questions([1.0], 50, 1), questions([0.0, 1.0], 30, 2)
    left, right = project_2d(reference, current)
    assert left.shape == (50, 2) and right.shape == (30, 2)
    assert (left[:, 0].max() < right[:, 0].min()) or (right[:, 0].max() < left[:, 0].min())
    np.testing.assert_array_equal(left, project_2d(reference, current)[0])


def test_projection_of_little_is_padded_with_zeros() -> None:
    left, right = project_2d(np.array([[1.0], [2.0]]), np.array([[3.0]]))
    assert np.allclose(np.concatenate([left, right]), [[-1, 0], [0, 0], [1, 0]])
    assert project_2d(np.empty((0, 3)), np.empty((0, 3)))[0].shape == (0, 2)
    with pytest.raises(ValueError, match="cannot project"):
        project_2d(np.ones((2, 3)), np.ones((2, 4)))


def test_groups_are_named_by_their_own_words() -> None:
    texts = [
        "What is the card fee?",
        "Is there a card fee?",
        "My dog is ill",
        "Is my dog insured?",
        "狗狗可以投保吗",
        "猫可以投保吗",
    ]
    assert names_of(texts, [[0, 1], [2, 3], [4, 5], []], top=2) == ["card, fee", "dog, my", "以投, 保吗", "?"]
    assert names_of(["?!"], [[0]]) == ["?"]
