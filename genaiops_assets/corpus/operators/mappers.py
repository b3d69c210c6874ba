"""Mappers with a faster way to Data-Juicer's result: in Polars, or by a Polars predicate that proves most texts
unchanged.

Belongs here: what each mapper can change, as a predicate or an expression. Does not belong here: filters,
deduplicators. Texts for which the predicate proves nothing go through Data-Juicer's own operator, so equality rests on
the predicate alone; a property test holds it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import polars as pl

from genaiops_assets.corpus.operators import juicer

TextMapper = Callable[[pl.Series], pl.Series]

# What ftfy never touches, whatever stands beside it: ASCII without controls and `&`, Han characters, Chinese stops and
# brackets.
UNTOUCHED = r"\t\n\x20-\x25\x27-\x7e\u3001\u3002\u3008-\u3011\u3400-\u4dbf\u4e00-\u9fff"
MAY_HOLD_LINK = r"(?i)[a-z\u017f\u212a][^\s:]+:(?:/|[a-z0-9%\u017f\u212a])|www\d{0,3}[.]|[.][a-z\u017f\u212a]{2,4}/"
MAY_HOLD_IP = r"\d\.\d|[0-9A-Fa-f]:[0-9A-Fa-f]"
MAY_HOLD_MARKUP = r"[<&\r\x00]|\A[\t\n\f\r ]"
LARGEST_REPEAT = 1000


def compile_mapper(name: str, op: Any) -> tuple[str, TextMapper]:
    """(engine, function) for one mapper. `engine`: "polars" where no text leaves Polars, "prefiltered" where
    Data-Juicer sees only texts that it may change, "data-juicer" for everything else."""
    compiled = COMPILERS.get(name, by_data_juicer)(op)
    return compiled


def by_data_juicer(op: Any) -> tuple[str, TextMapper]:
    return "data-juicer", lambda texts: series(juicer.mapped(op, texts.to_list()))


def prefiltered(
    op: Any, pattern: str, change: Callable[[Sequence[str]], list[str]] | None = None
) -> tuple[str, TextMapper]:
    """Only texts in which the (Rust) pattern occurs can change."""

    def run(texts: pl.Series) -> pl.Series:
        return changed_where(texts, texts.str.contains(pattern), change or (lambda some: juicer.mapped(op, some)))

    return "prefiltered", run


def changed_where(texts: pl.Series, where: pl.Series, change: Callable[[Sequence[str]], list[str]]) -> pl.Series:
    places = where.arg_true()
    if not len(places):
        return texts
    return texts.clone().scatter(places, series(change(texts.gather(places).to_list())))


def series(texts: Sequence[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


def fix_unicode(op: Any) -> tuple[str, TextMapper]:
    """ftfy works line by line; lines of untouched characters are left out, others go through `Repair`. HTML entities
    are decoded until the first `<` of a text."""
    plain, repair = re.compile(f"[{UNTOUCHED}]*"), Repair(op.normalization)

    def fixed(text: str) -> str:
        lines, decode = text.split("\n"), True
        for number, line in enumerate(lines):
            decode = decode and "<" not in line
            if not plain.fullmatch(line):
                lines[number] = repair(line, decode, ends=number < len(lines) - 1)
        return "\n".join(lines)

    return prefiltered(op, f"[^{rust_class(UNTOUCHED)}]", lambda texts: [fixed(t) for t in texts])


class Repair:
    """One line through ftfy. Where it holds nothing that ftfy treats as a sequence and does not look wrongly decoded
    (ftfy's own judgement), all that is left of ftfy is a table of single characters and the normal form, applied until
    nothing changes."""

    # entities, terminal escapes, line ends, C1 controls, half characters
    SEQUENCES = re.compile("&#?[0-9A-Za-z]{1,24};|[\x1b\r\x80-\x9f\ud800-\udfff]")
    SUSPECT = re.compile(r"[^\x00-\x7f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]+")
    LONGEST = 7

    def __init__(self, form: Any):
        import ftfy
        from ftfy import badness, chardata, fixes

        singles = {
            *chardata.LIGATURES,
            *chardata.WIDTH_MAP,
            *chardata.CONTROL_CHARS,
            *map(ord, "\u02bc\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2028\u2029"),
        }
        singles -= {ord(c) for c in map(chr, singles) if self.SEQUENCES.match(c)}
        steps = (
            fixes.fix_latin_ligatures,
            fixes.fix_character_width,
            fixes.uncurl_quotes,
            fixes.fix_line_breaks,
            fixes.remove_control_chars,
        )
        self._table = {chr(code): chained(steps, chr(code)) for code in singles}
        self._single = re.compile("[" + "".join(map(re.escape, self._table)) + "]")
        self._fix, self._bad, self._form = ftfy.fix_text, badness.BADNESS_RE, form

    def __call__(self, line: str, decode: bool, *, ends: bool) -> str:
        """The line without its end; `decode`: HTML entities count; `ends`: a line feed follows, which ftfy would
        see."""
        found = line + "\n" if ends else line
        while not self.SEQUENCES.search(found) and not self._looks_wrong(found):
            before = found
            found = unicodedata.normalize(self._form, self._single.sub(lambda c: self._table[c.group()], found))
            if found == before:
                return found[:-1] if ends else found
        fixed = self._fix(found, normalization=self._form, unescape_html="auto" if decode else False)
        return fixed[:-1] if ends else fixed

    def _looks_wrong(self, line: str) -> bool:
        """ftfy's `is_bad`. Each thing it looks for holds a character of `SUSPECT` and is at most `LONGEST` long: it is
        looked for around those alone."""
        done = 0
        for suspect in self.SUSPECT.finditer(line):
            start, end = max(0, suspect.start() - self.LONGEST), suspect.end() + self.LONGEST
            if self._bad.search(line, max(start, done - 2 * self.LONGEST), end):
                return True
            done = end
        return False


def chained(steps: Sequence[Callable[[str], str]], text: str) -> str:
    for step in steps:
        text = step(text)
    return text


def rust_class(python_class: str) -> str:
    """A character class in Rust's way of writing code points."""
    return re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", python_class)


@cache
def blanks() -> str:
    """All characters that Python's str.strip() strips."""
    return "".join(chr(i) for i in range(0x3001) if chr(i).isspace())


def whitespace(op: Any) -> tuple[str, TextMapper]:
    from data_juicer.ops.mapper.whitespace_normalization_mapper import VARIOUS_WHITESPACES

    others = sorted(c for c in VARIOUS_WHITESPACES if c != " ")
    return "polars", lambda texts: texts.str.strip_chars(blanks()).to_frame("t").select(spaced(others)).to_series()


def spaced(others: list[str]) -> pl.Expr:
    return pl.col("t").str.replace_many(others, [" "] * len(others))


def punctuation(op: Any) -> tuple[str, TextMapper]:
    old, new = list(op.punctuation_unicode), list(op.punctuation_unicode.values())
    return "polars", lambda texts: texts.to_frame("t").select(pl.col("t").str.replace_many(old, new)).to_series()


def specific_chars(op: Any) -> tuple[str, TextMapper]:
    if op.pattern is None:
        return "polars", lambda texts: texts
    characters = list(re.sub(r"\\(.)", r"\1", op.pattern[1:-1], flags=re.DOTALL))
    gone = [""] * len(characters)
    return (
        "polars",
        lambda texts: texts.to_frame("t").select(pl.col("t").str.replace_many(characters, gone)).to_series(),
    )


def long_words(op: Any) -> tuple[str, TextMapper]:
    """Unchanged: words of allowed length with single blanks between them and none at the ends."""
    if op.min_len > 1 or op.max_len > LARGEST_REPEAT:
        too_long = "" if op.min_len <= 1 and op.max_len > 10**9 else None
        if too_long is None:
            return by_data_juicer(op)
    else:
        too_long = rf"|[^ \n\t]{{{op.max_len + 1}}}"
    return prefiltered(op, r"\A[ \n\t]|[ \n\t]\z|[ \n\t]{2}" + too_long)


def with_default_pattern(may_match: str) -> Callable[[Any], tuple[str, TextMapper]]:
    """A mapper that replaces by a pattern: prefiltered for its default one, Data-Juicer's for one of yours."""

    def compiler(op: Any) -> tuple[str, TextMapper]:
        return prefiltered(op, may_match) if op.pattern == type(op)().pattern else by_data_juicer(op)

    return compiler


COMPILERS: dict[str, Callable[[Any], tuple[str, TextMapper]]] = {
    "fix_unicode_mapper": fix_unicode,
    "whitespace_normalization_mapper": whitespace,
    "punctuation_normalization_mapper": punctuation,
    "clean_html_mapper": lambda op: prefiltered(op, MAY_HOLD_MARKUP),
    "clean_links_mapper": with_default_pattern(MAY_HOLD_LINK),
    "clean_email_mapper": with_default_pattern("@"),
    "clean_ip_mapper": with_default_pattern(MAY_HOLD_IP),
    "remove_specific_chars_mapper": specific_chars,
    "remove_long_words_mapper": long_words,
}
