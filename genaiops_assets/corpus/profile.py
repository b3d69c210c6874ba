"""Diversity of a corpus: whom it mentions, where its text comes from, how varied its words are, and how much of it
repeats.

Belongs here: pure figures from counts, tokens and batches. Does not belong here: topic clusters (payload
`profile_corpus`, which needs scikit-learn), and what share is too much (the use case's `data_bias`, judged in
`governance`)."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import polars as pl
import yaml

MTLD_THRESHOLD = 0.72
LEXICAL_DEFINITION = (
    "MTLD (McCarthy and Jarvis 2010, threshold 0.72, mean of forward and backward) and type-token ratio over the "
    "first tokens of a seeded "
    "sample; a token is a word, or one character of Chinese, so the two languages cannot be compared"
)
IGNORED = "ignored"  # words that hold a term and mean something else
NEAR = ("minhash", "simhash")  # in the names of operators that drop near duplicates


def entropy(counts: Mapping[str, float]) -> dict[str, float]:
    """Shannon entropy of the shares: {"bits", "normalised"}; normalised is bits over log2 of the number of non-empty
    classes, 0 for one class."""
    present = [c for c in counts.values() if c > 0]
    total = sum(present)
    bits = -sum(c / total * math.log2(c / total) for c in present) if total else 0.0
    most = math.log2(len(present)) if len(present) > 1 else 0.0
    return {"bits": round(abs(bits), 6), "normalised": round(bits / most, 6) if most else 0.0}


def mtld(tokens: Sequence[str]) -> float:
    """Measure of textual lexical diversity: mean length of a run whose type-token ratio stays above 0.72. 0 for no
    tokens."""
    if not tokens:
        return 0.0
    return (_mtld_one_way(tokens) + _mtld_one_way(tokens[::-1])) / 2


def _mtld_one_way(tokens: Sequence[str]) -> float:
    factors, start, types = 0.0, 0, set[str]()
    for place, token in enumerate(tokens, start=1):
        types.add(token)
        if len(types) / (place - start) <= MTLD_THRESHOLD:
            factors, start, types = factors + 1, place, set()
    if start < len(tokens):
        factors += (1 - len(types) / (len(tokens) - start)) / (1 - MTLD_THRESHOLD)
    return len(tokens) / factors if factors else float(len(tokens))


def lexical_diversity(tokens: Sequence[str]) -> dict[str, float]:
    """{"tokens", "types", "type_token_ratio", "mtld"} of one language's tokens; compare only samples of like size."""
    types = len(set(tokens))
    ratio = types / len(tokens) if tokens else 0.0
    return {"tokens": len(tokens), "types": types, "type_token_ratio": round(ratio, 6), "mtld": round(mtld(tokens), 3)}


def duplication(ledger: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """From rows with outcome and operator: how many repeat another, exactly or nearly, of all that could be read
    (quarantined ones could not)."""
    operators: Counter[str] = Counter()
    read = 0
    for row in ledger:
        read += row["outcome"] != "quarantined"
        if row["outcome"] == "duplicate":
            operators[row["operator"]] += 1
    near = sum(n for name, n in operators.items() if any(part in name for part in NEAR))
    exact = operators.total() - near
    rate = lambda n: round(n / read, 6) if read else 0.0  # noqa: E731
    return {
        "rows_read": read,
        "by_operator": dict(sorted(operators.items())),
        "exact": exact,
        "near": near,
        "exact_rate": rate(exact),
        "near_rate": rate(near),
        "rate": rate(exact + near),
    }


class GroupMentions:
    """Mentions of groups of people by the terms of `group_terms.yaml`, over batches."""

    def __init__(self) -> None:
        self._terms: Counter[str] = Counter()

    def add(self, texts: pl.Series) -> None:
        found = texts.str.extract_all(_any_term()).explode().drop_nulls().str.to_lowercase().value_counts(name="n")
        self._terms.update(dict(found.iter_rows()))

    def figures(self) -> dict[str, dict[str, int]]:
        """{category: {group: mentions}}, groups without a mention at 0."""
        return {
            category: {
                group: sum(self._terms[t] for terms in words.values() for t in terms) for group, words in groups.items()
            }
            for category, groups in group_terms().items()
            if category != IGNORED
        }


@cache
def group_terms() -> dict[str, dict[str, dict[str, list[str]]]]:
    """{category: {group: {"en": terms, "zh": terms}}}."""
    return yaml.safe_load(files("genaiops_assets.corpus").joinpath("group_terms.yaml").read_text("utf-8"))


@cache
def _any_term() -> str:
    every = [words for groups in group_terms().values() for words in groups.values()]

    def longest(tongue: str) -> str:
        return "|".join(map(re.escape, sorted((t for w in every for t in w[tongue]), key=lambda t: (-len(t), t))))

    # borders by ASCII: Unicode ones cost two hundred times as much
    return rf"(?i-u:\b(?:{longest('en')})\b)|{longest('zh')}"


def domain_of(origin: str) -> str | None:
    """The host of an http(s) origin, lower case, without a leading "www." and port; None where the origin is no such
    URL."""
    if not origin.startswith(("http://", "https://")):
        return None
    try:
        host = (urlsplit(origin).hostname or "").rstrip(".")
    except ValueError:  # a broken address in brackets
        return None
    return host.removeprefix("www.") or None


def domains_by_volume(volumes: Mapping[str, tuple[int, int]], share: float = 0.1) -> list[dict[str, Any]]:
    """The largest domains, {domain: (bytes, documents)} in: as many as `share` of their number, rounded up; ties by
    name."""
    ranked = sorted(volumes.items(), key=lambda v: (-v[1][0], v[0]))
    return [{"domain": d, "bytes": b, "documents": n} for d, (b, n) in ranked[: math.ceil(share * len(ranked) - 1e-9)]]


class Sample:
    """The `size` ids whose seeded hash is smallest: the same ids in whatever order they come."""

    def __init__(self, size: int, seed: int):
        self._size, self._key, self._heap = size, str(seed).encode(), list[tuple[int, str]]()

    def add(self, ids: Iterable[str]) -> None:
        for name in ids:
            rank = -int.from_bytes(blake2b(name.encode(), key=self._key, digest_size=8).digest())
            if len(self._heap) < self._size:
                heapq.heappush(self._heap, (rank, name))
            elif rank > self._heap[0][0]:
                heapq.heapreplace(self._heap, (rank, name))

    def ids(self) -> list[str]:
        """In the order of the hash: any beginning of it is a sample, too."""
        return [name for _, name in sorted(self._heap, reverse=True)]
