"""Retrieval: documents to passages, passages to vectors, questions to passages. No Dagster."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
