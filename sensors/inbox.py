"""New documents: when the inbox differs from what the index was built from, request one run of the whole chain."""

import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from genaiops_assets.corpus import FolderWatch, Listing, inbox_fingerprint, indexed_inbox
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.jobs import job_name
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Quiet
from sensors.refresh import cause_of, refresh_sensor

SETTLE = 2.0  # seconds without a change: a file that is still being copied is not read


def inbox_sensor(uc: UseCase) -> dg.SensorDefinition:
    watches: dict[Path, FolderWatch] = {}

    def look(folder: Path) -> Listing:
        return watches.setdefault(folder, FolderWatch(folder)).listing()

    about = (
        "Files in the inbox folder: requests documents to index in one run when they differ from what the index holds."
    )
    return refresh_sensor(
        uc, "new_documents", lambda tick, platform: new_documents(tick.instance, platform.lake, uc, look), 15, about
    )


def new_documents(
    instance: dg.DagsterInstance, lake: Lake, uc: UseCase, look: Callable[[Path], Listing]
) -> Fact | Quiet:
    indexed = indexed_inbox(lake, uc)
    if indexed is None:
        return Quiet(f"no index yet: run {job_name(uc, 'plan')} or `genaiops demo` first")
    found = inbox_fingerprint(lake, uc, look)
    if found.digest == indexed["digest"]:
        return Quiet(f"{found.files} files in the inbox, all indexed since {indexed['at']}")
    if abs(time.time() - found.newest) < SETTLE:  # a time in the future (another clock) must not block for ever
        return Quiet(f"{found.files} files, the newest changed less than {SETTLE:g} s ago")
    cause = cause_of(instance, uc, found.digest, indexed["digest"], indexed["at"])
    return Fact(f"inbox:{cause}", f"{found.files} files in the inbox, not as indexed on {indexed['at']}")
