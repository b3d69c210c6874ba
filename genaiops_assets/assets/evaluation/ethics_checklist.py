"""Asset `ethics_checklist`: the questions of seven requirements, each answered by a person or by what was measured."""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.risk import build_checklist, read_answers
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.claims import broken_claims, evidence
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "ethics_checklist"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"
# What evidence may point into besides the evaluation report of the version.
ALSO = (
    "use_case_scope",
    "success_criteria",
    "scoping_documents",
    "privacy_record",
    "data_bias_log",
    "datasheet",
    "decontamination_report",
)


def ethics_checklist_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "evaluation")(
        kinds={"json", "markdown"},
        reads=["eval_report", "records", *ALSO],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-9.8",
        description="Questions of the seven requirements for trustworthy AI, each answered by a person in "
        "`ethics_checklist.yaml` or by the figures that file links to; what nobody answered is a gap by name.",
    )
    def ethics_checklist(making: Making) -> dg.MaterializeResult:
        documents = {"eval_report": evidence(making.read("eval_report", partition=making.partition))}
        found = {name: making.read_if_there(name) for name in (*ALSO, "records")}
        documents |= {name: evidence(made) for name in ALSO if (made := found[name])}
        written = found["records"]
        records = written.json("records.json")["records"] if written else []
        mitigations = {r["id"]: r for r in records if r["kind"] == "mitigation"}
        content = build_checklist(uc, making.partition, read_answers(uc), documents, mitigations)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            context = {"content": content, "t": labels(uc.language)}
            (place.staging / PAGE).write_text(render_template("ethics_checklist.md.j2", context), encoding="utf-8")
            figures = {**content["counts"], "gaps": len(content["gaps"]), "problems": len(content["problems"])}
            return Built(
                figures, {"questions": [row(q) for r in content["requirements"] for q in r["questions"]]}, page=PAGE
            )

        return making.produce(build, config=content)

    @check(
        uc,
        NAME,
        partitions_def=versions,
        description="Every question is answered, by a person with name and date or by figures that are there.",
    )
    def every_question_is_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key(NAME), context.partition_key).json(FILE)
        return notice(not made["gaps"], unanswered=len(made["gaps"]), which="; ".join(made["gaps"][:10]) or "none")

    @check(
        uc,
        NAME,
        partitions_def=versions,
        description="Every link leads to a figure, every figure is that of its artifact, and what is not met has a "
        "mitigation.",
    )
    def answers_hold(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key(NAME), context.partition_key).json(FILE)
        problems = [*made["problems"], *broken_claims(platform.lake, made)]
        return data_gate(not problems, problems="; ".join(problems[:10]) or "none")

    return [ethics_checklist, every_question_is_answered, answers_hold]


def row(question: dict[str, Any]) -> dict[str, Any]:
    shown = "; ".join(claim["note"] for claim in question["evidence"])
    return {
        "question": question["question"],
        "state": question["state"] or "open",
        "by": question["by"],
        "evidence": shown,
    }
