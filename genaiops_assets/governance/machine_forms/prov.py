"""W3C PROV (PROV-DM, Recommendation of 2013) as PROV-JSON: who made what from what, back to the first materials.

Belongs here: entities, activities, agents and their relations. Does not belong here: following the digests
(`lineage.py`). An artifact is an entity by its digest, the work under a memo key an activity, the platform an agent,
and so is each person who decided. An erasure is an activity that influenced what it reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from genaiops_assets.governance.machine_forms.base import TOOL, as_text, id_of, own_version
from genaiops_assets.governance.machine_forms.lineage import Decided, Erased, Made
from genaiops_assets.governance.machine_forms.record import VersionRecord

FILE = "lineage.prov.json"
SPACES = {name: f"https://genaiops-assets.invalid/{name}/" for name in ("artifact", "material", "work", "who", "ns")}
# PROV-JSON: relation → its two ends, each declared under one of these kinds
ENDS = {
    "used": (("prov:activity", "activity"), ("prov:entity", "entity")),
    "wasGeneratedBy": (("prov:entity", "entity"), ("prov:activity", "activity")),
    "wasAssociatedWith": (("prov:activity", "activity"), ("prov:agent", "agent")),
    "wasDerivedFrom": (("prov:generatedEntity", "entity"), ("prov:usedEntity", "entity")),
}


class Prov:
    title = "W3C PROV-JSON"
    needs = ("prov",)
    validator = ("prov",)

    def write(self, record: VersionRecord) -> dict[str, str]:
        return {FILE: as_text(json.loads(str(document(record).serialize(format="json"))))}

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """Whether the library reads it back as the same document, and each relation's ends are declared."""
        from prov.model import ProvDocument

        content = json.loads(files[FILE])
        try:
            again = ProvDocument.deserialize(content=files[FILE], format="json")
        except Exception as error:  # the library raises many kinds for what is no PROV-JSON
            return [f"prov cannot read it: {error}"]
        same = said(json.loads(str(again.serialize(format="json")))) == said(content)
        return [*([] if same else ["read and written again it is another document"]), *loose_ends(content)]


def document(record: VersionRecord) -> Any:
    from prov.model import ProvDocument

    doc = ProvDocument()
    for name, uri in SPACES.items():
        doc.add_namespace(name, uri)
    doc.agent("who:platform", {"prov:type": "prov:SoftwareAgent", "prov:label": f"{TOOL} {own_version()}"})
    for made in record.lineage.made:
        add_work(doc, record, made)
    for decided in record.lineage.decided:
        add_decision(doc, decided)
    for erased in record.lineage.erased:
        add_erasure(doc, record, erased)
    return doc


def entity_of(record: VersionRecord, digest: str) -> str:
    made = record.lineage.of(digest)
    return f"artifact:{made.asset}/{digest}" if made else f"material:{digest}"


def add_work(doc: Any, record: VersionRecord, made: Made) -> None:
    work = f"work:{made.memo}"
    facts = {
        "prov:label": made.asset,
        "ns:digest": made.digest,
        "ns:ledger_entry": str(made.entry),
        "ns:ledger_hash": made.entry_hash,
        **({"ns:partition": made.partition} if made.partition else {}),
        **{f"ns:state_of_{rows.table.partition('/')[2]}": rows.state for rows in made.rows if rows.state != "whole"},
    }
    entity = doc.entity(entity_of(record, made.digest), facts)
    doc.activity(work, moment(made.began), moment(made.ended), {"ns:code": made.code, "ns:config": made.config})
    doc.wasGeneratedBy(entity, work, moment(made.ended))
    doc.wasAssociatedWith(work, "who:platform")
    for name, digest in sorted(made.inputs.items()):
        source = entity_of(record, digest)
        if source.startswith("material:") and not doc.get_record(source):
            doc.entity(source, {"ns:digest": digest, "prov:label": name})
        doc.used(work, source, None, None, {"prov:role": name})
        doc.wasDerivedFrom(entity, source, work)


def add_decision(doc: Any, decided: Decided) -> None:
    work, who = f"work:{decided.entry_hash}", f"who:{id_of('person', decided.by)}"
    if not doc.get_record(who):
        doc.agent(who, {"prov:type": "prov:Person", "prov:label": decided.by})
    doc.activity(
        work, moment(decided.at), moment(decided.at), {"prov:label": decided.in_words(), "prov:type": decided.kind}
    )
    doc.wasAssociatedWith(work, who)
    for name, digest in sorted(decided.on.items()):
        bound = f"material:{digest}"
        found = [r for r in doc.get_records() if str(r.identifier).endswith(f"/{digest}")]
        if not found and not doc.get_record(bound):
            doc.entity(bound, {"ns:digest": digest, "prov:label": name})
        doc.used(work, found[0].identifier if found else bound, None, None, {"prov:role": name})


def add_erasure(doc: Any, record: VersionRecord, erased: Erased) -> None:
    """How many documents, never which."""
    work = f"work:{erased.entry_hash}"
    facts = {"prov:type": "erasure", "ns:documents": str(erased.documents), "ns:through": erased.through}
    doc.activity(work, moment(erased.at), None, facts)
    for made in record.lineage.made:
        if made.erased:
            doc.wasInfluencedBy(entity_of(record, made.digest), work)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def said(content: Mapping[str, Any]) -> list[str]:
    """What a document says, whatever numbers its nameless relations have."""
    return sorted(
        json.dumps([kind, "" if name.startswith("_:") else name, facts], sort_keys=True)
        for kind, statements in content.items()
        for name, facts in statements.items()
    )


def loose_ends(content: Mapping[str, Any]) -> list[str]:
    found = set()
    for relation, ends in ENDS.items():
        for statement in content.get(relation, {}).values():
            for one in statement if isinstance(statement, list) else [statement]:
                for role, kind in ends:
                    if one.get(role) not in content.get(kind, {}):
                        found.add(f"{relation}: {one.get(role)} is not declared")
    return sorted(found)
