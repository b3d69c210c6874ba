"""The life of a version as the pages tell it: its assets by phase, its documents, and articles with their evidence.

Belongs here: rows for the pages, from the closure. Does not belong here: HTML (`site.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.evidence import find_claims, find_gaps
from genaiops_assets.governance.dossier.closure import Closure, documents_of, inputs_of
from genaiops_assets.governance.dossier.evidence import Exported
from genaiops_assets.governance.dossier.overview import Checks
from genaiops_assets.governance.dossier.picture import Box
from genaiops_assets.lake import Artifact
from genaiops_assets.use_case import UseCase

PHASES = ("scoping", "corpus", "knowledge", "alignment", "evaluation", "release", "monitoring")
PICTURES = (".png", ".svg", ".jpg")
PAGES = (".html", ".md")
MACHINE = "machine_forms"


@dataclass
class Shown:
    """One artifact on a page. Paths are below the dossier. `erased`: how many rows of its tables were erased, ""
    for none; `earlier`: other artifacts of the asset that the closure holds."""

    name: str
    phase: str
    digest: str
    made_at: str
    folder: str
    partition: str
    checks: Sequence[Mapping[str, Any]]
    outcome: str
    inputs: list[str]
    erased: str
    article: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    plots: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    kept_home: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    claims: int = 0
    earlier: list[str] = field(default_factory=list)


def shown_artifacts(
    uc: UseCase, closure: Closure, exported: Exported, checks: Checks, phases: Mapping[str, str],
    states: Mapping[tuple[str, str], str],
) -> list[Shown]:  # fmt: skip
    """What stands now, in the order of the life. `states`: (table, digest) → `erased(n)`."""
    made_by = {digest: asset for asset, digest in closure.artifacts}
    found = []
    for asset, digest in closure.current.items():
        artifact = closure.artifacts.get((asset, digest))
        if artifact is None:
            continue
        name = asset.partition("/")[2]
        of_asset, documents = checks.get(name, ()), list(documents_of(artifact))
        files = exported.files[asset, digest]
        folder = f"evidence/{artifact.key}"
        one = Shown(
            name=name,
            phase=phases.get(name, "release"),
            digest=digest,
            made_at=made_at(artifact),
            folder=folder,
            partition=closure.partitions.get(asset) or "",
            checks=of_asset,
            outcome=outcome_of(of_asset),
            inputs=[made_by[d].partition("/")[2] for _, d in inputs_of(artifact) if d in made_by],
            erased=" ".join(
                states[s.name, s.digest] for s in artifact.snapshots.values() if (s.name, s.digest) in states
            ),
            pages={f: f"{folder}/{f}" for f in files if f.endswith(PAGES) and not f.startswith("data_docs/")},
            plots=[f"{folder}/{f}" for f in files if f.endswith(PICTURES)],
            data=[f"{folder}/{f}" for f in files if not f.endswith((*PAGES, *PICTURES))],
            kept_home={
                key.removeprefix(f"{artifact.key}/"): told["why"]
                for key, told in exported.not_exported.items()
                if key.startswith(f"{artifact.key}/")
            },
            gaps=list(dict.fromkeys(gap for _, content in documents for gap in find_gaps(content))),
            claims=sum(len(find_claims(content)) for _, content in documents),
            earlier=[d for a, d in closure.artifacts if a == asset and d != digest],
        )
        found.append(one)
    return sorted(found, key=lambda s: (PHASES.index(s.phase) if s.phase in PHASES else len(PHASES), s.made_at))


def made_at(artifact: Artifact) -> str:
    try:
        return str(artifact.provenance().get("made_at", ""))[:16].replace("T", " ")
    except (OSError, ValueError):
        return ""


def outcome_of(checks: Iterable[Mapping[str, Any]]) -> str:
    """The worst of them; "" where none ran."""
    found = ["passed" if c["passed"] else "failed" if c["severity"] == "ERROR" else "warned"
             for c in checks if c["passed"] is not None]  # fmt: skip
    return next((worst for worst in ("failed", "warned", "passed") if worst in found), "")


def boxes(shown: Sequence[Shown]) -> dict[str, list[Box]]:
    """Phase → boxes, for the picture."""
    found: dict[str, list[Box]] = {}
    for one in shown:
        found.setdefault(one.phase, []).append(Box(one.name, one.outcome, one.inputs))
    return found


def articles_of(shown: Sequence[Shown], matrix: Mapping[str, Any], tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """[{id, title, status, source, evidence: [names]}]: the rows of the coverage matrix, and articles that only tags
    name. `tags`: asset → article."""
    names = {one.name for one in shown}
    rows = {}
    for row in matrix.get("articles", ()):
        assets = row.get("assets") or row.get("evidence") or []
        rows[row["id"]] = {
            "id": row["id"],
            "title": row.get("title", ""),
            "status": row.get("status") or row.get("state", ""),
            "source": row.get("source", ""),
            "evidence": sorted({str(a) for a in assets if isinstance(a, str)} & names),
        }
    for name, article in tags.items():
        if name in names and article:
            row = rows.setdefault(article, {"id": article, "title": "", "status": "", "source": "", "evidence": []})
            row["evidence"] = sorted({*row["evidence"], name})
    return sorted(rows.values(), key=lambda r: number_of(r["id"]))


def number_of(article: str) -> list[Any]:
    """`article-9.8` before `article-10`."""
    parts = article.replace("-", ".").split(".")
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts]


def tags_of(matrix: Mapping[str, Any], stated: Mapping[str, str]) -> dict[str, str]:
    """Asset → its article: as the graph had it when coverage was worked out, else as stated."""
    assets = matrix.get("assets", {})
    known = {n: a.get("article", "") for n, a in assets.items()} if isinstance(assets, dict) else {}
    return {**stated, **{n: a for n, a in known.items() if a}}


def failure_modes(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of the FMEA, the most urgent first, each with what is done about it."""
    columns = ("mode", "effect", "cause", "severity", "occurrence", "detection", "rpn", "action_priority", "owner")
    rows = [
        {
            **{c: row.get(c, "") for c in columns},
            "actions": [f"{a['title']} ({a['state']}, {a['due']})" for a in row.get("actions", ())],
        }
        for row in content.get("rows", ())
    ]
    return sorted(rows, key=lambda r: ("HML".find(str(r["action_priority"])), -int(r["rpn"] or 0)))
