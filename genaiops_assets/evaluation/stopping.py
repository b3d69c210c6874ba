"""When a suite may end before all its items were asked: as soon as every gate on it is decided.

Belongs here: which suites may, in which order their items come, and whether the gates are decided by those asked so
far. Does not belong here: asking (a payload), gates (`gates.py`), the intervals (`anytime.py`).

What makes it safe: items come in an order drawn beforehand from seed and id, never one chosen by scores, and every
figure of such a suite has an interval that holds whenever one stops. So its gates pass wrongly no more often than
those of a suite that is asked whole; the price is a wider interval where the items run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.evaluation.anytime import AnytimeMeasure
from genaiops_assets.evaluation.gates import apply_gate
from genaiops_assets.evaluation.report import scored, section_of
from genaiops_assets.evaluation.suites.base import Item, Suite, World, answers_of, is_comparing, is_reading
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import Criterion

PART = 16  # items between two looks
WHOLE = "asked whole"


@dataclass
class Stopping:
    """The suites of an evaluation that may end early. `gates`: of the success criteria; `after`: suite → items asked,
    of those that may end early and were asked."""

    gates: Sequence[Criterion]
    measure: AnytimeMeasure
    seed: int
    after: dict[str, int] = field(default_factory=dict)

    def gates_on(self, suite: Suite) -> list[Criterion]:
        """Every gate on the suite's own cells, its slices apart; none where the suite is asked whole."""
        if is_reading(suite) or is_comparing(suite) or answers_of(suite) or getattr(suite, "judged_by", None):
            return []
        parts = [one for gate in self.gates for one in gate.on_each_slice()]
        on = [
            gate for gate in parts if gate.asset == "eval_report" and gate.metric.startswith(f"/suites/{suite.name}/")
        ]
        if not on or any(gate.against or gate.metric.split("/")[3] != "cells" for gate in on):
            return []
        return on if len({suite.speakers.get(gate.metric.split("/")[4]) for gate in on}) == 1 else []

    def ordered(self, suite: Suite, items: Sequence[Item]) -> list[Item]:
        """As they are asked: groups in an order drawn from seed and name, where the suite may end early."""
        if not self.gates_on(suite):
            return list(items)
        return sorted(items, key=lambda item: (digest_of([self.seed, suite.name, item.group or item.id]), item.id))

    def asked(self, suite: Suite, items: Sequence[Item]) -> list[Item]:
        """Those of the items in their order that were asked."""
        return list(items[: self.after.get(suite.name, len(items))])

    def looks(self, items: Sequence[Item]) -> list[int]:
        """How many items stand before each look: at least so many more each time, never half a group."""
        found, last = [], 0
        for place in range(1, len(items) + 1):
            ends = place == len(items) or not items[place].group or items[place].group != items[place - 1].group
            if ends and (place - last >= PART or place == len(items)):
                found.append(place)
                last = place
        return found

    def decided(self, suite: Suite, items: Sequence[Item], answers: Mapping[str, Sequence[str]], world: World) -> bool:
        """Whether every gate on the suite passes or fails by these items."""
        section = section_of(suite, scored(suite, items, answers, world), self.measure)
        return all(apply_gate(gate, section).status in ("pass", "fail") for gate in self.gates_on(suite))

    def told(self, suite: Suite, of: int) -> dict[str, Any]:
        """What the report says of it; nothing for a suite that is asked whole."""
        if suite.name not in self.after:
            return {}
        after = self.after[suite.name]
        why = "every gate on it was decided" if after < of else "no item was left"
        return {"stopped": {"after": after, "of": of, "why": why, "looks_every": PART, "intervals": "anytime"}}
