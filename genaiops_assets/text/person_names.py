"""Names of people: the form in which they are compared, and which spellings are refused.

Belongs here: comparing names and telling a reason from blank text. Does not belong here: who may do what
(`governance/release`).

Unicode Technical Standard 39 (security mechanisms) calls two strings confusable when they share a skeleton; the table
below is the part of its data that imitates Latin letters with Cyrillic and Greek ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from genaiops_assets.errors import GenaiopsError

LOOK_ALIKES = str.maketrans(
    "авекмнорстухіјѕԁһԛԝѵցγικνορτυχαβεηζμ",
    "abekmhopctyxijsdhqwvgyiknoptuxabehzm",
)
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
TOGETHER = ({"CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO"}, {"CJK", "HANGUL"})


class UnusableName(GenaiopsError, ValueError):
    """A name that nobody can tell from another one by looking at it; the message says why."""


def canonical_name(name: str) -> str:
    """The form in which names are compared: NFKC, case folded, blanks collapsed. Raises UnusableName for a name that is
    empty, holds invisible characters, or mixes writing systems within a word."""
    if hidden := [c for c in name if unicodedata.category(c) in UNSEEN]:
        codes = ", ".join(f"U+{ord(c):04X}" for c in dict.fromkeys(hidden))
        raise UnusableName(f"the name {visible(name)!r} holds invisible characters ({codes}): type it anew")
    plain = " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
    if not any(c.isalpha() for c in plain):
        raise UnusableName("a name needs at least one letter")
    for word in plain.split():
        found = scripts(word)
        if len(found) > 1 and not any(found <= together for together in TOGETHER):
            raise UnusableName(
                f"the name {name!r} mixes {' and '.join(sorted(found))} letters in one word: type it anew"
            )
    return plain


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: equal but for case, blanks, width and letters that look the same. Raises
    UnusableName."""
    return name_key(one) == name_key(other)


def name_key(name: str) -> str:
    """The one form of a person's name, for dictionaries and sets: two names are one person's where it is equal. Raises
    UnusableName."""
    return skeleton(canonical_name(name))


def each_once(names: Iterable[str]) -> list[str]:
    """The persons among names, each by the first spelling. Raises UnusableName."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return list(found.values())


def stands_among(name: str, people: Iterable[str]) -> bool:
    """Whether a name that was written down earlier is one of these people's; False where either cannot be told from
    another. For reading records, where nobody can be asked to type anew."""
    try:
        wanted = name_key(name)
    except UnusableName:
        return False
    return any(wanted == key for person in people if (key := _key_or_none(person)))


def _key_or_none(name: str) -> str | None:
    try:
        return name_key(name)
    except UnusableName:
        return None


def skeleton(canonical: str) -> str:
    return canonical.translate(LOOK_ALIKES)


def scripts(word: str) -> set[str]:
    """Writing systems of a word's letters, by the first word of their Unicode names: LATIN, CYRILLIC, CJK."""
    return {unicodedata.name(c, "UNKNOWN").split()[0].split("-")[0] for c in word if c.isalpha()}


def says_something(text: str) -> bool:
    """Whether a text holds at least one letter or digit a reader can see."""
    return any(c.isalnum() for c in text)


def visible(text: str) -> str:
    """A text without the characters nobody sees."""
    return "".join(c for c in text if unicodedata.category(c) not in UNSEEN)
