"""What is due, overdue or expired on a day.

Belongs here: comparing dates. Does not belong here: when that is asked (a daily job: memo keys know no time).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from genaiops_assets.governance.records.schema import Record


@dataclass(frozen=True)
class Overdue:
    """A record that nobody saw to in time."""

    record: Record
    why: str

    def __str__(self) -> str:
        who = f", {self.record.owner or self.record.author} sees to it"
        return f"{self.record.id} ({self.record.title}): {self.why}{who}"


def overdue(records: Iterable[Record], today: date) -> list[Overdue]:
    """Records whose due date has passed without `done_on`, and those that hold no more, the longest late first."""
    found: list[tuple[date, Overdue]] = []
    for record in records:
        if record.done_on is not None:
            continue
        if record.due and record.due < today:
            found.append((record.due, Overdue(record, f"was due on {record.due}")))
        if record.expires and record.expires < today:
            found.append((record.expires, Overdue(record, f"expired on {record.expires}")))
    return [late for _, late in sorted(found, key=lambda pair: (pair[0], pair[1].record.id))]
