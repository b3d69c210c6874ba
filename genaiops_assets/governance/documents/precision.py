"""How exactly a recipient of the Model Documentation Form is told a number: two figures, an order of magnitude, a
range.

Belongs here: those forms of a number. Does not belong here: which row takes which form (`technical_fields.yaml`).

Source: Code of Practice for general-purpose AI, Transparency chapter, Model Documentation Form (10 July 2025)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

SIZES = (  # upper bound in parameters, name
    (5e8, "1–500 M"), (5e9, "500 M–5 B"), (1.5e10, "5–15 B"), (5e10, "15–50 B"), (1e11, "50–100 B"),
    (5e11, "100–500 B"), (1e12, "500 B–1 T"),
)  # fmt: skip
MONTHS = ((1, "under_1_month"), (3, "months_1_to_3"), (6, "months_3_to_6"))
DAY, MONTH = 86_400, 30.4375 * 86_400  # seconds
TOKENS = 100_000  # of the inference that is counted
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def power(exponent: int) -> str:
    return f"10{str(exponent).translate(RAISED)}"


def two_figures(value: float) -> str:
    """`1.1 × 10¹²`; `93` and `0.0031` as they are: never more than two significant figures."""
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.1e}"))))
    if -4 <= exponent < 4:
        rounded = round(value, 1 - exponent)
        return f"{rounded:,.{max(0, 1 - exponent)}f}"
    return f"{value / 10**exponent:.1f} × {power(exponent)}"


def order_of_magnitude(value: float) -> str:
    """`10¹²` for 1.1e12 and for 9e12: the exponent of its first figure."""
    return "0" if value == 0 else power(math.floor(math.log10(abs(value))))


def size_range(parameters: float) -> str:
    """The form's class of a number of parameters, such as `1–500 M`."""
    return next((name for below, name in SIZES if parameters <= below), "> 1 T")


def months(seconds: float) -> str:
    """The form's class of a training time, as the name of a label: `under_1_month` to `over_6_months`."""
    return next((name for below, name in MONTHS if seconds < below * MONTH), "over_6_months")


FORMS: dict[str, Callable[[float, Mapping[str, Any]], str]] = {
    "two_figures": lambda value, t: two_figures(value),
    "order_of_magnitude": lambda value, t: order_of_magnitude(value),
    "size_range": lambda value, t: size_range(value),
    "days": lambda value, t: f"{two_figures(value / DAY)} {t['days']}",
    "months": lambda value, t: str(t[months(value)]),
    "mwh": lambda value, t: f"{two_figures(value / 1000)} MWh",
    "inference": lambda value, t: f"{two_figures(2 * value * TOKENS)} FLOP",
}


UNITS = {"days": "s", "mwh": "kWh"}  # of what is measured, where a form changes it


def exactly(value: Any, form: str) -> Any:
    """A value as it was measured, with its unit where the form tells others another one."""
    return f"{value:,} {UNITS[form]}" if form in UNITS and isinstance(value, int | float) else value


def told(value: Any, form: str, t: Mapping[str, Any]) -> Any:
    """A value in this form, in the language of the labels `t`; what is no number stays as it is. KeyError for a form
    that does not exist."""
    made = FORMS[form]
    return made(value, t) if isinstance(value, int | float) and not isinstance(value, bool) else value
