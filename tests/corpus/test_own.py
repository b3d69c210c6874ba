"""The platform's own operators after a recipe: personal data by policy, test items removed; each decision in the
ledger and traceable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from genaiops_assets.corpus import (
    Contamination,
    Item,
    Operator,
    Stages,
    fields_needed,
    outcome_of,
    segments_of,
    trace_document,
    walk,
)
from genaiops_assets.corpus.operators.batch import Batch
from genaiops_assets.corpus.operators.own import (
    closing_operators,
    compile_own_filter,
    decontamination_operator,
    privacy_operators,
    titles_after,
)
from tests.corpus.test_engine import Held, Versions, numbered

POLICY = {"default": "mask", "by_kind": {"IBAN": "drop", "IP": "keep"}, "ner": "none"}
ITEM = "Which daily balance waives the monthly maintenance fee of the personal Blue Account at this bank?"
TEXTS = (
    "Write to jo.doe@example.com about the fee.",
    "请发送到 li.wei@example.com 咨询账户费用。",
    "Pay to DE89 3704 0044 0532 0130 00 before Friday.",
    "The server 192.168.10.17 keeps the log.",
    "No personal data here, only a fee of 25 dollars.",
    f"A page with a copied test question: {ITEM} Answer below.",
)


def ended(
    operators: list[Operator], folder: Path, versions: Versions
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Rows of the ledger, and the texts of those that stay, by id."""
    held, segments, stages = Held(versions), segments_of(operators, folder), Stages(folder / "stages")
    rows = outcome_of(walk(held, segments, stages, cpus=1, batch_rows=4), held.about(), operators).ledger
    texts = {
        r["id"]: r["text"]
        for s in segments
        for part in stages.of(s.digest).parts()
        for r in pl.read_parquet(part).to_dicts()
        if r["text"] is not None
    }
    return {r["id"]: r for r in rows.to_dicts()}, texts


@pytest.fixture
def operators(tmp_path: Path) -> list[Operator]:
    config = tmp_path / "items.json"
    config.write_text(
        json.dumps(Contamination.from_items([Item("golden", "gq-001", "question", ITEM)], 13).to_config())
    )
    recipe = [Operator("text_length_filter", {"min_len": 4}), Operator("document_deduplicator", {})]
    return [*recipe, decontamination_operator(config, 13, 0.8), *privacy_operators(POLICY)]


def test_personal_data_is_masked_dropped_or_kept_and_test_items_are_removed(
    operators: list[Operator], tmp_path: Path
) -> None:
    ledger, texts = ended(operators, tmp_path, numbered(*TEXTS))
    assert [ledger[f"d{n}"]["outcome"] for n in range(6)] == [
        "changed",
        "changed",
        "rejected",
        "kept",
        "kept",
        "rejected",
    ]
    assert "<EMAIL>" in texts["d0"] and "<EMAIL>" in texts["d1"] and "192.168.10.17" in texts["d3"]
    iban, item = ledger["d2"], ledger["d5"]
    assert (iban["operator"], iban["statistic"], iban["value"]) == ("personal_data_filter", "personal_data:IBAN", 1.0)
    assert (item["operator"], item["statistic"], item["value"]) == (
        "decontamination_filter",
        "overlap:golden/gq-001",
        1.0,
    )
    assert json.loads(iban["threshold"]) == {"IBAN": "drop", "IP": "keep", "default": "mask"}
    assert json.loads(item["threshold"]) == {"min_overlap": 0.8, "n": 13}


def test_their_decisions_can_be_worked_out_again(operators: list[Operator], tmp_path: Path) -> None:
    ledger, _ = ended(operators, tmp_path, numbered(*TEXTS))
    for i, row in ledger.items():
        assert trace_document({"id": i, "text": TEXTS[int(i[1:])]}, row, operators, tmp_path, None).agrees, row


def test_other_test_items_are_another_plan(operators: list[Operator], tmp_path: Path) -> None:
    before = segments_of(operators, tmp_path)[-1].digest
    (tmp_path / "items.json").write_text(
        json.dumps(Contamination.from_items([Item("golden", "gq-002", "question", ITEM)], 13).to_config())
    )
    assert segments_of(operators, tmp_path)[-1].digest != before


def test_a_policy_that_keeps_everything_adds_no_operator() -> None:
    assert privacy_operators({"default": "keep", "by_kind": {"IBAN": "keep"}, "ner": "none"}) == []


LETTER = "Dear customer, your account DE{} is closed on Friday."
LETTERS = (LETTER.format("89370400440532013000"), LETTER.format("02120300000000202051"), "Another letter altogether.")


def test_texts_that_masking_makes_equal_are_one_document_and_its_duplicates(tmp_path: Path) -> None:
    recipe = [Operator("text_length_filter", {}), Operator("document_deduplicator", {})]
    recipe += privacy_operators({"default": "mask", "by_kind": {}, "ner": "none"})
    operators = [*recipe, *closing_operators(recipe)]
    ledger, _ = ended(operators, tmp_path, numbered(*LETTERS))
    assert [ledger[f"d{n}"]["outcome"] for n in range(3)] == ["changed", "duplicate", "kept"]
    again = ledger["d1"]
    assert (again["operator"], again["duplicate_of"], again["statistic"]) == (
        "equal_text_deduplicator",
        "d0",
        "equal_key",
    )
    hashes = [row["after_hash"] for row in ledger.values() if row["outcome"] in ("kept", "changed")]
    assert len(set(hashes)) == len(hashes)
    original = {"id": "d0", "text": LETTERS[0]}
    assert trace_document({"id": "d1", "text": LETTERS[1]}, again, operators, tmp_path, original).agrees


@pytest.mark.parametrize(
    ("names", "added"),
    [
        (["document_deduplicator"], []),
        (["text_length_filter", "document_minhash_deduplicator"], []),
        (["text_length_filter"], ["equal_text_deduplicator"]),
        (["clean_links_mapper", "document_deduplicator"], ["empty_text_filter"]),
        (["clean_links_mapper", "text_length_filter", "document_deduplicator"], []),
        (["document_deduplicator", "clean_links_mapper"], ["empty_text_filter", "equal_text_deduplicator"]),
        (["document_deduplicator", "personal_data_mapper"], ["equal_text_deduplicator"]),
    ],
)
def test_a_recipe_is_closed_only_where_it_could_break_the_checks_of_the_corpus(
    names: list[str], added: list[str]
) -> None:
    assert [o.name for o in closing_operators([Operator(n, {}) for n in names])] == added


def test_a_text_that_a_mapper_empties_is_rejected_with_its_reason(tmp_path: Path) -> None:
    recipe = [Operator("clean_links_mapper", {})]
    operators = [*recipe, *closing_operators(recipe)]
    ledger, _ = ended(operators, tmp_path, numbered("https://example.com/only", "Words beside it."))
    assert (ledger["d0"]["outcome"], ledger["d0"]["operator"]) == ("rejected", "empty_text_filter")
    assert ledger["d1"]["outcome"] == "kept"


def test_a_title_is_under_the_same_policy_as_its_text() -> None:
    titles = pl.Series(
        "title", ["Complaint of jo.doe@example.com", "Fees", "", "Complaint of jo.doe@example.com", None]
    )
    masked = titles_after(titles, privacy_operators(POLICY)).to_list()
    assert masked == ["Complaint of <EMAIL>", "Fees", "", "Complaint of <EMAIL>", None]
    assert titles_after(titles, [Operator("text_length_filter", {})]).to_list() == titles.to_list()


def test_a_title_with_a_kind_to_drop_takes_its_document_out(tmp_path: Path) -> None:
    [drop, mask] = privacy_operators(POLICY)
    assert fields_needed([drop]) and not fields_needed([mask])
    title = "Account DE89 3704 0044 0532 0130 00"
    batch = Batch(pl.Series(["About fees.", "About fees."]), pl.DataFrame({"title": [title, "Fees"]}))
    judged = compile_own_filter(drop)(batch)
    assert judged.keep.tolist() == [False, True]
    assert (judged.statistics[0], judged.values[0]) == ("personal_data:IBAN", 1.0)
    row = {"step": 0, "outcome": "rejected", "value": 1.0}
    assert trace_document({"id": "a", "text": "About fees.", "title": title}, row, [drop], tmp_path, None).agrees
