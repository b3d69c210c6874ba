"""An artifact's summary as Dagster metadata: figures, tables, plots, digest and path."""

from __future__ import annotations

import base64
from typing import Any

import dagster as dg

from genaiops_assets.evidence import require_finite
from genaiops_assets.lake import Artifact


def metadata_of(artifact: Artifact) -> dict[str, Any]:
    """An artifact's summary as Dagster metadata: figures, tables, plots, digest and path."""
    require_finite(artifact.summary["figures"], artifact.asset)
    figures = {name: figure(value) for name, value in artifact.summary["figures"].items()}
    tables = {
        name: table_value(rows, artifact.summary.get("columns", {}).get(name))
        for name, rows in artifact.summary["tables"].items()
        if rows
    }
    counts = {f"rows {s.name.split('/')[-1]}": s.rows for s in artifact.snapshots.values()}
    place = {"digest": artifact.digest, "path": dg.MetadataValue.path(artifact.uri)}
    return {**figures, **page_of(artifact), **pictures(artifact), **tables, **counts, **place}


def figure(value: Any) -> Any:
    """As a person compares it: numbers to four digits; the artifact holds every one."""
    if isinstance(value, (dict, list)):
        return dg.MetadataValue.json(value)
    return four_digits(value) if isinstance(value, float) else value


def four_digits(value: float) -> float:
    return float(f"{value:.4g}")


def pictures(artifact: Artifact) -> dict[str, Any]:
    """An artifact's plots as Markdown with the picture inside."""
    found = {}
    for name, png in artifact.views().items():
        title = name.removeprefix("views/").removesuffix(".png")
        encoded = base64.b64encode(png).decode()
        found[title] = dg.MetadataValue.md(f"![{title}](data:image/png;base64,{encoded})")
    return found


def page_of(artifact: Artifact) -> dict[str, Any]:
    """The document itself, without the front matter that is for machines."""
    name = artifact.summary.get("page")
    if not name:
        return {}
    text = artifact.local(name).read_text("utf-8")
    if text.startswith("---\n"):
        text = text.split("\n---\n", 1)[-1]
    return {"document": dg.MetadataValue.md(text.strip())}


def table_value(rows: list[dict[str, Any]], columns: list[str] | None = None) -> dg.MetadataValue:
    """Rows of scalars as a Dagster table, its columns in the order given; what is not a scalar is shown as text."""
    columns = columns or list(rows[0])
    kinds = {c: column_type([r.get(c) for r in rows]) for c in columns}
    cells = [{c: cell(r.get(c), kinds[c]) for c in columns} for r in rows]
    schema = dg.TableSchema(columns=[dg.TableColumn(c, kinds[c]) for c in columns])
    return dg.MetadataValue.table(records=[dg.TableRecord(r) for r in cells], schema=schema)


def column_type(values: list[Any]) -> str:
    present = [v for v in values if v is not None]
    if present and all(isinstance(v, bool) for v in present):
        return "bool"
    if present and all(isinstance(v, int) and not isinstance(v, bool) for v in present):
        return "int"
    if present and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in present):
        return "float"
    return "string"


def cell(value: Any, kind: str) -> Any:
    if value is None:
        return "" if kind == "string" else None
    if kind == "float":
        return four_digits(value)
    return str(value) if kind == "string" else value
