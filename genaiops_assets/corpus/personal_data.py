"""Personal data in many texts: which texts are worth a closer look, and what the masking engine finds in those.

Belongs here: the cheap look that spares the engine most texts, wide enough that nothing the engine would find is missed. Does not
belong here: the patterns and checksums themselves (`genaiops_assets.text.mask`).
"""

from __future__ import annotations

from collections import Counter

import polars as pl

from genaiops_assets.text import mask

_DIGIT, _GAP = "[0-9０-９]", r"[ .()\-\x{a0}\x{2007}\x{2009}\x{202f}\x{3000}\x{2010}-\x{2014}（）．－]"
# Wider than every rule of the engine: its shapes without their boundaries, checksums and labels.
_HEX, _LETTER = "[0-9A-Fa-f０-９Ａ-Ｆａ-ｆ]", "[A-Za-zＡ-Ｚａ-ｚ]"
# Wider than every rule of the engine: its shapes without their boundaries, checksums and labels.
_SHAPES = (
    "[@＠]",
    f"{_DIGIT}(?:{_GAP}?{_DIGIT}){{9}}",  # cards, national ids and most phones: ten digits
    f"[+＋]{_DIGIT}(?:{_GAP}{{0,4}}{_DIGIT}){{5}}",  # international phones
    f"[0０]{{2}}{_DIGIT}{{1,3}}{_GAP}(?:{_GAP}{{0,2}}{_DIGIT}){{7}}",
    rf"[(（]{_DIGIT}{{3}}[)）]{_GAP}?{_DIGIT}{{3}}{_GAP}?{_DIGIT}{{4}}",
    f"{_DIGIT}{{1,3}}(?:[.．]{_DIGIT}{{1,3}}){{3}}",  # IPv4
    f"[23Ff２３Ｆｆ]{_HEX}{{3}}[:：]{_HEX}{{0,4}}[:：]",  # IPv6
    f"{_LETTER}{{2}}{_DIGIT}{{2}}(?:{_GAP}?(?:{_LETTER}|{_DIGIT})){{11}}",  # IBAN
    "sk-[A-Za-z0-9_-]{16}|A[KS]IA[A-Z0-9]{16}|gh[pousr]_|github_pat_|glpat-|hf_[A-Za-z0-9]{20}|xox[abeprs]-|AIza|eyJ[A-Za-z0-9_-]{10}",
    "[Ａ-Ｚａ-ｚ＿]{4}",  # a secret in full-width letters
)
_WORTH_A_LOOK = "|".join(_SHAPES)


def may_hold_personal_data(texts: pl.Series) -> pl.Series:
    """For each text whether the masking engine could find anything in it; false only where it cannot."""
    return texts.str.contains(_WORTH_A_LOOK)


def personal_data_counts(texts: pl.Series) -> Counter[str]:
    """Occurrences by kind, as `mask` counts them."""
    found: Counter[str] = Counter()
    for text in texts.filter(may_hold_personal_data(texts)):
        found.update(mask(text).counts)
    return found
