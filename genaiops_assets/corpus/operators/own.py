"""Operators of the platform's own, which follow a recipe where the use case asks for them: personal data by policy,
test items removed.

Belongs here: calling the privacy engine and the search for test items as filters and mappers of the engine. Does not
belong here: what personal data is (`privacy`), how an item is found (`decontamination.py`)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.batch import Batch
from genaiops_assets.corpus.operators.filters import Judged
from genaiops_assets.corpus.recipe import Operator

DROP, REDACT, TEST_ITEMS = "personal_data_filter", "personal_data_mapper", "decontamination_filter"
OWN = (DROP, REDACT, TEST_ITEMS)


def privacy_operators(policy: dict[str, Any]) -> list[Operator]:
    """Documents that must go, then what is masked in the others; none where everything is kept."""
    from genaiops_assets.privacy import RULES_VERSION

    actions = {policy["default"], *policy["by_kind"].values()}
    params = {"policy": policy, "rules": RULES_VERSION}
    shown = {"default": policy["default"], **policy["by_kind"]}
    drops = [Operator(DROP, params, shown)] if "drop" in actions else []
    return drops + ([Operator(REDACT, params, shown)] if actions & {"mask", "redact"} else [])


def decontamination_operator(config: Path, n: int, min_overlap: float) -> Operator:
    """`config`: a file with `Contamination.to_config()`."""
    return Operator(
        TEST_ITEMS, {"config": str(config), "min_overlap": min_overlap}, {"n": n, "min_overlap": min_overlap}
    )


def compile_own_mapper(operator: Operator) -> Callable[[pl.Series], pl.Series]:
    from genaiops_assets.privacy import open_ner, redact

    policy = operator.params["policy"]
    ner = open_ner(policy["ner"])
    return lambda texts: pl.Series([r.text for r in redact(texts.to_list(), policy, ner)], dtype=pl.String)


def compile_own_filter(operator: Operator) -> Callable[[Batch], Judged]:
    return dropping(operator) if operator.name == DROP else removing(operator)


def dropping(operator: Operator) -> Callable[[Batch], Judged]:
    """The statistic names the kinds that the policy drops, its value how many of them there are."""
    from genaiops_assets.privacy import action_for, open_ner, redact

    policy = operator.params["policy"]
    ner = open_ner(policy["ner"])

    def judge(batch: Batch) -> Judged:
        found = redact(batch.list, policy, ner)
        fatal = [{k: n for k, n in r.counts.items() if action_for(policy, k) == "drop"} for r in found]
        names = ["personal_data:" + "+".join(sorted(kinds)) for kinds in fatal]
        counts = np.array([sum(kinds.values()) for kinds in fatal], dtype=np.float64)
        return Judged(np.array([not r.drop for r in found], dtype=bool), counts, names)

    return judge


def removing(operator: Operator) -> Callable[[Batch], Judged]:
    """The statistic names the test item that is most in the document, its value the share of the item's n-grams found
    there."""
    searched = contamination(operator.params["config"])
    least = operator.params["min_overlap"]

    def judge(batch: Batch) -> Judged:
        most = [max(hits, key=lambda h: h.overlap, default=None) for hits in searched.search(batch.list)]
        values = np.array([h.overlap if h else 0.0 for h in most], dtype=np.float64)
        return Judged(values < least, values, [f"overlap:{h.item_set}/{h.item_id}" if h else "overlap" for h in most])

    return judge


@cache
def contamination(config: str) -> Any:
    from genaiops_assets.corpus.decontamination import Contamination

    return Contamination.from_config(json.loads(Path(config).read_text("utf-8")))
