"""Knowledge search: what was written and decided, found by words and by meaning.

Belongs here: which texts of a home are searched, the index in its cache, asking it. Does not belong here: the documents
people ask the model about (`retrieval` and its index), searching the ledger by words alone (`governance/lineage`).
Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
