"""Where things live: artifacts, tables, memo, heads, references, ledger. No Dagster, no models, no meaning."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
