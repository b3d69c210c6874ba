"""Classification: what a model and a system are before the law, and which documents they therefore owe.

Thresholds, dates and duties of each jurisdiction are data (`rules/*.yaml`) with source and day of checking; what only
people can say is `dossier/regulatory_classification.yaml` of the use case. Other rooms import from this face only."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
