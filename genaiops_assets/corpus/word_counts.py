"""Words of many texts at once, counted without splitting any of them.

Belongs here: one named definition of a word that a whole batch is counted by in a few vector operations. Does not
belong here: the tokens themselves (`genaiops_assets.text.words`, which also normalises), or what the counts are used
for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEFINITION = (
    "words/2: a run of letters, digits and _, with apostrophes between letters and points or commas between digits "
    "inside it; "
    "every Chinese, Japanese or Korean character on its own"
)
WORD, DIGIT, CJK, QUOTE, POINT = 1, 2, 4, 8, 16
_PLANES = 0x40000  # beyond lie no letters of any living script
_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK = re.compile(f"[{_HAN}\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uac00-\ud7af]")


def word_counts(texts: Sequence[str]) -> NDArray[np.int32]:
    """Words of each text by DEFINITION, in the order of the texts."""
    counts = np.zeros(len(texts), np.int32)
    plain = np.fromiter((t.isascii() for t in texts), bool, len(texts))
    for wanted, kinds_of in ((True, _ascii_kinds), (False, _kinds)):
        places = np.flatnonzero(plain == wanted)
        if len(places):
            counts[places] = _count([texts[i] for i in places.tolist()], kinds_of)
    return counts


def _count(texts: list[str], kinds_of: Any) -> NDArray[np.int64]:
    kinds = kinds_of("\n".join(texts) + "\n")
    inside = (kinds & WORD).astype(bool)
    for mark, neighbour in ((QUOTE, WORD), (POINT, DIGIT)):
        at = np.flatnonzero(kinds == mark)
        at = at[(at > 0) & (at < len(kinds) - 1)]
        before, after = kinds[at - 1], kinds[at + 1]
        letters = (before & neighbour != 0) & (after & neighbour != 0)
        if mark == QUOTE:
            letters &= (before & DIGIT == 0) & (after & DIGIT == 0)
        inside[at[letters]] = True
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    starts |= kinds == CJK
    ends = np.cumsum(np.fromiter((len(t) + 1 for t in texts), np.int64, len(texts)))
    found = np.searchsorted(np.flatnonzero(starts), ends)
    return np.diff(found, prepend=0)


def _ascii_kinds(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("ascii").translate(_table()[:128].tobytes() + bytes(128)), np.uint8)


def _kinds(text: str) -> NDArray[np.uint8]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _table().take(points, mode="clip")


@cache
def _table() -> NDArray[np.uint8]:
    """The kind of every code point."""
    table = np.zeros(_PLANES + 1, np.uint8)
    for point in range(_PLANES):
        character = chr(point)
        if character.isalnum() or character == "_":
            table[point] = WORD | DIGIT if character.isdecimal() else WORD
    table[[m.start() for m in _CJK.finditer("".join(map(chr, range(_PLANES))))]] = CJK
    table[[ord("'"), ord("’")]] = QUOTE
    table[[ord("."), ord(",")]] = POINT
    return table
