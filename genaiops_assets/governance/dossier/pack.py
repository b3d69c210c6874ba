"""Building a dossier: evidence, pages, the verifier, and `pack.json`, which names every file with its digest.

Belongs here: the order of the work and the form of `pack.json`. Does not belong here: any part of it."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.documents import file_as_pdf
from genaiops_assets.governance.dossier.closure import Closure, closure_of
from genaiops_assets.governance.dossier.evidence import Exported, erased_files, export_artifacts, export_ledger
from genaiops_assets.governance.dossier.items import export_items
from genaiops_assets.governance.dossier.life import (
    MACHINE,
    Shown,
    articles_of,
    boxes,
    failure_modes,
    shown_artifacts,
    tags_of,
)
from genaiops_assets.governance.dossier.overview import Checks, Overview, document, overview_of
from genaiops_assets.governance.dossier.picture import lineage
from genaiops_assets.governance.dossier.signing import sign
from genaiops_assets.governance.dossier.site import page_for, refuse_language, words, write_pages
from genaiops_assets.lake import Entry, Lake, accepted, digest_of_file, write_json
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
PACK, SIGNATURE, VERIFIER = "pack.json", "pack.sig", "verify.py"


@dataclass(frozen=True)
class Graph:
    """What the graph and its history say: `checks` by asset, `phases` by asset, `articles` by asset; `file_of`: asset →
    the file that claims point into."""

    checks: Checks = field(default_factory=dict)
    phases: Mapping[str, str] = field(default_factory=dict)
    articles: Mapping[str, str] = field(default_factory=dict)
    file_of: Callable[[str], str] = lambda asset: f"{asset}.json"


@dataclass(frozen=True)
class Built:
    folder: Path
    files: int
    megabytes: float
    seconds: float
    digest: str
    signed: bool


def build_dossier(
    lake: Lake, uc: UseCase, version: str, folder: Path, graph: Graph, language: str, *, pdf: bool = False
) -> Built:
    """Write the dossier of a version into a folder, in the place of an earlier one. Raises Refused for a version that
    nothing is known of and for a folder that holds something else, GenaiopsError for a language there is none in."""
    began = time.monotonic()
    refuse_language(language)
    refuse_other_folder(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as place:
        made = Path(place) / "dossier"
        signed = write_dossier(lake, uc, version, made, graph, language, began, pdf=pdf)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    size, digest = size_of(folder), hashlib.sha256((folder / PACK).read_bytes()).hexdigest()
    return Built(folder, size["files"], size["megabytes"], time.monotonic() - began, digest, signed)


def refuse_other_folder(folder: Path) -> None:
    """Raises Refused for a folder that holds something that is no dossier."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / PACK).exists())):
        raise Refused(f"{folder} holds something that is no dossier: name an empty or a new folder")


def write_dossier(
    lake: Lake, uc: UseCase, version: str, folder: Path, graph: Graph, language: str, began: float, *, pdf: bool
) -> bool:
    """Everything, in this order: evidence, pages, `pack.json`. Returns whether it is signed."""
    closure = closure_of(lake, uc, version)
    exported = export_artifacts(closure, folder, erased_files(lake))
    entries = export_ledger(lake, uc, folder)
    export_items(lake, closure, folder)
    shutil.copyfile(str(files(__package__ or "").joinpath(VERIFIER)), folder / VERIFIER)
    states, today = erased_states(lake, closure), datetime.now(UTC)
    overview = overview_of(lake, uc, version, closure, entries, graph.checks, today.date())
    shown = shown_artifacts(uc, closure, exported, graph.checks, graph.phases, states)
    machine = copy_machine_files(shown, folder)
    filed = [f"pdf/{name}" for name in file_as_pdf(lake, uc, version, folder / "pdf")] if pdf else []
    rendered = render_markdown(shown, folder, uc.language)
    site = {
        "title": uc.title, "version": version, "made_at": today.isoformat(timespec="minutes")[:16].replace("T", " "),
        "head": entries[-1].hash if entries else "", "entries": len(entries),
        **size_of(folder), "seconds": f"{time.monotonic() - began:.1f}",
    }  # fmt: skip
    content = page_content(uc, closure, exported, shown, overview, graph, states, language)
    write_pages(folder, language, {**content, "site": site, "machine": machine, "filed": filed, "rendered": rendered})
    facts = pack_facts(uc, version, closure, exported, overview, entries, graph, states)
    signer = sign(lake, entries)
    facts |= {"made_at": today.isoformat(timespec="seconds"), "signed_by": signer.fingerprint if signer else ""}
    write_json(folder / PACK, {**facts, "files": digests_of(folder)})
    if signer:
        (folder / SIGNATURE).write_bytes(signer.signature((folder / PACK).read_bytes()))
    return signer is not None


def page_content(
    uc: UseCase, closure: Closure, exported: Exported, shown: list[Shown], overview: Overview, graph: Graph,
    states: Mapping[tuple[str, str], str], language: str,
) -> dict[str, Any]:  # fmt: skip
    """What the templates read."""
    matrix = document(closure, uc, "coverage_matrix", "coverage_matrix.json")
    tags = tags_of(matrix, graph.articles)
    for one in shown:
        one.article = tags.get(one.name, "")
    gates = document(closure, uc, "release_decision", "decision.json").get("gates", [])
    described = words(language)["picture_is"].format(version=uc.title, count=len(shown))
    named = {words(language)[f"phase_{phase}"] or phase: rows for phase, rows in boxes(shown).items()}
    return {
        "o": overview,
        "gates": [{**gate, "shown": measured(gate.get("value"))} for gate in gates],
        "shown": shown,
        "paged": {one.name for one in shown if one.pages},
        "picture": lineage(named, described),
        "articles": articles_of(shown, matrix, tags),
        "modes": failure_modes(document(closure, uc, "fmea", "fmea.json")),
        "kept_home": exported.not_exported,
        "withheld": exported.withheld,
        "erased": sorted({(name, state) for (name, _), state in states.items()}),
    }


def measured(value: Mapping[str, Any] | None) -> str:
    """0.43 [0.38, 0.47], n = 84"""
    if not value or value.get("mean") is None:
        return "–"
    interval = f" [{value['low']:.3g}, {value['high']:.3g}]" if value.get("low") is not None else ""
    return f"{value['mean']:.3g}{interval}, n = {value['n']}"


def erased_states(lake: Lake, closure: Closure) -> dict[tuple[str, str], str]:
    """(table, digest) → `erased(n)` of the snapshots that erasures reached."""
    proofs = accepted(lake)
    snapshots = {(s.name, s.digest) for a in closure.artifacts.values() for s in a.snapshots.values()}
    return {key: state for key in sorted(snapshots) if (state := proofs.state_of(*key)) != "whole"}


def copy_machine_files(shown: list[Shown], folder: Path) -> list[str]:
    """CycloneDX, in-toto and the like, once more under `machine/`, where people look for them."""
    found = []
    for one in shown:
        if one.name == MACHINE:
            for path in [*one.data, *one.pages.values()]:
                target = f"machine/{path.removeprefix(f'{one.folder}/')}"
                (folder / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / path, folder / target)
                found.append(target)
    return found


def render_markdown(shown: list[Shown], folder: Path, language: str) -> dict[str, str]:
    """Pages that exist as Markdown alone as HTML; where HTML lies beside, that is the page. Returns {path: path of its
    page}."""
    rendered = {}
    for one in shown:
        names = set(one.pages)
        one.pages = {n: p for n, p in one.pages.items() if f"{n.removesuffix('.md')}.html" not in names - {n}}
        for path in one.pages.values():
            if path.endswith(".md"):
                rendered[path] = page_for(folder, path, language)
    return rendered


def pack_facts(
    uc: UseCase, version: str, closure: Closure, exported: Exported, overview: Overview,
    entries: list[Entry], graph: Graph, states: Mapping[tuple[str, str], str],
) -> dict[str, Any]:  # fmt: skip
    """`pack.json` without its list of files."""
    assets = {asset.rpartition("/")[2] for asset, _ in closure.artifacts}
    reached = {(a.asset, a.digest) for a in closure.artifacts.values() for s in a.snapshots.values()
               if (s.name, s.digest) in states}  # fmt: skip
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "dossier",
        "use_case": uc.name,
        "title": uc.title,
        "model_version": version,
        "home": entries[-1].home if entries else "",
        "ledger": {"entries": len(entries), "head": entries[-1].hash if entries else ""},
        "closure": sorted(map(list, closure.artifacts)),
        "outside": dict(sorted(closure.outside.items())),
        "claims_in": {name: file for name in sorted(assets) if (file := graph.file_of(name)) != f"{name}.json"},
        "not_exported": exported.not_exported,
        "withheld": exported.withheld,
        "erased": sorted(map(list, reached)),
        "says": {"verdict": overview.verdict, "decided": overview.decided_last, "production": overview.production},
    }


def digests_of(folder: Path) -> dict[str, str]:
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in (PACK, SIGNATURE))
    return {p.relative_to(folder).as_posix(): digest_of_file(p) for p in found}


def size_of(folder: Path) -> dict[str, Any]:
    found = [p.stat().st_size for p in folder.rglob("*") if p.is_file()]
    return {"files": len(found), "megabytes": round(sum(found) / 1e6, 1)}
