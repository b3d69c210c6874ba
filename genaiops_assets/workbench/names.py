"""Names that a person types: the one that is meant, or what there is.

Belongs here: that one message. Does not belong here: what a name stands for."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from genaiops_assets.errors import Missing

SHOWN = 40


def one_of(name: str, known: Sequence[str], what: str, where: str = "") -> str:
    """The name itself where it is known. Raises Missing naming the nearest and what there is."""
    if name in known:
        return name
    near = get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    more = f" … and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
    there = f"there are: {', '.join(known[:SHOWN])}{more}" if known else "there is none yet"
    raise Missing(f"no {what} {name!r}{f' in {where}' if where else ''}{hint}; {there}")
