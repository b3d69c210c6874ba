"""Notes on risks of the data: what can be wrong, how it stands in this corpus, and which test of the plan looks for it.

Belongs here: bringing risks (`data_risks.yaml`), figures and the test plan together. Does not belong here: the figures,
the plan (`governance/risk/test_plan.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml

from genaiops_assets.evidence import Evidence, claim, has, labels, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
SECTION = "notes"


class DataRisks(Plain):
    """Rows that lead to tests."""

    name = "data_risks"
    article = "article-10.2"
    description = (
        "What can be wrong with the data, how it stands in this corpus (claims), and which test of the plan looks for "
        "it; what people add in dossier/data_risks.yaml."
    )
    reads: tuple[str, ...] = (
        "test_plan",
        "filtered_corpus",
        "decontamination_report",
        "privacy_record",
        "toxicity_probe_set",
    )
    page = "data_risks.md"
    checks = (
        Check("every_data_risk_is_tested", "A failure mode of the plan names the test of each risk of the data."),
        Check("every_figure_is_there", "Each risk of the data has the figure that shows how it stands."),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {"sections": read_sections(uc, self.name, [SECTION]), **uc.section("title", "language")}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        plan = sources["test_plan"].evidence
        rows = [row(entry, plan, {n: s.evidence for n, s in sources.items()}) for entry in known_risks()["risks"]]
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": self.name,
            "use_case": uc.name,
            "title": uc.title,
            "language": uc.language,
            "owner": uc.people.answering_for("corpus")[0],
            "risks": rows,
            "said": read_sections(uc, self.name, [SECTION]),
        }

    def render(self, document: dict[str, Any]) -> str:
        return page_of(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        other = "zh" if document["language"] == "en" else "en"
        return {f"{self.name}.{other}.md": page_of(document, other)}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"risks": len(document["risks"]), "orphans": len(orphans(document))}

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        rows = document["risks"]
        return {
            "risks": [{"risk": r["en"], "test": r["test"], "named by": ", ".join(r["failure_modes"])} for r in rows]
        }

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "every_figure_is_there":
            return Finding(
                [f"{r['id']}: {r['figure']} is not there" for r in document["risks"] if r["measured"] is None]
            )
        return Finding([f"{name}: no failure mode of the plan names its test" for name in orphans(document)])


def row(entry: Mapping[str, Any], plan: Evidence, sources: Mapping[str, Evidence]) -> dict[str, Any]:
    """One risk with its figure, None where the asset has none, and the failure modes that name its test."""
    asset, _, pointer = str(entry["figure"]).partition("#")
    there = asset in sources and has(sources[asset], pointer)
    named = [r["name"] for r in plan.document["rows"] if any(t["name"] == entry["test"] for t in r["tests"])]
    return {
        **{name: entry[name] for name in ("id", "figure", "test", "en", "zh")},
        "measured": claim(sources[asset], pointer) if there else None,
        "failure_modes": named,
    }


def orphans(document: Mapping[str, Any]) -> list[str]:
    return [r["id"] for r in document["risks"] if not r["failure_modes"]]


def page_of(document: Mapping[str, Any], language: str) -> str:
    return render_template("data_risks.md.j2", {"page": document, "language": language, "t": labels(language)})


@cache
def known_risks() -> dict[str, Any]:
    text = files("genaiops_assets.governance.documents").joinpath("data_risks.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))
