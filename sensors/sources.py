"""Changed sources: when a folder, file or object store of the use case differs from what the index was built from,
request one refresh."""

import dagster as dg

from genaiops_assets.corpus import FolderWatch, Listing, PrefixWatch, noted_sources, watches_of
from genaiops_assets.lake import Lake, UnresolvedReference
from genaiops_assets.orchestration.jobs import job_name
from genaiops_assets.use_case import UseCase
from sensors.contract import Fact, Quiet
from sensors.refresh import cause_of, refresh_sensor

SECONDS = 3.0  # a tick looks at each remote source so long; what it did not reach has its turn at the next ticks

Watches = dict[str, FolderWatch | PrefixWatch]


def sources_sensor(uc: UseCase) -> dg.SensorDefinition:
    watches: Watches = {}

    def look(context: dg.SensorEvaluationContext, lake: Lake) -> Fact | Quiet:
        try:
            watches.update({name: watch for name, watch in watches_of(uc, SECONDS).items() if name not in watches})
        except UnresolvedReference as error:
            return Quiet(f"a source cannot be looked at: {error}")
        return changed_sources(context.instance, lake, uc, watches)

    about = (
        "Folders, files and object stores of the use case: requests a refresh when they differ from what the index "
        "holds."
    )
    return refresh_sensor(uc, "changed_sources", lambda tick, platform: look(tick, platform.lake), 60, about)


def listings(watches: Watches) -> tuple[dict[str, Listing | None], list[str]]:
    """What each source holds, and why some could not be listed: one that is away keeps none of the others from being
    seen."""
    found: dict[str, Listing | None] = {}
    unread = []
    for name, watch in watches.items():
        try:
            found[name] = watch.listing()
        except OSError as error:
            unread.append(f"{name} cannot be listed: {error}")
    if unread and not found:
        raise OSError("; ".join(unread))
    return found, unread


def changed_sources(instance: dg.DagsterInstance, lake: Lake, uc: UseCase, watches: Watches) -> Fact | Quiet:
    indexed = noted_sources(lake, uc, "indexed")
    if indexed is None:
        return Quiet(f"no index yet: run {job_name(uc, 'plan')} or `genaiops demo` first")
    found, unread = listings(watches)
    half_seen = [
        f"{n}: {w.seen} objects so far"
        for n, w in watches.items()
        if n in found and not found[n] and isinstance(w, PrefixWatch)
    ]
    changed = {n: now.digest for n, now in found.items() if now and indexed["states"].get(n, now.digest) != now.digest}
    files = sum(now.files for now in found.values() if now)
    if not changed:
        summary = f"{files} files in {len(watches)} watched sources, all indexed since {indexed['at']}"
        return Quiet("; ".join([summary, *half_seen, *unread]))
    cause = cause_of(instance, uc, changed, indexed["states"], indexed["at"])
    return Fact(
        f"sources:{cause}", f"{', '.join(sorted(changed))}: not as indexed on {indexed['at']} ({files} files in all)"
    )
