"""Validation: Great Expectations on a snapshot of any size, in bounded memory, in one pass over the columns it needs.

Belongs here: the reduction of a table to what an expectation looks at, and running the expectation on that. Great
Expectations itself evaluates every expectation; what it is given is smaller than the table and decides the same way:

- expectations on single values get each distinct value once; counts are restored from how often it stands in the table;
- uniqueness gets the values that stand there more than once, found by 64-bit hashes and then compared as they are;
- texts are replaced by their lengths, bands of lengths or a mark that they are there; the row count gets a column of
ones; the schema an empty table.

Does not belong here: calling Great Expectations (`evaluating.py`), which expectations there are, Dagster, files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import Snapshot, Tables
from genaiops_assets.quality.evaluating import evaluate
from genaiops_assets.quality.shift import COLUMN as BAND
from genaiops_assets.quality.shift import banded
from genaiops_assets.quality.suites import Expectation, schema_names

DISTINCT = 200_000  # distinct values of a column held before Great Expectations sees them
SCHEMA, ROWS, UNIQUE, SHIFT = (
    "ExpectTableColumnsToMatchSet",
    "ExpectTableRowCountToBeBetween",
    "ExpectColumnValuesToBeUnique",
    "ExpectColumnKLDivergenceToBeLessThan",
)
PRESENT = "ExpectColumnValuesToNotBeNull"
BY_VALUE = {
    PRESENT,
    "ExpectColumnValuesToMatchRegex",
    "ExpectColumnValuesToBeInSet",
    "ExpectColumnValuesToNotBeInSet",
    "ExpectColumnValuesToBeBetween",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation. Counts are of the table's rows; no value of the table is in it."""

    expectation: str
    arguments: dict[str, Any]
    success: bool
    element_count: int | None = None
    missing_count: int | None = None
    unexpected_count: int | None = None
    unexpected_percent: float | None = None
    observed_value: float | int | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if v is not None and v != ""}


@dataclass
class Tally:
    """A running count over the distinct values of a column, evaluated by Great Expectations part by part."""

    expectation: str
    arguments: dict[str, Any]
    elements: int = 0
    missing: int = 0
    unexpected: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, counts: Counter[Any]) -> None:
        if self.expectation == PRESENT:
            counts = Counter({1: counts.total() - counts[None], None: counts[None]})
        values = [v for v, n in counts.items() if n]
        weights = [counts[v] for v in values]
        self.elements += sum(weights)
        self.missing += counts[None]
        if values:
            found = evaluate({self.arguments["column"]: values}, self.expectation, self.arguments)
            self.problems += [found["problem"]] if found["problem"] else []
            self.unexpected += sum(weights[i] for i in found["unexpected"])

    def outcome(self) -> Outcome:
        judged = self.elements if self.expectation == PRESENT else self.elements - self.missing
        share = self.unexpected / judged if judged else 0.0
        success = not self.problems and (
            not judged or (judged - self.unexpected) / judged >= self.arguments.get("mostly", 1.0)
        )
        counts = (self.elements, self.missing, self.unexpected, round(100 * share, 6))
        return Outcome(self.expectation, self.arguments, success, *counts, note="; ".join(sorted(set(self.problems))))


@dataclass
class Scan:
    """One pass over a table: what all its expectations need of it, gathered batch by batch."""

    tallies: list[Tally]
    uniques: set[str]
    wants_lengths: bool
    rows: int = 0
    counts: dict[str, Counter[Any]] = field(default_factory=dict)
    hashes: dict[str, list[Any]] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)

    @property
    def columns(self) -> set[str]:
        return {t.arguments["column"] for t in self.tallies}

    @property
    def read_as_they_are(self) -> set[str]:
        """Columns whose values matter, not only whether they are there."""
        return {t.arguments["column"] for t in self.tallies if t.expectation != PRESENT}

    def add(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        for column in self.columns:
            found = self.counts.setdefault(column, Counter())
            found.update(value_counts(batch, column, column in self.read_as_they_are))
            if len(found) >= DISTINCT:
                self.judge(column)
        for column in self.uniques:
            self.hashes.setdefault(column, []).append(hashed(batch.column(column)))
        if self.wants_lengths:
            self.lengths.update(
                {k: n for k, n in value_counts(batch, "text_characters", True).items() if k is not None}
            )

    def judge(self, column: str) -> None:
        """Show Great Expectations what was counted so far, and count anew."""
        counts = self.counts.pop(column, Counter())
        for tally in self.tallies:
            if tally.arguments["column"] == column:
                tally.add(counts)


def validate(tables: Tables, snapshot: Snapshot, suite: Sequence[Expectation]) -> list[Outcome]:
    """One outcome for each expectation, in their order. Raises KeyError when the snapshot is gone, ValueError on an
    expectation that there is no reduction for."""
    unknown = [name for name, _ in suite if name not in BY_VALUE | {SCHEMA, ROWS, UNIQUE, SHIFT}]
    if unknown:
        raise ValueError(f"{unknown[0]}: no reduction; add one to genaiops_assets/quality/validation.py")
    schema = tables.at(snapshot).schema
    missing = {a["column"] for name, a in suite if name in BY_VALUE | {UNIQUE} and stored(a["column"], schema) is None}
    tallies = {
        i: Tally(name, a) for i, (name, a) in enumerate(suite) if name in BY_VALUE and a["column"] not in missing
    }
    uniques = {a["column"] for name, a in suite if name == UNIQUE} - missing
    scan = Scan(list(tallies.values()), uniques, wants_lengths=any(name == SHIFT for name, _ in suite))
    wanted = scan.columns | uniques | ({"text_characters"} if scan.wants_lengths else set()) or {"id"}
    for batch in tables.batches(snapshot, sorted({stored(c, schema) or c for c in wanted})):
        scan.add(batch)
    for column in scan.columns:
        scan.judge(column)
    repeated = {c: repeats(tables, snapshot, c, scan.hashes.pop(c, [])) for c in uniques}

    def outcome(index: int, name: str, arguments: dict[str, Any]) -> Outcome:
        if arguments.get("column") in missing:
            return Outcome(name, arguments, False, note=f"there is no column {arguments['column']}")
        if index in tallies:
            return tallies[index].outcome()
        if name == UNIQUE:
            return unique_outcome(arguments, scan.rows, *repeated[arguments["column"]])
        return (
            shift_outcome(arguments, scan.lengths)
            if name == SHIFT
            else table_outcome(name, arguments, scan.rows, schema)
        )

    return [outcome(i, name, arguments) for i, (name, arguments) in enumerate(suite)]


def stored(column: str, schema: pa.Schema) -> str | None:
    """The stored column that an expectation's column comes from; None when the table has none."""
    if column in schema.names:
        return column
    source = column.removesuffix("_characters")
    return source if source in schema.names else None


def value_counts(batch: pa.RecordBatch, column: str, whole: bool) -> dict[Any, int]:
    """How often each value stands in a batch; where only presence counts, the values are not looked at."""
    import pyarrow.compute as pc

    if column in batch.schema.names:
        values = batch.column(column)
        if not whole:
            return {1: len(values) - values.null_count, None: values.null_count}
    else:
        values = pc.utf8_length(batch.column(column.removesuffix("_characters")))
    return {e["values"]: e["counts"] for e in pc.value_counts(values).to_pylist()}


def hashed(values: pa.Array) -> Any:
    """64-bit hashes of the values that are there."""
    import polars as pl

    series = pl.Series(values.drop_null())
    return series.hash(seed=17).to_numpy()


def repeats(tables: Tables, snapshot: Snapshot, column: str, hashes: list[Any]) -> tuple[int, Counter[Any]]:
    """(values that are there, {value: rows} of those that stand there more than once)"""
    import numpy as np

    everything = np.sort(np.concatenate(hashes)) if hashes else np.empty(0, np.uint64)
    twice = np.unique(everything[1:][everything[1:] == everything[:-1]])
    counts: Counter[Any] = Counter()
    for batch in tables.batches(snapshot, [column]) if len(twice) else ():
        values = batch.column(0).drop_null()
        chosen = np.isin(hashed(values), twice)
        counts.update(values.filter(pa.array(chosen)).to_pylist())
    return len(everything), Counter({v: n for v, n in counts.items() if n > 1})


def unique_outcome(arguments: dict[str, Any], rows: int, there: int, repeated: Counter[Any]) -> Outcome:
    """Each repeated value is shown twice, beside one that is not repeated."""
    values = [v for v in repeated for _ in range(2)]
    found = evaluate(
        {arguments["column"]: values or ["the values, each of which stands there once"]}, UNIQUE, arguments
    )
    unexpected = sum(repeated[v] for v in {values[i] for i in found["unexpected"]})
    share = round(100 * unexpected / there, 6) if there else 0.0
    return Outcome(UNIQUE, arguments, found["success"], rows, rows - there, unexpected, share, note=found["problem"])


def shift_outcome(arguments: dict[str, Any], lengths: Counter[int]) -> Outcome:
    import numpy as np

    labels = banded(lengths, arguments["meta"]["edges"])
    values = np.repeat(np.array(list(labels), object), list(labels.values()))
    found = evaluate({BAND: values}, SHIFT, arguments)
    return Outcome(
        SHIFT, arguments, found["success"], len(values), observed_value=found["observed"], note=found["problem"]
    )


def table_outcome(name: str, arguments: dict[str, Any], rows: int, schema: pa.Schema) -> Outcome:
    import numpy as np

    if name == SCHEMA:
        found = evaluate({c: [] for c in schema_names(schema)}, name, arguments)
        wrong = sorted(set(schema_names(schema)) ^ set(arguments["column_set"]))
        note = f"differs in {', '.join(wrong)}" if wrong else ""
        return Outcome(name, arguments, found["success"], observed_value=len(schema), note=found["problem"] or note)
    found = evaluate({"row": np.ones(rows, np.int8)}, name, arguments)
    return Outcome(name, arguments, found["success"], observed_value=rows, note=found["problem"])
