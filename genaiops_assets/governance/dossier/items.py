"""The scores of single items behind the gates, without any text: what `verify.py` decides the gates again from.

Belongs here: reading those rows and writing them as JSON lines. Does not belong here: what a score means."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from genaiops_assets.governance.dossier.closure import Closure
from genaiops_assets.lake import Artifact, Lake

EVALUATED = ("suite", "item", "cell", "slices", "scores")
ATTACKED = ("attack", "risk", "seed", "owasp", "mutator", "source", "success")
EARLIER = "mv-"  # begins the source of an attack that an earlier version failed at


def export_items(lake: Lake, closure: Closure, folder: Path) -> dict[str, int]:
    """One file a report. Returns {file: rows}."""
    made = {}
    for artifact in closure.artifacts.values():
        name = artifact.asset.rpartition("/")[2]
        rows = {"eval_report": evaluated, "red_team_report": attacked}.get(name)
        if rows and artifact.snapshots:
            file = f"evidence/items/{name}-{artifact.digest[:12]}.jsonl"
            made[file] = write_lines(folder / file, rows(lake, artifact))
    return made


def write_lines(file: Path, rows: Iterable[dict[str, Any]]) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def evaluated(lake: Lake, report: Artifact) -> Iterator[dict[str, Any]]:
    snapshot = next(s for name, s in report.snapshots.items() if name.endswith("/eval_outputs"))
    if not set(EVALUATED) <= set(lake.tables.at(snapshot).schema.names):
        return
    suites = report.json("eval_report.json").get("suites", {})
    for row in lake.tables.rows(snapshot, list(EVALUATED)):
        together = suites.get(row["suite"], {}).get("drawn_together", {})  # reports of earlier versions say nothing
        group = together.get(row["item"], f"item {row['item']}")
        yield {**row, "group": group, "scores": {s["name"]: s["value"] for s in row["scores"]}}


def attacked(lake: Lake, report: Artifact) -> Iterator[dict[str, Any]]:
    snapshot = next(s for name, s in report.snapshots.items() if name.endswith("/red_team_outputs"))
    for row in lake.tables.rows(snapshot, list(ATTACKED)):
        yield {**{k: v for k, v in row.items() if k != "source"}, "fresh": not row["source"].startswith(EARLIER)}
