"""Names that become paths: which text may be a part of a key in the lake, and which may not.

Belongs here: that one rule, for ids from people, run configuration, the UI and files. Does not belong here: what an id
means; a room that knows its form (a model version, a day) asks for that first."""

from __future__ import annotations

import unicodedata

from genaiops_assets.errors import UnsafeName

LONGEST = 200  # bytes of UTF-8; file systems take 255, and `.json` and a temporary name come on top
ALSO_REFUSED = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, invisible characters, lone surrogates, line separators


def refuse_unsafe_part(part: str, what: str = "name") -> str:
    """The text itself where it may be ONE part of a path: not empty, no separator, no `.` at its start, no control or
    invisible character, no blank at either end, at most LONGEST bytes. Raises UnsafeName."""
    if not isinstance(part, str):
        raise UnsafeName(f"{what} {part!r}: expected text")
    _refuse(part, part, what)
    if "/" in part:
        raise UnsafeName(f"{what} {part!r}: holds a '/', so it would be another place")
    if part.startswith("."):
        raise UnsafeName(f"{what} {part!r}: starts with a dot; hidden names are refused")
    if part != part.strip():
        raise UnsafeName(f"{what} {part!r}: a blank stands at an end")
    if len(part.encode()) > LONGEST:
        raise UnsafeName(f"{what} {part[:40]!r}…: longer than {LONGEST} bytes")
    return part


def refuse_unsafe_asset(name: str, what: str = "asset") -> str:
    """`use_case/asset`: parts as above, joined by a slash. Raises UnsafeName."""
    if not isinstance(name, str):
        raise UnsafeName(f"{what} {name!r}: expected text")
    for part in name.split("/"):
        refuse_unsafe_part(part, what)
    return name


def refuse_unsafe_key(key: str) -> str:
    """A key below a store's root: no part is empty, `.` or `..`, none holds a backslash or a control character. Names
    of files inside an artifact may start with a dot. Raises UnsafeName."""
    for part in key.split("/"):
        _refuse(part, key, "key")
    return key


def _refuse(part: str, whole: str, what: str) -> None:
    if part in ("", ".", ".."):
        raise UnsafeName(f"{what} {whole!r}: {'an empty part' if not part else repr(part)} leads to another place")
    if "\\" in part:
        raise UnsafeName(f"{what} {whole!r}: holds a backslash")
    if any(unicodedata.category(c) in ALSO_REFUSED for c in part) if not part.isascii() else not part.isprintable():
        raise UnsafeName(f"{what} {whole!r}: holds a control or invisible character")
