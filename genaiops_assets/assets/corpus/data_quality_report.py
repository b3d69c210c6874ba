"""`data_quality_report`: all expectations of documents and corpus, as JSON and as Data Docs.

Belongs here: that asset. Does not belong here: the expectations and how they are evaluated
(`genaiops_assets.quality`)."""

from typing import Any

import dagster as dg

from genaiops_assets.corpus import DOCUMENTS, FILTERED
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.expectations import earlier_snapshot, outcomes_of, shown_arguments
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.quality import corpus_suite, document_suite, write_site
from genaiops_assets.use_case import UseCase

CODE = "1"


def data_quality_report_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")
    suites = {"documents": document_suite(DOCUMENTS), "filtered_corpus": corpus_suite(uc, FILTERED)}

    @asset(
        kinds={"greatexpectations", "json"},
        reads=list(suites),
        code_version=CODE,
        article="article-10.2",
        smactr="testing",
        description="All expectations of documents and corpus with what was observed, as JSON and as the Data Docs "
        "of Great Expectations "
        "(`data_docs/index.html` under the path). Where a gate has failed, materialize this asset by itself.",
    )
    def data_quality_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        current = {name: making.read(name) for name in suites}
        earlier = {name: earlier_snapshot(lake, uc, name, name) for name in suites}
        also = {f"{name} before": snapshot.digest if snapshot else "" for name, snapshot in earlier.items()}

        def build(place: Workplace) -> Built:
            outcomes = {name: outcomes_of(lake, uc, name, name, suite, True) for name, suite in suites.items()}
            digests = {name: current[name].snapshot(uc.key(name)).digest for name in suites}
            results = {n: {"snapshot": digests[n], "results": [o.to_dict() for o in outcomes[n]]} for n in suites}
            write_json(place.staging / "results.json", {"schema_version": 1, "tables": results})
            write_site(place.staging / "data_docs", {n: (digests[n], outcomes[n]) for n in suites})
            rows = [
                {
                    "table": name,
                    "expectation": outcome.expectation,
                    "arguments": ", ".join(
                        f"{k}={v}" for k, v in shown_arguments(outcome).items() if k != "partition_object"
                    ),
                    "result": "met" if outcome.success else "not met",
                    "observed": observed(outcome.to_dict()),
                }
                for name in suites
                for outcome in outcomes[name]
            ]
            rows.sort(key=lambda r: r["result"] == "met")
            met = sum(r["result"] == "met" for r in rows)
            figures = {
                "expectations": len(rows),
                "met": met,
                "not_met": len(rows) - met,
                "data_docs": "data_docs/index.html",
            }
            return Built(figures, {name: [r for r in rows if r["table"] == name] for name in suites})

        config = [suites, uc.corpus.quality.model_dump(mode="json", exclude={"max_quarantined_share"})]
        return making.produce(build, config=config, also=also)

    @check(uc, "data_quality_report", description="Every expectation of documents and corpus is met.")
    def every_expectation_is_met(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        figures = platform.lake.current(uc.key("data_quality_report")).summary["figures"]
        return notice(figures["not_met"] == 0, met=figures["met"], not_met=figures["not_met"])

    return [data_quality_report, every_expectation_is_met]


def observed(outcome: dict[str, Any]) -> str:
    if "note" in outcome:
        return outcome["note"]
    if "observed_value" in outcome:
        return str(outcome["observed_value"])
    return f"{outcome['unexpected_count']} of {outcome['element_count']} unexpected"
