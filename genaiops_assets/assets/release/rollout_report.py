"""Asset `rollout_report`: how the candidate does beside the released version. The job `rollout_step` acts on it."""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import draw_intervals
from genaiops_assets.governance.rollout import State, pairs_of, rollout_of, standing_of
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.statistics import mean_interval
from genaiops_assets.use_case import UseCase

NAME, REPORT = "rollout_report", "rollout_report.json"


def rollout_report_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        name=NAME,
        kinds={"json"},
        gates=["release_decision"],
        automation_condition=None,
        article="article-72",
        code_version="1",
        description="The candidate in shadow and canary: quality beside the released version, errors, interventions, "
        "thumbs and time, each tested after every question without losing its error rate. The job `rollout_step` acts "
        "on what is shown; `genaiops rollout pause` holds it.",
    )
    def rollout_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        state = rollout_of(lake, uc)
        report = told(lake, uc, state)

        def build(place: Workplace) -> Built:
            write_json(place.staging / REPORT, report)
            gains = {name: interval(lake, uc, state, name) for name in report["stages"]} if state else {}
            if gains:
                title = "Quality of the candidate less the released version's, 95 % at a fixed time"
                draw_intervals(place.staging / "views/quality.png", title, gains, zero=True)
            rows = [{"stage": n, **m} for n, s in report["stages"].items() for m in s["measures"]]
            figures = {"candidate": report["candidate"] or "none", "stage": report["stage"], "ended": report["ended"]}
            return Built(figures, {"measures": rows, "steps": report["steps"]})

        return making.produce(build, config=report)

    @check(uc, NAME, description="No rollout waits for a person, and none was ended because the candidate did harm.")
    def nothing_needs_a_person(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key(NAME)).json(REPORT)
        fine = report["ended"] not in ("rolled_back", "people_decide")
        return notice(fine, candidate=report["candidate"] or "none", because=report["because"] or "nothing")

    return [rollout_report, nothing_needs_a_person]


def told(lake: Lake, uc: UseCase, state: State | None) -> dict[str, Any]:
    """rollout_report.json: the newest rollout, its steps, and each of its stages as it stands."""
    empty: dict[str, Any] = {"candidate": "", "released": "", "stage": "none", "ended": "", "because": "", "steps": []}
    found = empty | {"stages": {}}
    if state is not None:
        found = {
            "candidate": state.candidate,
            "released": state.released,
            "stage": state.stage,
            "ended": state.ended,
            "because": state.because,
            "steps": list(state.past),
            "stages": {name: standing_of(lake, uc, state, name).to_dict() for name in stages_of(state)},
        }
    return {"schema_version": 1, "kind": NAME, "use_case": uc.name, **found}


def stages_of(state: State) -> list[Any]:
    return ["shadow", *(["canary"] if any(s["did"] == "canary_began" for s in state.past) else [])]


def interval(lake: Lake, uc: UseCase, state: State, stage: str) -> dict[str, Any]:
    pairs = pairs_of(lake, uc, state.candidate, stage)
    gains = [p.candidate - p.released for p in pairs if p.candidate is not None and p.released is not None]
    return mean_interval(gains, bounds=(-1.0, 1.0), resamples=uc.evaluation.resamples).to_dict()
