"""Derived texts: what repeats an erased document is known, what only resembles it is not."""

import pytest

from genaiops_assets.governance.erasure.derived import Collector, Derived

ERASED_TEXT = "The annual fee for the golden card is forty dollars and falls due in the first week of March."
REMAINING = "Whoever moves abroad tells the bank in writing within ten days of the move, please."
ZH = "金卡年费为四百元，须于每年三月第一周缴纳。"


def derived(texts: list[str], erased: list[str], remaining: list[str]) -> Derived:
    collector = Collector()
    for text in texts:
        collector.text(text)
    found = Derived(collector)
    found.erase(*erased)
    found.keep(*remaining)
    return found


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (f"We know: {ERASED_TEXT}", True),
        ("the ANNUAL fee, for the golden card is forty dollars!", True),
        ("The fee for a card is forty dollars.", False),
        (REMAINING, False),
        (f"请注意{ZH}", True),
        ("金卡年费请咨询柜台。", False),
        ("Fees", False),
    ],
)
def test_a_run_of_eight_words_or_characters(text: str, held: bool) -> None:
    assert derived([text], [ERASED_TEXT, ZH], [REMAINING]).holds(text) == held


def test_what_stands_in_a_remaining_document_is_nobodys_mark() -> None:
    text = "Whoever moves abroad tells the bank in writing within ten days."
    assert not derived([text], [f"{ERASED_TEXT} {REMAINING}"], [REMAINING]).holds(text)
    assert derived([text], [f"{ERASED_TEXT} {REMAINING}"], []).holds(text)


def test_a_short_document_is_known_as_a_whole() -> None:
    found = derived(["Closed on Mondays", "Closed on Mondays and on Tuesdays too"], ["closed on mondays."], [])
    assert found.holds("Closed on Mondays") and not found.holds("Closed on Mondays and on Tuesdays too")


def test_what_was_said_is_found_within_other_texts_unless_a_remaining_document_says_it() -> None:
    found = derived([], [], [])
    said = "You pay the forty dollars every March"
    found.erase_said([said, "Yes indeed", "It is free", "The bank wants it in writing within ten days"])
    assert found.holds(f"- **Answer:** {said}.") and found.holds("It is free") and not found.holds("It is free for all")
    assert not found.holds("Yes indeed")
    found.keep_said("So the bank wants it in writing within ten days of the move.")
    assert not found.holds("He said the bank wants it in writing within ten days, and left.")


def test_an_object_that_names_an_erased_passage_loses_its_names() -> None:
    found = derived([], [], [])
    found.ids, found.names = {"d", "d#0"}, {"Golden card"}
    assert found.row({"doc_id": "d", "heading": "x", "label": "Golden card", "n": 1}) == {
        "doc_id": "d", "heading": "[erased]", "label": "[erased]", "n": 1,
    }  # fmt: skip
    assert found.row({"doc_id": "e", "heading": "Golden card"}) == {"doc_id": "e", "heading": "Golden card"}


def test_an_embedded_picture_says_nothing() -> None:
    picture = f"![x](data:image/png;base64,{ERASED_TEXT})"
    assert not derived([picture], [ERASED_TEXT], []).holds(picture)
