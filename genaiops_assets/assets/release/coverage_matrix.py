"""Asset `coverage_matrix`: for each article, lifecycle row and framework which assets carry it and how they stand.

Belongs here: that asset and its checks. Does not belong here: what is asked for and how it is judged
(`governance/compliance`), what proves an output (`orchestration/proofs.py`)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.classification import dates_passed, signature_on
from genaiops_assets.governance.compliance import (
    Described,
    State,
    build_coverage,
    in_force,
    miscited_by_people,
    open_entries,
    register,
    render_coverage,
    render_views,
)
from genaiops_assets.governance.records import read_records
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Artifact, Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.documents import write_pages
from genaiops_assets.orchestration.graph_state import described, newest_output, states_of_assets
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.orchestration.proofs import proven
from genaiops_assets.use_case import UseCase

NAME, FILE, PAGE = "coverage_matrix", "coverage_matrix.json", "coverage_matrix.md"
CLASSIFICATION = "regulatory_classification"
SIGNED = "somebody_signed"  # the check of the classification that a person's record passes
SHOWN = 20
# It reads the state of all assets; edges are drawn from the last unpartitioned one of each phase, for the eye.
READS = ("records", "dataset_card", "embeddings_index", "model_plan", "training_content_summary", "production_model")


def coverage_matrix_assets(uc: UseCase, others: Iterable[Any]) -> list[Any]:
    """`others`: all other assets and checks of the use case."""
    graph: list[Described] = []  # filled below: the matrix is part of the graph it describes

    @phase(uc, "release")(
        kinds={"markdown", "json"},
        parts=[*READS, CLASSIFICATION],
        article="article-17",
        smactr="artifact_collection",
        automation_condition=None,
        description="For each article of the AI Act, each artifact of the life and each part of other frameworks: "
        "which assets and checks carry it, and by evidence whether it is verified, present, waits for a person, is "
        "missing or not owed; with a page for each role.",
    )
    def coverage_matrix(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        states = states_of_assets(making.context.instance, lake, uc, graph)
        states[CLASSIFICATION] = signed_since(lake, uc, states[CLASSIFICATION])
        states = proven(lake, uc, states, {asset.name for asset in graph if asset.external})
        states[NAME] = State("this document")  # neither its digest nor what its checks say of it can stand in it
        known = [replace(asset, checks=()) if asset.name == NAME else asset for asset in graph]
        records, applying = records_by_kind(lake, uc), in_force(datetime.now(UTC).date())
        classification, happened = classified(lake, uc), what_happened(lake, uc)

        def build(place: Workplace) -> Built:
            matrix = build_coverage(uc, known, states, records, applying, classification, happened)
            write_json(place.staging / FILE, matrix)
            write_pages(place, {PAGE: render_coverage(matrix), **render_views(matrix)}, uc.language)
            tables = {name: shown(matrix[name]) for name in ("rows", "articles", "frameworks")}
            return Built({**matrix["counts"]["rows"], **figures(matrix)}, tables, page=PAGE)

        also = {"assets": digest_of({name: asdict(state) for name, state in states.items()})}
        config = {
            "graph": [asdict(asset) for asset in graph],
            "records": records,
            "applying": applying,
            "happened": happened,
            "register": digest_of({name: [asdict(e) for e in entries] for name, entries in register().items()}),
            **uc.section("title", "language", "people"),
        }
        return making.produce(build, config=config, also=also)

    @check(
        uc,
        NAME,
        description="Every row of the life that this use case owes is there: by the regulatory classification where "
        "the law decides, by good practice elsewhere. An error once a version waits for its release, a warning before.",
    )
    def nothing_owed_is_missing(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        missing = platform.lake.current(uc.key(NAME)).json(FILE)["missing"]
        finding = data_gate if platform.lake.heads.partitions(uc.key("release_decision")) else notice
        return finding(not missing, missing=len(missing), which="; ".join(missing[:SHOWN]) or "none")

    @check(
        uc,
        NAME,
        description="Nothing that applies already is a gap, not made, unwritten or failing. What does not bind you "
        "stays here until people say so in the classification.",
    )
    def nothing_is_open(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = open_entries(platform.lake.current(uc.key(NAME)).json(FILE))
        return notice(not found, open=len(found), which="; ".join(found[:SHOWN]) or "none")

    @check(uc, NAME, description="Every article that an asset names in its tag is in the register.")
    def every_tag_is_known(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key(NAME)).json(FILE)["unknown_tags"]
        return notice(not found, unknown="; ".join(f"{name}: {tag}" for name, tag in found.items()) or "none")

    @check(
        uc,
        NAME,
        description="What people wrote cites the AI Act by its numbers: none of a draft, none beside another subject, "
        "none the act does not have, no amount of computation as a rate.",
    )
    def people_cite_the_act(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = miscited_by_people(uc)
        return notice(not found, wrong=len(found), which="; ".join(found[:SHOWN]) or "none")

    @check(
        uc,
        NAME,
        description="The classification of the newest version and of the one in production is signed by a person who "
        "may, and no date of the law has passed since. Asked daily: neither makes the classification anew.",
    )
    def classification_stands(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = [problem for made in matter(platform.lake, uc) for problem in standing(uc, *made)]
        return notice(not found, problems="; ".join(found) or "none")

    own = [
        coverage_matrix,
        nothing_owed_is_missing,
        nothing_is_open,
        every_tag_is_known,
        people_cite_the_act,
        classification_stands,
    ]
    graph.extend(described([*others, *own]))
    return own


def matter(lake: Lake, uc: UseCase) -> list[tuple[str, Artifact]]:
    """(version, classification) of the version in production, and of the one that was classified last."""
    key, now = uc.key(CLASSIFICATION), production_release(lake, uc)
    wanted = dict.fromkeys([*([now.model_version] if now else []), newest_output(lake, key)[1]])
    return [(version, lake.current(key, version)) for version in wanted if version and lake.heads.get(key, version)]


def standing(uc: UseCase, version: str, made: Artifact) -> list[str]:
    """Why a classification does not stand today: nobody signed it, or the law went on."""
    document, found = made.json(f"{CLASSIFICATION}.json"), []
    signed = signature_on(uc, read_records(uc).records, made.digest)
    if not signed.by:
        found.append(f"{version}: signed by {signed.in_words}; to be bound: {CLASSIFICATION}: {made.digest[:16]}")
    newest = dates_passed(document["jurisdiction"], datetime.now(UTC).date())[-1]
    if document["as_of"] != newest:
        found.append(f"{version}: read under the law as of {document['as_of']}, now {newest}")
    return found


def signed_since(lake: Lake, uc: UseCase, state: State) -> State:
    """The state of the classification with its signature as it is now: people sign after the check was asked."""
    if not state.digest or SIGNED not in state.verdicts:
        return state
    signed = signature_on(uc, read_records(uc).records, state.digest)
    return replace(state, verdicts={**state.verdicts, SIGNED: "passed" if signed.by else "warned"})


def classified(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """The newest regulatory classification; None before there is one."""
    digest, _ = newest_output(lake, uc.key(CLASSIFICATION))
    return lake.artifacts.get(uc.key(CLASSIFICATION), digest).json(f"{CLASSIFICATION}.json") if digest else None


def what_happened(lake: Lake, uc: UseCase) -> list[str]:
    """What rows of the life wait for and is so: `release` once a version is in production."""
    return ["release"] if production_release(lake, uc) is not None else []


def figures(matrix: Mapping[str, Any]) -> dict[str, Any]:
    return {"articles": matrix["counts"]["articles"], "carried by no row": len(matrix["orphans"])}


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
        {
            "entry": f"{r['id']} {r['title']}",
            "status": r.get("state") or r["status"],
            "because": "; ".join(r.get("because", [])),
            "carried by": ", ".join(r["assets"]),
        }
        for r in rows
    ]
    return sorted(columns, key=lambda r: r["status"] in ("covered", "warned", "verified", "not_owed"))
