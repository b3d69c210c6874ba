"""What a day's work cost: each asset by the seconds it took, and a thousand answers by tokens and seconds.

Belongs here: adding up what is on record. Does not belong here: prices (`use_case/prices.py`), or the log of answers,
whose rows come from the caller. Outputs found in the memo took no time that day and cost nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import Prices, UseCase

DIGITS = 6
READ, WRITTEN, TOOK = "gen_ai_usage_input_tokens", "gen_ai_usage_output_tokens", "gen_ai_client_operation_duration"


def made_on(lake: Lake, uc: UseCase, day: str) -> list[tuple[str, str]]:
    """(asset, digest) of each output that was made on a day (UTC), once, in order; those found in the memo are left
    out, because their provenance is of another day."""
    found = set()
    for entry in lake.ledger.newest_first():
        if entry.at[:10] < day:
            break
        asset = str(entry.body.get("asset", ""))
        if entry.kind == "materialized" and entry.at[:10] == day and asset.startswith(uc.key("")):
            found.add((asset, entry.body["digest"]))
    return sorted(pair for pair in found if was_made_on(lake, pair, day))


def was_made_on(lake: Lake, made: tuple[str, str], day: str) -> bool:
    try:
        return str(lake.artifacts.get(*made).provenance().get("made_at", ""))[:10] == day
    except (KeyError, FileNotFoundError):
        return False


def costs_of_assets(lake: Lake, made: Iterable[tuple[str, str]], prices: Prices | None) -> list[dict[str, Any]]:
    """[{asset, outputs, seconds, cost}], the dearest first; `cost` is None without prices."""
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for asset, digest in made:
        seconds[asset.split("/")[-1]].append(float(lake.artifacts.get(asset, digest).provenance().get("seconds", 0)))
    rows = [
        {"asset": asset, "outputs": len(took), "seconds": round(sum(took), 3), "cost": cost_of(sum(took), prices)}
        for asset, took in seconds.items()
    ]
    return sorted(rows, key=lambda row: (-row["seconds"], row["asset"]))


def costs_of_answers(rows: Iterable[Mapping[str, Any]], prices: Prices | None) -> dict[str, Any]:
    """{answers, counted, input_tokens, output_tokens, seconds, cost, cost_per_1000}. `counted`: answers whose tokens
    and seconds are all known; only those are priced, and None is the cost where there is none."""
    told = list(rows)
    known = [row for row in told if all(row.get(name) is not None for name in (READ, WRITTEN, TOOK))]
    read, written, took = (sum(row[name] for row in known) for name in (READ, WRITTEN, TOOK))
    cost = prices.of_tokens(read, written) + prices.of_seconds(took) if prices and known else None
    return {
        "answers": len(told),
        "counted": len(known),
        "input_tokens": read,
        "output_tokens": written,
        "seconds": round(took, 3),
        "cost": None if cost is None else round(cost, DIGITS),
        "cost_per_1000": None if cost is None else round(1000 * cost / len(known), DIGITS),
    }


def cost_of(seconds: float, prices: Prices | None) -> float | None:
    return None if prices is None else round(prices.of_seconds(seconds), DIGITS)
