"""Asset `machine_forms`: a version in the forms of other tools, each judged by a tool of somebody else."""

import json
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.governance.machine_forms import (
    CROISSANT,
    MACHINE_FORMS,
    MAY_LACK,
    OF_DATA,
    OF_VERSION,
    SCOPING,
    VersionRecord,
    form_files,
    judged_forms,
    lineage_of,
    missing_packages,
    readiness,
    record_of,
    roots_of,
)
from genaiops_assets.lake import Artifact, Workplace, digest_of_text, write_atomically, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.made_by import MADE_BY
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME, INDEX = "machine_forms", "machine_forms.json"
READS = tuple(name for name in (*OF_VERSION, *MAY_LACK, *OF_DATA, CROISSANT, SCOPING) if name in MADE_BY)
BILL = "cyclonedx/mlbom.cdx.json"


def machine_forms_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "release")(
        kinds={"json"},
        reads=READS,
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-18",
        description="The version in forms that other tools read and verify without this platform: CycloneDX ML-BOM, "
        "SPDX, OpenLineage, OSCAL, in-toto, PROV; all from lake and ledger. `genaiops export` writes them as they are "
        "now, with what was decided since.",
    )
    def machine_forms(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        roots = roots_of(lake, uc, version)
        for name in READS:
            making.take(name, roots.get(name))
        record = record_of(lake, uc, version, roots)
        left_out = {name: lacking for name in MACHINE_FORMS.names() if (lacking := lacks(name))}
        signed_with = record.signer.key if record.signer else ""

        def build(place: Workplace) -> Built:
            files = {name: form_files(name, record) for name in MACHINE_FORMS.names() if name not in left_out}
            for name, written in files.items():
                for file, text in written.items():
                    write_atomically(Path(place.staging / name / file), text.encode())
            index = index_of(record, files, left_out, signed_with)
            write_json(place.staging / INDEX, index)
            return Built(figures_of(index), {"files": rows_of(index)})

        also = {"lineage": record.lineage.digest}
        return making.produce(build, config={"left_out": left_out, "signed_with": signed_with}, also=also)

    @check(
        uc,
        NAME,
        partitions_def=versions,
        description="Each form is what the validator of somebody else accepts; one that could not be judged, because "
        "its validator or what writes it is not installed, is named.",
    )
    def every_form_validates(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key(NAME), context.partition_key)
        problems, unjudged = judged_forms(files_in(made))
        unjudged = made.json(INDEX)["left_out"] | unjudged
        severity = dg.AssetCheckSeverity.ERROR if problems else dg.AssetCheckSeverity.WARN
        told = {
            "problems": "; ".join(problems[:10]) or "none",
            "not judged": "; ".join(f"{name} needs {', '.join(lacks)}" for name, lacks in unjudged.items()) or "none",
        }
        return dg.AssetCheckResult(passed=not problems and not unjudged, severity=severity, metadata=told)

    @check(
        uc,
        NAME,
        partitions_def=versions,
        description="The ML-BOM answers the nine questions that readers of AI BOMs ask (AI-001 to AI-009).",
    )
    def bill_answers_nine_questions(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        answered = readiness(platform.lake.current(uc.key(NAME), context.partition_key).json(BILL))
        missing = [name for name, there in answered.items() if not there]
        return notice(not missing, answered=len(answered) - len(missing), missing=", ".join(missing) or "none")

    @check(
        uc,
        NAME,
        partitions_def=versions,
        description="Nothing was decided, erased or made anew since the forms were written.",
    )
    def forms_are_current(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        told = lake.current(uc.key(NAME), version).json(INDEX)["lineage"]
        now = lineage_of(lake, uc, version, roots_of(lake, uc, version).values())
        same = now.digest == told["digest"]
        return notice(same, written_of=told["last"], now=now.last, again="none" if same else "genaiops run")

    return [machine_forms, every_form_validates, bill_answers_nine_questions, forms_are_current]


def lacks(form: str) -> list[str]:
    return missing_packages(MACHINE_FORMS.get(form).needs)


def index_of(
    record: VersionRecord, files: dict[str, dict[str, str]], left_out: dict[str, list[str]], signed_with: str
) -> dict[str, Any]:
    """What there is, what is not and why, and what of it was erased."""
    lineage = record.lineage
    return {
        "schema_version": 1,
        "kind": NAME,
        "use_case": record.use_case,
        "model_version": record.version,
        "lineage": {
            "digest": lineage.digest,
            "last": lineage.last,
            "materializations": len(lineage.made),
            "decisions": len(lineage.decided),
            "erasures": len(lineage.erased),
        },
        "forms": {
            name: {
                "title": MACHINE_FORMS.get(name).title,
                "judged_by": list(MACHINE_FORMS.get(name).validator),
                "files": {f"{name}/{file}": digest_of_text(text) for file, text in written.items()},
            }
            for name, written in files.items()
        },
        "left_out": left_out,
        "croissant": dict(record.croissant),
        "signed_with": signed_with,
        "erased": [
            {"asset": made.asset, "table": rows.table, "state": rows.state}
            for made in lineage.made
            for rows in made.rows
            if rows.state != "whole"
        ],
        **({"readiness": readiness(json.loads(files["cyclonedx"]["mlbom.cdx.json"]))} if "cyclonedx" in files else {}),
    }


def figures_of(index: dict[str, Any]) -> dict[str, Any]:
    answered = index.get("readiness", {})
    return {
        "forms": len(index["forms"]),
        "left out": ", ".join(index["left_out"]) or "none",
        "materializations": index["lineage"]["materializations"],
        "decisions": index["lineage"]["decisions"],
        "AI readiness": f"{sum(answered.values())} of {len(answered)}",
        "signed with": index["signed_with"][:16] or "no key",
        "tables with erased rows": len(index["erased"]),
    }


def rows_of(index: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"form": form["title"], "file": file, "judged by": ", ".join(form["judged_by"])}
        for form in index["forms"].values()
        for file in form["files"]
    ]


def files_in(made: Artifact) -> dict[str, dict[str, str]]:
    """Form → file → text, as published."""
    return {
        name: {file.partition("/")[2]: made.local(file).read_text("utf-8") for file in form["files"]}
        for name, form in made.json(INDEX)["forms"].items()
    }
