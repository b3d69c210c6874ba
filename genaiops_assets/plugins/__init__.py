"""Plug-ins: what a name in a use case file stands for, ours or from an installed distribution. Other rooms import from
this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
