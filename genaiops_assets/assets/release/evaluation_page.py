"""Asset `evaluation_page`: the evaluation of a version as a page people read, in English and Chinese."""

from typing import Any

import dagster as dg

from genaiops_assets.evaluation import rows_of_report
from genaiops_assets.evidence import Evidence, draw_intervals
from genaiops_assets.governance.evaluation_page import (
    LANGUAGES,
    PageSources,
    build_page,
    called,
    page_file,
    plots_of,
    render_page,
)
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.claims import broken_claims, evidence
from genaiops_assets.orchestration.made_by import MADE_BY
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "evaluation_page.json"
ASK_GOLDEN = ("golden", "groundedness", "format", "contamination")  # suites whose items are golden questions
OF_VERSION = ("release_decision", "tuning_losses")  # that may not be there: versions of earlier releases


def evaluation_page_assets(uc: UseCase) -> list[Any]:
    versions, others = versions_of(uc), (*OF_VERSION, *further_reports(uc))

    @phase(uc, "release")(
        kinds={"html", "json"},
        reads=["eval_report", "release_history", *others],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-13.3",
        code_version=CODE,
        description="The evaluation report as a page people read: whether the version may be used, the gates with "
        "their intervals, what could not be decided and the items it needs, every suite, what tuning lost, the worst "
        "items. One HTML file a language that loads nothing; `genaiops report` opens it.",
    )
    def evaluation_page(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        report = making.read("eval_report", partition=version)
        found = {name: of_version(making, name) for name in others}
        sources = PageSources(
            report=evidence(report),
            decision=found["release_decision"],
            losses=found["tuning_losses"],
            rows=rows_of_report(lake, uc, report),
            questions=questions_of(lake, uc, report),
            further={name: document for name in others[len(OF_VERSION) :] if (document := found[name])},
            history=evidence(told) if (told := making.read_if_there("release_history")) else None,
        )

        def build(place: Workplace) -> Built:
            page = build_page(uc, version, sources)
            write_json(place.staging / FILE, page)
            for language in LANGUAGES:
                (place.staging / page_file(language)).write_text(render_page(page, language), encoding="utf-8")
            for title, rows, effects in plots_of(page, lambda word: called(word, uc.language)):
                draw_intervals(place.staging / f"views/{title}.png", title, rows, zero=effects)
            return Built(figures_of(page), {"not decided": open_rows(page), "worst items": worst_rows(page)})

        return making.produce(build, config={"title": uc.title, "language": uc.language})

    @check(
        uc,
        "evaluation_page",
        blocking=True,
        partitions_def=versions,
        description="Every figure of the page equals the artifact it points at.",
    )
    def claims_hold(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key("evaluation_page"), context.partition_key)
        page = made.json(FILE)
        problems = broken_claims(platform.lake, page)
        return data_gate(not problems, problems="; ".join(problems[:10]) or "none")

    return [evaluation_page, claims_hold]


def further_reports(uc: UseCase) -> tuple[str, ...]:
    """Reports beside the evaluation that the graph of this use case has: attacks where it asks for them, failure
    modes."""
    asked = {"red_team_report": getattr(uc, "red_team", None) is not None, "fmea": True}
    return tuple(name for name, there in asked.items() if there and name in MADE_BY)


def of_version(making: Making, asset: str) -> Evidence | None:
    """A version's document of another asset; None where it has none, which counts in the memo key as such."""
    head = making.lake.heads.get(making.uc.key(asset), making.partition)
    if head is None:
        making.take(asset, "")
        return None
    return evidence(making.read(asset, partition=making.partition))


def questions_of(lake: Lake, uc: UseCase, report: Artifact) -> dict[tuple[str, str], str]:
    """(suite, item) → question, of the suites whose questions the golden set holds."""
    golden = lake.artifacts.get(uc.key("golden_set"), report.provenance()["inputs"]["golden"]).json("golden.json")
    asked = {(suite, item["id"]): item["question"] for item in golden["items"] for suite in ASK_GOLDEN}
    return asked | {("refusal", item["id"]): item["question"] for item in golden.get("unanswerable", [])}


def figures_of(page: dict[str, Any]) -> dict[str, Any]:
    """What one decides by, above the plots."""
    said = page["summary"]
    return {
        "verdict": said["verdict"]["value"] if said["verdict"] else "not judged",
        **{f"gates {status.replace('_', ' ')}": count for status, count in said["counts"].items() if count},
        "failed": ", ".join(said["failed"]) or "none",
        "undecided": ", ".join(said["undecided"]) or "none",
        "lost by tuning": ", ".join(said["lost"]) or "none",
        "suites": said["suites"],
        "read it": f"genaiops report {page['model_version']}",
    }


def open_rows(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"what": f["what"], "name": f["name"], "items that would decide": f["needed"]} for f in page["undecided"]]


def worst_rows(page: dict[str, Any]) -> list[dict[str, Any]]:
    """By id and score alone: the texts stand on the page."""
    return [
        {
            "suite": listed["suite"],
            "metric": listed["metric"],
            "cell": listed["cell"],
            "item": i["item"],
            "score": i["score"],
        }
        for listed in page["worst"]
        for i in listed["items"]
    ]
