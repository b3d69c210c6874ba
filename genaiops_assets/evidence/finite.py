"""Figures that are recorded are finite numbers: the one place where others are refused.

Belongs here: that rule. Does not belong here: what the figures mean, where they are recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from genaiops_assets.errors import Unusable


class NotFinite(Unusable):
    """A figure is NaN or infinite. GraphQL shows it as null and no strict JSON reader takes it; the message names
    it."""


def require_finite(figures: Any, name: str = "figures") -> None:
    """Raises NotFinite naming the first figure that is not a finite number, in numbers, mappings and lists of any
    depth; `name` is what the message calls the whole."""
    if isinstance(figures, Mapping):
        for key, value in figures.items():
            require_finite(value, f"{name}/{key}")
    elif isinstance(figures, list | tuple):
        for place, value in enumerate(figures):
            require_finite(value, f"{name}/{place}")
    elif isinstance(figures, Real) and not math.isfinite(figures):
        raise NotFinite(
            f"{name} is {figures}, not a finite number, so it is not recorded: see what it was computed from"
        )
