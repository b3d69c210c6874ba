"""Serving: answers over the index, the gateway that gives them over HTTP, and the masked log of what was asked. No
Dagster."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
