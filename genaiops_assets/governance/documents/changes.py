"""What changed between two editions of a document: figures by the claim they are, texts by section, gaps by name.

Belongs here: comparing two JSON documents, whatever document it is. Does not belong here: finding the two editions
(`editions.py`), printing (`cli/diff.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genaiops_assets.evidence import escape_part, find_gaps, is_claim

SECTION = {"text"}  # what a person's words are, beside who wrote them
KEYS = ("id", "name", "column", "question")  # by which entries of a list are told apart, where they have one
INTERVAL = {"mean", "low", "high", "n"}
NEVER = ("schema_version", "previous", "basis")  # of no interest to a reader


def document_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """{"values": [{place, old, new: {value, source}}], "sections": [{place, old, new}], "other": [{place, old, new}],
    "closed": [gaps], "opened": [gaps]}. `place`: a pointer into the document, with entries of lists by their name;
    `old` or `new` is None for what is there on one side only. A claim is the same where its value is, wherever it was
    read."""
    was, now = dict(leaves(before)), dict(leaves(after))
    found: dict[str, Any] = {"values": [], "sections": [], "other": []}
    for place in dict.fromkeys([*was, *now]):
        old, new = was.get(place), now.get(place)
        if told(old) == told(new):
            continue
        kind = kind_of(new if new is not None else old)
        found[kind].append({"place": place, "old": shown(old), "new": shown(new)})
    gaps = find_gaps(before), find_gaps(after)
    closed = [gap for gap in gaps[0] if gap not in gaps[1]]
    opened = [gap for gap in gaps[1] if gap not in gaps[0]]
    return {**found, "closed": closed, "opened": opened}


def is_empty(changes: Mapping[str, Any]) -> bool:
    return not any(changes.values())


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """(place, leaf): sections and gaps as a whole, claims field by field; everything else down to texts and numbers."""
    if is_leaf(value):
        yield place, value
    elif is_claim(value):
        for key, inner in value["value"].items():
            field = {**value, "value": inner, "pointer": f"{value['pointer']}/{escape_part(str(key))}"}
            yield from leaves(field, f"{place}/{escape_part(str(key))}")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not (place == "" and key in NEVER):
                yield from leaves(inner, f"{place}/{escape_part(str(key))}")
    else:
        for name, inner in zip(names_of(value), value, strict=True):
            yield from leaves(inner, f"{place}/{name}")


def is_leaf(value: Any) -> bool:
    if is_claim(value):
        return not is_row(value["value"])
    if isinstance(value, Mapping):
        return not value or is_section(value) or value.get("gap") is True
    return not isinstance(value, list) or not value


def is_row(value: Any) -> bool:
    """Whether a claim's value is taken apart: a mapping of fields; an interval is one figure."""
    return isinstance(value, Mapping) and bool(value) and not value.keys() >= INTERVAL


def is_section(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() >= SECTION and isinstance(value["text"], str)


def names_of(entries: list[Any]) -> list[str]:
    """What tells the entries of a list apart: their id or name, alone or within a claim; else their position. Two of
    one name get their position too."""
    names = [name_of(entry) for entry in entries]
    return [
        escape_part(name) if name and names.count(name) == 1 else str(position) for position, name in enumerate(names)
    ]


def name_of(entry: Any) -> str:
    held = entry["value"] if is_claim(entry) else entry
    if not isinstance(held, Mapping):
        return held if is_claim(entry) and isinstance(held, str) else ""
    for key in KEYS:
        named: Any = held.get(key)
        named = named["value"] if is_claim(named) else named
        if isinstance(named, str) and named:
            return named
    return ""


def told(leaf: Any) -> Any:
    """What a leaf says, without where it was read or when it was signed."""
    if is_claim(leaf):
        return leaf["value"]
    return leaf["text"] if is_section(leaf) else leaf


def kind_of(leaf: Any) -> str:
    gap = isinstance(leaf, Mapping) and leaf.get("gap") is True
    return "values" if is_claim(leaf) else "sections" if gap or is_section(leaf) else "other"


def shown(leaf: Any) -> Any:
    """A leaf for the reader: a claim with its source, a section with its author, the rest as it is."""
    if is_claim(leaf):
        return {"value": leaf["value"], "source": f"{leaf['asset']}@{leaf['digest']}#{leaf['pointer']}"}
    if is_section(leaf):
        return {"text": leaf["text"], "author": leaf.get("author", "")}
    return leaf
