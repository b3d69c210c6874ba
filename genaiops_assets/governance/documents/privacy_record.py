"""The privacy record of a corpus: what personal data was found, what the policy made of it, and how much is estimated
to be left.

Belongs here: the record as JSON, from the scan and the claims beside it. Does not: finding and estimating (privacy
package), layout (`templates/privacy_record.md.j2`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.evidence import Evidence, claim, has, labels, render_template
from genaiops_assets.governance.documents.minimisation import minimisation_of
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1


def build_privacy_record(
    use_case: UseCase,
    documents: Evidence,
    corpus: Evidence,
    probe: Evidence,
    scan: dict[str, Any],
    residual: dict[str, Any],
) -> dict[str, Any]:
    """The record as JSON. `scan`: {"before", "after": {documents, with_findings, counts, by_column}, "before_in_kept",
    "ner", "names", "second"}, computed for this record; `residual`: the estimate {mean, low, high, n, ..., missed}.
    Recall, precision, sources and numbers of documents are claims on the artifacts they came from. KeyError names a
    missing statistic."""
    kinds = sorted(
        {
            *probe.document["by_kind"],
            *scan["before"]["counts"],
            *scan["after"]["counts"],
            *scan["names"].get("by_kind", {}),
        }
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "privacy_record",
        "use_case": use_case.name,
        "title": use_case.title,
        "language": use_case.language,
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "facts": {
            "documents_read": claim(documents, "/counts/documents"),
            "documents_kept": claim(corpus, "/instances"),
            "probe_items": claim(probe, "/items"),
            "probe_recall": claim(probe, "/recall/all"),
            "probe_precision": claim(probe, "/precision/all"),
            "names_prefilter": claim(probe, "/names_prefilter/recall"),
        },
        "sources": [
            {
                "name": claim(documents, f"/sources/{i}/name"),
                "personal_data": claim(documents, f"/sources/{i}/personal_data"),
            }
            for i in range(len(documents.document["sources"]))
        ],
        "policy": use_case.privacy.model_dump(mode="json"),
        "kinds": [_kind(kind, use_case, probe, scan, residual) for kind in kinds],
        "ner": scan["ner"],
        "second": scan["second"],
        "columns": {when: scan[when].get("by_column", {}) for when in ("before", "after")},
        "documents_with_findings": {"before": scan["before"]["with_findings"], "after": scan["after"]["with_findings"]},
        "residual": {k: v for k, v in residual.items() if k != "missed"},
        "max_residual_rate": use_case.privacy.max_residual_rate,
        "retention_days": use_case.monitoring.retention_days,
        "minimisation": minimisation_of(use_case),
    }


def render_privacy_record(record: dict[str, Any]) -> str:
    """The record as Markdown, in the language of its use case."""
    return render_template("privacy_record.md.j2", {"record": record, "t": labels(record["language"])})


def _kind(
    kind: str, use_case: UseCase, probe: Evidence, scan: dict[str, Any], residual: dict[str, Any]
) -> dict[str, Any]:
    """One row of the table; recall is a claim where the probe set measured it, the scan's own figure for names."""
    row: dict[str, Any] = {
        "kind": kind,
        "action": use_case.privacy.by_kind.get(kind, use_case.privacy.default),  # type: ignore[call-overload]
        "before": scan["before"]["counts"].get(kind, 0),
        "after": scan["after"]["counts"].get(kind, 0),
        "missed": residual["missed"].get(kind, 0.0),
    }
    for name in ("recall", "precision"):
        if has(probe, f"/{name}/{kind}"):
            row[name] = claim(probe, f"/{name}/{kind}")
        elif scan["names"]:
            row[name] = {"value": scan["names"][name][kind]}
    return row
