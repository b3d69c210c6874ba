"""Records: what people decide, find and promise, written down as files: one shape, a schema for each kind.

Belongs here: kinds, reading, signatures, what is due. Does not belong here: approvals of a model version, which are
entries of the ledger (`governance/release`). Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
