"""The kill switch: a person stops serving, and a person lifts it; the ledger says who, when and why.

Belongs here: the entries and what they add up to. Does not belong here: a gateway that notices (`serving/gateway`),
incidents that come of it (`governance/incidents`). A small file beside the ledger changes with each entry, so that
whoever watches need not read the ledger several times a second; what holds is what the ledger says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from genaiops_assets.errors import Refused
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.lake import Lake, pretty_json
from genaiops_assets.use_case import UseCase

KIND = "serving"  # of the ledger's entries
LIFT = "genaiops stop-serving --lift --as NAME --reason TEXT"
Did = Literal["stopped", "lifted"]


@dataclass(frozen=True)
class Stop:
    """One stop that holds. `entry`: hash of its entry in the ledger."""

    by: str
    reason: str
    at: str
    entry: str

    def in_words(self) -> str:
        return f"serving was stopped by {self.by} at {self.at}: {self.reason}"


def stop_of(lake: Lake, use_case: str) -> Stop | None:
    """The stop that holds for a use case by its name, None while it may serve. Raises BrokenLedger."""
    for entry in lake.ledger.newest_first():
        if entry.kind == KIND and entry.body["use_case"] == use_case:
            if entry.body["did"] == "lifted":
                return None
            return Stop(entry.body["by"], entry.body["reason"], entry.at, entry.hash)
    return None


def stop_serving(lake: Lake, uc: UseCase, *, by: str, reason: str) -> Stop:
    """Stop all that answers for this use case; each gateway notices within a second. Raises Refused."""
    if stop_of(lake, uc.name):
        raise Refused(f"serving {uc.name} is stopped already; to lift it: {LIFT}")
    _enter(lake, uc, "stopped", by, reason)
    made = stop_of(lake, uc.name)
    assert made is not None
    return made


def lift_stop(lake: Lake, uc: UseCase, *, by: str, reason: str) -> None:
    """Let it be served again. Raises Refused where nothing is stopped."""
    if stop_of(lake, uc.name) is None:
        raise Refused(f"serving {uc.name} is not stopped")
    _enter(lake, uc, "lifted", by, reason)


def refuse_stopped(lake: Lake, uc: UseCase) -> None:
    """Raises Refused while a stop holds, with what to do next."""
    held = stop_of(lake, uc.name)
    if held is not None:
        raise Refused(f"{held.in_words()}. When its cause is gone, lift it: {LIFT}")


def sign_of(lake: Lake, use_case: str) -> bytes:
    """What changes with each stop and each lift; b"" before the first."""
    name = sign_file(use_case)
    return lake.store.read(name) if lake.store.exists(name) else b""


def sign_file(use_case: str) -> str:
    return f"serving/{use_case}.json"


def _enter(lake: Lake, uc: UseCase, did: Did, by: str, reason: str) -> None:
    person = member(uc, by)
    refuse_empty_reason(reason, "stopping or lifting")
    entry = lake.ledger.append(KIND, {"use_case": uc.name, "did": did, "by": person, "reason": reason.strip()})
    lake.store.write(sign_file(uc.name), pretty_json({"did": did, "entry": entry.hash}))
