"""Asset `coverage_matrix`: for each article, lifecycle row and framework which assets carry it and how they stand.

Belongs here: that asset and its checks. Does not belong here: what is asked for and how it is judged
(`governance/compliance`)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.compliance import (
    Described,
    State,
    build_coverage,
    in_force,
    open_entries,
    register,
    render_coverage,
)
from genaiops_assets.lake import Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.graph_state import described, states_of_assets
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME, FILE, PAGE = "coverage_matrix", "coverage_matrix.json", "coverage_matrix.md"
SHOWN = 20
# It reads the state of all assets; edges are drawn from the last unpartitioned one of each phase, for the eye.
READS = ("records", "dataset_card", "embeddings_index", "model_plan", "training_content_summary", "production_model")


def coverage_matrix_assets(uc: UseCase, others: Iterable[Any]) -> list[Any]:
    """`others`: all other assets and checks of the use case."""
    graph: list[Described] = []  # filled below: the matrix is part of the graph it describes

    @phase(uc, "release")(
        kinds={"markdown", "json"},
        parts=list(READS),
        article="article-17",
        smactr="artifact_collection",
        automation_condition=None,
        description="For each article of the AI Act, each artifact of the life and each part of other frameworks: "
        "which assets and checks carry it, whether they are made and pass, or that nothing does.",
    )
    def coverage_matrix(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        states = states_of_assets(making.context.instance, lake, uc, graph)
        states[NAME] = State("this document")  # its own digest cannot stand in it
        records, applying = records_by_kind(lake, uc), in_force(datetime.now(UTC).date())

        def build(place: Workplace) -> Built:
            matrix = build_coverage(uc, graph, states, records, applying)
            write_json(place.staging / FILE, matrix)
            (place.staging / PAGE).write_text(render_coverage(matrix), encoding="utf-8")
            tables = {name: shown(matrix[name]) for name in ("articles", "rows", "frameworks")}
            return Built({name: matrix["counts"][name] for name in tables}, tables, page=PAGE)

        also = {"assets": digest_of({name: asdict(state) for name, state in states.items()})}
        config = {
            "graph": [asdict(asset) for asset in graph],
            "records": records,
            "applying": applying,
            "register": digest_of({name: [asdict(e) for e in entries] for name, entries in register().items()}),
            **uc.section("title", "language"),
        }
        return making.produce(build, config=config, also=also)

    @check(
        uc,
        NAME,
        description="Nothing that applies already is a gap, not made, unwritten or failing. What does not bind you "
        "stays here until people say so in a record.",
    )
    def nothing_is_open(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = open_entries(platform.lake.current(uc.key(NAME)).json(FILE))
        return notice(not found, open=len(found), which="; ".join(found[:SHOWN]) or "none")

    @check(uc, NAME, description="Every article that an asset names in its tag is in the register.")
    def every_tag_is_known(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key(NAME)).json(FILE)["unknown_tags"]
        return notice(not found, unknown="; ".join(f"{name}: {tag}" for name, tag in found.items()) or "none")

    own = [coverage_matrix, nothing_is_open, every_tag_is_known]
    graph.extend(described([*others, *own]))
    return own


def records_by_kind(lake: Lake, uc: UseCase) -> dict[str, int]:
    """How many of people's records there are of each kind."""
    found: dict[str, int] = {}
    if lake.heads.get(uc.key("records")):
        for record in lake.current(uc.key("records")).json("records.json")["records"]:
            found[record["kind"]] = found.get(record["kind"], 0) + 1
    return dict(sorted(found.items()))


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a table in the UI, the open ones first."""
    columns = [
        {"entry": f"{r['id']} {r['title']}", "status": r["status"], "carried by": ", ".join(r["assets"])} for r in rows
    ]
    return sorted(columns, key=lambda r: r["status"] in ("covered", "warned"))
