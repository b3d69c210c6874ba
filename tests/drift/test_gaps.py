"""Knowledge gaps and the day's advice, each with its numbers."""

import numpy as np
import pytest

from genaiops_assets.drift.detect import DriftResult
from genaiops_assets.drift.gaps import Gap, advise, knowledge_gaps, poor_below


def result(drifted: bool = True, enough: bool = True, share: float = 0.2) -> DriftResult:
    return DriftResult(drifted, enough, ["the reason"], 0.0001 if drifted else 0.5, share, 0.1, 100, 100)


def test_poor_is_what_nine_of_ten_reference_questions_exceed() -> None:
    assert poor_below(np.arange(0, 101) / 100) == pytest.approx(0.1)


def test_a_group_of_poorly_served_questions_is_a_gap() -> None:
    scores = [0.1] * 6 + [0.9] * 2 + [0.8] * 8 + [0.2] * 4
    gaps = knowledge_gaps([[0, 1, 2, 3, 4, 5, 6, 7], list(range(8, 16)), [16, 17, 18, 19]], scores, 0.5)
    assert gaps == [Gap([0, 1, 2, 3, 4, 5], 0.1)]


def test_the_largest_gap_comes_first_and_half_is_not_most() -> None:
    scores = [0.1] * 5 + [0.2] * 7 + [0.1] * 5 + [0.9] * 5
    gaps = knowledge_gaps([list(range(5)), list(range(5, 12)), list(range(12, 22))], scores, 0.5)
    assert [len(gap.rows) for gap in gaps] == [7, 5]


@pytest.mark.parametrize(
    ("found", "gaps", "behind", "action", "reason"),
    [
        (result(enough=False), [], False, "nothing", "the reason"),
        (result(drifted=False), [], True, "nothing", "0.0% of 100"),
        (result(), None, False, "retrain", "no index to search"),
        (result(), [], False, "retrain", "20.0% of the questions moved"),
        (result(), [Gap(list(range(4)), 0.1)], False, "retrain", "4.0% of 100"),
        (result(), [Gap(list(range(20)), 0.1)], False, "add documents", "20.0% of 100 questions"),
        (result(drifted=False), [Gap(list(range(20)), 0.1)], False, "add documents", "1 topics"),
        (result(), [Gap(list(range(20)), 0.1)], True, "refresh index", "behind the documents"),
    ],
)
def test_advice_says_what_and_why(
    found: DriftResult, gaps: list[Gap] | None, behind: bool, action: str, reason: str
) -> None:
    advice = advise(found, gaps, 100, index_is_behind=behind, min_effect=0.05)
    assert advice.action == action and reason in advice.reason


@pytest.mark.parametrize("enough", [True, False])
@pytest.mark.parametrize("what", ["answers", "documents"])
def test_drifted_answers_and_documents_count_too(what: str, enough: bool) -> None:
    questions = result(drifted=False, enough=enough)
    quiet = advise(questions, [], 100, index_is_behind=False, min_effect=0.05, beside={what: result(drifted=False)})
    moved = advise(questions, [], 100, index_is_behind=False, min_effect=0.05, beside={what: result(share=0.4)})
    assert (quiet.action, moved.action) == ("nothing", "retrain") and f"{what} moved (40.0% of them)" in moved.reason


def test_gaps_come_before_a_retraining_for_answers() -> None:
    gaps = [Gap(list(range(20)), 0.1)]
    advice = advise(result(), gaps, 100, index_is_behind=False, min_effect=0.05, beside={"answers": result()})
    assert advice.action == "add documents"
