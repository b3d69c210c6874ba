"""Labelling: people compare two answers on a small local page, and what they said becomes preferences, or the judgement
of two versions. No Dagster. Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
