"""Asset `answer_changes`: which golden questions a version answers better or worse than what is released."""

from typing import Any

import dagster as dg

from genaiops_assets.evaluation import answer_changes, answers_of_cell, loses_too_much
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import ERASED_TEXT, Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import BASE_CELLS, SERVED_CELL, UseCase

CODE = "1"
FILE = "answer_changes.json"
REPORT = "eval_report.json"
FIRST_SCORES = ("answer_f1", "rouge_l", "support")
BASE = BASE_CELLS[1]  # the base model with retrieval


def answer_changes_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "evaluation")(
        kinds={"json"},
        reads={"report": "eval_report"},
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-15.1",
        code_version=CODE,
        name="answer_changes",
        description="Golden questions that this version answers otherwise than the released one, as people get them: "
        "won, lost, and by how much; beside the base model where nothing else is released.",
    )
    def answer_changes_of_version(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        report = making.read("eval_report", partition=version)
        other, against = released_report(lake, uc, version)

        def build(place: Workplace) -> Built:
            earlier = other or report
            before = answers_of_cell(rows_of(lake, uc, earlier), served_cell(earlier) if other else BASE)
            after = answers_of_cell(rows_of(lake, uc, report), served_cell(report))
            found = answer_changes(before, after, same_questions(lake, uc, earlier, report))
            write_json(place.staging / FILE, {"schema_version": 1, "against": against, **found})
            figures = {k: v for k, v in found.items() if k != "rows"}
            return Built({"against": against, **figures}, {"scores that moved": found["rows"]})

        also = {"released": other.digest if other else ""}
        return making.produce(build, config={"against": against}, also=also)

    @check(
        uc,
        "answer_changes",
        partitions_def=versions,
        description="The version does not lose more golden questions to the released one than chance explains (sign "
        "test, one-sided).",
    )
    def few_answers_lost(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("answer_changes"), context.partition_key).json(FILE)
        told = {k: found[k] for k in ("against", "items", "changed", "won", "lost", "chance")}
        return notice(not loses_too_much(found), **told)

    return [answer_changes_of_version, few_answers_lost]


def released_report(lake: Lake, uc: UseCase, version: str) -> tuple[Artifact | None, str]:
    """The report of the version in production, with its name; None and "base model" where nothing is released, or this
    very version is."""
    released = production_release(lake, uc)
    if released is None or released.model_version == version:
        return None, "base model"
    return lake.current(uc.key("eval_report"), released.model_version), released.model_version


def served_cell(report: Artifact) -> str:
    """The cell that people get: without training the base model is what answers."""
    return SERVED_CELL if SERVED_CELL in report.json(REPORT)["cells"] else BASE


def rows_of(lake: Lake, uc: UseCase, report: Artifact) -> list[dict[str, Any]]:
    """The answers of a report. Those of version 0.1 had a column a score, and golden questions alone."""
    snapshot = report.snapshot(uc.key("eval_outputs"))
    if "suite" in lake.tables.at(snapshot).schema.names:
        rows = list(lake.tables.rows(snapshot, ["suite", "item", "cell", "slices", "answer", "scores"]))
    else:
        rows = [as_today(row) for row in lake.tables.rows(snapshot, ["item", "cell", "answer", *FIRST_SCORES])]
    return [row for row in rows if row["answer"] != ERASED_TEXT]


def as_today(row: dict[str, Any]) -> dict[str, Any]:
    scores = [{"name": name, "value": row[name]} for name in FIRST_SCORES]
    return {"suite": "golden", **{n: row[n] for n in ("item", "cell", "answer")}, "scores": scores}


def same_questions(lake: Lake, uc: UseCase, one: Artifact, other: Artifact) -> list[str]:
    """Ids of golden items that both reports asked in the same words and judged by the same answer."""
    asked = [
        lake.artifacts.get(uc.key("golden_set"), report.provenance()["inputs"]["golden"]) for report in (one, other)
    ]
    before, after = ({i["id"]: i for i in golden.json("golden.json")["items"]} for golden in asked)
    return [item for item in before if before[item] == after.get(item)]
