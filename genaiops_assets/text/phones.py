"""Telephone numbers: the ways of writing that have a form of their own, and any number after a word such as "phone".

Belongs here: patterns, the words before a number, the order of these rules. Does not: other numbers (`masking.py`)."""

from __future__ import annotations

import re

from genaiops_assets.text.lone_numbers import LONG_NUMBER, NUMBER_LEFT, NUMBER_RIGHT
from genaiops_assets.text.scanning import Need, Rule, Span

_PHONE_LABELS = ("tel", "tel.", "phone", "mobile", "cell", "fax", "call", "whatsapp", "电话", "手机", "手机号", "传真")
_AFTER_PHONE_LABEL = "|".join(
    f"(?<={re.escape(label + gap)})" for label in _PHONE_LABELS for gap in (" ", ":", ": ", "")
)


def _written(words: str) -> str:
    """Words as they are written: small, with a capital, in capitals. Ten times faster to look for than any case."""
    return "|".join(dict.fromkeys(f for w in words.split() for f in (f"[{w[0].upper()}{w[0]}]{w[1:]}", w.upper())))


# Words that a number right after them is a telephone number by, whatever its form.
_PHONE_WORDS = (
    _written(
        "telephone téléphone telefono teléfono telefon tel tél phone fon mobile mobil móvil cellulare handy fax "
        "rufnummer hotline whatsapp"
    )
    + "|WhatsApp|电话|座机|手机|传真|热线|联系方式"
)
_PHONE_LABEL = (
    rf"(?:{_PHONE_WORDS})(?:[ ._-]{{0,2}}(?:[Nn]o|[Nn]r|[Nn]um|[Nn]umber|[Nn]ummer|n°|#|号码|号))?[ .:：=#(]{{0,4}}"
    r"(?:(?:is|est|ist|es|è|为|是)[ :：]{0,2})?"
)
_LABELLED_PHONE = re.compile(rf"(?<![A-Za-z]){_PHONE_LABEL}$")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[ ./-][0-9]{1,2}[ ./-]")


def _labelled_phone(found: re.Match[str]) -> Span | None:
    """A number right after a word for telephone, unless it is a date."""
    before = found.string[max(0, found.start() - 40) : found.start()]
    return found.span() if _LABELLED_PHONE.search(before) and not _DATE.match(found.group()) else None


def _phone(shape: str) -> Rule:
    return Rule("PHONE", re.compile(shape + NUMBER_RIGHT, re.IGNORECASE), LONG_NUMBER)


PHONE_RULES = (
    _phone(r"\+86[ -]?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"),
    _phone(r"\+1[ .-]?\(?[2-9][0-9]{2}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}"),
    # Points separate the groups of a phone all through or not at all: a single one makes a decimal.
    _phone(r"\+[1-9][0-9]{0,2}\.[0-9]{1,4}(?:\.[0-9]{2,4}){2,5}"),
    _phone(r"\+[1-9][0-9]{0,2}[ -]?(?:\([0-9]{1,4}\)[ -]?)?[0-9](?:[ -]?[0-9]){5,12}"),
    _phone(NUMBER_LEFT + r"(?<![0-9][ -])00[1-9][0-9]{0,2}[ -](?:[ ()-]{0,2}[0-9]){7,13}"),
    _phone(NUMBER_LEFT + r"(?:86[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}"),
    _phone(r"(?:" + NUMBER_LEFT + r"1[ .-])?\([2-9][0-9]{2}\)[ .-]?[0-9]{3}[ .-]?[0-9]{4}"),
    _phone(NUMBER_LEFT + r"(?:1([ .-]))?[2-9][0-9]{2}([.-])[0-9]{3}\2[0-9]{4}"),
    _phone(NUMBER_LEFT + r"0[0-9]{2,3}-[0-9]{7,8}(?:-[0-9]{1,5})?"),
    # National forms that nothing else has: France, Germany, the United Kingdom, China.
    _phone(NUMBER_LEFT + r"0[1-9]([ .-])[0-9]{2}(?:\1[0-9]{2}){3}"),
    _phone(NUMBER_LEFT + r"0[1-9][0-9]{1,4} ?/ ?[0-9]{5,8}(?:-[0-9]{1,4})?"),
    _phone(
        NUMBER_LEFT
        + r"\(?0(?:20\)? [0-9]{4} [0-9]{4}|1[0-9]{2,3}\)? [0-9]{3} [0-9]{4}|[17][0-9]{3}\)? [0-9]{6}|7[0-9]{3} "
        r"[0-9]{3} [0-9]{3})"
    ),
    _phone(r"(?<![A-Za-z0-9_])\(0[0-9]{2,3}\)[ -]?[0-9]{7,8}"),
    _phone(NUMBER_LEFT + r"0[0-9]{2,3} [0-9]{8}"),
    _phone(NUMBER_LEFT + r"1[3-9][0-9]\.[0-9]{4}\.[0-9]{4}"),
    Rule(
        "PHONE",
        re.compile(NUMBER_LEFT + r"\(?[0-9](?:[ ./()-]{0,2}[0-9]){6,13}" + NUMBER_RIGHT),
        Need(_PHONE_LABEL + r"\(?[0-9](?:[ ./()-]{0,2}[0-9]){6}", before=2, after=48),
        _labelled_phone,
    ),
    _phone(NUMBER_LEFT + rf"(?=[2-9])(?:{_AFTER_PHONE_LABEL})[0-9]{{3}}[ .-]?[0-9]{{3}}[ .-]?[0-9]{{4}}"),
)
