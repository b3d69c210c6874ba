"""One value of a probe: a kind's way of writing, the value, and a sentence for it.

Belongs here: how these are drawn, and what copying from web pages leaves behind. Does not: the values and sentences
themselves (`probe_formats.py`, `probe_sentences.py`), how a probe is put together (`probe.py`)."""

from __future__ import annotations

from random import Random

from genaiops_assets.privacy.probe_formats import FORMATS, HARD_FORMATS
from genaiops_assets.privacy.probe_sentences import SENTENCES

# Kinds that are also written in other sentences or other ways, by language: drawn as often as the kind's own.
_OTHER = {
    ("en", "SECRET"): ("SECRET assigned", "SECRET bearer"),
    ("zh", "SECRET"): ("SECRET assigned",),
    ("en", "SSN"): ("SSN labelled",),
    ("en", "PHONE"): ("PHONE national",),
}
# Characters that come with a copy from a page and that nobody sees; one value of fifty holds one.
COPIED = 0.02
UNSEEN = ("\u200b", "\u2060", "\u00ad", "\ufeff")


def kinds_of(language: str) -> list[str]:
    return sorted({name.split(" ")[0] for name in SENTENCES[language]})


def draw(rng: Random, language: str, kind: str, hard: bool) -> tuple[str, str, str]:
    """Name of the format, the value, and a sentence with `{}` for it."""
    name = rng.choice((kind, *_OTHER.get((language, kind), ())))
    of_language = f"{name} {language}" if f"{name} {language}" in FORMATS else name
    ways = HARD_FORMATS[of_language] if hard and of_language in HARD_FORMATS else FORMATS[of_language]
    way = rng.choice(sorted(ways))
    value, written = ways[way](rng), f"{of_language.removeprefix(kind).strip()} {way}".strip()
    if rng.random() < COPIED and len(value) > 4:
        place = rng.randint(1, len(value) - 1)
        value, written = value[:place] + rng.choice(UNSEEN) + value[place:], f"{written}, copied"
    return written, value, rng.choice(SENTENCES[language][name])
