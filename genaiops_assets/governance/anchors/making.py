"""Making an anchor of the ledger's head, and putting it where a person or the configuration says.

Belongs here: signing, stamping, writing, and the ledger's own entry about it. Does not belong here: the places
themselves (`places.py`), what anchors say against a ledger (`comparing.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.governance.anchors.places import Place, place_of, write_anchor
from genaiops_assets.governance.anchors.timestamps import stamp
from genaiops_assets.governance.keys import fingerprint, has_cryptography, sign_bytes, signing_key
from genaiops_assets.lake import Anchor, Lake, lake_id
from genaiops_assets.use_case import Anchors, UseCase, UseCaseError, read_document

ANCHORED = "anchored"  # kind of the ledger's entry
HOME_FILE = "anchors.yaml"


@dataclass(frozen=True)
class Written:
    """`written`: places that hold the new anchor of entry `seq`; `problems`: what failed, one sentence each."""

    seq: int = 0
    written: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Configured:
    """Where anchors go by configuration, and how old the newest may be."""

    places: tuple[Place, ...] = ()
    tsa: str = ""
    tsa_certificate: Path | None = None
    within_days: int = 0  # the strictest; 0 where nothing is configured


def make_anchor(lake: Lake, tsa: str = "") -> Anchor:
    """The ledger's head now, signed by the platform's key where what signs is installed. Raises Refused for an empty
    ledger, and where an authority was asked and gave no time-stamp."""
    if lake.ledger.head() is None:
        raise Refused("the ledger is empty: there is nothing to anchor yet")
    if has_cryptography():
        signing_key(lake)  # its own first entry comes before the head that is anchored
    head = lake.ledger.head()
    assert head is not None
    now = max(datetime.now(UTC).isoformat(timespec="seconds"), head.at)  # clocks may be set back
    made = Anchor(lake_id(lake.store), head.seq, head.hash, head.at, now)
    if has_cryptography():
        _, public = signing_key(lake)
        made = replace(made, key=fingerprint(public), public_key=public.decode())
        made = replace(made, signature=sign_bytes(lake, made.statement())["signature"])
    return replace(made, timestamp=stamp(made.statement(), tsa)) if tsa else made


def anchor_to(lake: Lake, places: Sequence[Place], tsa: str = "") -> Written:
    """Write one new anchor to each place, then the ledger's entry that says where. A place that fails hides none of the
    others; where the authority fails, the anchors are written without a time-stamp and that is said. Raises Refused for
    an empty ledger."""
    problems: list[str] = []
    try:
        anchor = make_anchor(lake, tsa)
    except Refused as error:
        if not tsa:
            raise
        problems.append(str(error))
        anchor = make_anchor(lake)
    written: list[str] = []
    for place in places:
        try:
            write_anchor(place, anchor)
            written.append(str(place))
        except Refused as error:
            problems.append(str(error))
    if written:
        stamped = {"authority": anchor.timestamp["authority"]} if anchor.timestamp else {}
        lake.ledger.append(ANCHORED, {"seq": anchor.seq, "head": anchor.head, "places": written, **stamped})
    return Written(anchor.seq, written, problems)


def configured(lake: Lake, use_cases: Iterable[UseCase]) -> Configured:
    """What `anchors` of these use cases and `anchors.yaml` of the home ask for, together. Raises Unusable for a file of
    the home that cannot be read."""
    stated = [(uc.anchors, uc.folder) for uc in use_cases if uc.anchors]
    if home := home_anchors(lake.home):
        stated.append((home, lake.home))
    places = tuple(dict.fromkeys(place_of(to, folder) for section, folder in stated for to in section.to))
    authority = next(((s, folder) for s, folder in stated if s.tsa), None)
    certificate = (authority[1] / authority[0].tsa_certificate) if authority and authority[0].tsa_certificate else None
    within = min((section.within_days for section, _ in stated), default=0)
    return Configured(places, (authority[0].tsa or "") if authority else "", certificate, within)


def home_anchors(home: Path) -> Anchors | None:
    file = home / HOME_FILE
    if not file.exists():
        return None
    try:
        return Anchors.model_validate(read_document(file).data)
    except (UseCaseError, ValueError) as error:
        raise Unusable(f"{file}: {error}") from error


def anchor_where_configured(lake: Lake, use_cases: Iterable[UseCase]) -> Written:
    """As `anchor_to`, with the configured places; nothing happens where there are none. Raises nothing that a decision
    made before could fall with: what went wrong is in `problems`."""
    try:
        asked = configured(lake, use_cases)
        return anchor_to(lake, asked.places, asked.tsa) if asked.places else Written()
    except (Refused, Unusable) as error:
        return Written(problems=[str(error)])
