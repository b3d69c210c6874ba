"""The inbox: where people drop documents, what state it is in, and which state went through which asset."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read.folders import Listing, files_of, listing_of
from genaiops_assets.lake import Lake, digest_of, digest_of_file, read_tombstones
from genaiops_assets.use_case import UseCase


def inbox_folder(lake: Lake, uc: UseCase) -> Path:
    """Where people drop documents: `GENAIOPS_HOME/inbox/USE_CASE/documents`."""
    return lake.home / "inbox" / uc.name / "documents"


def inbox_digest(lake: Lake, uc: UseCase) -> str:
    folder = inbox_folder(lake, uc)
    files = files_of(folder) if folder.is_dir() else []
    return digest_of([[p.relative_to(folder).as_posix(), digest_of_file(p)] for p in files])


@dataclass(frozen=True)
class Inbox:
    """The inbox folder by names, sizes and times: cheap to take, for sensors."""

    digest: str
    files: int
    newest: float


def inbox_fingerprint(lake: Lake, uc: UseCase, look: Callable[[Path], Listing] = listing_of) -> Inbox:
    """`look`: how the folder is listed; sensors pass a watch that remembers."""
    listing = look(inbox_folder(lake, uc))
    stones = read_tombstones(lake.store, uc.name)  # an erasure is brought in like a changed file
    state = [listing.files, listing.digest]
    return Inbox(digest_of([state, stones.digest] if stones.digest else state), listing.files, listing.newest)


def note_inbox(lake: Lake, uc: UseCase, name: str, digest: str) -> None:
    """Remember which state of the inbox went through an asset: `documents` notes it first, the index last."""
    lake.heads.put(
        uc.key(f"inbox_{name}"), None, {"digest": digest, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    )


def indexed_inbox(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """The inbox state the index was built from: {digest, at}, or None before the first index."""
    return lake.heads.get(uc.key("inbox_indexed"))
