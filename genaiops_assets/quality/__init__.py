"""Quality: Great Expectations on tables of any size, and its Data Docs as files. No Dagster.

Belongs here: the public names of the package. Does not belong here: which expectations a table must meet (beside the
assets)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
