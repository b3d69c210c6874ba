"""The summary of the algorithmic audit of a model version: what was examined, what the tests showed, what is open, what
the auditors recommend; and the pack of everything examined, by digest.

Belongs here: the document. Does not belong here: hashing the pack again (a check of the asset), the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import claim, has, labels, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
SECTIONS = ("auditors", "independence", "recommendation", "conditions")
OF_VERSION = ("eval_report", "fmea", "ethics_checklist", "model_card", "release_decision")
OF_USE_CASE = ("use_case_scope", "success_criteria", "risk_register", "test_plan", "test_hooks", "data_risks")


class AuditSummary(Plain):
    """After Raji et al. 2020 (arXiv 2001.00973), reflection: the audit summary report."""

    name = "audit_summary"
    phase = "release"
    article = "article-17"
    description = (
        "The audit of a version in short: scope, auditors, what was examined (a pack by digest), results against "
        "expectations, what is open, recommendation and conditions, which people write in dossier/audit_summary.yaml."
    )
    reads: tuple[str, ...] = (*OF_USE_CASE, *OF_VERSION)
    of_version: tuple[str, ...] = OF_VERSION
    optional: tuple[str, ...] = ("ethics_checklist", "test_hooks", "data_risks")
    page = "audit_summary.md"
    checks = (
        Check("pack_is_of_this_version", "Everything examined of a version is of one and the same version."),
        Check("the_audit_recommends", "Auditors are named, and what they recommend stands there."),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {"sections": read_sections(uc, self.name, SECTIONS), **uc.section("title", "language")}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        scope, criteria = sources["use_case_scope"].evidence, sources["success_criteria"].evidence
        decision, fmea = sources["release_decision"].evidence, sources["fmea"].evidence
        gates = decision.document["gates"]
        blocked = {"blocked_by": claim(decision, "/blocked_by")} if has(decision, "/blocked_by") else {}
        return {
            "schema_version": SCHEMA_VERSION,
            "kind": self.name,
            "use_case": uc.name,
            "title": uc.title,
            "language": uc.language,
            "model_version": claim(decision, "/model_version"),
            "scope": {
                "purpose": claim(scope, "/purpose/summary"),
                "intended_use": claim(scope, "/purpose/intended_use"),
            },
            "expected": {"criteria": len(criteria.document["gates"]), "written_on": claim(criteria, "/written_on")},
            "verdict": claim(decision, "/verdict"),
            "gates": [
                {"id": claim(decision, f"/gates/{n}/id"), "status": claim(decision, f"/gates/{n}/status")}
                for n in range(len(gates))
            ],
            **blocked,
            "open": {
                "untested": claim(fmea, "/untested"),
                "blocking": claim(fmea, "/blocking"),
                "high": [
                    claim(fmea, f"/rows/{n}/name")
                    for n, r in enumerate(fmea.document["rows"])
                    if r["action_priority"] == "H"
                ],
            },
            "said": read_sections(uc, self.name, SECTIONS),
            "examined": [{"asset": s.evidence.asset, "digest": s.digest} for _, s in sorted(sources.items())],
        }

    def render(self, document: dict[str, Any]) -> str:
        return page_of(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        other = "zh" if document["language"] == "en" else "en"
        return {f"{self.name}.{other}.md": page_of(document, other)}

    def files(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"pack.json": {"schema_version": SCHEMA_VERSION, "artifacts": document["examined"]}}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        passed = sum(gate["status"]["value"] == "pass" for gate in document["gates"])
        return {
            "verdict": document["verdict"]["value"],
            "gates_passed": f"{passed} of {len(document['gates'])}",
            "examined": len(document["examined"]),
            "high_priority_failure_modes": len(document["open"]["high"]),
        }

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        return {"examined": document["examined"]}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "the_audit_recommends":
            return Finding([said["name"] for said in document["said"].values() if "gap" in said])
        version = document["model_version"]["value"]
        others = {name: s.evidence.document.get("model_version") for name, s in sources.items() if name in OF_VERSION}
        return Finding(
            [f"{name} is of {other}, not of {version}" for name, other in others.items() if differs(other, version)]
        )


def differs(stated: Any, version: str) -> bool:
    """A document may state no version, or state it as a claim."""
    value = stated["value"] if isinstance(stated, Mapping) and "value" in stated else stated
    return isinstance(value, str) and value != version


def page_of(document: Mapping[str, Any], language: str) -> str:
    return render_template("audit_summary.md.j2", {"page": document, "t": labels(language)})
