"""Service levels: each measure of a day beside the limit that the use case states for it.

Belongs here: which measure a limit is of, and when it counts as missed. Does not belong here: counting
(`measuring.py`), what a person does then (`cases.py`). A level is missed when the whole interval lies beyond the limit:
chance on few answers raises no alarm. A sum has no interval and is compared as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from genaiops_assets.governance.monitoring import measuring
from genaiops_assets.use_case import Slos


@dataclass(frozen=True)
class Level:
    """One measure of a day. `limit` None: nothing is promised; `at_least`: the limit is one from below."""

    name: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    limit: float | None = None
    at_least: bool = False

    @property
    def missed(self) -> bool:
        """Whether the level was shown to be missed; never over no answers."""
        if self.limit is None or self.value is None:
            return False
        nearest = self.high if self.at_least else self.low
        return nearest is not None and (nearest < self.limit if self.at_least else nearest > self.limit)

    @property
    def standing(self) -> str:
        """`kept`, `missed`, `not shown` (the limit lies within the interval), `not measured`, or `no limit`."""
        if self.limit is None:
            return "no limit"
        if self.value is None:
            return "not measured"
        if self.missed:
            return "missed"
        kept = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "kept" if kept else "not shown"

    def in_words(self) -> str:
        side = "below" if self.at_least else "above"
        return f"{self.name} is {self.value:.4g} {self.unit} over {self.n} answers, {side} {self.limit:g}"

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "standing": self.standing}


def levels_of(
    rows: Sequence[Mapping[str, Any]],
    slos: Slos,
    *,
    feedback: Mapping[str, Any],
    costs: Mapping[str, Any],
    quality: Mapping[str, Any],
    currency: str,
) -> list[Level]:
    """All measures of a day's rows, in the order in which people ask for them."""
    told = measuring.answers(rows)
    made = (
        ("seconds, median", "s", measuring.seconds_of(told, 0.5), None),
        ("seconds, 95 of 100", "s", measuring.seconds_of(told, 0.95), slos.seconds_p95),
        ("failures", "of answers", measuring.failures_of(told), slos.error_rate),
        ("interventions", "of answers", measuring.interventions_of(told), slos.intervention_rate),
        ("thumbs down", "of rated", measuring.thumbs_down_of(feedback), slos.thumbs_down_rate),
        ("cost", f"{currency} per 1,000", measuring.cost_of(costs), slos.cost_per_1000),
        ("energy", "Wh per 1,000", measuring.energy_of(told, slos.watts), slos.watt_hours_per_1000),
    )
    return [
        *(level(name, unit, found, limit) for name, unit, found, limit in made),
        level("quality", "of 1", quality, slos.quality, at_least=True),
    ]


def level(name: str, unit: str, found: Mapping[str, Any], limit: float | None, *, at_least: bool = False) -> Level:
    value = found["value"] if "value" in found else found["mean"]
    method = str(found["method"])
    return Level(name, unit, value, found["low"], found["high"], found["n"], method, limit, at_least)
