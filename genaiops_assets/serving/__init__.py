"""Serving: answers over the index and the masked log of what was asked. No Dagster, no network service yet."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
