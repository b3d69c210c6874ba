"""OpenLineage 2.0.2: each materialization of a version's lineage as a run that started and completed, each decision as
a run of its own, one event a line.

Belongs here: events and our facet. Does not belong here: sending them anywhere: the events go through the client's
file transport into a file. The client itself is passed by, because it adds what it finds in environment variables and
in configuration files of the working directory. It drops None and empty dictionaries from lists, so lists hold neither.
Source: openlineage.io/spec/2-0-2/OpenLineage.json; openlineage-python."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets.governance.machine_forms.base import as_text, id_of, own_version
from genaiops_assets.governance.machine_forms.lineage import Decided, Made
from genaiops_assets.governance.machine_forms.record import VersionRecord

FILE, SCHEMA = "events.openlineage.jsonl", "GovernanceFacet-1-0-0.json"
PRODUCER = "https://genaiops-assets.invalid/openlineage"
OURS: dict[str, Any] = {"producer": PRODUCER}  # else each facet says that the client made it
NAMESPACE = "genaiops"
FACET = "genaiops_governance"
FACETS = ("facets", "inputFacets", "outputFacets")
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
FACET_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": f"{PRODUCER}/{SCHEMA}",
    "$defs": {
        "GovernanceDatasetFacet": {
            "description": "What the ledger proves of an artifact: its entry, the blocking checks it passed or failed, "
            "and what became of its rows.",
            "type": "object",
            "required": ["_producer", "_schemaURL", "ledgerEntry", "ledgerHash", "place"],
            "properties": {
                "ledgerEntry": {"type": "string"},
                "ledgerHash": {"type": "string"},
                "gates": TEXTS,
                "rows": TEXTS,
            },
        },
        "DecisionRunFacet": {
            "description": "A person's decision about a model version, and what it is bound to.",
            "type": "object",
            "required": ["_producer", "_schemaURL", "decision", "decidedBy", "ledgerHash"],
            "properties": {
                "decision": {"type": "string"},
                "decidedBy": {"type": "string"},
                "inWords": {"type": "string"},
                "bound": TEXTS,
            },
        },
    },
}


class OpenLineage:
    title = "OpenLineage 2.0.2 events"
    needs = ("openlineage-python",)
    validator = ("openlineage-python", "jsonschema")

    def write(self, record: VersionRecord) -> dict[str, str]:
        """The events, and the schema of our facets, which the events name."""
        return {FILE: through_transport(events(record)), SCHEMA: as_text(FACET_SCHEMA)}

    def problems(self, files: Mapping[str, str]) -> list[str]:
        """Whether the client's classes accept each line and lose nothing of it, each run starts before it completes,
        and our facets are as their schema says."""
        lines = [json.loads(line) for line in files[FILE].splitlines()]
        found = [f"event {number}: {why}" for number, line in enumerate(lines, start=1) for why in faults(line)]
        return [*found, *unpaired(lines)]


def events(record: VersionRecord) -> Iterable[Any]:
    for made in record.lineage.made:
        yield from run_of(record, made)
    for decided in record.lineage.decided:
        yield from decision_of(record, decided)


def run_of(record: VersionRecord, made: Made) -> list[Any]:
    from openlineage.client import event_v2 as ol
    from openlineage.client.facet_v2 import job_type_job, processing_engine_run

    engine = made.libraries.get("dagster", "unknown")
    facets: dict[str, Any] = {
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            version=engine, name="dagster", openlineageAdapterVersion=own_version(), **OURS
        )
    }
    job_type = job_type_job.JobTypeJobFacet(processingType="BATCH", integration="GENAIOPS", jobType="ASSET", **OURS)
    job = ol.Job(NAMESPACE, made.asset, {"jobType": job_type})
    run = ol.Run(id_of("run", made.memo, made.digest), facets)
    inputs = [input_of(record, name, digest) for name, digest in sorted(made.inputs.items())]
    about: dict[str, Any] = {"run": run, "job": job, "producer": PRODUCER}
    return [
        ol.RunEvent(eventType=ol.RunState.START, eventTime=made.began, inputs=inputs, outputs=[], **about),
        ol.RunEvent(
            eventType=ol.RunState.COMPLETE, eventTime=made.ended, inputs=inputs, outputs=[output_of(made)], **about
        ),
    ]


def input_of(record: VersionRecord, name: str, digest: str) -> Any:
    from openlineage.client import event_v2 as ol
    from openlineage.client.facet_v2 import dataset_version_dataset

    made = record.lineage.of(digest)
    return ol.InputDataset(
        NAMESPACE,
        made.asset if made else f"material/{name}",
        facets={"version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=digest, **OURS)},
    )


def output_of(made: Made) -> Any:
    from openlineage.client import event_v2 as ol
    from openlineage.client.facet_v2 import dataset_version_dataset, output_statistics_output_dataset

    governance = own_facets()[0](
        place=made.place,
        ledgerEntry=str(made.entry),
        ledgerHash=made.entry_hash,
        gates={name: "passed" if good else "failed" for name, good in made.gates.items()},
        rows={rows.table: f"{rows.rows}, {rows.state}" for rows in made.rows},
        **OURS,
    )
    counted = [rows.rows for rows in made.rows]
    statistics = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=sum(counted), **OURS)
    return ol.OutputDataset(
        NAMESPACE,
        made.asset,
        facets={
            "version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=made.digest, **OURS),
            FACET: governance,
        },
        outputFacets={"outputStatistics": statistics} if counted else {},
    )


def decision_of(record: VersionRecord, decided: Decided) -> list[Any]:
    from openlineage.client import event_v2 as ol

    facet = own_facets()[1](
        decision=decided.what,
        decidedBy=decided.by,
        inWords=decided.in_words(),
        ledgerHash=decided.entry_hash,
        bound=dict(decided.on),
        **OURS,
    )
    run = ol.Run(id_of("decision", decided.entry_hash), {FACET: facet})
    job = ol.Job(NAMESPACE, f"{record.use_case}/{decided.kind}")
    inputs = [input_of(record, name, digest) for name, digest in sorted(decided.on.items())]
    states = (ol.RunState.START, ol.RunState.COMPLETE)
    about: dict[str, Any] = {
        "eventTime": decided.at,
        "run": run,
        "job": job,
        "inputs": inputs,
        "outputs": [],
        "producer": PRODUCER,
    }
    return [ol.RunEvent(eventType=state, **about) for state in states]


@cache
def own_facets() -> tuple[type, type]:
    """Our two facets as classes of the client: of a dataset, of a run."""
    import attr
    from openlineage.client.generated.base import DatasetFacet, RunFacet

    @attr.define
    class GovernanceDatasetFacet(DatasetFacet):
        place: str = attr.field(kw_only=True)
        ledgerEntry: str = attr.field(kw_only=True)
        ledgerHash: str = attr.field(kw_only=True)
        gates: dict[str, str] = attr.field(kw_only=True)
        rows: dict[str, str] = attr.field(kw_only=True)

        @staticmethod
        def _get_schema() -> str:
            return f"{PRODUCER}/{SCHEMA}#/$defs/GovernanceDatasetFacet"

    @attr.define
    class DecisionRunFacet(RunFacet):
        decision: str = attr.field(kw_only=True)
        decidedBy: str = attr.field(kw_only=True)
        inWords: str = attr.field(kw_only=True)
        ledgerHash: str = attr.field(kw_only=True)
        bound: dict[str, str] = attr.field(kw_only=True)

        @staticmethod
        def _get_schema() -> str:
            return f"{PRODUCER}/{SCHEMA}#/$defs/DecisionRunFacet"

    return GovernanceDatasetFacet, DecisionRunFacet


def through_transport(found: Iterable[Any]) -> str:
    """The events as the client's file transport writes them, one a line, in their order."""
    from openlineage.client.transport.file import FileConfig, FileTransport

    with TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        transport = FileTransport(FileConfig(str(file), append=True))
        for event in found:
            transport.emit(event)
        return file.read_text("utf-8")


def faults(line: Mapping[str, Any]) -> list[str]:
    """What the client's classes and our schema have against one event."""
    from openlineage.client import event_v2 as ol
    from openlineage.client.serde import Serde

    found = [f"the facet {name} does not say who made it" for name, facet in facets_of(line) if not of_somebody(facet)]
    found += [why for name, facet in facets_of(line) if name == FACET for why in facet_faults(facet)]
    try:
        event = ol.RunEvent(
            eventType=ol.RunState(line["eventType"]),
            eventTime=line["eventTime"],
            run=ol.Run(**line["run"]),
            job=ol.Job(**line["job"]),
            inputs=[ol.InputDataset(**dataset) for dataset in line["inputs"]],
            outputs=[ol.OutputDataset(**dataset) for dataset in line["outputs"]],
            producer=line["producer"],
        )
    except (TypeError, ValueError, KeyError) as error:
        return [*found, f"{type(error).__name__}: {error}"]
    same = json.loads(Serde.to_json(event)) == line
    return [*found, *([] if same else ["read and written again it is another event"])]


def facets_of(line: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    places = [line["run"], line["job"], *line["inputs"], *line["outputs"]]
    return [item for place in places for kind in FACETS for item in place.get(kind, {}).items()]


def of_somebody(facet: Mapping[str, Any]) -> bool:
    """The specification asks each facet for both; the client's classes take a facet without them."""
    return bool(facet.get("_producer")) and bool(facet.get("_schemaURL"))


def facet_faults(facet: Mapping[str, Any]) -> list[str]:
    from jsonschema import Draft202012Validator

    kind = facet["_schemaURL"].rpartition("/")[2]
    schema = {**FACET_SCHEMA, "$ref": f"#/$defs/{kind}"}
    return [error.message[:200] for error in Draft202012Validator(schema).iter_errors(facet)]


def unpaired(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """Runs that do not start once and then complete once."""
    seen: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        seen.setdefault(line["run"]["runId"], []).append((line["eventTime"], line["eventType"]))
    wrong = [
        run
        for run, steps in seen.items()
        if [s for _, s in steps] != ["START", "COMPLETE"] or steps != sorted(steps, key=lambda s: s[0])
    ]
    return [f"run {run} does not start and complete once" for run in wrong]
