"""Compliance: which asset carries what the law and the frameworks ask for, and the internal review.

Articles, lifecycle rows and frameworks are data (`*.yaml`) with source and day of checking. Other rooms import from
this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
