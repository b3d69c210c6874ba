"""Failed checks: each failure of a check with severity ERROR goes into the ledger once, and so does its passing
again."""

import json

import dagster as dg

from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
FAILED, PASSED = "check_failed", "check_passed_again"


def checks_sensor(uc: UseCase) -> dg.SensorDefinition:
    @dg.sensor(
        name=f"{uc.name}__failed_checks",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Writes failed checks of severity ERROR, and that they pass again, into the ledger: an audit "
        "asks when and for how long.",
    )
    def failed_checks(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult:
        latest = latest_evaluations(context, uc)
        known = cursor_of(context.cursor)
        if known is None:
            known = red_in_ledger(platform.lake, uc)
        red = {
            name: event_id for name, event_id in known.items() if name not in latest
        }  # running again: red until it has passed
        red |= {name: event_id for name, (event_id, passed) in latest.items() if not passed}
        for name in sorted(red.keys() - known.keys()):
            platform.lake.ledger.append(FAILED, {"use_case": uc.name, "check": name, "event": red[name]})
        for name in sorted(known.keys() - red.keys()):
            platform.lake.ledger.append(PASSED, {"use_case": uc.name, "check": name})
        listed = ", ".join(sorted(red)) or "none"
        cursor = json.dumps({"schema_version": SCHEMA_VERSION, "red": red})
        return dg.SensorResult(skip_reason=f"{len(latest)} checks evaluated, {len(red)} red: {listed}", cursor=cursor)

    return failed_checks


def latest_evaluations(context: dg.SensorEvaluationContext, uc: UseCase) -> dict[str, tuple[int, bool]]:
    """asset:check → (event id, whether it passed or only warned) of the newest evaluation of each check; one that is
    planned or under way has none."""
    assert context.repository_def is not None
    keys = [k for k in context.repository_def.asset_graph.asset_check_keys if k.asset_key.path[0] == uc.name]
    records = context.instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    found = {}
    for key, record in records.items():
        data = record.event.dagster_event.event_specific_data if record.event and record.event.dagster_event else None
        if isinstance(data, dg.AssetCheckEvaluation):
            fine = data.passed or data.severity != dg.AssetCheckSeverity.ERROR
            found[f"{'/'.join(key.asset_key.path)}:{key.name}"] = (record.id, fine)
    return found


def cursor_of(text: str | None) -> dict[str, int] | None:
    """What was red after the last tick; None when that is not known."""
    try:
        found = json.loads(text or "")
        return found["red"] if found["schema_version"] == SCHEMA_VERSION else None
    except (ValueError, KeyError, TypeError):
        return None


def red_in_ledger(lake: Lake, uc: UseCase) -> dict[str, int]:
    """The same from the ledger, when the cursor is lost."""
    red: dict[str, int] = {}
    for entry in lake.ledger.entries():
        if entry.kind in (FAILED, PASSED) and entry.body["use_case"] == uc.name:
            red.pop(entry.body["check"], None)
            if entry.kind == FAILED:
                red[entry.body["check"]] = entry.body["event"]
    return red
