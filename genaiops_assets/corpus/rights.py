"""Rights: whether a source may be taken in at all, and the row of the rights table for each source and document.

Belongs here: licence expressions (SPDX), reservations against text and data mining, retention. Does not belong here:
reading rows."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

_OWN_LICENCE = re.compile(r"^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$")
UNLIMITED = "unlimited"
_DAYS = re.compile(r"^(\d+) days$")


@dataclass(frozen=True)
class Feed:
    """One source (or the inbox) as the ingest payload sees it: a local path with its rights. `inbox` documents replace
    those of a source with the same id: they are newer versions. `retention`: "", "N days", an ISO date or
    "unlimited"."""

    name: str
    path: str
    format: str
    fields: dict[str, str]
    license: str
    owner: str
    rights_basis: str
    personal_data: str
    limit: int | None = None
    inbox: bool = False
    data_set: bool = False
    origin: str = ""
    digest: str = ""
    lawful_access_basis: str = ""
    personal_data_basis: str = ""
    retention: str = ""
    tdm_signals: dict[str, str] = field(default_factory=dict)
    robots: str = "unknown"


def refusal(feed: Feed) -> tuple[str, str] | None:
    """Field and reason why nothing of a source may be taken in; None when it may."""
    where = f"source {feed.name} refused:"
    if not feed.license.strip():
        return (
            "license",
            f"{where} no licence stated; write an SPDX expression, or LicenseRef-NAME for terms of your own, in "
            "use_case.yaml",
        )
    wrong = wrong_licence(feed.license)
    if wrong:
        return "license", f"{where} {wrong}"
    if not feed.owner.strip():
        return "owner", f"{where} no owner stated; name who holds the rights in use_case.yaml"
    reserved = sorted(protocol for protocol, signal in feed.tdm_signals.items() if signal == "reserved")
    if feed.rights_basis == "tdm_exception" and (reserved or feed.robots == "disallowed"):
        said = f"{', '.join(reserved)}: reserved" if reserved else "robots: disallowed"
        return (
            "rights_basis",
            f"{where} {said}; the exception for text and data mining (Directive (EU) 2019/790, Art. 4(3)) does not "
            "apply then",
        )
    return None


def wrong_licence(expression: str) -> str:
    """Why this is no SPDX licence expression, with the nearest identifier; empty when it is one."""
    from license_expression import ExpressionError, ExpressionParseError

    licensing = _spdx()
    try:
        unknown = licensing.unknown_license_keys(expression)
    except (ExpressionError, ExpressionParseError) as error:
        return f"{expression!r} is no SPDX licence expression ({str(error).splitlines()[0]})"
    wrong = [key for key in unknown if not _OWN_LICENCE.match(key)]
    if not wrong:
        return ""
    by_lower = {key.lower(): key for key in licensing.known_symbols if not key.startswith("LicenseRef-")}
    near = difflib.get_close_matches(wrong[0].lower().replace(" ", "-"), by_lower, 1, 0.5)
    hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
    return f"{wrong[0]!r} is no SPDX licence identifier{hint} (terms of your own: LicenseRef-NAME)"


@cache
def _spdx() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def retention_until(retention: str, fetched_at: str) -> str:
    """The day until which a text may be kept, ISO; empty when nobody set one, or none is set. Days count from when this
    version was first read."""
    if retention == UNLIMITED:
        return ""
    days = _DAYS.match(retention)
    return (date.fromisoformat(fetched_at[:10]) + timedelta(int(days.group(1)))).isoformat() if days else retention


class RightsOf:
    """Makes the rows of one feed: what all its documents share is worked out once."""

    def __init__(self, feed: Feed, refused: tuple[str, str] | None):
        self._feed = feed
        self._shared = {
            "source": feed.name,
            "license": feed.license,
            "owner": feed.owner,
            "rights_basis": feed.rights_basis,
            "lawful_access_basis": feed.lawful_access_basis,
            "personal_data": feed.personal_data,
            "personal_data_basis": feed.personal_data_basis,
            "tdm_signals": json.dumps({**feed.tdm_signals, "robots": feed.robots}, sort_keys=True, ensure_ascii=False),
            "retention": feed.retention,
            "refused": refused[1] if refused else "",
        }

    def source_row(self, fetched_at: str) -> dict[str, Any]:
        feed = self._feed
        return self._row(f"source:{feed.name}", feed.origin or feed.name, feed.digest, 0, fetched_at)

    def document_row(self, document: dict[str, Any], url: str, fetched_at: str) -> dict[str, Any]:
        origin = url or document["origin"]
        return self._row(
            f"document:{document['id']}", origin, document["text_hash"], document["first_seen"], fetched_at
        )

    def _row(self, row_id: str, origin: str, version: str, first_seen: int, fetched_at: str) -> dict[str, Any]:
        dates = {"retention_until": retention_until(self._feed.retention, fetched_at), "fetched_at": fetched_at}
        return {"id": row_id, "origin": origin, "version": version, "first_seen": first_seen, **self._shared, **dates}
