"""Data Docs: outcomes as the HTML site of Great Expectations, the same bytes for the same outcomes, and alone.

Belongs here: handing outcomes to Great Expectations, letting it render its site, taking out what differs from build to
build (random element ids) and every reference that leads out of the folder. Does not belong here: evaluating anything.
"""

from __future__ import annotations

import itertools
import os
import re
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from genaiops_assets.quality.validation import Outcome

OUTWARD = re.compile(
    r"""(?:src|href|action|data)\s*=\s*["']\s*((?:https?:)?//[^"']+)["']|url\(\s*["']?((?:https?:)?//[^"')]+)|@import\s+["']([^"']+)""",
    re.I,
)
_LOADED = re.compile(r"<(?:link|img|meta\s+http-equiv)\b[^>]*>", re.I)
_SCRIPT = re.compile(r"<(script|style|noscript|svg|iframe|form|button)\b[^>]*>.*?</\1>", re.I | re.S)
_ICON = re.compile(r"<i\b[^>]*text-(success|danger)[^>]*>\s*</i>", re.I)
_LINK = re.compile(r"\s(?:href|src|action)\s*=\s*[\"'](?:https?:)?//[^\"']*[\"']", re.I)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
STYLE = """<style>
body{font-family:system-ui,"Noto Sans CJK SC",sans-serif;color:#1f2933;max-width:70rem;margin:1.5rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.6rem 0;width:100%}td,th{border:1px solid #d5dde5;padding:.3rem .6rem;text-align:left;vertical-align:top}
a{color:#2f6db5;text-decoration:none}ol.breadcrumb,ul{list-style:none;padding-left:0}i,.modal,nav{display:none}
.alert-success,.text-success{color:#15803d}.alert-danger,.text-danger{color:#c2410c}
</style>"""


def write_site(folder: Path, tables: dict[str, tuple[str, list[Outcome]]]) -> int:
    """Render {table: (snapshot digest, outcomes)} below `folder`. Returns the number of files; raises ValueError when
    a page still leads outside."""
    with tempfile.TemporaryDirectory() as scratch:
        built = _rendered(Path(scratch), tables)
        for page in sorted(built.rglob("*.html")):
            target = folder / page.relative_to(built)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(settled(page.read_text(encoding="utf-8")), encoding="utf-8")
        write_index(folder, tables)
    if outside := external_references(folder):
        raise ValueError(f"Data Docs lead outside: {outside[0]}")
    return sum(p.is_file() for p in folder.rglob("*"))


def settled(page: str) -> str:
    """The page without scripts, pictures and outward references, in our own style; element ids numbered in the order
    they come."""
    page = _SCRIPT.sub("", _LOADED.sub("", page))
    page = _LINK.sub("", page)
    page = _ICON.sub(lambda m: {"success": "<b>✓</b>", "danger": "<b>✗</b>"}[m.group(1)], page)
    numbers = itertools.count(1)
    names: dict[str, str] = {}
    page = _UUID.sub(lambda m: names.setdefault(m.group(), f"element-{next(numbers)}"), page)
    return page.replace("</head>", f"{STYLE}\n</head>", 1)


def write_index(folder: Path, tables: dict[str, tuple[str, list[Outcome]]]) -> None:
    """The start page. Great Expectations' own fills its table by scripts from elsewhere."""
    rows = []
    for table, (digest, outcomes) in sorted(tables.items()):
        (page,) = (folder / "validations" / table).rglob("*.html")
        link = f'<a href="{page.relative_to(folder).as_posix()}">{escape(table)}</a>'
        passed = sum(o.success for o in outcomes)
        rows.append(f"<tr><td>{link}</td><td>{digest[:12]}</td><td>{passed} of {len(outcomes)}</td></tr>")
    head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>{STYLE}</head>'
    table_head = "<tr><th>Table</th><th>Snapshot</th><th>Expectations met</th></tr>"
    text = f"{head}\n<body><h1>Data Docs</h1>\n<table>{table_head}\n" + "\n".join(rows) + "\n</table></body></html>\n"
    (folder / "index.html").write_text(text, encoding="utf-8")


def external_references(folder: Path) -> list[str]:
    """`file: address` of everything a browser would fetch or follow outside the folder."""
    found = []
    for page in sorted(p for p in folder.rglob("*") if p.is_file()):
        for match in OUTWARD.finditer(page.read_text(encoding="utf-8")):
            found.append(f"{page.relative_to(folder).as_posix()}: {next(g for g in match.groups() if g)}")
    return found


def _rendered(scratch: Path, tables: dict[str, tuple[str, list[Outcome]]]) -> Path:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    context: Any = gx.get_context(mode="file", project_root_dir=str(scratch / "project"))
    context.variables.analytics_enabled = False
    site = scratch / "site"
    for name in list(context.get_site_names()):
        context.delete_data_docs_site(name)
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)}
    index = {"class_name": "DefaultSiteIndexBuilder"}
    context.add_data_docs_site(
        "site",
        {
            "class_name": "SiteBuilder",
            "store_backend": backend,
            "site_index_builder": index,
            "show_how_to_buttons": False,
        },
    )
    for table, (digest, outcomes) in sorted(tables.items()):
        suite = gx.ExpectationSuite(name=table, id=None)
        result = _result(table, digest, outcomes)
        run = RunIdentifier(run_name=digest[:12], run_time="1970-01-01T00:00:00+00:00")
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(suite.name), run, digest[:12])
        context.validation_results_store.set(key, result)
    context.build_data_docs()
    return site


def _result(table: str, digest: str, outcomes: list[Outcome]) -> Any:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    results = []
    for outcome in outcomes:
        kind, arguments = snake(outcome.expectation), {k: v for k, v in outcome.arguments.items() if k != "meta"}
        details = {
            k: v for k, v in outcome.to_dict().items() if k not in ("expectation", "arguments", "success", "note")
        }
        if outcome.unexpected_count is not None:
            details |= {"unexpected_percent_total": outcome.unexpected_percent, "partial_unexpected_list": []}
        meta = {"notes": {"format": "string", "content": [outcome.note]}} if outcome.note else {}
        configuration = ExpectationConfiguration(type=kind, kwargs={**arguments, "batch_id": digest[:12]}, meta=meta)
        results.append(
            ExpectationValidationResult(
                success=outcome.success, expectation_config=configuration, result=details, meta={}
            )
        )
    passed = sum(o.success for o in outcomes)
    statistics = {
        "evaluated_expectations": len(outcomes),
        "successful_expectations": passed,
        "unsuccessful_expectations": len(outcomes) - passed,
        "success_percent": 100 * passed / len(outcomes) if outcomes else None,
    }
    about: Any = {
        "active_batch_definition": {
            "datasource_name": "lake",
            "data_asset_name": table,
            "data_connector_name": "snapshot",
            "batch_identifiers": {"digest": digest[:12]},
        }
    }
    return ExpectationSuiteValidationResult(
        success=passed == len(outcomes), results=results, suite_name=table, statistics=statistics, meta=about
    )


def snake(expectation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", expectation).lower().replace("k_l_", "kl_")
