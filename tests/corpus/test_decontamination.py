"""Decontamination: planted items are found, near misses are not, and the fast search equals comparing every n-gram.

Belongs here: items, texts, hits. Does not belong here: where items come from, or the report (`tests/test_quality.py`).
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import Contamination, Item, decide
from genaiops_assets.corpus.decontamination import LETTERS, ngram_length
from genaiops_assets.text import ngrams, unit_hashes, words

QUESTION = "Which fee applies when a customer replaces a lost debit card twice within the same year abroad?"
CHINESE = "读者办理借书证时如果没有携带身份证原件，是否可以使用电子证件代替并当场领取借书证？"


def item(text: str, item_id: str = "1", item_set: str = "golden", field: str = "question") -> Item:
    return Item(item_set, item_id, field, text)


def letters_in(gram: tuple[str, ...]) -> int:
    return len(unit_hashes([" ".join(gram)])[0])


def brute_force(items: list[Item], texts: list[str], n: int) -> list[dict[tuple[str, str, str], float]]:
    """Overlap of each item with each text by comparing all n-grams."""
    found: list[dict[tuple[str, str, str], float]] = []
    for text in texts:
        spoken, overlaps = words(text), {}
        for one in items:
            own = words(one.text)
            length = min(ngram_length(one.text, n), len(own))
            grams = {g for g in ngrams(own, length) if letters_in(g) >= LETTERS} if length else set()
            shared = grams & set(ngrams(spoken, length)) if length else set()
            if shared:
                overlaps[one.item_set, one.item_id, one.field] = len(shared) / len(grams)
        found.append(overlaps)
    return found


def overlaps_of(search: Contamination, texts: list[str]) -> list[dict[tuple[str, str, str], float]]:
    return [{(h.item_set, h.item_id, h.field): h.overlap for h in hits} for hits in search.search(texts)]


# --- English
# -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "planted",
    [
        QUESTION,
        QUESTION.upper(),
        QUESTION.replace(" ", "\n  "),
        QUESTION.replace("customer", "cus\u00adtom\u200ber"),
        QUESTION.replace("fee applies", "**fee** -- “applies”"),
        QUESTION.replace("fee", "ｆｅｅ"),
    ],
)
def test_an_item_is_found_however_it_is_typeset(planted: str) -> None:
    (hits,) = Contamination.from_items([item(QUESTION)]).search([f"An introduction.\n\n{planted}\n\nAnd more text."])
    assert [(h.item_id, h.overlap, h.found, h.ngrams) for h in hits] == [("1", 1.0, 5, 5)]


def test_the_span_names_the_matched_words() -> None:
    text = f"Some words before. {QUESTION} Some words after."
    ((hit,),) = Contamination.from_items([item(QUESTION)]).search([text])
    assert words(text)[hit.span[0] : hit.span[1]] == words(QUESTION)


def test_one_changed_word_leaves_only_the_ngrams_without_it() -> None:
    search = Contamination.from_items([item(QUESTION)])
    assert search.search([QUESTION.replace("debit", "credit")]) == [[]]  # in the middle: every 13-gram holds it
    ((hit,),) = search.search([QUESTION.replace("abroad", "here")])
    assert (hit.overlap, hit.found) == (0.8, 4)
    assert decide([hit], 0.8) and not decide([hit], 0.81) and not decide([], 0.1)


def test_near_misses_are_not_hits() -> None:
    misses = [
        " ".join(reversed(words(QUESTION))),
        " ".join(words(QUESTION)[:12]),
        QUESTION[: len(QUESTION) // 2] + " meanwhile " + QUESTION[len(QUESTION) // 2 :],
        "",
        "?!",
    ]
    assert Contamination.from_items([item(QUESTION)]).search(misses) == [[]] * 5


def test_an_item_cut_in_two_by_the_border_of_two_documents_is_in_neither() -> None:
    short = "Where can I reset my password?"
    half = len(short) // 2
    assert Contamination.from_items([item(short)]).search([short[:half], short[half:], short])[:2] == [[], []]


def test_a_short_item_counts_as_a_whole() -> None:
    search = Contamination.from_items([item("Where can I reset my password?")])
    assert [
        len(h)
        for h in search.search(
            ["where can i reset my password", "where can I reset a password", "can I reset my password"]
        )
    ] == [1, 0, 0]


def test_items_that_say_too_little_are_not_searched_but_counted() -> None:
    search = Contamination.from_items(
        [item("What is APR?", "a"), item("12 + 4 = 16 and 3 x 5 = 15", "b"), item("", "c"), item(QUESTION, "d")]
    )
    assert [i.item_id for i in search.too_short] == ["a", "b", "c"] and [i.item_id for i in search.items] == ["d"]
    assert search.search(["What is APR? 12 + 4 = 16 and 3 x 5 = 15"]) == [[]]


def test_amounts_match_however_they_are_written() -> None:
    search = Contamination.from_items(
        [item("The annual fee of this account is $1,000.00 or 4.50 % of the balance, whichever is more.")]
    )
    ((hit,),) = search.search(["the annual fee of this account is 1000 or 4.5% of the balance whichever is more"])
    assert hit.overlap == 1.0


def test_several_items_come_best_first_and_the_same_text_counts_for_each() -> None:
    answer = "A replacement is free once a year; the second one within the same year costs five dollars and is charged to the account."
    items = [item(QUESTION), item(answer, field="answer"), item(QUESTION, "9", "benchmark")]
    (hits,) = Contamination.from_items(items).search([f"{QUESTION} {' '.join(answer.split()[:16])}"])
    assert [(h.item_set, h.item_id, h.field) for h in hits] == [
        ("benchmark", "9", "question"),
        ("golden", "1", "question"),
        ("golden", "1", "answer"),
    ]
    assert hits[0].overlap == hits[1].overlap == 1.0 > hits[2].overlap


def test_n_must_make_sense() -> None:
    with pytest.raises(ValueError, match=r"decontaminate\.n"):
        Contamination.from_items([item(QUESTION)], 1)


def test_nothing_to_search_for_and_nothing_to_search_in() -> None:
    assert Contamination.from_items([]).search(["text"]) == [[]]
    assert Contamination.from_items([item(QUESTION)]).search([]) == []


# --- Chinese
# -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "planted", [CHINESE, CHINESE.replace("，", " , "), "\n".join(CHINESE), CHINESE.replace("证", "证\u200b")]
)
def test_a_chinese_item_is_found_by_its_characters(planted: str) -> None:
    ((hit,),) = Contamination.from_items([item(CHINESE)]).search([f"第一章 总则。{planted}本规定自公布之日起施行。"])
    assert hit.overlap == 1.0 and ngram_length(CHINESE, 13) == 20


def test_one_changed_character_of_a_chinese_item() -> None:
    search = Contamination.from_items([item(CHINESE)])
    assert (
        search.search([CHINESE.replace("电子", "纸质")]) == [[]]
        or search.search([CHINESE.replace("电子", "纸质")])[0][0].overlap < 0.5
    )
    ((hit,),) = search.search([CHINESE.replace("领取借书证", "领取读者卡")])
    assert 0.5 < hit.overlap < 1.0


# --- always
# ------------------------------------------------------------------------------------------------------------

WORD = st.sampled_from(
    [
        *["the", "fee", "of", "a", "card", "is", "due", "on", "account"],
        "don't",
        "1,000.00",
        "4.5 %",
        "doc_1",
        "借",
        "书",
        "证",
        "カ",
        "İx",
        "ΟΔΟΣ",
        "e\u0301",
        "ﬁn",
        "1a",
        "½",
        "🄰",
    ]
)
GLUE = st.sampled_from([" ", " ", " ", "\n", ", ", "", "-", "\u200b", "’", "_", ".", "\u3000"])
TEXT = st.lists(st.tuples(WORD, GLUE), max_size=25).map(lambda parts: "".join(w + g for w, g in parts)) | st.text(
    max_size=60
)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, max_size=4), st.integers(2, 13), st.data())
def test_search_equals_comparing_every_ngram(items: list[str], texts: list[str], n: int, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(items))
    texts = [*texts, data.draw(TEXT) + " " + chosen + " " + data.draw(TEXT)]
    named = [item(text, str(i)) for i, text in enumerate(items)]
    assert overlaps_of(Contamination.from_items(named, n), texts) == brute_force(named, texts, n)


@settings(max_examples=200, deadline=None)
@given(TEXT, TEXT, TEXT, st.integers(2, 20))
def test_a_planted_item_is_always_found(before: str, planted: str, after: str, n: int) -> None:
    search = Contamination.from_items([item(planted)], n)
    (hits,) = search.search([f"{before}\n{planted}\n{after}"])
    assert search.too_short or [h.overlap for h in hits] == [1.0] or not stands_whole(before, planted, after)


def stands_whole(before: str, planted: str, after: str) -> bool:
    """A number and a percent sign on both sides of a border, say, make other words together than apart."""
    return words(f"{before}\n{planted}\n{after}") == [*words(before), *words(planted), *words(after)]


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, max_size=6))
def test_units_do_not_depend_on_the_company_of_a_text(texts: list[str]) -> None:
    hashes, owners = unit_hashes(texts)
    for index, text in enumerate(texts):
        alone, _ = unit_hashes([text])
        assert np.array_equal(hashes[owners == index], alone)
        assert np.array_equal(alone, unit_hashes([" ".join(words(text))])[0])


def test_every_code_point_gives_the_units_of_its_words() -> None:
    """Character by character, over all of Unicode: what the table says is what `words` does."""
    texts = [f"a{chr(c)}b {chr(c)}" for c in range(0x30000) if not 0xD800 <= c < 0xE000]
    direct, of = unit_hashes(texts)
    spoken, whose = unit_hashes([" ".join(words(t)) for t in texts])
    assert np.array_equal(of, whose) and np.array_equal(direct, spoken)


def test_the_search_is_the_same_after_a_pickle_a_config_and_in_another_process() -> None:
    search = Contamination.from_items([item(QUESTION), item(CHINESE, "2"), item("too short", "3")])
    texts = [QUESTION, CHINESE, f"{CHINESE} {QUESTION}", "nothing"]
    expected = [[h.to_dict() for h in hits] for hits in search.search(texts)]
    for other in (
        pickle.loads(pickle.dumps(search)),
        Contamination.from_config(json.loads(json.dumps(search.to_config()))),
    ):
        assert [[h.to_dict() for h in hits] for hits in other.search(texts)] == expected
    code = (
        "import json,sys\nfrom genaiops_assets.corpus.decontamination import "
        "Contamination\nconfig,texts=json.load(sys.stdin)\n"
        "print(json.dumps([[h.to_dict() for h in hits] for hits in Contamination.from_config(config).search(texts)]))"
    )
    told = json.dumps([search.to_config(), texts])
    done = subprocess.run([sys.executable, "-c", code], input=told, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == expected


def test_a_large_clean_corpus_is_not_read_word_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    import genaiops_assets.corpus.decontamination as module

    search = Contamination.from_items([item(QUESTION), item(CHINESE, "2")])
    read: list[str] = []
    monkeypatch.setattr(module, "words", lambda text: read.append(text) or words(text))
    texts = [
        f"Paragraph {i} about accounts and their fees in the same year. 第{i}条 图书馆开放时间。" for i in range(2000)
    ]
    texts[700] += QUESTION
    assert [i for i, hits in enumerate(search.search(texts)) if hits] == [700]
    assert read == [texts[700]]
