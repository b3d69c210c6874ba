"""Asset `prompts`: the words put around a question, in training, evaluation and use."""

from typing import Any

import dagster as dg

from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.models import packaged_prompts, prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.orchestration.prompt_history import changed_parts, diff_of, earlier_prompts
from genaiops_assets.use_case import UseCase

PROBE = ("Where do I return a book?", ["Books are returned at the desk. {braces} stay as they are."])


def prompt_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "scoping")(
        kinds={"json"},
        article="annex-XI.1.2",
        automation_condition=None,
        description="System text, context, worked examples and refusal: the packaged ones of the language, or what "
        "prompts.yaml in the use case folder says instead. Other words make another model version; what changed since "
        "the version before stands beside them, and all versions there were.",
    )
    def prompts(making: Making) -> dg.MaterializeResult:
        found = prompts_of(uc)
        content = found.model_dump(mode="json")
        texts = {"schema_version": 1, "language": uc.language, **content}

        def build(place: Workplace) -> Built:
            write_json(place.staging / "prompts.json", texts)
            rows = [{"part": name, "text": str(value)} for name, value in content.items()]
            own = found != packaged_prompts(uc.language)
            figures = {"version": found.version, "written_by": "the use case" if own else "the package"}
            return Built(figures, {"prompts": rows})

        made = making.produce(build, config={"prompts": content, "language": uc.language})
        return with_history(made, making, texts)

    @check(uc, "prompts", description="A question and its passage appear word for word in what a model is asked.")
    def question_and_passage_arrive(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        question, passages = PROBE
        asked = prompts_of(uc).messages(question, passages)[-1]["content"]
        lost = [text for text in (question, *passages) if text not in asked]
        return notice(not lost, lost="; ".join(lost) or "nothing", asked=asked)

    return [prompts, question_and_passage_arrive]


def with_history(made: dg.MaterializeResult, making: Making, texts: dict[str, Any]) -> dg.MaterializeResult:
    """With all versions there were, and what changed since the one before: figures of this event, for an output made
    twice has two predecessors."""
    *before, now = earlier_prompts(making.lake, making.uc)
    rows = [{"version": v["version"], "since": v["at"], "digest": v["digest"][:12]} for v in (*before, now)]
    metadata: dict[str, Any] = {**(made.metadata or {}), "versions": dg.MetadataValue.json(rows)}
    if before:
        since = f"version {before[-1]['version']}"
        metadata["changed_parts"] = ", ".join(r["part"] for r in changed_parts(before[-1]["texts"], texts)) or "none"
        metadata["changes"] = dg.MetadataValue.md(f"Since {since}\n\n{diff_of(before[-1]['texts'], texts, since)}")
    return dg.MaterializeResult(metadata=metadata, data_version=made.data_version)
