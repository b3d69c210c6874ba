"""Great Expectations on snapshots and as checks: each expectation can fail, parts add up to the whole, memory stays
bounded.

Belongs here: `genaiops_assets.quality` and the adapter in `assets/expectations.py`. Does not belong here: which
thresholds are good."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genaiops_assets.quality.validation as module
from genaiops_assets.corpus import FILTERED
from genaiops_assets.lake import Tables, write_rows
from genaiops_assets.quality import corpus_suite, length_shift, name_of, validate
from genaiops_assets.quality.shift import banded, length_bands
from tests.assets.rows import document, outcomes, snapshot_of
from tests.conftest import PROJECT
from tests.support.lakes import bank_support

# --- each expectation


def test_a_good_corpus_meets_every_expectation(tmp_path: Path) -> None:
    rows = [document(n) for n in range(50)]
    shift = length_shift(Counter(len(r["text"]) for r in rows), 0.01)
    found = outcomes(tmp_path, rows, [shift])
    assert [n for n, o in found.items() if not o.success] == []
    assert (
        found["gx_id_values_to_be_unique"].element_count
        == found["gx_table_row_count_to_be_between"].observed_value
        == 50
    )


@pytest.mark.parametrize(
    ("changes", "failing", "unexpected"),
    [
        ({"text": None}, "gx_text_values_to_not_be_null", 1),
        ({"text": ""}, "gx_text_characters_values_to_be_between", 1),
        ({"text": "x" * 2_000_001}, "gx_text_characters_values_to_be_between", 1),
        ({"license": "do what you like!"}, "gx_license_values_to_match_regex", 1),
        ({"first_seen": 0}, "gx_first_seen_values_to_be_between", 1),
        ({"text_hash": "hash-1"}, "gx_text_hash_values_to_be_unique", 2),
    ],
)
def test_one_bad_row_among_many_fails_its_expectation_and_no_other(
    tmp_path: Path, changes: dict[str, Any], failing: str, unexpected: int
) -> None:
    found = outcomes(tmp_path, [document(n) for n in range(50)] + [document(50, **changes)])
    assert [n for n, o in found.items() if not o.success] == [failing]
    assert found[failing].unexpected_count == unexpected and found[failing].element_count == 51


@pytest.mark.parametrize(
    ("others", "language", "failing"),
    [
        (5, "zh", []),
        (6, "zh", ["gx_language_values_to_be_in_set"]),
        (2, "other", []),
        (3, "other", ["gx_language_values_to_not_be_in_set"]),
    ],
)
def test_language_shares_are_those_of_the_use_case_file(
    tmp_path: Path, others: int, language: str, failing: list[str]
) -> None:
    found = outcomes(tmp_path, [document(n, language=language if n < others else "en") for n in range(50)])
    assert [n for n, o in found.items() if not o.success] == failing
    assert found["gx_language_values_to_be_in_set"].unexpected_percent == 2 * others


def test_titles_count_only_when_the_use_case_wants_them(tmp_path: Path) -> None:
    rows = [document(n, title="" if n < 10 else "Fees") for n in range(50)]
    assert outcomes(tmp_path, rows)["gx_title_values_to_match_regex"].success
    strict = ("ExpectColumnValuesToMatchRegex", {"column": "title", "regex": r"\S", "mostly": 0.81})
    (found,) = validate(*snapshot_of(tmp_path / "again", rows), [strict])
    assert not found.success and found.unexpected_count == 10


def test_an_empty_corpus_fails_by_its_row_count(tmp_path: Path) -> None:
    assert [n for n, o in outcomes(tmp_path, []).items() if not o.success] == ["gx_table_row_count_to_be_between"]


def test_a_missing_a_further_and_a_retyped_column_are_named(tmp_path: Path) -> None:
    import pyarrow as pa

    changed = pa.schema(
        [f if f.name != "first_seen" else pa.field("first_seen", pa.string()) for f in FILTERED if f.name != "license"]
    )
    tables = Tables(tmp_path / "tables")
    write_rows(
        tmp_path / "rows.parquet", changed, [{k: v for k, v in document(1, first_seen="1").items() if k != "license"}]
    )
    snapshot = tables.sync("bank/filtered_corpus", tmp_path / "rows.parquet").snapshot
    found = {
        name_of(o.expectation, o.arguments): o
        for o in validate(tables, snapshot, corpus_suite(bank_support(), FILTERED))
    }
    schema, licence = found["gx_table_columns_to_match_set"], found["gx_license_values_to_match_regex"]
    assert not schema.success and "first_seen: string" in schema.note and "license: string" in schema.note
    assert not licence.success and "no column license" in licence.note
    assert not found["gx_first_seen_values_to_be_between"].success and found["gx_first_seen_values_to_be_between"].note


def test_an_expectation_nobody_reduced_is_refused_and_not_skipped(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ExpectColumnMeanToBeBetween"):
        validate(
            *snapshot_of(tmp_path, [document(1)]),
            [("ExpectColumnMeanToBeBetween", {"column": "first_seen", "min_value": 0})],
        )


# --- lengths against an earlier snapshot


def test_bands_are_tenths_and_equal_lengths_stay_together() -> None:
    lengths = Counter(range(1, 101))
    edges = length_bands(lengths)
    assert edges == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert list(banded(lengths, edges).values()) == [10] * 10
    assert length_bands(Counter({7: 1000})) == [] and sum(banded(Counter({7: 3, 9: 1}), []).values()) == 4
    assert sum(banded(lengths, length_bands(Counter({5: 900, 6: 1, 9: 99}))).values()) == 100


def test_divergence_is_what_its_definition_says(tmp_path: Path) -> None:
    from math import log

    before = Counter({10: 50, 100: 50})
    rows = [document(n, text="x" * (10 if n < 80 else 100)) for n in range(100)]
    name, arguments = length_shift(before, 0.25)
    (found,) = validate(*snapshot_of(tmp_path, rows), [(name, arguments)])
    assert found.observed_value == pytest.approx(0.8 * log(0.8 / 0.5) + 0.2 * log(0.2 / 0.5)) and found.success
    (stricter,) = validate(*snapshot_of(tmp_path / "again", rows), [(name, {**arguments, "threshold": 0.1})])
    assert not stricter.success


# --- parts and the whole


def test_counts_in_small_parts_equal_those_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        document(
            n,
            license="MIT" if n % 7 else "bad licence!",
            first_seen=n % 5,
            text=None if n % 11 == 0 else "x" * (n % 97),
        )
        for n in range(3000)
    ]
    suite = corpus_suite(bank_support(), FILTERED)
    tables, snapshot = snapshot_of(tmp_path, rows)
    whole = validate(tables, snapshot, suite)
    monkeypatch.setattr(module, "DISTINCT", 3)
    assert validate(tables, snapshot, suite) == whole
    counts = {name_of(o.expectation, o.arguments): o.unexpected_count for o in whole}
    assert counts["gx_license_values_to_match_regex"] == sum(r["license"] != "MIT" for r in rows)
    assert counts["gx_first_seen_values_to_be_between"] == sum(r["first_seen"] < 1 for r in rows)
    assert counts["gx_text_values_to_not_be_null"] == sum(r["text"] is None for r in rows)
    assert counts["gx_text_characters_values_to_be_between"] == sum(r["text"] == "" for r in rows)


def test_the_reduction_decides_as_great_expectations_does_on_the_whole_column(tmp_path: Path) -> None:
    rows = [
        document(
            n,
            title="" if n % 3 else "Fees",
            language=["en", "zh", "other"][n % 3],
            license="MIT" if n % 9 else "?",
            text_hash=f"h{n // 2}",
        )
        for n in range(60)
    ]
    suite = [
        (name, arguments)
        for name, arguments in corpus_suite(bank_support(), FILTERED)
        if arguments.get("column") in ("title", "language", "license", "text_hash", "first_seen", "id")
    ]
    for outcome in validate(*snapshot_of(tmp_path, rows), suite):
        column = outcome.arguments["column"]
        direct = module.evaluate({column: [r[column] for r in rows]}, outcome.expectation, outcome.arguments)
        assert (outcome.success, outcome.unexpected_count) == (direct["success"], len(direct["unexpected"])), outcome


def test_equal_hashes_of_different_values_are_no_duplicates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(module, "hashed", lambda values: np.zeros(len(values.drop_null()), np.uint64))
    assert outcomes(tmp_path, [document(n) for n in range(20)])["gx_id_values_to_be_unique"].success


BOUNDED = """
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from genaiops_assets.corpus import FILTERED
from genaiops_assets.lake import Tables
from genaiops_assets.quality import corpus_suite, length_counts, length_shift, validate
from genaiops_assets.quality.evaluating import engine
from tests.support.lakes import bank_support
from tests.support.memory import peak
folder, rows, length = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if sys.argv[4] == "write":
    schema = FILTERED.append(pa.field("row_hash", pa.string()))
    with pq.ParquetWriter(folder / "rows.parquet", schema) as writer:
        for start in range(0, rows, 5000):
            ids = [f"doc-{i:08d}" for i in range(start, min(rows, start + 5000))]
            same = lambda value: [value] * len(ids)
            texts = [(i + " ") * (length // 13 + hash(i) % 7) for i in ids]
            columns = [ids, same("s"), same("t"), texts, ids, same("en"), same("MIT"), same(1), ids]
            writer.write_table(pa.table(columns, schema=schema))
    snapshot = Tables(folder / "tables").sync("bank/filtered_corpus", folder / "rows.parquet").snapshot
    print(snapshot.version, snapshot.digest)
else:
    from genaiops_assets.lake import Snapshot
    engine()
    before = peak()
    tables, snapshot = Tables(folder / "tables"), Snapshot("bank/filtered_corpus", int(sys.argv[5]), sys.argv[6], rows)
    suite = [*corpus_suite(bank_support(), FILTERED), length_shift(length_counts(tables, snapshot), 0.25)]
    assert all(o.success for o in validate(tables, snapshot, suite))
    print(before, peak())
"""


def measured(folder: Path, rows: int, length: int) -> tuple[int, int]:
    """(MiB before, MiB at most) of a process that validates `rows` documents of `length` characters."""

    def run(*arguments: str) -> list[str]:
        command = [sys.executable, "-c", BOUNDED, str(folder), str(rows), str(length), *arguments]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.split()

    version, digest = run("write")
    before, most = run("read", version, digest)
    return int(before), int(most)


def test_memory_does_not_grow_with_the_text(tmp_path: Path) -> None:
    """200 MB of text: the whole process, Great Expectations loaded, stays below 1 GiB and takes less for it than the
    text is long."""
    before, most = measured(tmp_path, 100_000, 2000)
    assert most < 1024 and most - before < 300, (before, most)
