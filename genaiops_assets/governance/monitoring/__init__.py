"""Monitoring: what a day's answers were like, the service levels a use case promised, and cases where one was missed.
Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
