"""Findings that forbid a release whatever the gates say: a version with one is a `no_go` with that reason.

Belongs here: the list of sources, and asking them all. Does not belong here: how a source finds what it finds (a
function of its own, in a file of its own), or the verdict (`assets/release/release_decision.py`).

Unlike a gate that failed, such a finding can be cured: a risk can be accepted anew, an action closed. So it is asked
again whenever somebody approves or promotes, and a decision that only it made a `no_go` is not final."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from genaiops_assets.governance.audit import undecided_scope
from genaiops_assets.governance.risk.acceptance import published_records, residual_risks
from genaiops_assets.governance.risk.register import build_register
from genaiops_assets.governance.risk.severe import severe_findings
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

Source = Callable[[Lake, UseCase, str, date], list[str]]


def unaccepted_risks(lake: Lake, uc: UseCase, version: str, today: date) -> list[str]:
    """Risks that need an acceptance and have none that holds for this version today."""
    found = residual_risks(lake, uc, version, published_records(lake, uc), today)
    return [f"residual risk {one.risk} ({one.title}): {one.why}" for one in found if one.blocks]


def open_severe_actions(lake: Lake, uc: UseCase, version: str, today: date) -> list[str]:
    """Failure modes of severity 9 or 10 without an action, or with one that is not done; they do not wait for its due
    date, and what was measured of a version changes nothing here."""
    return severe_findings(build_register(uc.name, uc.title, uc.language, published_records(lake, uc)))


SOURCES: tuple[Source, ...] = (unaccepted_risks, open_severe_actions, undecided_scope)


def blocking_findings(lake: Lake, uc: UseCase, version: str, today: date) -> list[str]:
    """One sentence for each finding, in the order of the sources; none: only the gates decide."""
    return [finding for source in SOURCES for finding in source(lake, uc, version, today)]
