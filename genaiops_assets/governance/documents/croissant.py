"""Croissant 1.1 with the RAI vocabulary: the corpus as machines that look for data sets read it.

Belongs here: writing the JSON-LD (our own writer: mlcroissant 1.1.1 misspells two RAI keys and lets a missing name,
creator or licence pass), and validating it against the schema beside this file. Does not belong here: the figures it
cites, or the text of documents. Source: mlcommons/croissant, docs/croissant-spec-1.1.md and
docs/croissant-rai-spec.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from genaiops_assets.evidence import Evidence, claim, find_gaps, person_text, resolve_pointer
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.governance.documents.content_classes import classes_of
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "samplingRate": "cr:samplingRate",
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
CONFORMS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
FIELDS = {
    "id": "sc:Text",
    "source": "sc:Text",
    "title": "sc:Text",
    "text": "sc:Text",
    "text_hash": "sc:Text",
    "language": "sc:Text",
    "license": "sc:Text",
    "first_seen": "sc:Integer",
}
COLLECTION = {
    "public_dataset": "Secondary Data Analysis",
    "licensed": "Secondary Data Analysis",
    "private_third_party": "Secondary Data Analysis",
    "crawled": "Web Scraping",
    "user_data": "User-Generated Content Data",
    "synthetic": "Software Collection",
    "other": "Manual Human Curator",
}


class CroissantMetadata(Plain):
    """Croissant 1.1 (MLCommons) with the RAI vocabulary 1.0: the corpus as JSON-LD."""

    name = "croissant_metadata"
    article = "annex-XI.1.2"
    description = (
        "Croissant 1.1 with the RAI vocabulary: the corpus as JSON-LD for machines. What nobody stated is a named "
        "gap and "
        "is left out."
    )
    kinds = {"json"}  # noqa: RUF012
    reads: tuple[str, ...] = ("filtered_corpus", "data_bias_log")
    page = ""
    checks: tuple[Check, ...] = (
        Check(
            "croissant_is_valid",
            "The JSON-LD follows our schema of Croissant 1.1 and RAI 1.0, named gaps apart, and names the snapshot "
            "of the "
            "corpus.",
            blocking=True,
        ),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        shared = ("name", "title", "language", "purpose", "people")
        return uc.section(*shared, "data_card", "datasheet", "sources", "inbox")

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        corpus, bias = sources["filtered_corpus"], sources["data_bias_log"].evidence
        return build_croissant(uc, corpus.evidence, dict(corpus.tables["filtered_corpus"]), bias)

    def render(self, document: dict[str, Any]) -> str:
        return ""

    def files(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"croissant.json": document["jsonld"]}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {"fields": len(document["jsonld"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        left_out = {"data_card.url": "url", "data_card.date_published": "datePublished"}
        gaps = tuple(left_out[gap] for gap in find_gaps(document) if gap in left_out)
        problems = croissant_problems(document["jsonld"], gaps)
        same = digest_in(document["jsonld"]) == sources["filtered_corpus"].tables["filtered_corpus"]["digest"]
        return Finding(
            [*problems, *([] if same else ["the JSON-LD names another snapshot of the corpus"])],
            {"names_the_snapshot": same},
        )


def build_croissant(use_case: UseCase, corpus: Evidence, table: dict[str, Any], bias: Evidence) -> dict[str, Any]:
    """{"jsonld": the Croissant document, "claims": {JSON pointer into it: claim}, "unknown": [named gaps]}.

    `table`: {"name", "digest", "rows"} of the corpus snapshot. A field only a person knows and nobody gave is a gap
    and is left out of the JSON-LD."""
    card, purpose = use_case.data_card, use_case.purpose
    sources = claim(corpus, "/sources")["value"]
    counted = [s for s in sources if s["documents"]] or sources
    personal = {k: n for k, n in claim(corpus, "/pii_counts")["value"].items() if n}
    written = {
        "url": person_text(card.url, "data_card.url"),
        "datePublished": person_text(card.date_published, "data_card.date_published"),
        "version": person_text(card.version, "data_card.version"),
        "citeAs": person_text(card.citation, "data_card.citation"),
        "rai:dataLimitations": person_text(card.limitations, "data_card.limitations"),
        "rai:dataSocialImpact": person_text(card.social_impact, "data_card.social_impact"),
        "rai:dataCollectionMissingData": person_text(
            use_case.datasheet.get("composition_missing"), "datasheet.composition_missing"
        ),
    }
    period = [
        person_text(card.collection_start, "data_card.collection_start"),
        person_text(card.collection_end, "data_card.collection_end"),
    ]
    known = {key: found["text"] for key, found in written.items() if "text" in found}
    lists = {"rai:dataLimitations"}
    jsonld: dict[str, Any] = {
        "@context": {**CONTEXT, "@language": use_case.language},
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": f"{use_case.name}_corpus",
        "description": f"{use_case.title}: {purpose.summary}".strip(),
        "license": sorted({_license_url(s["license"]) for s in counted}),
        "creator": [{"@type": "sc:Organization", "name": name} for name in use_case.people.owners],
        "inLanguage": sorted(k for k in claim(corpus, "/languages")["value"] if k != "other"),
        "keywords": [use_case.name, "text"],
        "isLiveDataset": True,
        **{k: [v] if k in lists else v for k, v in known.items()},
        "distribution": [_table(use_case, table)],
        "recordSet": [_records()],
        "prov:wasDerivedFrom": [
            {"@type": "sc:CreativeWork", "name": s["name"], "identifier": s["ref"]} for s in counted
        ],
        "rai:dataCollection": "; ".join(f"{s['name']}: {s['ref']} ({s['license']}, {s['owner']})" for s in counted),
        "rai:dataCollectionType": sorted({COLLECTION[c.content_class] for c in classes_of(use_case, counted).values()}),
        "rai:dataCollectionRawData": "Every document version as read is kept beside the cleaned one, until it is "
        "erased on request.",
        "rai:dataPreprocessingProtocol": [_step(o) for o in claim(corpus, "/recipe")["value"]],
        "rai:dataManipulationProtocol": "The operators of the recipe, in order; a row ledger says for every row what "
        "became of it and why.",
        "rai:dataReleaseMaintenancePlan": [
            "Changes of the sources are taken up; each state is a versioned snapshot named by its digest."
        ],
        "rai:personalSensitiveInformation": [
            *(f"{kind}: {n}" for kind, n in personal.items()),
            *(
                f"source {s['name']} declares personal data: {s['personal_data']}"
                for s in counted
                if s["personal_data"] != "none"
            ),
        ]
        or ["No source declares personal data, and the scan found none."],
        "rai:dataBiases": [_bias(e) for e in bias.document["entries"] if e["status"] == "outside"]
        + [n["note"] for n in bias.document["notes"]]
        or ["No measured share lies above the thresholds set for this corpus."],
        "rai:dataUseCases": [purpose.intended_use],
    }
    if all("text" in p for p in period):
        jsonld["rai:dataCollectionTimeframe"] = [p["text"] for p in period]
    claims = {
        "/inLanguage": claim(corpus, "/languages"),
        "/rai:dataCollection": claim(corpus, "/sources"),
        "/rai:dataPreprocessingProtocol": claim(corpus, "/recipe"),
        "/rai:personalSensitiveInformation": claim(corpus, "/pii_counts"),
        "/rai:dataBiases": claim(bias, "/entries"),
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "croissant_metadata",
        "use_case": use_case.name,
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "jsonld": jsonld,
        "claims": claims,
        "unknown": [found for found in (*written.values(), *period) if "gap" in found],
    }


def croissant_problems(jsonld: dict[str, Any], allowed_gaps: tuple[str, ...] = ()) -> list[str]:
    """What our schema has against a Croissant document, one sentence each. `allowed_gaps`: required fields that a
    document names as gaps."""
    from jsonschema import Draft202012Validator, FormatChecker

    validator = Draft202012Validator(_schema(), format_checker=FormatChecker())
    problems = []
    for error in sorted(validator.iter_errors(jsonld), key=lambda e: (list(map(str, e.absolute_path)), e.message)):
        missing = error.validator == "required" and not error.absolute_path
        if not (missing and any(f"'{name}' is a required" in error.message for name in allowed_gaps)):
            problems.append(f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    return problems


def digest_in(jsonld: dict[str, Any]) -> str:
    """The digest of the corpus snapshot that a Croissant document names."""
    return resolve_pointer(jsonld, "/distribution/0/sha256")


@cache
def _schema() -> dict[str, Any]:
    return json.loads(
        files("genaiops_assets.governance.documents").joinpath("croissant_schema.json").read_text("utf-8")
    )


def _table(use_case: UseCase, table: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": "corpus-table",
        "name": "corpus-table",
        "description": f"Lance table {table['name']}, {table['rows']} rows. sha256 is the digest of the snapshot: "
        "SHA-256 over its sorted "
        "(row id, row hash) pairs, which is the same for every copy of the rows whatever files hold them.",
        "contentUrl": f"tables/{table['name'].replace('/', '__')}.lance",
        "encodingFormat": "application/vnd.lance",
        "sha256": table["digest"],
    }


def _records() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "documents",
        "name": "documents",
        "key": {"@id": "documents/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"documents/{name}",
                "name": name,
                "dataType": kind,
                "source": {"fileObject": {"@id": "corpus-table"}, "extract": {"column": name}},
            }
            for name, kind in FIELDS.items()
        ],
    }


def _license_url(license: str) -> str:
    return license if "://" in license else f"https://spdx.org/licenses/{license}.html"


def _step(operator: dict[str, Any]) -> str:
    return f"{operator['name']} {json.dumps(operator.get('params', {}), sort_keys=True, ensure_ascii=False)}"


def _bias(entry: dict[str, Any]) -> str:
    largest = f" ({entry['largest']})" if entry["largest"] else ""
    return f"{entry['id']}{largest}: share {entry['share']:.3f}, threshold {entry['threshold']:g}"
