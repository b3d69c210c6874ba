"""What a day's rows of the log say by counting: seconds, failures, rules, thumbs, cost and energy.

Belongs here: one row is one answer, and which rows a measure looks at. Does not belong here: limits (`levels.py`),
quality (`quality.py`), the log itself, whose rows come from the caller. Answers without a column it needs are left out
of a measure, and its `n` says so. Energy is an estimate: seconds of answers times the power the use case states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from genaiops_assets.lake import digest_of
from genaiops_assets.statistics import mean_interval, quantile_interval, wilson

Row = Mapping[str, Any]
FAILED = ("error", "fallback")  # ways an answer ended that are failures of ours
GIVEN_UP = "cancelled"  # by the person: no failure, and its seconds say nothing
SECONDS = "gen_ai_client_operation_duration"
MOST_RANKED = 1000  # rows that a quantile is taken over: exact limits of more cost seconds and show no more
WATT_HOURS = 3600.0  # joules of one


def answers(rows: Iterable[Row]) -> list[Row]:
    """Rows that are answers: looking up passages alone is none."""
    return [r for r in rows if r.get("gen_ai_operation_name") != "retrieval" and r.get("finish") != GIVEN_UP]


def drawn(rows: Iterable[Row], most: int) -> list[Row]:
    """At most so many rows, by the digest of their ids: the same rows each time, whatever they say."""
    return sorted(rows, key=lambda r: digest_of(["drawn", r["id"]]))[:most]


def seconds_of(rows: Iterable[Row], share: float) -> dict[str, Any]:
    """The quantile of the seconds with its interval."""
    known = [r for r in rows if r.get(SECONDS) is not None and r["answer"]]
    return quantile_interval([float(r[SECONDS]) for r in drawn(known, MOST_RANKED)], share)


def failures_of(rows: Sequence[Row]) -> dict[str, Any]:
    told = [r for r in rows if r.get("finish")]
    return wilson(sum(r["finish"] in FAILED for r in told), len(told))


def interventions_of(rows: Sequence[Row]) -> dict[str, Any]:
    """The share of answers that a rule held back or changed; skipped rules look at nothing and count nowhere."""
    told = [r for r in rows if r.get("rules") is not None]
    return wilson(sum(any(action_of(one) != "skipped" for one in r["rules"]) for r in told), len(told))


def action_of(rule: str) -> str:
    return rule.rpartition(":")[2]


def rules_of(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """[{stage, rule, action, answers}], the most frequent first."""
    counts = Counter(one for r in rows for one in set(r.get("rules") or ()))
    listed = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        dict(zip(("stage", "rule", "action"), name.split(":", 2), strict=False)) | {"answers": n} for name, n in listed
    ]


def feedback_of(rows: Sequence[Row], said: Iterable[Row]) -> dict[str, Any]:
    """{up, down, edited, asked_again, commented, rated}: what people said of answers of the day. `said`: lines of the
    feedback and of the signals, each with the `interaction` it is about; the last thumb on an answer counts."""
    ids = {r["id"] for r in rows}
    about = [one for one in said if one.get("interaction") in ids]
    thumbs = {one["interaction"]: one["thumb"] for one in about if one.get("thumb")}
    return {
        "up": sum(t == "up" for t in thumbs.values()),
        "down": sum(t == "down" for t in thumbs.values()),
        "edited": sum(bool(one.get("edited")) for one in about),
        "asked_again": sum(bool(one.get("asked_again")) for one in about),
        "commented": sum(bool(one.get("comment")) for one in about),
        "rated": len(thumbs),
    }


def thumbs_down_of(feedback: Mapping[str, Any]) -> dict[str, Any]:
    return wilson(feedback["down"], feedback["rated"])


def energy_of(rows: Iterable[Row], watts: float) -> dict[str, Any]:
    """Watt-hours per 1,000 answers, estimated; nothing where no power is stated."""
    known = [float(r[SECONDS]) for r in rows if r.get(SECONDS) is not None and r["answer"]] if watts else []
    return mean_interval([s * watts / WATT_HOURS * 1000 for s in known]).to_dict()


def cost_of(costs: Mapping[str, Any]) -> dict[str, Any]:
    """The cost per 1,000 answers as `governance/costs.py` counts it: a sum, so without an interval."""
    value = costs["cost_per_1000"]
    return {"mean": value, "low": value, "high": value, "n": costs["counted"], "confidence": None, "method": "sum"}
