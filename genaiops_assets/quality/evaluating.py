"""Evaluating: what Great Expectations says of a table small enough to be shown to it.

Belongs here: the one place that calls Great Expectations, and the reading of its answer. Does not belong here: making
a table small (`validation.py`), which expectations there are (`suites.py`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from numbers import Real
from typing import Any


def evaluate(columns: dict[str, Any], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What Great Expectations says of a small table: {success, unexpected: positions, observed, problem}."""
    import pandas as pd

    expectations, batch_of = engine()
    kinds = {
        c: object
        for c, v in columns.items()
        if isinstance(v, list) and any(isinstance(x, (str, type(None))) for x in v)
    }
    frame = pd.DataFrame({c: pd.Series(v, dtype=kinds.get(c)) for c, v in columns.items()})
    expectation = getattr(expectations, name)(**arguments)
    answer = (
        batch_of({"dataframe": frame}).validate(expectation, result_format={"result_format": "COMPLETE"}).to_json_dict()
    )
    details = answer.get("result") or {}
    raised = any(e.get("raised_exception") for e in exceptions(answer.get("exception_info") or {}))
    problem = (
        "; ".join(str(e.get("exception_message"))[:300] for e in exceptions(answer.get("exception_info") or {}))
        if raised
        else ""
    )
    observed = details.get("observed_value")
    return {
        "success": bool(answer["success"]) and not raised,
        "unexpected": [int(i) for i in details.get("unexpected_index_list") or []],
        "observed": round(float(observed), 9) if isinstance(observed, Real) else None,
        "problem": problem,
    }


def exceptions(info: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The exceptions of a result: one, or one for each metric."""
    if "raised_exception" in info:
        yield info
    else:
        yield from (e for e in info.values() if isinstance(e, dict))


@lru_cache(maxsize=1)
def engine() -> tuple[Any, Any]:
    """The expectation classes and a function from {"dataframe": …} to a batch: one context a process, which writes
    nothing and calls nobody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.analytics_enabled = False
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("lake").add_dataframe_asset("table")
    return gx.expectations, asset.add_batch_definition_whole_dataframe("all").get_batch
