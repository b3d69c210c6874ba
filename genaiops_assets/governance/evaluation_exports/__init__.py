"""Evaluations in the forms of others: a judged version as files that other tools read.

Belongs here: what an exporter of evaluations is given, and one module a form. Does not belong here: measuring, or our
own page (`evaluation_page`). Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
