"""Scoping: what the application is for, and by what it will be judged, both written down before anything is trained."""

from typing import Any

import dagster as dg

from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import ALL, UseCase, golden_counts, items_of

COLUMNS = (
    *("id", "level", "severity", "metric", "slices", "at_least", "at_most", "against", "confidence", "min_items"),
    *("missing", "worthwhile", "rationale"),
)


def scoping_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "scoping")

    @asset(
        kinds={"json"},
        description="Purpose, intended users and uses, what is out of scope, the people and the risk class of the "
        "application.",
        article="annex-XI.1.1",
        automation_condition=None,
    )
    def use_case_scope(making: Making) -> dg.MaterializeResult:
        scope = uc.scope()
        note_change(making.lake, uc, scope)

        def build(place: Workplace) -> Built:
            write_json(place.staging / "scope.json", scope)
            rows = [{"field": k, "content": v} for k, v in flat(scope["purpose"])]
            return Built(
                {"risk": uc.risk, "language": uc.language, "title": uc.title},
                {"purpose": rows, "people": [*people_rows(uc)]},
            )

        return making.produce(build, config=scope)

    @asset(
        kinds={"json"},
        reads=["use_case_scope"],
        description="The gates a model version must pass, each with threshold, sample size and a written rationale.",
        article="article-9.8",
    )
    def success_criteria(making: Making) -> dg.MaterializeResult:
        criteria = uc.success_criteria.model_dump(mode="json")
        making.read("use_case_scope")

        def build(place: Workplace) -> Built:
            write_json(place.staging / "criteria.json", criteria)
            used = [c for c in COLUMNS if any(c in gate for gate in criteria["gates"])]
            rows = [{c: gate.get(c) for c in used} for gate in criteria["gates"]]
            return Built({"gates": len(rows), "written_on": criteria["written_on"]}, {"gates": rows})

        return making.produce(build, config=criteria)

    @check(uc, "success_criteria", description="Every gate can be decided with the golden questions there are.")
    def sample_is_large_enough(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        counts, limit = golden_counts(uc), uc.evaluation.limit_per_split
        if limit is not None:
            counts = {split: min(n, limit) for split, n in counts.items() if split != ALL}
            counts[ALL] = sum(counts.values())
        short = [
            f"{gate.id} ({there} of {gate.min_items})"
            for gate in uc.success_criteria.gates
            if (there := items_of(uc, gate, counts)) is not None and there < gate.min_items
        ]
        return notice(
            not short, golden_questions=counts.get(ALL, 0), gates_that_stay_undecided=", ".join(short) or "none"
        )

    @check(uc, "use_case_scope", description="People, risk and purpose of the file are those on record.")
    def scope_is_that_of_the_file(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        recorded, now = platform.lake.current(uc.key("use_case_scope")).json("scope.json"), uc.scope()
        changed = [field for field in ("people", "risk", "purpose") if recorded[field] != now[field]]
        return data_gate(not changed, changed=", ".join(changed) or "nothing")

    @check(uc, "success_criteria", description="The gates were written before the first training, not to fit it.")
    def criteria_came_before_training(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        written = uc.success_criteria.written_on
        trained = next(
            (
                entry.at[:10]
                for entry in platform.lake.ledger.entries("materialized")
                if entry.body["asset"] == uc.key("aligned_checkpoint")
            ),
            None,
        )
        return notice(trained is None or written <= trained, written_on=written, first_training=trained or "none yet")

    return [
        use_case_scope,
        scope_is_that_of_the_file,
        success_criteria,
        criteria_came_before_training,
        sample_is_large_enough,
    ]


def note_change(lake: Lake, uc: UseCase, scope: dict[str, Any]) -> None:
    """A change of people or risk is an entry of its own in the ledger: who decides, and how much is at stake."""
    if lake.heads.get(uc.key("use_case_scope")) is None:
        return
    before = lake.current(uc.key("use_case_scope")).json("scope.json")
    changed = {f: {"before": before[f], "now": scope[f]} for f in ("people", "risk") if before[f] != scope[f]}
    if changed:
        lake.ledger.append("scope_changed", {"use_case": uc.name, "changed": changed})


def flat(section: dict[str, Any]) -> list[tuple[str, str]]:
    return [(k, "; ".join(v) if isinstance(v, list) else str(v)) for k, v in section.items()]


def people_rows(uc: UseCase) -> list[dict[str, Any]]:
    named = {**uc.people.model_dump(exclude={"stakeholders"}), "oversight": uc.people.oversight}
    return [{"role": role, "person": p} for role, names in named.items() for p in names]
