"""The sources of a use case by names, sizes and times, and which state of them went through which asset.

Belongs here: that. Does not belong here: the inbox (`inbox.py`), or reading what the sources hold. Data sets of a hub
are pinned to a revision and a database has no listing: neither is watched, the nightly refresh reads them."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read.folders import FolderWatch
from genaiops_assets.corpus.read.prefixes import PrefixWatch
from genaiops_assets.lake import Lake, digest_of, local_path
from genaiops_assets.use_case import UseCase

WITHOUT_END = float("inf")


def watches_of(uc: UseCase, seconds: float = WITHOUT_END) -> dict[str, FolderWatch | PrefixWatch]:
    """How each source that can be watched is looked at, by its name. Raises UnresolvedReference."""
    found: dict[str, FolderWatch | PrefixWatch] = {}
    for source in uc.sources:
        if "://" in source.ref:
            if not source.ref.startswith("sql:"):
                found[source.name] = PrefixWatch(source.ref, seconds)
        elif path := local_path(source.ref, uc.folder):
            found[source.name] = FolderWatch(Path(path))
    return found


def states_of(uc: UseCase) -> dict[str, str]:
    """The state of each source now, seen whole; one that cannot be listed is left out and so not watched. Raises
    UnresolvedReference."""
    found = {}
    for name, watch in watches_of(uc).items():
        with suppress(OSError):
            if listing := watch.listing():
                found[name] = listing.digest
    return found


def note_sources(lake: Lake, uc: UseCase, name: str, states: dict[str, str]) -> None:
    """Remember which states of the sources went through an asset: `documents` notes them first, the index last."""
    about = {"digest": digest_of(states), "states": states, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    known = noted_sources(lake, uc, name)
    if known is None or known["digest"] != about["digest"]:
        lake.notes.put(uc.name, f"sources_{name}", about)


def noted_sources(lake: Lake, uc: UseCase, name: str) -> dict[str, Any] | None:
    """What was noted: {states, at}, or None."""
    return lake.notes.get(uc.name, f"sources_{name}")
