"""The release dossier of a model version: a folder of pages, evidence and a verifier that works without this platform.

Belongs here: what goes into it, what stays at home, the pages, and the one file that checks it (`verify.py`, which
imports nothing of ours). Does not belong here: any one document, Dagster. Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
