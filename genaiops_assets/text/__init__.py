"""What every other package may ask of a piece of English or Chinese text: its words, its sentences, its masked form.

Belongs here: pure functions from strings to strings, tokens and offsets. Does not: models, files, or knowledge of corpora.
"""

from genaiops_assets.text.masking import Masked, mask, mask_all
from genaiops_assets.text.tokens import language, ngrams, normalise, sentence_spans, sentences, words

__all__ = ["Masked", "language", "mask", "mask_all", "ngrams", "normalise", "sentence_spans", "sentences", "words"]
