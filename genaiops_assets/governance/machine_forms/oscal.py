"""OSCAL 1.2.3 (NIST): the gates of a version as an assessment plan, what they said as assessment results.

Belongs here: the two documents. Does not belong here: judging (`evaluation`). Source:
pages.nist.gov/OSCAL/reference/1.2.3, models assessment-plan and assessment-results; checked on 2026-12-01.

There is no system security plan here: what describes the system is the scope of the use case (the decision, where no
scope is known), which the plan imports by its place. OSCAL has no outcome between satisfied and not satisfied, so an
undecided gate is not satisfied, with that word beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from genaiops_assets.governance.machine_forms.base import TOOL, as_text, id_of, own_version
from genaiops_assets.governance.machine_forms.lineage import Made
from genaiops_assets.governance.machine_forms.record import VersionRecord

PLAN, RESULTS = "assessment-plan.oscal.json", "assessment-results.oscal.json"
VERSION = "1.2.3"
NS = "https://genaiops-assets.invalid/oscal"
METHOD = {"name": "method", "value": "TEST"}  # the metaschema asks for it in NIST's own namespace, the schema does not
REASONS = {"pass": "pass", "fail": "fail"}  # of a finding's status; another word stands for what is neither
EVIDENCE = ("release_decision", "eval_report", "success_criteria", "model_card", "use_case_scope")


class Oscal:
    title = "OSCAL 1.2.3 assessment plan and results"
    needs: tuple[str, ...] = ()
    validator = ("oscal-bindings",)

    def write(self, record: VersionRecord) -> dict[str, str]:
        return {PLAN: as_text(plan(record)), RESULTS: as_text(results(record))}

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """By the classes that oscal-bindings generates from NIST's schema, which refuse an unknown field of a
        dictionary (of a text, pydantic 2.13 drops some), and whether each reference leads somewhere."""
        from oscal_bindings import AssessmentPlanDocument, AssessmentResultsDocument
        from pydantic import ValidationError

        found = []
        for name, document in ((PLAN, AssessmentPlanDocument), (RESULTS, AssessmentResultsDocument)):
            try:
                document.model_validate(json.loads(files[name]))
            except ValidationError as error:
                found += [f"{name}: {e['loc']}: {e['msg']}"[:300] for e in error.errors()[:5]]
        return [*found, *loose_references(files)]


def plan(record: VersionRecord) -> dict[str, Any]:
    described = record.lineage.named("use_case_scope") or record.lineage.named("release_decision")
    return {
        "assessment-plan": {
            "uuid": id_of("oscal plan", record.version, record.lineage.digest),
            "metadata": metadata(record, "Release gates"),
            "import-ssp": {"href": f"#{resource_id(described)}"},
            "local-definitions": {"activities": [activity(record, gate) for gate in gates_of(record)]},
            "reviewed-controls": reviewed(record),
            "assessment-subjects": [
                {"type": "component", "description": f"model version {record.version}", "include-all": {}}
            ],
            "back-matter": {"resources": resources(record)},
        }
    }


def results(record: VersionRecord) -> dict[str, Any]:
    decision = record.lineage.named("release_decision")
    assert decision is not None
    return {
        "assessment-results": {
            "uuid": id_of("oscal results", record.version, record.lineage.digest),
            "metadata": metadata(record, "Release gates: what they said"),
            "import-ap": {"href": PLAN},
            "results": [
                {
                    "uuid": id_of("oscal result", record.version, decision.digest),
                    "title": f"Verdict: {record.decision.get('verdict', 'none')}",
                    "description": "The gates of the success criteria, applied to the evaluation of the version.",
                    "start": decision.began,
                    "end": decision.ended,
                    "props": [
                        prop("verdict", record.decision.get("verdict", "none")),
                        *(prop("decision", decided.in_words()) for decided in record.lineage.decided),
                    ],
                    "reviewed-controls": reviewed(record),
                    "observations": [
                        *(observation(record, gate, decision) for gate in gates_of(record)),
                        *(checked(made) for made in record.lineage.made if made.gates),
                    ],
                    "findings": [finding(record, gate) for gate in gates_of(record)],
                }
            ],
            "back-matter": {"resources": resources(record)},
        }
    }


def metadata(record: VersionRecord, what: str) -> dict[str, Any]:
    """The platform carried it out; people decide on it later."""
    party = id_of("party", TOOL)
    return {
        "title": f"{what}: {record.judged.title}, {record.version}",
        "last-modified": record.lineage.last,
        "version": record.lineage.digest[:16],
        "oscal-version": VERSION,
        "roles": [{"id": "assessor", "title": "Assessor"}],
        "parties": [{"uuid": party, "type": "organization", "name": f"{TOOL} {own_version()}"}],
        "responsible-parties": [{"role-id": "assessor", "party-uuids": [party]}],
    }


def gates_of(record: VersionRecord) -> list[Mapping[str, Any]]:
    return sorted(record.decision.get("gates", []), key=lambda gate: gate["id"])


def control_id(gate: Mapping[str, Any]) -> str:
    """A gate's id as OSCAL's token allows it."""
    token = re.sub(r"[^\w.-]", "_", gate["id"])
    return token if re.match(r"[^\W\d]", token) else f"_{token}"


def reviewed(record: VersionRecord) -> dict[str, Any]:
    controls = [{"control-id": control_id(gate)} for gate in gates_of(record)]
    if not controls:
        return {"control-selections": [{"include-all": {}}]}
    return {
        "description": "Each gate of the success criteria is a control of this use case.",
        "control-selections": [{"include-controls": controls}],
    }


def activity(record: VersionRecord, gate: Mapping[str, Any]) -> dict[str, Any]:
    """How one gate decides: what is measured, against what, on how many items."""
    facts = {
        "metric": gate.get("metric"),
        "threshold": gate.get("threshold"),
        "operator": gate.get("operator", "bound"),
        "min_items": gate.get("min_items"),
        "level": gate.get("level"),
    }
    return {
        "uuid": id_of("activity", record.version, gate["id"]),
        "title": gate["id"],
        "description": gate.get("rationale") or gate["id"],
        "props": [METHOD, *(prop(name, value) for name, value in facts.items() if value not in (None, ""))],
        "related-controls": {"control-selections": [{"include-controls": [{"control-id": control_id(gate)}]}]},
    }


def observation(record: VersionRecord, gate: Mapping[str, Any], decision: Made) -> dict[str, Any]:
    value = gate.get("value") or {}
    facts = {name: value.get(name) for name in ("mean", "low", "high", "confidence", "n", "method")}
    report = record.lineage.named("eval_report")
    return {
        "uuid": observation_id(record, gate),
        "title": gate["id"],
        "description": gate.get("reason") or gate["status"],
        "props": [prop(name, given) for name, given in facts.items() if given not in (None, "")],
        "methods": ["TEST"],
        "types": ["finding"],
        "collected": decision.ended,
        "relevant-evidence": [
            {"href": f"#{resource_id(made)}", "description": made.name} for made in (report, decision) if made
        ],
    }


def checked(made: Made) -> dict[str, Any]:
    """The blocking checks of one artifact, as the ledger has them."""
    return {
        "uuid": id_of("checked", made.asset, made.digest),
        "title": made.asset,
        "description": f"Blocking checks of {made.name}",
        "props": [prop(token(name), "pass" if good else "fail", "check") for name, good in made.gates.items()],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "collected": made.at,
    }


def finding(record: VersionRecord, gate: Mapping[str, Any]) -> dict[str, Any]:
    status = gate["status"]
    state = {"state": "satisfied" if status == "pass" else "not-satisfied", "reason": REASONS.get(status, "other")}
    if status not in REASONS:
        state["remarks"] = status
    return {
        "uuid": id_of("finding", record.version, gate["id"], record.lineage.digest),
        "title": gate["id"],
        "description": gate.get("reason") or status,
        "props": [prop("status", status)],
        "target": {"type": "objective-id", "target-id": control_id(gate), "status": state},
        "related-observations": [{"observation-uuid": observation_id(record, gate)}],
    }


def observation_id(record: VersionRecord, gate: Mapping[str, Any]) -> str:
    return id_of("observation", record.version, gate["id"])


def resources(record: VersionRecord) -> list[dict[str, Any]]:
    """The artifacts that the documents point at, by place and hash."""
    found = [made for name in EVIDENCE if (made := record.lineage.named(name))]
    return [
        {
            "uuid": resource_id(made),
            "title": made.asset,
            "rlinks": [
                {"href": f"{made.place}/{path}", "hashes": [{"algorithm": "SHA-256", "value": sha}]}
                for path, sha in sorted(made.files.items())
            ],
        }
        for made in found
    ]


def resource_id(made: Made | None) -> str:
    return id_of("resource", made.asset, made.digest) if made else ""


def prop(name: str, value: Any, kind: str = "") -> dict[str, str]:
    """A value has no blanks at its ends, which oscal-bindings 0.3 does not ask for and NIST's schema does."""
    return {"name": name, "ns": NS, "value": str(value).strip() or "empty", **({"class": kind} if kind else {})}


def token(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)


def loose_references(files: Mapping[str, str]) -> list[str]:
    """Places inside a document that nothing has, and findings of a control that the plan does not know."""
    found = []
    for name in (PLAN, RESULTS):
        there = set(re.findall(r'"uuid": "([^"]+)"', files[name]))
        wanted = re.findall(r'"(?:href": "#|observation-uuid": ")([^"]+)"', files[name])
        found += [f"{name}: #{one} leads nowhere" for one in sorted(set(wanted) - there)]
    planned = set(re.findall(r'"control-id": "([^"]+)"', files[PLAN]))
    reported = set(re.findall(r'"target-id": "([^"]+)"', files[RESULTS]))
    return [*found, *(f"{one} is found and was not planned" for one in sorted(reported - planned))]
