"""The evaluation report as a page people read: what a version may be used for, what failed, what nobody knows yet.

Belongs here: the content of the page as JSON made of claims, and the page itself (HTML, drawn without a library). Does
not belong here: measuring or judging anything (`evaluation`). Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
