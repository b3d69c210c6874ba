"""What of the log an upstream read: answers that it wrote, and from which passages.

Belongs here: finding them. Does not belong here: what it may read (`gateway/released.py`), what that means
(`governance/outside.py`)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from genaiops_assets.lake import Lake, in_list
from genaiops_assets.serving.interactions.log import bring_up_to_date, log_name
from genaiops_assets.use_case import UseCase

UPSTREAM = "upstream"  # the provider of such answers, in the log
COLUMNS = ("index_digest", "passages", "finish")
BLOCKED_BEFORE = "content_filter"  # with no passages: a rule on the question held it back, and nothing was sent


def sent_upstream(lake: Lake, uc: UseCase) -> tuple[int, dict[str, int]]:
    """(answers, {source: passages}) of all the log that is kept. A passage that went with two answers counts twice; one
    whose index is gone counts under source ""."""
    rows = answered_upstream(lake, uc)
    by_index: dict[str, Counter[str]] = {}
    for row in rows:
        by_index.setdefault(row["index_digest"] or "", Counter()).update(row["passages"] or ())
    sources = Counter[str]()
    for digest, passages in sorted(by_index.items()):
        known = sources_of(lake, uc, digest, sorted(passages))
        for passage, count in passages.items():
            sources[known.get(passage, "")] += count
    return len(rows), dict(sources)


def answered_upstream(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    if not bring_up_to_date(lake, uc):
        return []
    query = lake.tables.open(log_name(uc)).search().where(f"gen_ai_provider_name = '{UPSTREAM}'")
    rows = query.select(list(COLUMNS)).to_list()
    return [r for r in rows if r["passages"] or r["finish"] != BLOCKED_BEFORE]


def sources_of(lake: Lake, uc: UseCase, digest: str, passages: list[str]) -> dict[str, str]:
    """{passage: source} as an index had them; nothing where that is gone."""
    asset = uc.key("embeddings_index")
    if not passages or not digest or not lake.artifacts.has(asset, digest):
        return {}
    try:
        snapshot = lake.artifacts.get(asset, digest).snapshot(asset)
        return {r["id"]: r["source"] for r in lake.tables.rows(snapshot, ["id", "source"], in_list("id", passages))}
    except KeyError:  # erased
        return {}
