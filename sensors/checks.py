"""Verdicts of checks as evidence: for each run one ledger entry with all of them, passed ones too; and when a check of
severity ERROR turns red, and when it passes again; who wants to be told of that is told.

Belongs here: what the event log holds and the ledger does not yet. Does not belong here: what a check looks at."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

import dagster as dg

from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.alerting import Event, configured, tell_all
from genaiops_assets.orchestration.check_results import Evaluation, newest_results
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 2
FAILED, PASSED, EVALUATED = "check_failed", "check_passed_again", "checks_evaluated"
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def checks_sensor(uc: UseCase) -> dg.SensorDefinition:
    told_to, wrong = configured()  # the operator's; read once, when the definitions load

    @dg.sensor(
        name=f"{uc.name}__failed_checks",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Writes the verdicts of checks into the ledger: all of a run as one entry, and each turn to red "
        "and "
        "back. An audit asks when and for how long.",
    )
    def failed_checks(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult:
        ledger, latest = platform.lake.ledger, latest_evaluations(context, uc)
        known, seen = cursor_of(context.cursor) or from_ledger(platform.lake, uc)
        # one that is running again has no newest result: it stays red until it has passed
        red = {name: event for name, event in known.items() if name not in latest}
        red |= {name: found.event for name, found in latest.items() if found.red}
        turned, passing = sorted(red.keys() - known.keys()), sorted(known.keys() - red.keys())
        for name in turned:
            ledger.append(FAILED, {"use_case": uc.name, "check": name, "event": red[name]})
        for name in passing:
            ledger.append(PASSED, {"use_case": uc.name, "check": name})
        news, seen = ended(context.instance, latest, seen)
        for run, verdicts in news.items():
            body = {"use_case": uc.name, "run": run, "verdicts": verdicts, "up_to": seen}
            ledger.append(EVALUATED, body)
        events = [*(Event(name, "failed") for name in turned), *(Event(name, "passed_again") for name in passing)]
        waiting, why = tell_all(told_to, uc.name, events, waiting_in(context.cursor))
        why = [*wrong, *why]
        for problem in why:
            context.log.warning(problem)
        state = {"schema_version": SCHEMA_VERSION, "red": red, "seen": seen, "untold": untold(waiting)}
        listed = "; ".join([", ".join(sorted(red)) or "none", *why])
        reason = f"{len(latest)} checks evaluated, {len(red)} red: {listed}"
        return dg.SensorResult(skip_reason=reason, cursor=json.dumps(state))

    return failed_checks


def ended(
    instance: dg.DagsterInstance, latest: dict[str, Evaluation], seen: int
) -> tuple[dict[str, dict[str, str]], int]:
    """{run: {check: verdict}} of the runs that ended since the event `seen`, and the event up to which all is told now.
    The results of a run that goes on wait for its end."""
    news = sorted(((name, e) for name, e in latest.items() if e.event > seen), key=lambda pair: pair[1].event)
    runs = {e.run for _, e in news if e.run}
    going_on = {r for r in runs if (run := instance.get_run_by_id(r)) is not None and run.status not in ENDED}
    verdicts: dict[str, dict[str, str]] = defaultdict(dict)
    for name, found in news:
        if found.run in going_on:
            break
        verdicts[found.run][name] = found.verdict
        seen = found.event
    return dict(verdicts), seen


def latest_evaluations(context: dg.SensorEvaluationContext, uc: UseCase) -> dict[str, Evaluation]:
    """asset:check → the newest evaluation of each check of the use case that has one."""
    assert context.repository_def is not None
    keys = [k for k in context.repository_def.asset_graph.asset_check_keys if k.asset_key.path[0] == uc.name]
    found = newest_results(context.instance, keys)
    return {f"{'/'.join(key.asset_key.path)}:{key.name}": result for key, result in found.items()}


def cursor_of(text: str | None) -> tuple[dict[str, int], int] | None:
    """What was red after the last tick and up to which event all was told; None when that is not known."""
    try:
        found = json.loads(text or "")
        return (found["red"], found["seen"]) if found["schema_version"] == SCHEMA_VERSION else None
    except (ValueError, KeyError, TypeError):
        return None


def untold(waiting: Mapping[str, Sequence[Event]]) -> dict[str, list[list[str]]]:
    return {name: [[event.check, event.state] for event in events] for name, events in waiting.items()}


def waiting_in(cursor: str | None) -> dict[str, list[Event]]:
    """What a channel was not told at the last tick, by its name; nothing where the cursor is lost."""
    try:
        held = json.loads(cursor or "").get("untold", {})
        return {name: [Event(check, state) for check, state in events] for name, events in held.items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def from_ledger(lake: Lake, uc: UseCase) -> tuple[dict[str, int], int]:
    """The same from the ledger, when the cursor is lost."""
    red: dict[str, int] = {}
    seen = 0
    for entry in lake.ledger.entries():
        if entry.kind in (FAILED, PASSED) and entry.body["use_case"] == uc.name:
            red.pop(entry.body["check"], None)
            if entry.kind == FAILED:
                red[entry.body["check"]] = entry.body["event"]
        elif entry.kind == EVALUATED and entry.body["use_case"] == uc.name:
            seen = max(seen, entry.body["up_to"])
    return red, seen
