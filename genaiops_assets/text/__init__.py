"""What every other package may ask of a piece of English or Chinese text: its words, its sentences, its masked form.

Belongs here: pure functions from strings to strings, tokens and offsets. Does not: models, files, or knowledge of corpora.
"""

from genaiops_assets.text.masking import Masked, mask
from genaiops_assets.text.tokens import language, lone_characters, ngrams, normalise, sentence_spans, sentences, words

__all__ = ["Masked", "language", "lone_characters", "mask", "ngrams", "normalise", "sentence_spans", "sentences", "words"]
