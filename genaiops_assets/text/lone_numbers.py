"""Numbers that stand alone: where one may begin and end, and the rule for a kind of them.

Belongs here: what every rule for a number needs. Does not: any kind of number (`masking.py`, `phones.py`, the privacy
package)."""

from __future__ import annotations

import re
from collections.abc import Callable

from genaiops_assets.text.scanning import Need, Rule, Span

# ASCII only, because Chinese text puts no space between a word and the number beside it.
ALONE_LEFT, ALONE_RIGHT = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_])"
# A digit and a point on either side make the number part of a decimal; a currency sign makes it an amount.
NUMBER_LEFT, NUMBER_RIGHT = ALONE_LEFT + r"(?<![0-9]\.)(?<![$€£¥])", ALONE_RIGHT + r"(?!\.[0-9])"
# Digits of one number stand at most three separators apart; 9 of them (6 after a +) are the least that any rule here
# takes.
_APART = r"(?:[ ./()-]{0,3}[0-9])"
LONG_NUMBER = Need(rf"[0-9]{_APART}{{8,}}|\+[0-9]{_APART}{{5,}}", before=24, after=16)


def checked(length: Callable[[str], int]) -> Callable[[re.Match[str]], Span | None]:
    """A check from a function that says how many characters of a candidate count (0 for none)."""

    def check(found: re.Match[str]) -> Span | None:
        counted = length(found.group())
        return (found.start(), found.start() + counted) if counted else None

    return check


def number(kind: str, shape: str, length: Callable[[str], int] = len, flags: re.RegexFlag = re.RegexFlag(0)) -> Rule:
    """A rule for a number that stands alone and is not part of a decimal or an amount."""
    return Rule(kind, re.compile(NUMBER_LEFT + shape + NUMBER_RIGHT, flags), LONG_NUMBER, checked(length))
