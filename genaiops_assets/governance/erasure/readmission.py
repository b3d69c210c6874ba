"""Letting a name in again: a person says that something else may come in under an id that was erased once.

Belongs here: who may, and the ledger's entry. Does not belong here: what stays out (`lake/tombstones.py`). What was
erased stays out by its text, where the erasure noted it."""

from __future__ import annotations

from collections.abc import Sequence

from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure.erasure import refuse_stranger
from genaiops_assets.lake import READMITTED, Lake, keyed_hash, let_in_again, read_tombstones
from genaiops_assets.use_case import UseCase


def readmit(lake: Lake, uc: UseCase, names: Sequence[str], *, name: str, reason: str) -> None:
    """From the next ingest or import on, these ids of documents or interactions are names like any other; ledger first,
    then the tombstones. Raises Refused for strangers, without a reason, and for ids that no erasure keeps out."""
    person = refuse_stranger(uc, name, reason)
    gone = read_tombstones(lake.store, uc.name)
    free = [i for i in names if not gone.keeps_out(i)]
    if free or not names:
        raise Refused(
            f"{', '.join(map(repr, free)) or 'nothing'} is kept out of {uc.name} by its id; sources and addresses that "
            "were opted out stay so"
        )
    hidden = sorted(keyed_hash(lake.store, i) for i in names)
    lake.ledger.append(READMITTED, {"use_case": uc.name, "names": hidden, "name": person, "reason": reason.strip()})
    let_in_again(lake.store, uc.name, names)
