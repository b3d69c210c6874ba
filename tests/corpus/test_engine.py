"""The walk through a recipe: every row ends once, as Data-Juicer's own runner would have it, and any history equals a
full rebuild.

Belongs here: order, reuse, boundaries, kills. Does not belong here: single operators (`test_operators.py`), the
payload (`test_data_juicer.py`)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import Operator, RecipeError, Stages, engines_of, outcome_of, segments_of, walk
from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.schemas import OUTCOMES
from genaiops_assets.corpus.workers import batched
from genaiops_assets.lake import digest_of_text

RECIPE = [
    Operator("whitespace_normalization_mapper", {}),
    Operator("text_length_filter", {"min_len": 4, "max_len": 60}),
    Operator("document_deduplicator", {"lowercase": True}),
    Operator("punctuation_normalization_mapper", {}),
    Operator("special_characters_filter", {"max_ratio": 0.5}),
    Operator("document_minhash_deduplicator", {"window_size": 1, "jaccard_threshold": 0.5, "num_permutations": 32}),
    Operator("words_num_filter", {"min_num": 2}),
]
WORDS = [
    "fee",
    "Fee",
    "account",
    "the",
    "每月20元",
    "账户",
    "transfer",
    "free",
    "！！！！",
    "123",
    "…",
    "“",
    "\u3000",
    "x",
]
a_text = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join).filter(str.strip)
a_batch = st.dictionaries(st.sampled_from("abcdefghij"), st.none() | a_text, max_size=8)  # None: deleted
Versions = dict[str, tuple[str, int]]


class Held:
    """Documents in memory, given in the order of their id, whatever their precedence."""

    def __init__(self, versions: Versions):
        rows = [
            {"id": i, "key": digest_of_text(t), "text": t, "first_seen": n} for i, (t, n) in sorted(versions.items())
        ]
        self.frame = pl.DataFrame(
            rows, schema={"id": pl.String, "key": pl.String, "text": pl.String, "first_seen": pl.Int64}
        )

    @property
    def rows(self) -> pl.DataFrame:
        return self.frame.sort("first_seen", "id").select("id", "key", "first_seen")

    def texts(self, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
        yield from self.frame.select("id", "key", "text").join(wanted, on=["id", "key"], how="semi").iter_slices(3)

    def about(self) -> pl.DataFrame:
        about = self.frame.sort("first_seen", "id").select(
            "id", "first_seen", text_hash=pl.col("key"), source=pl.lit("s"), title=pl.lit("")
        )
        return about.with_columns(language=pl.lit("en"), license=pl.lit("MIT"))


def ledger(
    versions: Versions, folder: Path, recipe: list[Operator] = RECIPE, cpus: int = 1
) -> tuple[list[dict[str, Any]], int]:
    documents = Held(versions)
    walked = walk(documents, segments_of(recipe, folder), Stages(folder / "stages"), cpus=cpus, batch_rows=4)
    return outcome_of(walked, documents.about(), recipe).ledger.sort("id").to_dicts(), walked.worked


def by_data_juicer(versions: Versions, recipe: list[Operator]) -> dict[str, str]:
    """id → text of what Data-Juicer's operators keep, run one after the other over the whole set as its runner does."""
    from datasets import Dataset

    rows = [{"id": i, "text": t} for i, (t, _) in sorted(versions.items(), key=lambda v: (v[1][1], v[0]))]
    for operator in recipe:
        op = juicer.load(operator)
        if operator.kind == "mapper":
            rows = [{**r, "text": t} for r, t in zip(rows, juicer.mapped(op, [r["text"] for r in rows]), strict=True)]
        elif operator.kind == "filter":
            judged = juicer.judged(op, [r["text"] for r in rows], [{} for _ in rows])
            rows = [r for r, (keep, _, _) in zip(rows, judged, strict=True) if keep]
        elif len(rows) > 1:
            hashed = [op.compute_hash({"text": r["text"], "place": n}) for n, r in enumerate(rows)]
            rows = [rows[n] for n in op.process(Dataset.from_list(hashed))[0]["place"]]
    return {r["id"]: r["text"] for r in rows}


def after(versions: Versions, batch: dict[str, str | None], number: int) -> Versions:
    made = dict(versions)
    for i, text in batch.items():
        if text is None:
            made.pop(i, None)
        elif made.get(i, ("", 0))[0] != text:
            made[i] = (text, number)
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(a_batch, min_size=1, max_size=5))
def test_any_sequence_of_batches_equals_a_full_rebuild_row_for_row(batches: list[dict[str, str | None]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        versions: Versions = {}
        for number, batch in enumerate(batches, start=1):
            versions = after(versions, batch, number)
            incremental, _ = ledger(versions, folder)
            rebuilt, worked = ledger(versions, Path(tempfile.mkdtemp(dir=folder)))
            assert incremental == rebuilt
            assert worked == len(versions)
            assert {r["id"] for r in rebuilt} == versions.keys() and {r["outcome"] for r in rebuilt} <= set(OUTCOMES)
            kept = by_data_juicer(versions, RECIPE)
            assert {r["id"]: r["after_hash"] for r in rebuilt if r["after_hash"]} == {
                i: digest_of_text(t) for i, t in kept.items()
            }
    finally:
        shutil.rmtree(folder)


def numbered(*texts: str) -> Versions:
    return {f"d{n}": (text, 1) for n, text in enumerate(texts)}


def test_each_outcome_names_what_decided(tmp_path: Path) -> None:
    found, _ = ledger(
        numbered("the account fee", "The  account fee", "ab", "！！！！！！！", "THE ACCOUNT FEE"), tmp_path
    )
    assert [(r["outcome"], r["operator"], r["statistic"], r["duplicate_of"]) for r in found] == [
        ("kept", "", "", ""),
        ("duplicate", "document_minhash_deduplicator", "shared_bands", "d0"),
        ("rejected", "text_length_filter", "text_len", ""),
        ("rejected", "special_characters_filter", "special_char_ratio", ""),
        ("duplicate", "document_deduplicator", "equal_key", "d0"),
    ]
    assert (found[2]["value"], found[2]["step"], found[2]["threshold"]) == (2.0, 1, '{"max_len": 60, "min_len": 4}')


def test_only_new_and_changed_rows_are_worked_on(tmp_path: Path) -> None:
    versions = numbered("the account fee", "transfer is free", "账户 每月20元")
    assert ledger(versions, tmp_path)[1] == 3
    assert ledger(versions, tmp_path)[1] == 0
    assert ledger(after(versions, {"d1": "transfer costs two", "d9": "free account"}, 2), tmp_path)[1] == 2


def test_a_duplicate_comes_back_when_its_original_is_gone(tmp_path: Path) -> None:
    versions = numbered("the account fee", "The account fee")
    assert [r["outcome"] for r in ledger(versions, tmp_path)[0]] == ["kept", "duplicate"]
    found, worked = ledger(after(versions, {"d0": None}, 2), tmp_path)
    assert [(r["id"], r["outcome"]) for r in found] == [
        ("d1", "kept")
    ] and worked == 1  # the segments after the boundary, which it never saw


def test_the_document_seen_first_stays_then_the_lower_id(tmp_path: Path) -> None:
    versions = {"a": ("the account fee", 2), "b": ("the account fee", 1), "c": ("the account fee", 1)}
    assert {r["id"]: r["duplicate_of"] for r in ledger(versions, tmp_path)[0]} == {"a": "b", "b": "", "c": "b"}


def test_a_changed_recipe_starts_again_at_the_last_boundary_before_the_change(tmp_path: Path) -> None:
    versions = numbered("the account fee", "transfer is free", "ab", "fee fee")
    ledger(versions, tmp_path)
    first = {p.name for p in (tmp_path / "stages").iterdir()}
    later = [*RECIPE[:-1], Operator("words_num_filter", {"min_num": 3})]
    found, worked = ledger(versions, tmp_path, later)
    assert worked < 4 and found == ledger(versions, tmp_path / "anew", later)[0]
    assert len({p.name for p in (tmp_path / "stages").iterdir()} - first) == 1  # only the segment that changed
    _, worked = ledger(versions, tmp_path, [Operator("text_length_filter", {"min_len": 3}), *RECIPE[1:]])
    assert worked == 4


def test_stages_nobody_needs_are_dropped(tmp_path: Path) -> None:
    ledger(numbered("the account fee"), tmp_path)
    stages, kept = Stages(tmp_path / "stages"), segments_of(RECIPE[:3], tmp_path)
    stages.drop_others([s.digest for s in kept])
    assert [p.name for p in stages.folder.iterdir()] == [kept[0].digest[:24]]


def test_many_parts_become_few_and_say_the_same(tmp_path: Path) -> None:
    versions: Versions = {}
    for number in range(70):
        versions = after(versions, {f"d{number:02d}": f"fee number {number}"}, number + 1)
        found, _ = ledger(versions, tmp_path, RECIPE[:3])
    stage = Stages(tmp_path / "stages").of(segments_of(RECIPE[:3], tmp_path)[0].digest)
    assert len(stage.parts()) < 10
    assert (
        found == ledger(versions, tmp_path / "anew", RECIPE[:3])[0] and ledger(versions, tmp_path, RECIPE[:3])[1] == 0
    )


def test_workers_end_where_one_process_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genaiops_assets.corpus.workers.ALONE", 0)
    versions = numbered(*(f"the {a} account costs {b} a month" for a in WORDS for b in WORDS))
    assert ledger(versions, tmp_path / "two", cpus=2) == ledger(versions, tmp_path / "one", cpus=1)


def test_a_batch_is_bounded_in_rows_and_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genaiops_assets.corpus.workers.BATCH_CHARACTERS", 100)
    frames = [pl.DataFrame({"text": ["x" * size for size in sizes]}) for sizes in ([10] * 7, [60, 60], [500], [1])]
    found = [f["text"].str.len_chars().to_list() for f in batched(frames, 4)]
    assert [n for sizes in found for n in sizes] == [10] * 7 + [60, 60, 500, 1]
    assert all(len(sizes) <= 4 and (sum(sizes) <= 100 or len(sizes) == 1) for sizes in found)


def test_a_deduplicator_without_keys_of_its_own_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="only document_deduplicator and document_minhash_deduplicator"):
        ledger(numbered("the account fee"), tmp_path, [Operator("document_line_deduplicator", {})])


def test_files_beside_the_recipe_are_found_and_their_content_counts(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "flagged_words.json").write_text('{"en": ["fee"]}')
    recipe = [Operator("flagged_words_filter", {"lang": "en", "flagged_words_dir": "words", "max_ratio": 0.2})]
    assert [r["outcome"] for r in ledger(numbered("the fee", "the account"), tmp_path, recipe)[0]] == [
        "rejected",
        "kept",
    ]
    before = segments_of(recipe, tmp_path)[0].digest
    (tmp_path / "words" / "flagged_words.json").write_text('{"en": ["account"]}')
    assert segments_of(recipe, tmp_path)[0].digest != before
    assert [r["outcome"] for r in ledger(numbered("the fee", "the account"), tmp_path, recipe)[0]] == [
        "kept",
        "rejected",
    ]
    assert not os.path.exists("words")


AGAIN = [
    Operator("text_length_filter", {"min_len": 3}),
    Operator("remove_specific_chars_mapper", {"chars_to_remove": "x"}),
    Operator("text_length_filter", {"min_len": 3}),
]


def test_a_repeated_filter_judges_the_text_as_it_is_by_then(tmp_path: Path) -> None:
    """Data-Juicer keeps statistics by name, so its second filter sees what the first one measured."""
    from data_juicer.utils.constant import Fields

    assert [r["outcome"] for r in ledger(numbered("xxxa", "abcx"), tmp_path, AGAIN)[0]] == ["rejected", "changed"]
    first, mapper, second = (juicer.load(o) for o in AGAIN)
    samples = first.compute_stats_batched({"text": ["xxxa"], Fields.stats: [{}]})
    samples = second.compute_stats_batched(mapper.process_batched(samples))
    assert samples["text"] == ["a"] and list(second.process_batched(samples)) == [True]


def test_the_explanation_says_where_a_repeated_filter_differs_from_data_juicer(tmp_path: Path) -> None:
    notes = [row["note"] for row in engines_of(AGAIN, tmp_path / "recipe.yaml")]
    assert notes[:2] == ["", ""] and notes[2].startswith("again: judges the text as it is here")
