"""Great Expectations as Dagster checks: each expectation is one check, visible and blocking on its own.

Belongs here: the adapter between GX 1.x and asset checks. Does not belong here: which expectations a table must meet (those stand beside the
assets). dagster-ge is for GX below 1.0.
"""

import re
from collections.abc import Callable
from typing import Any

import dagster as dg

from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import key_of
from genaiops_assets.lake import Lake, Snapshot
from genaiops_assets.use_case import UseCase

Expectation = tuple[str, dict[str, Any]]

TEXT_SUITE: list[Expectation] = [
    ("ExpectColumnValuesToNotBeNull", {"column": "id"}),
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "text"}),
    ("ExpectColumnValueLengthsToBeBetween", {"column": "text", "min_value": 1, "max_value": 2_000_000}),
    ("ExpectColumnValuesToMatchRegex", {"column": "license", "regex": r"^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$"}),
    ("ExpectColumnValuesToBeBetween", {"column": "first_seen", "min_value": 1}),
]


def expectation_checks(uc: UseCase, asset: str, suite: list[Expectation], *, blocking: bool = True, table: str | None = None) -> list[Any]:
    """One check for each (expectation class, arguments) on the snapshot of `table` (the asset's own by default)."""
    return [expectation_check(uc, asset, table or asset, name, arguments, blocking) for name, arguments in suite]


def expectation_check(uc: UseCase, asset: str, table: str, expectation: str, arguments: dict[str, Any], blocking: bool) -> Any:
    @dg.asset_check(
        asset=dg.AssetKey([uc.name, asset]),
        name=check_name(expectation, arguments),
        blocking=blocking,
        description=sentence(expectation, arguments),
    )
    def gx_check(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        snapshot = platform.lake.current(key_of(uc, asset)).snapshot(key_of(uc, table))
        result = validate(platform.lake, snapshot, expectation, arguments)
        severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(passed=result["success"], severity=severity, metadata=metadata_of(result, expectation))

    return gx_check


def check_name(expectation: str, arguments: dict[str, Any]) -> str:
    """`ExpectColumnValuesToBeUnique(column="id")` → `gx_id_values_to_be_unique`."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", expectation).lower().removeprefix("expect_")
    column = arguments.get("column")
    return f"gx_{column}_{words.removeprefix('column_')}" if column else f"gx_{words}"


def sentence(expectation: str, arguments: dict[str, Any]) -> str:
    told = ", ".join(f"{k} {v}" for k, v in arguments.items() if k != "column")
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", expectation).lower().removeprefix("expect ")
    return f"Great Expectations: {arguments.get('column', '')} {words.removeprefix('column ')}{f' ({told})' if told else ''}".replace(
        "  ", " "
    )


def validate(lake: Lake, snapshot: Snapshot, expectation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Run one expectation on one snapshot. Only the column it needs is read."""
    import os

    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    columns = [arguments["column"]] if "column" in arguments else ["id"]
    frame = lake.tables.read(snapshot, columns).to_pandas()
    context = ephemeral(gx.get_context)
    batch = (
        context.data_sources.add_pandas("lake")
        .add_dataframe_asset("table")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": frame})
    )
    context.variables.progress_bars = {"globally": False}
    return batch.validate(getattr(gx.expectations, expectation)(**arguments)).to_json_dict()


def ephemeral(get_context: Callable[..., Any]) -> Any:
    """A context that writes nothing to disk and calls nobody."""
    context = get_context(mode="ephemeral")
    context.variables.analytics_enabled = False
    return context


def metadata_of(result: dict[str, Any], expectation: str) -> dict[str, Any]:
    """Counts and row positions of what failed. Values themselves stay in the table: they may be text."""
    shown = {"expectation": expectation}
    details = result.get("result") or {}
    for name in ("element_count", "unexpected_count", "unexpected_percent", "observed_value"):
        if isinstance(details.get(name), (int, float)):
            shown[name] = details[name]
    if result.get("exception_info", {}).get("raised_exception"):
        shown["exception"] = str(result["exception_info"].get("exception_message"))[:500]
    return shown
