"""Words, n-grams, sentences and script of English and Chinese text, by rule and without a model.

Belongs here: deterministic, linear-time splitting that retrieval, evaluation and drift all count with.
Does not: model tokenisers (those give token counts, not words), stemming, or masking.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA_AND_HANGUL = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\uac00-\ud7af"
_CJK = _HAN + _KANA_AND_HANGUL

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_STRAIGHT_QUOTES = str.maketrans("‘’‛“”‟", "'''\"\"\"")

# Eight thousands groups are enough for any amount, and the bound keeps "1,000,000,..." linear.
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,8}}|\d+)(?:\.\d+)?(?![^\W{_CJK}])(?: ?%)?"
_WORD = rf"[^\W{_CJK}]+(?:'[^\W\d_{_CJK}]+)*"
_TOKEN = re.compile(rf"(?P<cjk>[{_CJK}])|(?P<number>{_NUMBER})|(?P<word>{_WORD})")

_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_OTHER_CJK_CHARACTER = re.compile(f"[{_KANA_AND_HANGUL}]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_ANY_WORD = re.compile(rf"[^\W\d_{_CJK}]+")
_OTHER_LETTER = re.compile(rf"[^\W\d_{_CJK}A-Za-z\u00c0-\u024f]")
_LATIN_LETTER = re.compile("[A-Za-z]")

_PARAGRAPH_BREAK = re.compile(r"\n[ \t\r]*\n|\n(?=[ \t]*(?:[-*+•]|\d{1,3}[.)、])\s)")
_CHINESE_ENDERS = frozenset("。！？")
_ENDER = re.compile(r"[.!?。！？]+[\"'”’)\]」』）】》]*")
_NEVER_ENDS = frozenset(
    re.findall(r"\S+", "mr mrs ms dr prof rev hon gen st messrs e.g i.e eg ie cf vs viz approx est al")
)
_ENDS_UNLESS_NUMBERED = frozenset(
    re.findall(
        r"\S+",
        "no nos art sec fig figs p pp vol ch eq para cl app etc inc ltd co corp plc dept jr sr a.m p.m "
        "jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun",
    )
)
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


def normalise(text: str) -> str:
    """The text in NFKC, without invisible characters, with straight quotes and single spaces; case is kept.
    Idempotent."""
    visible = _INVISIBLE.sub("", text)
    folded = unicodedata.normalize("NFKC", visible).translate(_STRAIGHT_QUOTES)
    return " ".join(folded.split())


def words(text: str) -> list[str]:
    """Lower-cased tokens: Latin words, numbers, and every CJK character on its own.

    Numbers are brought to one form so that the same amount always compares equal: "$1,000.00" gives "1000",
    "4.50 %" gives "4.5%". Currency signs, minus signs and other punctuation are dropped; "doc_rates_001" stays whole.
    """
    return [word for word, _, _ in word_spans(text)]


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """`words` with where each begins and ends in the normalised text: two that stand side by side share an offset."""
    return [(_spelled(match), match.start(), match.end()) for match in _TOKEN.finditer(normalise(text).lower())]


def ngrams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """Every run of n neighbouring tokens, in order; empty when there are fewer than n. Raises ValueError when n < 1."""
    if n < 1:
        raise ValueError(f"an n-gram needs n >= 1, not {n}")
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def lone_characters(text: str) -> str:
    """The characters that `words` makes tokens of their own: Han, kana and hangul, in order."""
    return "".join(_CJK_CHARACTER.findall(text))


def language(text: str) -> Literal["en", "zh", "other"]:
    """The language the script suggests: mostly Latin script is "en", mostly Han is "zh", anything else "other".

    A Han character weighs as much as a Latin word, so a Chinese sentence with English product names is still Chinese.
    Script cannot tell French from English. Text with a tenth or more of kana or hangul, or without letters, is "other".
    """
    if text.isascii():
        return "en" if _LATIN_LETTER.search(text) else "other"
    han = len(_HAN_CHARACTER.findall(text))
    kana_or_hangul = len(_OTHER_CJK_CHARACTER.findall(text))
    latin = len(_LATIN_WORD.findall(text))
    elsewhere = (
        sum(1 for word in _ANY_WORD.findall(text) if not _LATIN_WORD.match(word)) if _OTHER_LETTER.search(text) else 0
    )
    total = han + kana_or_hangul + latin + elsewhere
    if not total or kana_or_hangul * 10 >= total:
        return "other"
    if han * 2 >= total:
        return "zh"
    return "en" if latin * 2 >= total else "other"


def sentences(text: str) -> list[str]:
    """The sentences of the text, as written, in order."""
    return [text[start:end] for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Character offsets (start, end) of each sentence, trimmed of white space; together they hold all other characters.

    Breaks at English and Chinese enders, blank lines and list markers. Decimals, addresses, initials and common
    abbreviations do not end a sentence; where a full stop is ambiguous the sentence goes on.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _PARAGRAPH_BREAK.finditer(text):
        spans.extend(_within_paragraph(text, start, gap.start()))
        start = gap.end()
    spans.extend(_within_paragraph(text, start, len(text)))
    return spans


def _spelled(match: re.Match[str]) -> str:
    token = match.group()
    if match.lastgroup != "number":
        return token
    percent = "%" if token.endswith("%") else ""
    digits = token.rstrip(" %").replace(",", "")
    return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + percent


def _within_paragraph(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    for mark in _ENDER.finditer(text, start, end):
        if _ends_sentence(text, start, end, mark):
            spans.append(_trimmed(text, start, mark.end()))
            start = mark.end()
    spans.append(_trimmed(text, start, end))
    return [span for span in spans if span[0] < span[1]]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _ends_sentence(text: str, start: int, end: int, mark: re.Match[str]) -> bool:
    if not _CHINESE_ENDERS.isdisjoint(mark.group()):
        return True
    after = text[mark.end() : min(mark.end() + 1, end)]
    if after and not after.isspace() and not _HAN_CHARACTER.match(after):
        return False
    if mark.group()[0] != ".":
        return True
    following = text[mark.end() : min(mark.end() + 80, end)].lstrip()[:1]
    before = text[max(start, mark.start() - 24) : mark.start()].split()
    word = before[-1].lstrip("(\"'“‘[（") if before else ""
    numbers_a_list = word.isdigit() and mark.start() - start < 24 and text[start : mark.start()].strip() == word
    return not numbers_a_list and not _abbreviates(word, following)


def _abbreviates(word: str, following: str) -> bool:
    lower = word.lower()
    if lower in _NEVER_ENDS or following.islower():
        return True
    if lower in _ENDS_UNLESS_NUMBERED:
        return following.isdigit()
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return bool(following) and (is_initial or bool(_DOTTED.fullmatch(word)))
