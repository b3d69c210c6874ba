"""Operations: copies of a home, and what may go from it. Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
