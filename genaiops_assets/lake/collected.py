"""What was collected: outputs that were removed on purpose, as the ledger lists them.

Belongs here: reading that from the ledger. An output that was made again afterwards is no longer collected. Does not
belong here: files of tables (`erasure_proofs.py`), choosing and removing (`operations`)."""

from __future__ import annotations

from collections.abc import Iterable

from genaiops_assets.lake.ledger import COLLECTED, Entry


def collected_outputs(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    """(asset, digest) of outputs that a `collected` entry lists and no later entry records as made. `entries` in the
    order of the ledger."""
    gone: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.kind == COLLECTED:
            gone.update((one["asset"], one["digest"]) for one in entry.body["outputs"])
        elif entry.kind == "materialized":
            gone.discard((entry.body["asset"], entry.body["digest"]))
    return gone
