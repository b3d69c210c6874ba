"""What every other package may ask of a piece of English or Chinese text: its words, its sentences, its masked form,
its lines of JSON.

Belongs here: pure functions from strings to strings, tokens and offsets. Does not: models, files, or knowledge of
corpora."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
