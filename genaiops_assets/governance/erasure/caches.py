"""Caches and scratch: copies of document text that can be made again.

Belongs here: taking rows out of the corpus engine's stage files, and removing copies and folders as a whole. Does not
belong here: which documents go. Sources outside the home belong to others."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from genaiops_assets.governance.knowledge import FOLDER as FIND
from genaiops_assets.lake import Lake, LeaseTimeout, lease
from genaiops_assets.use_case import UseCase

DOSSIERS = "dossiers"  # below the home; those that somebody took elsewhere are out of reach
OLD = 600.0  # seconds after which a nameless temporary folder belongs to nobody


def clean_stage_files(lake: Lake, uc: UseCase, ids: Collection[str], *, only_look: bool = False) -> list[str]:
    """Take rows out of the corpus engine's stage files: every Parquet file with an `id` column. Returns the files that
    held some."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    changed, gone = [], pa.array(sorted(ids), pa.string())
    folder = lake.cache / "corpus" / uc.name.replace("/", "__")
    for file in sorted(folder.rglob("*.parquet")) if folder.is_dir() else []:
        source = pq.ParquetFile(file)
        if "id" not in source.schema_arrow.names:
            continue
        hits = sum(pc.sum(is_one_of(b, gone)).as_py() or 0 for b in source.iter_batches(columns=["id"]))
        if not hits:
            continue
        changed.append(file.relative_to(lake.home).as_posix())
        if only_look:
            continue
        if hits == source.metadata.num_rows:
            file.unlink()
            continue
        partial = file.with_name(f".{file.name}.partial")
        with pq.ParquetWriter(partial, source.schema_arrow) as writer:
            for batch in source.iter_batches():
                writer.write_batch(batch.filter(pc.invert(is_one_of(batch, gone))))
        partial.replace(file)
    return changed


def is_one_of(batch: Any, gone: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(batch.column("id").cast(pa.string()), value_set=gone)


def drop_copies(lake: Lake, uc: UseCase, sources: Collection[str]) -> None:
    """Local copies of remote artifacts and of fetched sources, the index of `genaiops find`, and dossiers that lie in
    the home, which cite passages: they are made again when needed."""
    shutil.rmtree(lake.cache / FIND / uc.name, ignore_errors=True)
    shutil.rmtree(lake.home / DOSSIERS, ignore_errors=True)
    if not lake.store.is_local:
        shutil.rmtree(lake.cache / "lake" / "artifacts" / uc.name, ignore_errors=True)
    affected = [source.ref for source in uc.sources if source.name in sources]
    if any("://" in ref for ref in affected):  # both are fetched again whenever a source is read
        shutil.rmtree(lake.cache / "url", ignore_errors=True)
        shutil.rmtree(lake.cache / "sql", ignore_errors=True)
    for ref in affected:
        if ref.startswith("hub-dataset:"):
            name = ref.removeprefix("hub-dataset:").partition("@")[0]
            shutil.rmtree(lake.cache / "hub" / f"datasets--{name.replace('/', '--')}", ignore_errors=True)


def drop_scratch(lake: Lake, uc: UseCase) -> None:
    """Resume state of this use case and staging folders nobody works in: both can be made again."""
    for folder in [*(lake.home / "scratch").glob("*"), *(lake.home / "staging").glob("*")]:
        if not folder.is_dir():
            continue
        if folder.name.startswith("tmp"):
            if time.time() - folder.stat().st_mtime > OLD:
                shutil.rmtree(folder, ignore_errors=True)
        elif folder.parent.name == "staging" or concerns(folder, uc):
            with suppress(LeaseTimeout), lease(lake.home / "staging" / f"{folder.name[:32]}.lease", timeout=0):
                shutil.rmtree(folder, ignore_errors=True)


def concerns(folder: Path, uc: UseCase) -> bool:
    job = folder / "job.json"
    return not job.exists() or f'"{uc.name}/' in job.read_text("utf-8", "replace")
