"""Shift: the lengths of a table's texts against those of an earlier snapshot, as an expectation of Great Expectations.

Belongs here: bands of lengths (the earlier snapshot's deciles) and the expectation that the divergence from them is
small. Does not belong here: which snapshot is the earlier one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from genaiops_assets.lake import Snapshot, Tables
from genaiops_assets.quality.suites import Expectation

BANDS = 10
COLUMN = "text_characters_band"


def length_counts(tables: Tables, snapshot: Snapshot, column: str = "text") -> Counter[int]:
    """{characters: texts}; nulls are left out. Raises KeyError when the snapshot is gone."""
    import pyarrow.compute as pc

    counts: Counter[int] = Counter()
    for batch in tables.batches(snapshot, [column]):
        for entry in pc.value_counts(pc.utf8_length(batch.column(0))).to_pylist():
            if entry["values"] is not None:
                counts[entry["values"]] += entry["counts"]
    return counts


def length_bands(counts: Counter[int]) -> list[int]:
    """Upper edges of bands that hold about a tenth of the texts each; the last band is open. Equal lengths share a
    band."""
    total, seen, edges = sum(counts.values()), 0, []  # type: int, int, list[int]
    for length in sorted(counts):
        seen += counts[length]
        if seen * BANDS >= (len(edges) + 1) * total and seen < total:
            edges.append(length)
    return edges


def band_label(edges: list[int], index: int) -> str:
    low = edges[index - 1] + 1 if index else 0
    return f"{low}-{edges[index]}" if index < len(edges) else f"{low} or more"


def banded(counts: Counter[int], edges: list[int]) -> dict[str, int]:
    from bisect import bisect_left

    found = dict.fromkeys((band_label(edges, i) for i in range(len(edges) + 1)), 0)
    for length, texts in counts.items():
        found[band_label(edges, bisect_left(edges, length))] += texts
    return found


def length_shift(earlier: Counter[int], threshold: float) -> Expectation:
    """The expectation that the Kullback-Leibler divergence of a table's lengths from the earlier ones stays at or
    below `threshold` (nats; 0.1 is about a Population Stability Index of 0.2)."""
    edges = length_bands(earlier)
    bands = banded(earlier, edges)
    weights = [n / sum(bands.values()) for n in bands.values()]
    arguments: dict[str, Any] = {
        "column": COLUMN,
        "partition_object": {"values": list(bands), "weights": weights},
        "threshold": threshold,
        "meta": {"edges": edges},
    }
    return "ExpectColumnKLDivergenceToBeLessThan", arguments
