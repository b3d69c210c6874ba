"""The evidence of a dossier: copies of what was published, and of the ledger, with what stays at home named.

Belongs here: copying and leaving out. Does not belong here: which artifacts (`closure.py`), single scores (`items.py`),
pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.governance.anchors import configured, read_anchors
from genaiops_assets.governance.dossier.closure import Closure
from genaiops_assets.lake import (
    ERASURE_DONE,
    MANIFEST,
    Artifact,
    Entry,
    Lake,
    accepted,
    canonical_json,
    digest_of,
    write_json,
)
from genaiops_assets.use_case import UseCase

PROVENANCE = "provenance.json"
HOLDS_TEXT = {"interactions_imported", "kept_out"}  # kinds of ledger entries that are shown by their hash alone


@dataclass
class Exported:
    """Paths as they are in the home. `not_exported`: path → {sha256, why}; `withheld`: path of a file that is shown in
    part → why; `pages`: (asset, digest) → paths of pages below the dossier; `plots`: the same of pictures."""

    not_exported: dict[str, dict[str, str]] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], list[str]] = field(default_factory=dict)


@cache
def rules() -> dict[str, Any]:
    """`withheld.yaml`."""
    content: dict[str, Any] = yaml.safe_load(files(__package__ or "").joinpath("withheld.yaml").read_text("utf-8"))
    return content


def export_artifacts(closure: Closure, folder: Path, states: dict[str, str]) -> Exported:
    """Copy manifests, provenance and every file that may leave the home. `states`: artifact file → hash after an
    erasure."""
    found = Exported()
    for key, artifact in closure.artifacts.items():
        found.files[key] = [name for name in listed(artifact) if export_file(artifact, name, folder, states, found)]
        name, rows = artifact.asset.partition("/")[2], "rows of the home are previewed in it"
        in_part = {artifact.key: rows} if name in rules()["rows"] else {}
        target = folder / "evidence" / artifact.key
        manifest, provenance = artifact.manifest, artifact.provenance()
        if in_part:
            summary = {"figures": manifest["summary"].get("figures", {}), "withheld": digest_of(manifest["summary"])}
            manifest = {**manifest, "summary": summary}
            provenance = {**provenance, "config": {"withheld": digest_of(provenance.get("config"))}}
            found.withheld |= {f"{artifact.key}/{part}": rows for part in (MANIFEST, PROVENANCE)}
            write_json(target / MANIFEST, manifest)
            write_json(target / PROVENANCE, provenance)
        else:
            for part in (MANIFEST, PROVENANCE):
                copy(artifact, part, target / part)
    return found


def listed(artifact: Artifact) -> list[str]:
    return [f["path"] for f in (*artifact.manifest["files"], *artifact.manifest["views"])]


def export_file(artifact: Artifact, name: str, folder: Path, states: dict[str, str], found: Exported) -> bool:
    """Copy one file; one that stays is named with its digest. Returns whether it was copied."""
    file = next(f for f in (*artifact.manifest["files"], *artifact.manifest["views"]) if f["path"] == name)
    key = f"{artifact.key}/{name}"
    why = why_not(artifact.asset.partition("/")[2], name, file["bytes"])
    if why:
        found.not_exported[key] = {"sha256": states.get(key, file["sha256"]), "why": why}
        return False
    copy(artifact, name, folder / "evidence" / artifact.key / name)
    return True


def why_not(asset: str, name: str, size: int) -> str:
    """Why a file stays at home; "" where it may leave."""
    known, suffix = rules(), Path(name).suffix.lower()
    if stated := known["files"].get(asset, {}).get(name):
        return str(stated)
    if stated := known["folders"].get(asset, {}).get(name.split("/", 1)[0]):
        return str(stated)
    if suffix in known["suffixes"]:
        return str(known["suffixes"][suffix])
    return str(known["too_large"]) if size > known["most_bytes"] else ""


def copy(artifact: Artifact, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(artifact.store.read(f"{artifact.key}/{name}"))


def export_ledger(lake: Lake, uc: UseCase, folder: Path) -> list[Entry]:
    """Every entry, those of other use cases and those that hold text by their hash alone; the proofs of erasures; the
    pointer of production; anchors of the configured places. Returns the entries."""
    entries = list(lake.ledger.entries())
    place = folder / "evidence" / "ledger"
    place.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        if why := why_withheld(uc, entry):
            shown = {k: getattr(entry, k) for k in ("seq", "prev", "hash", "at", "home")}
            write_json(place / entry.name, {**shown, "withheld": why})
        else:
            (place / entry.name).write_bytes(lake.store.read(f"ledger/{entry.name}"))
        if entry.kind == ERASURE_DONE and not why_withheld(uc, entry):
            name = f"erasures/proof/{entry.body['proof']}.json"
            write(folder / "evidence" / "erasures" / f"{entry.body['proof']}.json", lake.store.read(name))
    pointer = f"production/{uc.name}.json"
    if lake.store.exists(pointer):
        write(folder / "evidence" / "production.json", lake.store.read(pointer))
    if anchors := [
        anchor.to_json() for place in configured(lake, [uc]).places for anchor in read_anchors(place).anchors
    ]:
        lines = b"".join(canonical_json(anchor) + b"\n" for anchor in anchors)
        write(folder / "evidence" / "anchors" / "anchors.jsonl", lines)
    return entries


def why_withheld(uc: UseCase, entry: Entry) -> str:
    """Why an entry shows its hash alone; "" for one that is shown."""
    about = entry.body.get("use_case") or str(entry.body.get("asset", "")).partition("/")[0]
    if about and about != uc.name:
        return "of another use case"
    return "it holds text" if entry.kind in HOLDS_TEXT else ""


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def erased_files(lake: Lake) -> dict[str, str]:
    """Path of an artifact's file that an erasure rewrote → its hash since."""
    return dict(accepted(lake).contents)
