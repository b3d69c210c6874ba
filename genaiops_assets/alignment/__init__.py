"""Alignment: preference pairs, people's feedback, training methods and the plan that fixes a training. No Dagster; the
trainings themselves run in payloads."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
