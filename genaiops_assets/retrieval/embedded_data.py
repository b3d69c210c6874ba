"""Data inside a text that is no text: pictures and files written into Markdown or HTML in base64.

Belongs here: where it stands. Does not belong here: what becomes of it (`chunking.py` leaves it out of passages)."""

from __future__ import annotations

import re

LEAST = 128  # characters of base64; a shorter run may be an identifier that people look for
_PARAMETERS = r"(?:;[A-Za-z0-9=_.+-]{1,40}){0,4}"
_RUN = r"[A-Za-z0-9+/_=%-]"
# Base64 may be broken into lines; a line of it is long and has no space.
_DATA = re.compile(
    rf"data:[A-Za-z0-9.+-]{{1,40}}/[A-Za-z0-9.+-]{{1,80}}{_PARAMETERS};base64,[ ]?{_RUN}*+(?:\r?\n{_RUN}{{40,}}+)*+"
)
_BARE = re.compile(rf"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/]{{{LEAST},}}+={{0,2}}(?![A-Za-z0-9+/_-])")


def embedded_data(text: str) -> list[tuple[int, int]]:
    """The spans of embedded data, in order, none overlapping."""
    named = [m.span() for m in _DATA.finditer(text)] if "base64," in text else []
    bare = [m.span() for m in _BARE.finditer(text) if _is_encoded(m.group())]
    return sorted([*named, *(s for s in bare if not any(a < s[1] and s[0] < b for a, b in named))])


def _is_encoded(run: str) -> bool:
    """Base64 mixes small and large letters and digits, as no word does and no row of dashes or zeros."""
    return all(any(test(c) for c in run) for test in (str.islower, str.isupper, str.isdigit)) and len(set(run)) > 20
