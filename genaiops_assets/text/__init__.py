"""What every other package may ask of a piece of English or Chinese text: its words, its sentences, its masked form.

Belongs here: pure functions from strings to strings, tokens and offsets. Does not: models, files, or knowledge of corpora.
"""

from genaiops_assets.text.masking import (
    ALONE_LEFT,
    ALONE_RIGHT,
    CARD_RULE,
    EARLY_RULES,
    LONG_NUMBER,
    NUMBER_LEFT,
    NUMBER_RIGHT,
    PHONE_RULES,
    Masked,
    luhn,
    mask,
    mask_all,
)
from genaiops_assets.text.scanning import Finding, Need, Rule, Span, replaced, scan, scan_closely, scan_one
from genaiops_assets.text.tokens import language, lone_characters, ngrams, normalise, sentence_spans, sentences, word_spans, words

__all__ = [
    "ALONE_LEFT", "ALONE_RIGHT", "CARD_RULE", "EARLY_RULES", "LONG_NUMBER", "NUMBER_LEFT", "NUMBER_RIGHT", "PHONE_RULES",
    "Finding", "Masked", "Need", "Rule", "Span", "language", "lone_characters", "luhn", "mask", "mask_all", "ngrams", "normalise", "replaced",
    "scan", "scan_closely", "scan_one", "sentence_spans", "sentences", "word_spans", "words",
]  # fmt: skip
