"""Whether the public summary of training content is due for an update.

Belongs here: that one comparison of days. Does not belong here: how often the template asks for it
(`content_template.yaml`), or what the summary says (`content_summary.py`)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from genaiops_assets.governance.documents.content_summary import update_rule

LONGEST_MONTHS = 184 / 6  # days of the longest half-year, from July to December


@dataclass(frozen=True)
class SummaryAge:
    """`problem`: what is wrong, "" for nothing; `overdue`: whether that is a day that has passed; `due`: the day by
    which the summary is to be updated, "" where nobody wrote when it was."""

    problem: str
    overdue: bool
    due: str


def summary_age(summary: Mapping[str, Any], today: date) -> SummaryAge:
    """`summary`: the document; what counts is the day that people wrote into it, not the day on which it was made."""
    written, months = summary["last_update"], update_rule()["months"]
    if "text" not in written:
        return SummaryAge("nobody wrote when it was last updated (training_content.last_update)", False, "")
    last = date.fromisoformat(written["text"])
    due = months_after(last, months)
    if last > today:
        return SummaryAge(f"its last update ({last}) lies in the future", False, due.isoformat())
    if due < today:
        return SummaryAge(f"was last updated on {last}: due by {due}, {months} months later", True, due.isoformat())
    return SummaryAge("", False, due.isoformat())


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def longest_wait() -> timedelta:
    """The longest time that may pass between two updates, and a day for the run that makes the second."""
    return timedelta(days=round(update_rule()["months"] * LONGEST_MONTHS) + 1)
