"""A test plan after the tests: which ran on a model version, and what rate of failures each of them found.

Belongs here: finding each test's figure in the reports. Does not belong here: the plan (`test_plan.py`), ratings and
priorities (`fmea.py`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from genaiops_assets.evidence import resolve_pointer
from genaiops_assets.governance.risk.occurrence import FailureRate, failure_rate
from genaiops_assets.use_case import Criterion

SECTIONS = {"golden": "/cells", "retrieval": "/retrieval", "new_topics": "/new_topics"}  # others: /suites/NAME
RED_TEAM = "/classes"
EFFECTS = "/effects/"


@dataclass(frozen=True)
class Reports:
    """What there is of a model version. `made`: assets that have an output; `seen`: RISK/FAILURE_MODE → how often it
    was seen in use, of `answers` that were logged (0: nobody logs)."""

    evaluation: Mapping[str, Any]
    gates: Sequence[Criterion] = ()
    red_team: Mapping[str, Any] | None = None
    made: Collection[str] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
    answers: int = 0


@dataclass(frozen=True)
class Resolved:
    """A test of the plan, whether it ran, the figure it rests on, and the rate of failures where it measures one."""

    kind: str
    name: str
    ran: bool
    why_not: str = ""
    pointer: str = ""
    rate: FailureRate | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"kind": self.kind, "name": self.name, "ran": self.ran}
        more = {"why_not": self.why_not, "pointer": self.pointer, "rate": self.rate.to_dict() if self.rate else None}
        return {**told, **{k: v for k, v in more.items() if v}}


def resolve(test: Mapping[str, Any], reports: Reports) -> Resolved:
    """One test of the plan {kind, name, figure, failures} on the reports of a version."""
    if test["kind"] == "suite":
        return of_report(test, reports.evaluation, SECTIONS.get(test["name"], f"/suites/{test['name']}"), "report")
    if test["kind"] == "gate":
        return of_gate(test, reports)
    if test["kind"] == "red_team":
        if reports.red_team is None:
            return not_run(test, "there is no report of the red team")
        return of_report(test, reports.red_team, f"{RED_TEAM}/{test['name']}", "report of the red team")
    ran = test["name"] in reports.made
    return Resolved("asset", test["name"], ran, "" if ran else f"{test['name']} was never made")


def of_report(test: Mapping[str, Any], report: Mapping[str, Any], section: str, what: str) -> Resolved:
    """Ran: the section is there and not empty, and so is the figure where one is named."""
    try:
        found = resolve_pointer(report, section)
    except KeyError:
        return not_run(test, f"the {what} has no {section}")
    if not found or (isinstance(found, Mapping) and found.get("items") == 0):
        return not_run(test, f"{section} of the {what} has no items")
    if "figure" not in test:
        return Resolved(test["kind"], test["name"], ran=True, pointer=section)
    return of_figure(test, report, test["figure"], test["failures"])


def of_gate(test: Mapping[str, Any], reports: Reports) -> Resolved:
    """A gate ran where its figure has items. An effect, or a difference to the champion, is no rate of failures."""
    gate = next((one for g in reports.gates for one in g.on_each_slice() if one.id == test["name"]), None)
    if gate is None:
        return not_run(test, f"the success criteria have no gate {test['name']}")
    report = reports.evaluation if str(gate.asset) == "eval_report" else reports.red_team
    if report is None:
        return not_run(test, f"there is no {gate.asset}")
    no_rate = EFFECTS in gate.metric or gate.against is not None
    return of_figure(test, report, gate.metric, None if no_rate else test.get("failures"))


def of_figure(
    test: Mapping[str, Any], report: Mapping[str, Any], pointer: str, failures: Literal["figure", "rest"] | None
) -> Resolved:
    try:
        interval = resolve_pointer(report, pointer)
    except KeyError:
        return not_run(test, f"the report has no {pointer}")
    if not isinstance(interval, Mapping) or not interval.get("n"):
        return not_run(test, f"{pointer} has no items")
    rate = failure_rate(interval, failures) if failures else None
    return Resolved(test["kind"], test["name"], True, pointer=pointer, rate=rate)


def not_run(test: Mapping[str, Any], why: str) -> Resolved:
    return Resolved(test["kind"], test["name"], ran=False, why_not=why)
