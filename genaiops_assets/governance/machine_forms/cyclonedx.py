"""CycloneDX 1.7, ML-BOM: what a model version consists of, with its model card (ECMA-424, cyclonedx.org/schema).

Belongs here: components, their lineage and references. Does not belong here: the model card (`cyclonedx_card.py`), or
how ready it is for readers of AI BOMs (`nine_checks.py`).

The document is written as it is: cyclonedx-python-lib 11 has no model card in its objects, and what passes through them
loses it without a word. Its strict validator judges the result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.governance.documents import UNSTATED, hub_model, public_ref
from genaiops_assets.governance.machine_forms.base import TOOL, as_text, id_of, own_version
from genaiops_assets.governance.machine_forms.cyclonedx_card import model_card, taxonomy
from genaiops_assets.governance.machine_forms.lineage import Made
from genaiops_assets.governance.machine_forms.record import VersionRecord

FILE = "mlbom.cdx.json"
# Asset → (type of external reference, the file it points at)
REFERENCES = {
    "model_card": ("model-card", "README.md"),
    "eval_report": ("quality-metrics", "eval_report.json"),
    "fmea": ("risk-assessment", "fmea.json"),
    "red_team_report": ("adversary-model", "red_team_report.json"),
    "release_decision": ("evidence", "decision.json"),
    "checkpoint_signature": ("digital-signature", "model.sig"),
    "bundle_signature": ("digital-signature", "model.sig"),
}
DATA = {"filtered_corpus": "corpus", "preference_pairs": "training rows", "golden_set": "golden questions"}


class CycloneDX:
    title = "CycloneDX 1.7 ML-BOM"
    needs = ("license-expression",)
    validator = ("cyclonedx-python-lib", "fqdn")  # the second comes with its extra json-validation

    def write(self, record: VersionRecord) -> dict[str, str]:
        return {FILE: as_text(bill(record))}

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """By the strict schema, and what a schema cannot say: each reference leads to one component."""
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator

        errors = JsonStrictValidator(SchemaVersion.V1_7).validate_str(files[FILE], all_errors=True) or ()
        return [*(str(error.data)[:300] for error in errors), *loose_references(json.loads(files[FILE]))]


def bill(record: VersionRecord) -> dict[str, Any]:
    model, data, libraries = tuned(record), data_of(record), libraries_of(record)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "serialNumber": f"urn:uuid:{id_of('cyclonedx', record.version, record.lineage.digest)}",
        "version": 1,
        "metadata": {
            "timestamp": record.lineage.last,
            "lifecycles": [{"phase": "post-build"}],
            "tools": {"components": [{"type": "application", "name": TOOL, "version": own_version()}]},
            "component": model,
            **organisation(record, "supplier"),
        },
        "components": [*data, *libraries],
        "dependencies": [
            {"ref": model["bom-ref"], "dependsOn": sorted(c["bom-ref"] for c in (*data, *libraries))},
            *({"ref": c["bom-ref"]} for c in (*data, *libraries)),
        ],
    }


def tuned(record: VersionRecord) -> dict[str, Any]:
    """The version itself; what it was tuned from is its ancestor."""
    made = record.lineage.named("aligned_checkpoint")
    assert made is not None
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model/{record.version}",
        "group": record.use_case,
        "name": record.judged.title,
        "version": record.version,
        "description": record.said("/intended_use/summary", ""),
        "licenses": license_of(record.base.get("license", UNSTATED)),
        **organisation(record, "manufacturer"),
        "modelCard": model_card(record),
        "pedigree": {"ancestors": [base(record)], "notes": f"tuned by {record.plan.get('method', 'nothing')}"},
        "components": [file_of(f"model/{record.version}", path, sha) for path, sha in sorted(made.files.items())],
        "externalReferences": references(record),
        "properties": [
            *taxonomy(record),
            *own({"content_digest": made.digest, "place": made.place}),
            *state(made),
            *(one for decided in record.lineage.decided for one in own({"decision": decided.in_words()})),
        ],
    }


def base(record: VersionRecord) -> dict[str, Any]:
    about = record.base
    ref = str(about.get("ref", record.judged.model["base"]))
    name = hub_model(ref) or public_ref(ref)
    return {
        "type": "machine-learning-model",
        "bom-ref": "model/base",
        "name": name,
        "version": str(about.get("revision", "")) or record.judged.model["base_digest"],
        "licenses": license_of(about.get("license", UNSTATED)),
        "components": [file_of("model/base", f["path"], f["sha256"]) for f in record.base_files],
        "properties": own({"content_digest": str(about.get("digest", record.judged.model["base_digest"]))}),
    }


def data_of(record: VersionRecord) -> list[dict[str, Any]]:
    """The corpus, what it was tuned on, and what it was asked."""
    found = [(record.lineage.named(name), title) for name, title in DATA.items()]
    return [data(record, made, title) for made, title in found if made]


def data(record: VersionRecord, made: Made, title: str) -> dict[str, Any]:
    licences = sorted({s["license"] for s in record.corpus.get("sources", []) if s.get("documents")})
    counted = {f"rows of {rows.table}": str(rows.rows) for rows in made.rows}
    of_corpus = made.name == "filtered_corpus"
    return {
        "type": "data",
        "bom-ref": f"data/{made.name}",
        "group": record.use_case,
        "name": f"{record.use_case} {title}",
        "version": made.digest,
        "data": [
            {
                "type": "dataset",
                "name": title,
                "contents": {"properties": own({**counted, "content_digest": made.digest})},
                "governance": {"owners": [{"contact": {"name": person}} for person in record.people]},
                **({"sensitiveData": personal} if of_corpus and (personal := personal_data(record)) else {}),
            }
        ],
        **(
            {"licenses": [choice for name in licences for choice in license_of(name)]} if of_corpus and licences else {}
        ),
        **(
            {"externalReferences": [reference("documentation", **record.croissant, comment="Croissant 1.1")]}
            if of_corpus and record.croissant
            else {}
        ),
        "components": [file_of(f"data/{made.name}", path, sha) for path, sha in sorted(made.files.items())],
        "properties": [*own({"place": made.place}), *state(made)],
    }


def organisation(record: VersionRecord, role: str) -> dict[str, Any]:
    return {role: {"name": record.provider}} if record.provider else {}


def personal_data(record: VersionRecord) -> list[str]:
    """What sources say of personal data in them."""
    return sorted(
        {f"{s['name']}: {s['personal_data']}" for s in record.corpus.get("sources", []) if s["personal_data"] != "none"}
    )


def libraries_of(record: VersionRecord) -> list[dict[str, Any]]:
    """What the training ran on, as its provenance says."""
    made = record.lineage.named("aligned_checkpoint")
    return [
        {
            "type": "library",
            "bom-ref": f"library/{name}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version.replace('+', '%2B')}",
        }
        for name, version in sorted(made.libraries.items() if made else ())
    ]


def references(record: VersionRecord) -> list[dict[str, Any]]:
    found = []
    for name, (kind, file) in REFERENCES.items():
        made = record.lineage.named(name)
        if made and file in made.files:
            found.append(reference(kind, f"{made.place}/{file}", made.files[file], name))
    return found


def reference(type_: str = "", place: str = "", sha256: str = "", comment: str = "") -> dict[str, Any]:
    """A file by its place in a home, with its hash."""
    return {
        "type": type_,
        "url": place,
        "comment": comment,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
    }


def file_of(owner: str, path: str, sha256: str) -> dict[str, Any]:
    return {
        "type": "file",
        "bom-ref": f"{owner}#{path}",
        "name": path,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
    }


def license_of(name: str) -> list[dict[str, Any]]:
    """An SPDX identifier as such, another name as a name; one entry, none where nobody stated a licence."""
    if name in ("", UNSTATED, "unknown"):
        return []
    return [{"license": {"id": name}}] if is_spdx(name) else [{"license": {"name": name}}]


def is_spdx(name: str) -> bool:
    from license_expression import get_spdx_licensing

    return name in get_spdx_licensing().known_symbols


def own(facts: Mapping[str, str]) -> list[dict[str, str]]:
    """Properties of ours."""
    return [{"name": f"genaiops:{name}", "value": value} for name, value in facts.items()]


def state(made: Made) -> list[dict[str, str]]:
    """Rows that were erased since, named as such."""
    return own({f"state of {rows.table}": rows.state for rows in made.rows if rows.state != "whole"})


def loose_references(document: Mapping[str, Any]) -> list[str]:
    """References that lead nowhere, and names that two components have."""
    refs = list(named_in(document))
    twice = sorted({r for r in refs if refs.count(r) > 1})
    wanted = [r for d in document.get("dependencies", []) for r in (d["ref"], *d.get("dependsOn", []))]
    card = document["metadata"]["component"].get("modelCard", {})
    wanted += [d["ref"] for d in card.get("modelParameters", {}).get("datasets", []) if "ref" in d]
    loose = sorted(set(wanted) - set(refs))
    return [*(f"two components are named {r}" for r in twice), *(f"{r} is referred to and not there" for r in loose)]


def named_in(part: Any) -> Sequence[str]:
    if isinstance(part, dict):
        own_name = [part["bom-ref"]] if "bom-ref" in part else []
        return [*own_name, *(ref for value in part.values() for ref in named_in(value))]
    return [ref for value in part for ref in named_in(value)] if isinstance(part, list) else []
