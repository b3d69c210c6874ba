"""Claims: values in a document that name the artifact they came from.

Belongs here: making, finding and verifying claims. Does not belong here: what a document says
(`model_card.py`, `datasheet.py`), how it looks (`render.py`), or where artifacts are stored (`lake`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from genaiops_assets.evidence.pointers import resolve_pointer

CLAIM_KEYS = frozenset({"value", "asset", "digest", "pointer"})


class Evidence(NamedTuple):
    """A published JSON document, and the asset and digest under which it can be found again."""

    asset: str
    digest: str
    document: dict[str, Any]


def claim(evidence: Evidence, pointer: str, *, note: str | None = None) -> dict[str, Any]:
    """The value at `pointer` with its source: {value, asset, digest, pointer} and, where given, {note}.

    KeyError names the asset and the pointer if there is no such value.
    """
    try:
        value = resolve_pointer(evidence.document, pointer)
    except KeyError as missing:
        raise KeyError(f"{evidence.asset} has no {pointer}: {missing.args[0]}") from None
    made = {"value": copy.deepcopy(value), "asset": evidence.asset, "digest": evidence.digest, "pointer": pointer}
    return made if note is None else {**made, "note": note}


def has(evidence: Evidence, pointer: str) -> bool:
    """Whether the evidence holds a value there; for parts of a document that may be absent."""
    try:
        resolve_pointer(evidence.document, pointer)
    except KeyError:
        return False
    return True


def is_claim(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() >= CLAIM_KEYS


def find_claims(document: Any) -> list[dict[str, Any]]:
    """All claims in a JSON document, in document order."""
    return list(_walk(document))


def verify_claims(document: Any, load: Callable[[str, str], dict[str, Any]]) -> list[str]:
    """What is wrong with the claims of a document, one sentence each; an empty list means all hold.

    `load(asset, digest)` returns the artifact's document, or raises LookupError, OSError or ValueError if there is
    none."""
    problems = (_problem(made, load) for made in find_claims(document))
    return [problem for problem in problems if problem]


def _problem(made: dict[str, Any], load: Callable[[str, str], dict[str, Any]]) -> str | None:
    source = f"{made['asset']}@{made['digest']}#{made['pointer']}"
    try:
        document = load(made["asset"], made["digest"])
    except (LookupError, OSError, ValueError) as reason:
        return f"{source}: the artifact cannot be loaded ({reason})"
    try:
        value = resolve_pointer(document, made["pointer"])
    except KeyError:
        return f"{source}: the artifact has no such value"
    return (
        None
        if _same(value, made["value"])
        else f"{source}: the document says {made['value']!r}, the artifact {value!r}"
    )


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if is_claim(value):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def _same(left: Any, right: Any) -> bool:
    """Equality of JSON values: true is not 1, but 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return left == right
