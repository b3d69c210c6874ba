"""Operators of the platform's own, which follow a recipe where the use case asks for them: personal data by policy,
test items removed, no text empty and none twice.

Belongs here: calling the privacy engine and the search for test items as filters and mappers of the engine. Does not
belong here: what personal data is (`privacy`), how an item is found (`decontamination.py`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators.batch import Batch
from genaiops_assets.corpus.operators.filters import Judged
from genaiops_assets.corpus.recipe import Operator
from genaiops_assets.lake import digest_of_text

DROP, REDACT, TEST_ITEMS = "personal_data_filter", "personal_data_mapper", "decontamination_filter"
EMPTY, SAME_TEXT = "empty_text_filter", "equal_text_deduplicator"
TITLE = "title"
OWN = (DROP, REDACT, TEST_ITEMS, EMPTY, SAME_TEXT)


def privacy_operators(policy: dict[str, Any]) -> list[Operator]:
    """Documents that must go, then what is masked in the others; none where everything is kept."""
    from genaiops_assets.privacy import RULES_VERSION

    actions = {policy["default"], *policy["by_kind"].values()}
    params = {"policy": policy, "rules": RULES_VERSION}
    visible = {"default": policy["default"], **policy["by_kind"]}
    drops = [Operator(DROP, params, visible)] if "drop" in actions else []
    return drops + ([Operator(REDACT, params, visible)] if actions & {"mask", "redact"} else [])


def closing_operators(operators: Sequence[Operator]) -> list[Operator]:
    """What makes the end of a recipe meet the checks of the corpus, where its operators do not: no text is empty, and
    of equal texts one stays. Mappers, the masking of personal data among them, can make texts empty or equal after the
    last operator that looked."""
    last = max((n for n, o in enumerate(operators) if o.kind == "mapper" and o.name != REDACT), default=-1)
    empty = [] if last < 0 or any(refuses_empty(o) for o in operators[last:]) else [Operator(EMPTY, {})]
    last = max((n for n, o in enumerate(operators) if o.kind == "mapper"), default=0)
    unique = any(o.kind == "deduplicator" for o in operators[last:])
    return empty + ([] if unique else [Operator(SAME_TEXT, {})])


def refuses_empty(operator: Operator) -> bool:
    is_bounded = operator.name == "text_length_filter" and not operator.params.get("reversed_range")
    return is_bounded and operator.params.get("min_len", 10) >= 1


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
    if operator.name == EMPTY:
        return not_empty
    return dropping(operator) if operator.name == DROP else removing(operator)


def not_empty(batch: Batch) -> Judged:
    return Judged(batch.lengths > 0, batch.lengths.astype(np.float64), ["text_len"] * len(batch))


def text_keys(batch: Batch) -> pl.Series:
    """SHA-256 of each text: equal texts alone are duplicates."""
    return pl.Series([bytes.fromhex(digest_of_text(t)) for t in batch.list], dtype=pl.Binary)


def dropping(operator: Operator) -> Callable[[Batch], Judged]:
    """The statistic names the kinds that the policy drops in text or title, its value how many of them there are."""
    from genaiops_assets.privacy import action_for, open_ner, redact

    policy = operator.params["policy"]
    ner = open_ner(policy["ner"])

    def fatal(texts: list[str]) -> list[Counter[str]]:
        found = redact(texts, policy, ner)
        return [Counter({k: n for k, n in r.counts.items() if action_for(policy, k) == "drop"}) for r in found]

    def judge(batch: Batch) -> Judged:
        found = fatal(batch.list)
        if TITLE in batch.fields.columns:
            titles = fatal(batch.fields[TITLE].fill_null("").to_list())
            found = [of_text + of_title for of_text, of_title in zip(found, titles, strict=True)]
        names = ["personal_data:" + "+".join(sorted(kinds)) for kinds in found]
        counts = np.array([kinds.total() for kinds in found], dtype=np.float64)
        return Judged(counts == 0, counts, names)

    return judge


def titles_after(titles: pl.Series, operators: Sequence[Operator]) -> pl.Series:
    """Titles under the policy that the operators carry: what is masked in a text is masked in its title."""
    masks = next((o for o in operators if o.name == REDACT), None)
    if masks is None:
        return titles
    distinct = titles.unique().drop_nulls()
    return titles.replace(distinct, compile_own_mapper(masks)(distinct))


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
