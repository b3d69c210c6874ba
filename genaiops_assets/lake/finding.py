"""Finding rows in all versions of a table, and the digest behind each tag: what an erasure begins with.

Belongs here: looking. Does not belong here: writing tables anew (`rewriting.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake.rows import digest_of_rows, in_list
from genaiops_assets.lake.snapshots import names_rows, physical
from genaiops_assets.lake.tables import Tables

Pair = tuple[str, str]  # (row id, row hash)
ID_BATCH, FEW, BATCH = 500, 2000, 1024


class NotAsPublished(GenaiopsError, ValueError):
    """A table's version does not have the digest in its tag: nothing may be erased from it before that is explained."""


@dataclass(frozen=True)
class Found:
    """Rows of one table that shall go. `states`: digest of every tagged version → those of the rows it holds (it may
    hold none); `remaining`: the same → digest of the rows that stay."""

    table: str
    pairs: list[Pair]
    states: dict[str, list[Pair]]
    remaining: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        place = {pair: n for n, pair in enumerate(self.pairs)}
        held = {digest: [place[p] for p in pairs] for digest, pairs in sorted(self.states.items())}
        kept = {"remaining": self.remaining} if self.remaining else {}
        return {"table": self.table, "rows": [list(p) for p in self.pairs], "snapshots": held, **kept}

    @staticmethod
    def from_dict(content: dict[str, Any]) -> Found:
        pairs = [(i, h) for i, h in content["rows"]]
        states = {d: [pairs[n] for n in held] for d, held in content["snapshots"].items()}
        return Found(content["table"], pairs, states, dict(content.get("remaining", {})))


@dataclass(frozen=True)
class Before:
    """What is known of a snapshot that was erased from: digests of the rows that stayed, and, from proofs of earlier
    versions, the erased (id, row hash) pairs themselves."""

    remaining: frozenset[str] = frozenset()
    pairs: tuple[Pair, ...] = ()

    def and_then(self, remaining: str, pairs: Iterable[Pair]) -> Before:
        return Before(self.remaining | ({remaining} if remaining else set()), (*self.pairs, *pairs))


def tables_of(tables: Tables, use_case: str) -> list[str]:
    """Names of all tables of a use case, as `use_case/name`."""
    start = f"{physical(use_case)}__"
    return sorted(f"{use_case}/{n.removeprefix(start)}" for n in tables.names() if n.startswith(start))


def find(
    tables: Tables,
    name: str,
    columns: Sequence[str],
    choose: Callable[[dict[str, Any]], bool],
    earlier: Mapping[str, Before] | None = None,
) -> Found:
    """The rows of a table that `choose` wants, in every version there still is, tagged or not. Each distinct row is
    read once, with those of `columns` its version has. `earlier`: digest → what was erased from that snapshot before.
    Raises NotAsPublished."""
    judged: dict[Pair, bool] = {}
    tagged = tags_by_version(tables.open(name))
    states: dict[str, list[Pair]] = {}
    remaining: dict[str, str] = {}
    for version in sorted(v["version"] for v in tables.open(name).list_versions()):
        table = tables.open(name)
        table.checkout(version)
        present = pairs_in(table)
        fresh = [p for p in present if p not in judged]
        for row in rows_with(table, columns, fresh):
            judged[row["id"], row["row_hash"]] = choose(row)
        chosen = [p for p in present if judged[p]]
        for tag in tagged.get(version, ()):
            digest = digest_behind(name, tag, present, earlier or {})
            states[digest], remaining[digest] = sorted(chosen), digest_of_pairs(set(present) - set(chosen))
    return Found(name, sorted(p for p, wanted in judged.items() if wanted), states, remaining)


def rows_of(tables: Tables, name: str, columns: Sequence[str], pairs: Iterable[Pair]) -> Iterator[dict[str, Any]]:
    """Those rows of a table, each once, from whatever versions hold them."""
    left = set(pairs)
    for version in sorted((v["version"] for v in tables.open(name).list_versions()), reverse=True):
        if not left:
            return
        table = tables.open(name)
        table.checkout(version)
        for row in rows_with(table, columns, [p for p in pairs_in(table) if p in left]):
            left.discard((row["id"], row["row_hash"]))
            yield row


def tags_by_version(table: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for tag, about in table.tags.list().items():
        found.setdefault(int(about["version"]), []).append(tag)
    return found


def pairs_in(table: Any) -> list[Pair]:
    stored = table.search().select(["id", "row_hash"]).to_arrow()
    return list(zip(stored.column("id").to_pylist(), stored.column("row_hash").to_pylist(), strict=True))


def rows_with(table: Any, columns: Sequence[str], pairs: list[Pair]) -> Iterator[dict[str, Any]]:
    """Those rows of an open table, with the columns it has."""
    wanted, ids = set(pairs), sorted({i for i, _ in pairs})
    there = [c for c in dict.fromkeys(["id", "row_hash", *columns]) if c in table.schema.names]
    conditions = (
        [in_list("id", ids[n : n + ID_BATCH]) for n in range(0, len(ids), ID_BATCH)] if len(ids) <= FEW else [""]
    )
    for condition in conditions:
        query = table.search().where(condition) if condition else table.search()
        for batch in query.select(there).to_batches(BATCH):
            yield from (r for r in batch.to_pylist() if (r["id"], r["row_hash"]) in wanted)


def digest_behind(name: str, tag: str, present: list[Pair], earlier: Mapping[str, Before]) -> str:
    """The whole digest of a tagged version: of its rows, or the one that earlier erasures say these rows are left of.
    Raises NotAsPublished."""
    now = digest_of_pairs(present)
    if names_rows(tag, now):
        return now
    for digest, before in earlier.items():
        if names_rows(tag, digest) and (
            now in before.remaining or digest_of_pairs({*present, *before.pairs}) == digest
        ):
            return digest
    raise NotAsPublished(
        f"tables/{name}@{tag}: rows do not match the digest; run genaiops verify before anything is erased"
    )


def digest_of_pairs(pairs: Collection[Pair]) -> str:
    return digest_of_rows([i for i, _ in pairs], [h for _, h in pairs])
