"""Asset `design_history`: every decision about a model, with author, alternatives, reasons and digests."""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import placeholders
from genaiops_assets.governance.design import (
    design_history,
    enter_decisions,
    entered,
    last_author,
    read_decisions,
    rewritten,
)
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "2"
HISTORY = "design_history.json"


def design_history_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "alignment")(
        kinds={"json"},
        reads={"plan": "model_plan"},
        code_version=CODE,
        article="annex-XI.1.2",
        name="design_history",
        description="Every decision about base, data, method, settings and prompt: who took it, what else there was, "
        "why, and the digests of what was decided. People append to `design_history.yaml`; the ledger keeps each "
        "entry.",
    )
    def design_history_of_use_case(making: Making) -> dg.MaterializeResult:
        lake, plan = making.lake, making.read("model_plan").json("plan.json")
        enter_decisions(lake, uc, read_decisions(uc), plan["training"])
        history = entered(lake, uc)
        made = design_history(uc, history, plan)

        def build(place: Workplace) -> Built:
            write_json(place.staging / HISTORY, made)
            subjects = [
                {"subject": name, "state": s["state"], "decisions": ", ".join(s["decisions"]), **_short(s["decided"])}
                for name, s in made["subjects"].items()
            ]
            columns = ("decided_on", "about", "decision", "author", "rationale")
            rows = [
                {
                    **{c: entry["decision"][c] for c in columns},
                    "alternatives": "; ".join(entry["decision"]["alternatives"]),
                    "entered": f"{entry['entered_at']} by the account {entry['entered_by']}",
                }
                for entry in history
            ]
            states = [s["state"] for s in made["subjects"].values()]
            figures = {"decisions": len(rows), "subjects_decided": states.count("decided"), "subjects": len(states)}
            author = last_author(uc)
            return Built(
                {**figures, **({"last_commit_by": author} if author else {})}, {"subjects": subjects, "decisions": rows}
            )

        return making.produce(build, config=made)

    @check(
        uc,
        "design_history",
        description="Decisions are appended, never rewritten: each entry of the ledger still stands in the file as it "
        "was entered.",
    )
    def history_is_append_only(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = rewritten(entered(platform.lake, uc), read_decisions(uc))
        return data_gate(not found, problems="; ".join(found[:10]) or "none")

    @check(
        uc,
        "design_history",
        description="Each subject of the plan stands on a decision that was taken about it as it is now, in a person's "
        "words.",
    )
    def every_subject_is_decided(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key("design_history")).json(HISTORY)
        missing = [f"{name}: {s['state']}" for name, s in made["subjects"].items() if s["state"] != "decided"]
        unwritten = [d["id"] for d in made["decisions"] if placeholders(f"{d['decision']} {d['rationale']}")]
        return notice(
            not missing and not unwritten,
            missing="; ".join(missing) or "none",
            template_text="; ".join(unwritten) or "none",
        )

    return [design_history_of_use_case, history_is_append_only, every_subject_is_decided]


def _short(decided: dict[str, Any]) -> dict[str, str]:
    """The plan's value in a few words."""
    return {"plan": ", ".join(f"{name} {str(value)[:60]}" for name, value in decided.items() if name != "digest")}
