"""Personal data taken out of exchanges before they are stored, by the engine and the rules that the corpus has.

Belongs here: which columns are masked, and stand-ins for identifiers. Does not belong here: the rules
(`genaiops_assets.privacy`), storing (`log.py`). What the use case keeps in its corpus is masked here all the same: what
people type is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from genaiops_assets.lake import Lake, keyed_hash
from genaiops_assets.privacy import Ner, find_all, open_ner, redact

MASK = {"default": "mask"}
TEXTS = ("question", "answer")
# Columns that are ours in our own exchanges, and anybody's in imported ones.
IMPORTED = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_response_model", "prompt_version", "index_digest")
LONGEST_ID = 128


@lru_cache(maxsize=2)
def names_model(ner: str) -> Ner | None:
    return open_ner(ner)


def masked_exchanges(exchanges: Sequence[dict[str, Any]], ner: str = "none") -> list[dict[str, Any]]:
    """The exchanges with every text masked and `masked`, the kinds that were found, sorted and comma-separated. `ner`:
    who finds names, as `privacy.ner` of the use case says. Raises NerMissing."""
    texts = [text for exchange in exchanges for text in texts_of(exchange)]
    redacted = iter(redact(texts, MASK, names_model(ner)))
    return [with_masked(exchange, redacted) for exchange in exchanges]


def texts_of(exchange: dict[str, Any]) -> list[str]:
    outside = exchange["channel"] == "import"
    named = [exchange.get(column) or "" for column in (*TEXTS, *(IMPORTED if outside else ()))]
    return [*named, *(exchange.get("passages") or () if outside else ())]


def with_masked(exchange: dict[str, Any], redacted: Any) -> dict[str, Any]:
    """The exchange with the next texts of `redacted`, in the order of `texts_of`. Kinds that were taken out before, of
    an exchange that comes masked, stay named."""
    outside, found = exchange["channel"] == "import", dict(exchange)
    kinds = set(filter(None, (exchange.get("masked") or "").split(",")))
    for column in (*TEXTS, *(IMPORTED if outside else ())):
        made = next(redacted)
        found[column] = made.text
        kinds |= made.counts.keys()
    if outside:
        passages = [next(redacted) for _ in exchange.get("passages") or ()]
        found["passages"] = [made.text for made in passages]
        kinds |= {kind for made in passages for kind in made.counts}
    return found | {"masked": ",".join(sorted(kinds))}


def stand_in(lake: Lake, text: str) -> str:
    """32 hex digits in place of a text: equal for equal texts of one lake, and nothing without its key."""
    return keyed_hash(lake.store, text).rpartition(":")[2]


def conversation_of(lake: Lake, name: str | None) -> str:
    """Conversations stay apart, but nobody can tell or guess who had them: their ids often hold a person's."""
    return stand_in(lake, f"conversation:{name}")[:16] if name else ""


def safe_ids(lake: Lake, given: Sequence[str]) -> list[str]:
    """Identifiers from outside as they are, or stand-ins for those that hold personal data or are no plain names."""
    found = find_all(list(given))
    plain = [g.isprintable() and len(g) <= LONGEST_ID and not f for g, f in zip(given, found, strict=True)]
    return [g if ok else stand_in(lake, f"id:{g}") for g, ok in zip(given, plain, strict=True)]


def unmasked(rows: Sequence[dict[str, Any]]) -> dict[str, set[str]]:
    """Interaction id → kinds of personal data that the rules still find in its stored columns; a log of earlier rules
    may hold some. Passages count in imported rows only: ours are ids of our own index."""
    columns = [[r["id"], *(r.get(c) or "" for c in (*TEXTS, *IMPORTED)), *imported_passages(r)] for r in rows]
    findings = iter(find_all([text for texts in columns for text in texts]))
    found = {texts[0]: {f.kind for _ in texts for f in next(findings)} for texts in columns}
    return {row_id: kinds for row_id, kinds in found.items() if kinds}


def imported_passages(row: dict[str, Any]) -> list[str]:
    return list(row["passages"] or []) if row["channel"] == "import" else []
