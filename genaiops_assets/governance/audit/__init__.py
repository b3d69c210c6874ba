"""Audits: what was found and has to be seen to, what was learnt from what went wrong, and whether the goals were met.

Belongs here: findings, post-mortems, goals against results, requests for a new scope, the audit summary's content. Does
not belong here: the internal review itself (`governance/compliance`), incidents (`governance/incidents`), fields of
records (`governance/records`). Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
