"""Filtering: every row ends as one outcome, the earlier document wins, and reuse changes nothing.

Belongs here: the walk over the operators, with an engine of a few lines. Does not belong here: the operators of Data-Juicer.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import OUTCOMES, Operator, Row, filtered_row, funnel, ledger_row, quarantine_ledger_row, run_recipe
from genaiops_assets.lake import digest_of_text

RECIPE = [
    Operator("lower_mapper", {}),
    Operator("length_filter", {"min": 2}),
    Operator("exact_deduplicator", {}),
    Operator("digits_mapper", {}),
    Operator("spam_filter", {}),
    Operator("again_deduplicator", {}),
    Operator("initial_deduplicator", {}),
]


class FakeEngine:
    """Lower-cases, drops short texts, spam, copies and texts with one initial, and remembers which texts it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, str]] = []
        self.largest_batch = 0

    def _see(self, step: int, texts: list[str]) -> list[str]:
        self.shown += [(step, t) for t in texts]
        self.largest_batch = max(self.largest_batch, len(texts))
        return texts

    def map(self, step: int, texts: list[str]) -> list[str]:
        name = RECIPE[step].name
        return [t.lower() if name == "lower_mapper" else re.sub(r"\d", "", t) for t in self._see(step, texts)]

    def judge(self, step: int, texts: list[str]) -> list[tuple[bool, str, float | None]]:
        if RECIPE[step].name == "length_filter":
            return [(len(t) >= 2, "text_len", float(len(t))) for t in self._see(step, texts)]
        return [("spam" not in t, "spam", None) for t in self._see(step, texts)]

    def key(self, step: int, texts: list[str]) -> list[str | None]:
        return [t[0] if RECIPE[step].name == "initial_deduplicator" else t for t in texts]

    def survivors(self, step: int, texts: list[str]) -> list[bool]:
        raise AssertionError("only for deduplicators without keys")


class FuzzyEngine(FakeEngine):
    """Its deduplicators have no keys: texts with the same first letter are alike."""

    def key(self, step: int, texts: list[str]) -> list[str | None]:
        return [None for _ in texts]

    def survivors(self, step: int, texts: list[str]) -> list[bool]:
        return [t[0] not in {u[0] for u in texts[:i]} for i, t in enumerate(texts)]


def document(doc_id: str, text: str, first_seen: int = 1) -> dict[str, Any]:
    rest = {"source": "s", "title": "", "language": "en", "license": "MIT", "first_seen": first_seen}
    return {"id": doc_id, "text": text, "text_hash": digest_of_text(text), **rest}


def run(documents: list[dict[str, Any]], engine: FakeEngine | None = None, earlier: Any = None) -> dict[str, Row]:
    rows = run_recipe(documents, RECIPE, engine or FakeEngine(), earlier=earlier or {}, batch_rows=2)
    assert len(rows) == len(documents)
    return {r.document["id"]: r for r in rows}


def test_each_outcome_names_what_decided() -> None:
    texts = {"a": "fees", "b": "Cards", "c": "x", "d": "fees", "e": "buy spam", "f": "fees1"}
    rows = {i: ledger_row(r) for i, r in run([document(i, t) for i, t in texts.items()]).items()}
    outcomes = {"a": "kept", "b": "changed", "c": "rejected", "d": "duplicate", "e": "rejected", "f": "duplicate"}
    assert {i: r["outcome"] for i, r in rows.items()} == outcomes
    shown = ("step", "operator", "statistic", "value", "threshold", "duplicate_of")
    assert [rows["a"][k] for k in shown] == [-1, "", "", None, "", ""]
    assert [rows["c"][k] for k in shown] == [1, "length_filter", "text_len", 1.0, '{"min": 2}', ""]
    assert [rows["d"][k] for k in shown] == [2, "exact_deduplicator", "", None, "{}", "a"]
    assert [rows["e"][k] for k in shown] == [4, "spam_filter", "spam", None, "{}", ""]
    assert [rows["f"][k] for k in shown] == [5, "again_deduplicator", "", None, "{}", "a"]
    assert (rows["a"]["after_hash"], rows["c"]["after_hash"]) == (rows["a"]["before_hash"], "")
    assert rows["b"]["after_hash"] == digest_of_text("cards")


def test_the_document_seen_first_stays_then_the_lower_id() -> None:
    rows = run([document("a", "fees", 2), document("c", "fees", 1), document("b", "FEES", 1)])
    assert [rows[i].outcome for i in "abc"] == ["duplicate", "changed", "duplicate"]
    assert {rows["a"].duplicate_of, rows["c"].duplicate_of} == {"b"}


def test_a_deduplicator_without_keys_sees_the_rows_in_order_of_precedence() -> None:
    rows = run([document("a", "fee", 2), document("b", "fine", 1), document("c", "card", 2)], FuzzyEngine())
    assert [rows[i].outcome for i in "abc"] == ["duplicate", "kept", "kept"]


def test_operators_are_given_no_more_rows_than_a_batch() -> None:
    engine = FakeEngine()
    run([document(str(n), f"text {n}") for n in range(7)], engine)
    assert engine.largest_batch == 2


def test_no_documents_give_no_rows() -> None:
    assert run([]) == {}


def test_a_passed_row_has_its_text_after_the_recipe() -> None:
    row = filtered_row(run([document("a", "Fees 1")])["a"])
    assert (row["id"], row["text"], row["text_hash"]) == ("a", "fees ", digest_of_text("fees "))


def test_the_ledger_of_quarantined_and_other_rows_adds_up_in_the_funnel() -> None:
    quarantined = quarantine_ledger_row({"id": "quarantine:1", "source": "s", "reason": "empty text"})
    rows = run([document("a", "fees"), document("b", "fees"), document("c", "x"), document("d", "Cards")])
    ledger = [*map(ledger_row, rows.values()), quarantined]
    assert all(set(r) == set(quarantined) for r in ledger)
    counted = funnel(ledger)
    assert counted["outcomes"] == dict.fromkeys(OUTCOMES, 1)
    assert counted["rejected"] == {"length_filter": 1}


# --- reuse ---------------------------------------------------------------------------------------------------------------


def known(rows: dict[str, Row], documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the payload takes over from the last run: rows with the same text that were not duplicates."""
    hashes = {d["id"]: d["text_hash"] for d in documents}
    found = {}
    for doc_id, row in rows.items():
        ledger = ledger_row(row)
        if ledger["outcome"] != "duplicate" and hashes.get(doc_id) == ledger["before_hash"]:
            found[doc_id] = {**ledger, "text_after": row.text if ledger["outcome"] in ("kept", "changed") else ""}
    return found


def results(rows: dict[str, Row]) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    return [(ledger_row(r), filtered_row(r) if r.outcome in ("kept", "changed") else None) for r in rows.values()]


def test_unchanged_rows_are_not_shown_to_the_operators_again() -> None:
    documents = [document("a", "fees"), document("b", "x"), document("c", "Cards")]
    before = run(documents)
    documents[2] = document("c", "Loans", 2)
    engine = FakeEngine()
    run(documents, engine, known(before, documents))
    assert {t for _, t in engine.shown} == {"Loans", "loans"}


def test_a_duplicate_comes_back_when_its_original_is_gone() -> None:
    before = run([document("a", "fees"), document("b", "fees")])
    after = [document("b", "fees")]
    assert run(after, earlier=known(before, after))["b"].outcome == "kept"


_TEXTS = st.sampled_from(["fees", "Fees", "fees1", "FEES2", "x", "X1", "spam", "spam1", "cards", "cards2"])
_BATCHES = st.lists(st.dictionaries(st.sampled_from("abcdef"), st.none() | _TEXTS, max_size=6), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@given(batches=_BATCHES)
def test_a_run_with_reuse_equals_one_without_row_for_row(batches: list[dict[str, str | None]]) -> None:
    state: dict[str, dict[str, Any]] = {}
    last: dict[str, Row] = {}
    for number, batch in enumerate(batches, start=1):
        for doc_id, text in batch.items():
            if text is None:
                state.pop(doc_id, None)
            elif doc_id not in state or state[doc_id]["text"] != text:
                state[doc_id] = document(doc_id, text, number)
        documents = list(state.values())
        last = run(documents, earlier=known(last, documents))
        assert results(last) == results(run(documents))
        assert all(r.outcome in OUTCOMES for r in last.values())
