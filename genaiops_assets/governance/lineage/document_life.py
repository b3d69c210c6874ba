"""The life of a document, from its source to the model versions trained on it, read from the lake.

Belongs here: following one document id through snapshots and plans. Does not belong here: printing
(`cli/corpus.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.corpus import SUFFIX, Decision, operators_of, suffix_of, trace_document
from genaiops_assets.errors import Missing
from genaiops_assets.lake import Artifact, Lake, in_list
from genaiops_assets.use_case import UseCase

RIGHTS = ("license", "owner", "rights_basis", "personal_data")


@dataclass
class Life:
    """`agrees`: whether the decisions worked out again are the ledger's; None where there was nothing to work out."""

    document: dict[str, Any]
    ledger: dict[str, Any]
    decisions: list[Decision] = field(default_factory=list)
    agrees: bool | None = None
    chunks: list[str] = field(default_factory=list)
    pairs: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)

    def sections(self) -> list[tuple[str, list[tuple[str, str]]]]:
        about = [
            (n, str(self.document.get(n, ""))) for n in ("id", "title", "source", "origin", "first_seen", "language")
        ]
        rights = [(n, str(self.document.get(n, ""))) for n in RIGHTS]
        outcome = [
            (n, str(self.ledger[n]))
            for n in ("outcome", "operator", "statistic", "value", "threshold", "duplicate_of")
            if self.ledger[n] not in ("", None)
        ]
        steps = [(f"{d.step + 1} {d.what}", f"{d.operator} {said(d)}".strip()) for d in self.decisions]
        used = [("chunks", listed(self.chunks)), ("pairs", listed(self.pairs)), ("trained", listed(self.versions))]
        return [("Document", about), ("Rights", rights), ("Decisions", steps), ("Outcome", outcome), ("Used in", used)]


def said(decision: Decision) -> str:
    number = "" if decision.value is None else f"{decision.statistic} = {decision.value:g}"
    return f"{number} {decision.threshold}".strip()


def listed(names: list[str], most: int = 8) -> str:
    more = f" … and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "none"


def life_of(lake: Lake, uc: UseCase, document_id: str) -> Life:
    """Raises KeyError when no run ever saw the document."""
    corpus = lake.current(uc.key("filtered_corpus"))
    documents = lake.artifacts.get(uc.key("documents"), corpus.provenance()["inputs"]["documents"])
    row = one(lake, corpus, uc, "row_ledger", document_id)
    if row is None:
        raise Missing(
            f"no document {document_id!r} in the row ledger of {uc.name}; quarantined input has ids that begin with "
            "quarantine:"
        )
    document = one(lake, documents, uc, "documents", document_id) or {"id": document_id, "source": row["source"]}
    life = Life(document, row)
    if "origin" in document:
        document[SUFFIX] = suffix_of(document["origin"])
    if "text" in document and row["outcome"] in ("kept", "changed", "rejected", "duplicate"):
        folder = uc.path(uc.corpus.recipe).parent
        original = one(lake, documents, uc, "documents", row["duplicate_of"]) if row["duplicate_of"] else None
        found = trace_document(document, row, operators_of(lake, uc), folder, original)
        life.decisions, life.agrees = found.decisions, found.agrees
    life.chunks = ids_of(lake, uc, "chunks", document_id)
    life.pairs = ids_of(lake, uc, "preference_pairs", document_id)
    life.versions = versions_of(lake, uc, document_id)
    return life


def one(lake: Lake, artifact: Artifact, uc: UseCase, table: str, row_id: str) -> dict[str, Any] | None:
    return next(lake.tables.rows(artifact.snapshot(uc.key(table)), where=in_list("id", [row_id])), None)


def ids_of(lake: Lake, uc: UseCase, asset: str, document_id: str) -> list[str]:
    """Rows of the asset's current table that come from the document."""
    if lake.heads.get(uc.key(asset)) is None:
        return []
    snapshot = lake.current(uc.key(asset)).snapshot(uc.key(asset))
    return sorted(r["id"] for r in lake.tables.rows(snapshot, ["id"], in_list("doc_id", [document_id])))


def versions_of(lake: Lake, uc: UseCase, document_id: str) -> list[str]:
    """Model versions whose preference pairs hold the document."""
    found = []
    for version in lake.heads.partitions(uc.key("model_plan")):
        plan = lake.current(uc.key("model_plan"), version).json("plan.json")
        pairs = lake.artifacts.get(uc.key("preference_pairs"), plan["training"]["pairs"]["digest"])
        rows = lake.tables.rows(pairs.snapshot(uc.key("preference_pairs")), ["id"], in_list("doc_id", [document_id]))
        if next(rows, None):
            found.append(version)
    return found
