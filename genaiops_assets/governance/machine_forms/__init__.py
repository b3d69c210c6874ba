"""Machine forms: a model version as files that other tools read and verify without us.

Belongs here: what a form is given, the lineage of a version from lake and ledger, and one module a form. Does not
belong here: forms of evaluations alone (`evaluation_exports`), Croissant (`documents/croissant.py`), making keys
(`release/signing.py`). Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
