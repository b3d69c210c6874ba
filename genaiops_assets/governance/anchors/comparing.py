"""Anchors against the ledger: where they are read from, whose they are, what they show, how old the newest is.

Belongs here: putting these together for `genaiops verify` and for the daily check. Does not belong here: the comparison
itself (`lake/anchors.py`), the places (`places.py`)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from genaiops_assets.errors import Refused
from genaiops_assets.governance.anchors.making import ANCHORED, configured
from genaiops_assets.governance.anchors.places import Found, Place, read_anchors
from genaiops_assets.governance.anchors.timestamps import can_stamp, stamped_at
from genaiops_assets.governance.keys import fingerprint, has_cryptography, known_keys
from genaiops_assets.lake import Anchor, BrokenLedger, Entry, Lake, anchor_problems, known_id
from genaiops_assets.use_case import UseCase

LATE = timedelta(minutes=10)  # a time-stamp may come so much later than the anchor it is on


@dataclass(frozen=True)
class Compared:
    """`problems`: what shows that the ledger or an anchor is not as it was; `anchors`: how many were compared;
    `notes`: what could not be checked here."""

    problems: list[str]
    anchors: int
    notes: list[str]


def compare(lake: Lake, use_cases: Iterable[UseCase] = (), files: Sequence[Path] = ()) -> Compared:
    """The configured places and these files against the ledger. Raises Unusable for configuration that cannot be
    read."""
    asked = configured(lake, use_cases)
    places = [*asked.places, *(Place("file", file.absolute()) for file in files)]
    entries = readable(lake)
    found = [(place, read_anchors(place)) for place in dict.fromkeys(places)]
    known = [anchor for _, one in found for anchor in one.anchors]
    problems = [p for place, one in found for p in one.problems if expected(place, one, entries, files)]
    problems += [p for anchor in known if (p := forged(lake, anchor))]
    notes: list[str] = []
    for anchor in known:
        if anchor.timestamp:
            problem, note = judged_stamp(anchor, asked.tsa_certificate)
            problems += problem
            notes += note
    home = known_id(lake.store) or (entries[-1].home if entries else "")
    problems += anchor_problems(entries, home, known)
    problems += vanished(entries, found)
    return Compared(list(dict.fromkeys(problems)), len(known), list(dict.fromkeys(notes)))


def readable(lake: Lake) -> list[Entry]:
    """The entries as far as they can be read: a damaged one is the chain's own finding."""
    found: list[Entry] = []
    for name in lake.store.list("ledger"):
        try:
            found.append(lake.ledger.read(name))
        except (BrokenLedger, FileNotFoundError):
            continue
    return found


def expected(place: Place, found: Found, entries: Sequence[Entry], files: Sequence[Path]) -> bool:
    """A configured place that was never written to is no finding here: the daily check says that nothing is
    anchored."""
    ever = any(str(place) in entry.body.get("places", ()) for entry in entries if entry.kind == ANCHORED)
    return bool(found.anchors) or ever or any(file.absolute() == place.path for file in files)


def vanished(entries: Sequence[Entry], found: Sequence[tuple[Place, Found]]) -> list[str]:
    """Anchors that the ledger says were written to a place that was read and does not hold them any more."""
    problems = []
    for place, one in found:
        held = {anchor.seq: anchor.head for anchor in one.anchors}
        noted = [e for e in entries if e.kind == ANCHORED and str(place) in e.body.get("places", ())]
        gone = [e.body["seq"] for e in noted if held.get(e.body["seq"]) is None]
        if gone:
            problems.append(f"{place}: the ledger says that entry {gone[-1]} was anchored there, and it is not there "
                            f"({len(gone)} anchors are gone)")  # fmt: skip
    return problems


def forged(lake: Lake, anchor: Anchor) -> str:
    """Why an anchor itself cannot be trusted, "" where nothing speaks against it. An unsigned one is weaker, and no
    finding: homes without the extra make them."""
    if not anchor.signature or not has_cryptography():
        return ""
    if fingerprint(anchor.public_key.encode()) != anchor.key or not _fits(anchor):
        return f"{anchor.where}: the anchor's signature does not fit: it was changed after it was made"
    if anchor.key not in {*known_keys(lake), *removed_keys(lake)}:
        return (
            f"{anchor.where}: signed with a key ({anchor.key[:16]}) that the ledger does not name: the anchor is not "
            "of this home, or the ledger was written anew"
        )
    return ""


def removed_keys(lake: Lake) -> set[str]:
    return {e.body["fingerprint"] for e in readable(lake) if e.kind == "signing_key"}


def _fits(anchor: Anchor) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(anchor.public_key.encode())
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(base64.b64decode(anchor.signature, validate=True), anchor.statement(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def judged_stamp(anchor: Anchor, certificate: Path | None) -> tuple[list[str], list[str]]:
    """(problems, notes) of an anchor's time-stamp: it must be on this anchor, and of the time that it states."""
    if not can_stamp():
        return [], ["time-stamps of anchors are not checked here: the extra `timestamp` is not installed"]
    token = str(anchor.timestamp.get("token", ""))
    try:
        moment = stamped_at(anchor.statement(), token, certificate)
    except Refused as error:
        return [f"{anchor.where}: {error}"], []
    stated = datetime.fromisoformat(anchor.made_at)
    notes = [] if certificate else ["time-stamps of anchors: the authority's signature is not checked, since "
                                    "anchors.tsa_certificate names no certificate"]  # fmt: skip
    if abs(moment - stated) > LATE:
        return [f"{anchor.where}: says {anchor.made_at}, and the time-stamp says {moment.isoformat()}"], notes
    return [], notes


@dataclass(frozen=True)
class Age:
    """How the newest anchor stands. `problem`: "" where it is young enough or nothing is configured."""

    problem: str
    configured: bool
    newest: str = ""
    within_days: int = 0


def newest_anchor(lake: Lake, use_cases: Iterable[UseCase], now: datetime | None = None) -> Age:
    """Whether the newest anchor in the configured places is younger than the configuration asks for. Raises Unusable
    for configuration that cannot be read."""
    asked = configured(lake, use_cases)
    if not asked.places:
        return Age("", False)
    home = known_id(lake.store)
    times = [one.made_at for place in asked.places for one in read_anchors(place).anchors if one.home == home]
    if not times:
        return Age("the ledger was never anchored: type genaiops anchor", True, "", asked.within_days)
    newest = max(times)
    age = (now or datetime.now(UTC)) - datetime.fromisoformat(newest)
    late = age > timedelta(days=asked.within_days)
    why = f"the newest anchor is of {newest}, {age.days} days ago: type genaiops anchor" if late else ""
    return Age(why, True, newest, asked.within_days)
