"""Runs rules over texts: what each finds, where, and without reading closely what cannot hold anything.

Belongs here: folding of look-alike characters, the cheap necessary condition asked first, the order of rules, exact
spans. Does not: any rule (`masking.py`, the privacy package), or what happens to a finding.

A rule never reaches over the end of a line unless its need says `whole`, so only lines that meet a need are read
closely."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl

FEW = 16  # texts; so few are read one by one, and Polars is not even imported
# Characters that nobody sees: soft hyphens, zero-width blanks and joiners, marks of direction. They are read over.
_HIDDEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Full-width ASCII, odd spaces and odd hyphens hide nothing: each folds to one plain character, so offsets stay true.
_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_PLAIN |= dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), ord(" ")) | dict.fromkeys(
    range(0x2010, 0x2015), ord("-")
)
_PLAIN |= {zero + n: ord("0") + n for zero in (0x0660, 0x06F0) for n in range(10)}  # Arabic-Indic digits
_ODD = [chr(code) for code in _PLAIN]
_FOLDED = [chr(code) for code in _PLAIN.values()]

Span = tuple[int, int]


class Finding(NamedTuple):
    """A kind of personal data and where it stands: `text[start:end]`, in characters."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Need:
    """What a text must hold for a rule to find anything.

    `pattern` is read by Rust's and Python's regex engines alike, so it has neither lookaround nor anchors; that also
    makes it monotone: a text in which something was blanked holds no need that it did not hold before. `before` and
    `after` are the characters around a match that a rule may reach; None means the whole line, `whole` the whole text.
    """

    pattern: str
    before: int | None = None
    after: int | None = None
    whole: bool = False


def whole_match(found: re.Match[str]) -> Span | None:
    return found.span()


@dataclass(frozen=True)
class Rule:
    """A kind, the pattern of its candidates, its need, and the part of a candidate that passes its check (None: no
    part)."""

    kind: str
    pattern: re.Pattern[str]
    need: Need
    check: Callable[[re.Match[str]], Span | None] = whole_match


def scan(texts: Sequence[str] | pl.Series, rules: Sequence[Rule]) -> list[list[Finding]]:
    """What the rules find in each text, by position; findings of one text never overlap.

    Rules go in order; each sees the text without what the rules before it found. A finding can free a number that was
    joined to it, so the rules are asked again until nothing is left: blanking all findings and scanning again finds
    nothing."""
    if len(texts) <= FEW:
        return [scan_one(text, rules) for text in texts]
    import polars as pl

    if isinstance(texts, pl.Series):
        series = texts
    else:
        try:
            series = pl.Series("text", texts, dtype=pl.String)
        except UnicodeEncodeError:  # a lone surrogate: legal in Python, in no encoding
            return [scan_one(text, rules) for text in texts]
    found: list[list[Finding]] = [[] for _ in range(len(series))]
    for rows, plain, hides in _folded(series):
        for place, text, needs in _candidates(plain, rules):
            findings = _findings(text, [rule for rule in rules if rule.need in needs])
            found[rows[place]] = in_original(series[rows[place]], findings) if hides else findings
    return found


def scan_one(text: str, rules: Sequence[Rule]) -> list[Finding]:
    """`scan` for a single text, without the cost of setting up a batch."""
    return in_original(text, _findings(visible(text), rules))


def scan_closely(text: str, rules: Sequence[Rule]) -> list[Finding]:
    """`scan` without asking for any need first: what the needs must not change."""
    plain = visible(text)
    found = _walk(plain, 0, rules, {rule.need: [(0, len(plain))] for rule in rules})
    return in_original(text, sorted(found, key=lambda f: f.start))


def visible(text: str) -> str:
    """The text as rules read it: look-alikes plain, characters that nobody sees left out."""
    return text if text.isascii() else fold(_HIDDEN.sub("", text))


def in_original(text: str, findings: list[Finding]) -> list[Finding]:
    """Findings in `visible(text)` as spans of the text itself."""
    if not findings or text.isascii() or not _HIDDEN.search(text):
        return findings
    places = [n for n, character in enumerate(text) if not _HIDDEN.match(character)]
    return [Finding(f.kind, places[f.start], places[f.end - 1] + 1) for f in findings]


def fold(text: str) -> str:
    """The text with look-alike characters plain, of the same length."""
    return text if text.isascii() else text.translate(_PLAIN)


def replaced(text: str, findings: Iterable[Finding], replacement: Callable[[Finding], str]) -> str:
    """The text with each finding (by position, none overlapping) replaced."""
    pieces, kept_to = [], 0
    for finding in findings:
        pieces += [text[kept_to : finding.start], replacement(finding)]
        kept_to = finding.end
    return "".join([*pieces, text[kept_to:]])


def _folded(series: pl.Series) -> Iterator[tuple[list[int], pl.Series, bool]]:
    """Row numbers, their plain texts, and whether characters were left out: ASCII rows as they are, others folded."""
    odd = series.str.len_bytes() != series.str.len_chars()
    hides = series.str.contains(_HIDDEN.pattern) & odd
    for rows, change in ((~odd).arg_true(), False), ((odd & ~hides).arg_true(), True):
        if len(rows):
            part = series.gather(rows)
            yield rows.to_list(), part.str.replace_many(_ODD, _FOLDED) if change else part, False
    if len(rows := hides.arg_true()):
        bare = series.gather(rows).str.replace_all(_HIDDEN.pattern, "")
        yield rows.to_list(), bare.str.replace_many(_ODD, _FOLDED), True


def _candidates(plain: pl.Series, rules: Sequence[Rule]) -> Iterator[tuple[int, str, set[Need]]]:
    """Texts that meet a need: place in the series, text, needs."""
    needs = list(dict.fromkeys(rule.need for rule in rules))
    places = plain.str.contains("|".join(f"(?:{need.pattern})" for need in needs)).arg_true()
    if not len(places):
        return
    texts = plain.gather(places)
    met = [texts.str.contains(need.pattern).to_list() for need in needs]
    for place, text, *held in zip(places.to_list(), texts.to_list(), *met, strict=True):
        yield place, text, {need for need, holds in zip(needs, held, strict=True) if holds}


@cache
def _compiled(need: Need) -> re.Pattern[str]:
    return re.compile(need.pattern)


def _findings(text: str, rules: Sequence[Rule]) -> list[Finding]:
    """Findings in a plain text, line by line."""
    matches = {
        need: [m.span() for m in _compiled(need).finditer(text)] for need in dict.fromkeys(rule.need for rule in rules)
    }
    lines = _lines(
        text, sorted(span for spans in matches.values() for span in spans), any(n.whole and matches[n] for n in matches)
    )
    found: list[Finding] = []
    for start, end in lines:
        windows = {need: _windows(need, spans, start, end) for need, spans in matches.items()}
        found += _walk(text[start:end], start, [rule for rule in rules if windows[rule.need]], windows)
    return sorted(found, key=lambda f: f.start)


def _lines(text: str, spans: list[Span], whole: bool) -> list[Span]:
    """The lines in which the spans lie, each once."""
    if whole:
        return [(0, len(text))]
    lines: list[Span] = []
    for start, end in spans:
        if not lines or end > lines[-1][1]:
            stop = text.find("\n", end)
            lines.append((text.rfind("\n", 0, start) + 1, len(text) if stop < 0 else stop))
    return lines


def _windows(need: Need, spans: list[Span], start: int, end: int) -> list[Span]:
    """Where in the line a rule with this need may find something, in the line's own offsets; touching windows are
    one."""
    windows: list[Span] = []
    for place in range(bisect_left(spans, (start, start)), len(spans)):
        first, last = spans[place]
        if first >= end or last > end:
            break
        if need.before is None or need.after is None:
            return [(0, end - start)]
        low, high = max(start, first - need.before) - start, min(end, last + need.after) - start
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(high, windows[-1][1]))
        else:
            windows.append((low, high))
    return windows


def _walk(line: str, offset: int, rules: Sequence[Rule], windows: dict[Need, list[Span]]) -> list[Finding]:
    """Every rule in order, again and again until none finds anything; what is found is blanked, in place, by `<` NULs
    `>`."""
    found: list[Finding] = []
    before = -1
    while len(found) > before:
        before = len(found)
        for rule in rules:
            spans = [span for low, high in windows[rule.need] for span in _spans(rule, line, low, high)]
            if spans:
                found += [Finding(rule.kind, offset + start, offset + end) for start, end in spans]
                line = replaced(
                    line, [Finding("", *span) for span in spans], lambda f: "<" + "\0" * (f.end - f.start - 2) + ">"
                )
    return found


def _spans(rule: Rule, line: str, low: int, high: int) -> Iterator[Span]:
    """Candidates that pass their check, left to right; a rejected one gives way to whatever starts one character
    later."""
    while found := rule.pattern.search(line, low, high):
        span = rule.check(found)
        if span:
            yield span
        low = span[1] if span else found.start() + 1
