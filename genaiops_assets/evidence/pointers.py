"""JSON pointers (RFC 6901): one value of a JSON document by its path.

Belongs here: resolving and escaping. Does not belong here: what a pointer proves (`claims.py`).
"""

from __future__ import annotations

from typing import Any


def resolve_pointer(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901); "" is the whole document. KeyError names the part that is missing."""
    if pointer and not pointer.startswith("/"):
        raise KeyError(f"{pointer!r} is not a JSON pointer: it must start with '/'")
    value = document
    for part in pointer.split("/")[1:]:
        value = _step(value, part.replace("~1", "/").replace("~0", "~"), pointer)
    return value


def escape_part(part: str) -> str:
    """One key as part of a JSON pointer (RFC 6901 section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


def _step(value: Any, part: str, pointer: str) -> Any:
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list) and _is_index(part) and int(part) < len(value):
        return value[int(part)]
    raise KeyError(f"nothing at {part!r} in {pointer}")


def _is_index(part: str) -> bool:
    """RFC 6901 section 4: digits without leading zeros."""
    return part.isascii() and part.isdigit() and (part == "0" or not part.startswith("0"))
