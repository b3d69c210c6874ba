"""The file of a model with systemic risk (AI Act, Art. 55): where it is owed, its four duties; where not, one page that
says so and why.

Belongs here: what answers each duty. Does not belong here: whether it is owed (regulatory classification), the tests
and risks themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import claim, escape_part, has, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.languages import in_the_other_language
from genaiops_assets.governance.documents.owed import CLASSIFIED, SYSTEMIC, is_owed, owed_of, page_context
from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME = SYSTEMIC
DUTIES = {  # letter of Art. 55(1) → section of dossier/systemic_risk_file.yaml
    "a": "evaluation_protocol",
    "b": "risk_assessment",
    "c": "incident_process",
    "d": "cybersecurity",
}
NOTIFICATION = "notification"  # Art. 52(1): within two weeks of meeting the condition


class SystemicRiskFile(Plain):
    """Art. 55, where due."""

    name = NAME
    phase = "release"
    article = "article-55"
    description = (
        "Where the classification says that the model has systemic risk: evaluation with adversarial testing, risks "
        "and mitigations, serious incidents, cybersecurity. Otherwise one page that says it is not owed and why."
    )
    of_version: tuple[str, ...] = ("model_plan", "eval_report", "red_team_report", *CLASSIFIED)
    reads: tuple[str, ...] = (*of_version, "risk_register", "records")
    optional: tuple[str, ...] = ("red_team_report", "risk_register", "records", *CLASSIFIED)
    pinned: tuple[str, ...] = ("model_plan",)
    page = f"{NAME}.md"
    checks: tuple[Check, ...] = (
        Check(
            "file_is_complete_where_owed",
            "The classification says whether the file is owed; where it is, each duty of Art. 55(1) is answered by "
            "people and by evidence.",
        ),
    )

    def not_there(self, uc: UseCase) -> tuple[str, ...]:
        return () if uc.red_team else ("red_team_report",)

    def settings(self, uc: UseCase) -> dict[str, Any]:
        sections = read_sections(uc, NAME, [*DUTIES.values(), NOTIFICATION])
        return {**uc.section("name", "title", "language"), "sections": sections}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_systemic_risk_file(uc, sources)

    def render(self, document: dict[str, Any]) -> str:
        return render_systemic_risk_file(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return in_the_other_language(NAME, document, render_systemic_risk_file)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"owed": is_owed(document["owed"]), "duties answered": len(document["duties"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        return Finding(file_problems(document))


def build_systemic_risk_file(uc: UseCase, sources: Mapping[str, Source]) -> dict[str, Any]:
    """The file as JSON; `duties` and `notification` only where it is owed."""
    owed = owed_of(sources, NAME)
    document = {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": claim(sources["model_plan"].evidence, "/model_version"),
        "owed": owed,
        "duties": {},
    }
    if not is_owed(owed):
        return document
    written = read_sections(uc, NAME, [*DUTIES.values(), NOTIFICATION])
    facts = {"a": _evaluated(sources), "b": _risks(sources), "c": _incidents(sources), "d": {}}
    duties = {letter: {"said": written[section], "facts": facts[letter]} for letter, section in DUTIES.items()}
    return {**document, "duties": duties, "notification": written[NOTIFICATION]}


def _evaluated(sources: Mapping[str, Source]) -> dict[str, Any]:
    report = sources["eval_report"].evidence
    found = {"evaluated_items": claim(report, "/items")}
    if "red_team_report" in sources:
        attacks = sources["red_team_report"].evidence
        found |= {"attack_count": claim(attacks, "/attacks"), "attacks_succeeded": claim(attacks, "/all/success")}
    return found


def _risks(sources: Mapping[str, Source]) -> dict[str, Any]:
    """Severity times likelihood of each class of the register."""
    if "risk_register" not in sources:
        return {}
    register = sources["risk_register"].evidence
    return {
        f"risk_class_{row['id']}": claim(register, f"/classes/{place}/{escape_part('severity')}")
        for place, row in enumerate(claim(register, "/classes")["value"])
        if has(register, f"/classes/{place}/severity")
    }


def _incidents(sources: Mapping[str, Source]) -> dict[str, Any]:
    if "records" not in sources:
        return {}
    records = sources["records"].evidence
    serious = [
        place
        for place, record in enumerate(claim(records, "/records")["value"])
        if record["kind"] == "incident" and record["severity"] == "serious"
    ]
    return {f"incident {n}": claim(records, f"/records/{place}/title") for n, place in enumerate(serious, start=1)}


def render_systemic_risk_file(document: Mapping[str, Any], language: str) -> str:
    return render_template("systemic_risk_file.md.j2", page_context(document, language))


def file_problems(document: Mapping[str, Any]) -> list[str]:
    """Why the file is not what is owed; nothing where the classification says that it is not."""
    owed = document["owed"]
    if "missing" in owed:
        return [f"whether the file is owed was not classified: {owed['missing']}"]
    if not is_owed(owed):
        return []
    problems = [
        f"Art. 55(1)({letter}): {d['said']['name']}" for letter, d in document["duties"].items() if "gap" in d["said"]
    ]
    if "attack_count" not in document["duties"]["a"]["facts"]:
        problems.append("Art. 55(1)(a): no adversarial testing")
    if not document["duties"]["b"]["facts"]:
        problems.append("Art. 55(1)(b): no risk register")
    return problems + ([f"Art. 52(1): {document['notification']['name']}"] if "gap" in document["notification"] else [])
