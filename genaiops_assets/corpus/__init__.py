"""The corpus: reading sources, documents with rights, filtering by recipe with a reason for every row, figures. No
Dagster."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
