"""Conditions on what may be found, as people state them: classes of access, dates, sources, licences.

Belongs here: turning them into what the index has (sources and batches). Does not belong here: search itself. The
class of a source is what the use case file says today: a source that is closed is closed at once, without a new index.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from genaiops_assets.errors import Unusable
from genaiops_assets.lake import Lake
from genaiops_assets.retrieval import Only
from genaiops_assets.use_case import UseCase

INBOX = "inbox"


def search_conditions(
    lake: Lake,
    uc: UseCase,
    *,
    access: Collection[str] = (),
    sources: Collection[str] = (),
    licenses: Collection[str] = (),
    since: date | None = None,
    until: date | None = None,
) -> Only:
    """`access`: any of these classes, all where none is given; a source whose class nobody stated is in none of them.
    `since`, `until`: the days on which a document's present text was first read, both included (UTC). Raises ValueError
    naming the known ones on an unknown class or source."""
    classes = {**{s.name: s.access for s in uc.sources}, INBOX: uc.inbox.access}
    known("access class", access, {its for its in classes.values() if its})
    known("source", sources, set(classes))
    readable = [
        name for name, its in classes.items() if (not access or its in access) and (not sources or name in sources)
    ]
    first, last = batches_between(lake, uc, since, until) if since or until else (None, None)
    return Only(tuple(readable) if access or sources else None, tuple(licenses), since=first, until=last)


def known(what: str, named: Collection[str], there: set[str]) -> None:
    for name in named:
        if name not in there:
            raise Unusable(f"no {what} {name!r}: there are {', '.join(sorted(there))}")


def batches_between(lake: Lake, uc: UseCase, since: date | None, until: date | None) -> tuple[int, int]:
    """First and last batch of documents read on these days; batches are in the order of time. (1, 0), an empty range,
    where there is none."""
    rights = lake.current(uc.key("documents")).snapshot(uc.key("rights"))
    rows = lake.tables.rows(rights, ["first_seen", "fetched_at"], "id LIKE 'document:%'")
    days = {r["first_seen"]: date.fromisoformat(r["fetched_at"][:10]) for r in rows}
    chosen = [batch for batch, day in days.items() if (since or day) <= day <= (until or day)]
    return (min(chosen), max(chosen)) if chosen else (1, 0)
