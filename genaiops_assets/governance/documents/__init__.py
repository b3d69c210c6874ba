"""Documents: model card, datasheet, dataset card, Croissant, bias log, privacy record, training-content summary.

Each is built as JSON whose numbers are claims, then rendered. Other rooms import from this face only.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
