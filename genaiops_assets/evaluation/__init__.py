"""Evaluation: scores, intervals and release gates. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
