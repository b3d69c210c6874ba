"""Trace: why a document ended as it did, worked out again by Data-Juicer's own operators, one after the other, on its
text alone.

Belongs here: the decisions on one document and their agreement with the row ledger. Does not belong here: where the
document went afterwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.operators.batch import Batch
from genaiops_assets.corpus.operators.deduplicators import BANDED
from genaiops_assets.corpus.operators.own import OWN, TITLE, compile_own_filter, compile_own_mapper
from genaiops_assets.corpus.plan import key_maker, with_paths
from genaiops_assets.corpus.recipe import Operator


@dataclass(frozen=True)
class Decision:
    """What one operator did with the document: `what` is unchanged, changed, passed, rejected, stays or duplicate."""

    step: int
    operator: str
    what: str
    statistic: str = ""
    value: float | None = None
    threshold: str = ""


@dataclass(frozen=True)
class Traced:
    """All decisions in order, and whether the last one is the row ledger's, to the number."""

    decisions: list[Decision]
    agrees: bool


def trace_document(
    document: dict[str, Any],
    row: dict[str, Any],
    operators: Sequence[Operator],
    folder: Path,
    original: dict[str, Any] | None,
) -> Traced:
    """`document`: its row of the documents table, with what operators may look at; `row`: its row of the ledger;
    `original`: the document it is a duplicate of."""
    last = row["step"] if row["step"] >= 0 else len(operators) - 1
    ready = with_paths(operators, folder)[: last + 1]
    decisions, text = [], document["text"]
    for step, operator in enumerate(ready):
        is_last = step == row["step"]
        if operator.kind == "deduplicator":
            shared = shared_keys(operator, text, text_at(original, ready[:step])) if is_last and original else None
            decisions.append(duplicate(step, operator, shared))
            continue
        decision, text = decided(step, operator, text, document)
        decisions.append(decision)
        if decision.what == "rejected":
            break
    return Traced(decisions, same_end(decisions[-1] if decisions else None, row))


def decided(step: int, operator: Operator, text: str, document: dict[str, Any]) -> tuple[Decision, str]:
    if operator.kind == "mapper":
        made = mapped(operator, text)
        return Decision(step, operator.name, "unchanged" if made == text else "changed"), made
    keep, statistic, value = judged(operator, text, document)
    what = "passed" if keep else "rejected"
    return Decision(step, operator.name, what, statistic, value, operator.threshold), text


def mapped(operator: Operator, text: str) -> str:
    if operator.name in OWN:
        return compile_own_mapper(operator)(pl.Series([text]))[0]
    return juicer.mapped(juicer.load(operator), [text])[0]


def judged(operator: Operator, text: str, document: dict[str, Any]) -> tuple[bool, str, float | None]:
    if operator.name in OWN:
        found = compile_own_filter(operator)(Batch(pl.Series([text]), pl.DataFrame({TITLE: [document.get(TITLE, "")]})))
        return bool(found.keep[0]), found.statistics[0], float(found.values[0])
    return juicer.judged(juicer.load(operator), [text], [document])[0]


def duplicate(step: int, operator: Operator, shared: float | None) -> Decision:
    if shared is None:
        return Decision(step, operator.name, "stays")
    return Decision(
        step,
        operator.name,
        "duplicate",
        "shared_bands" if operator.name == BANDED else "equal_key",
        shared,
    )


def text_at(document: dict[str, Any] | None, operators: Sequence[Operator]) -> str:
    """A document's text after some operators."""
    text = document["text"] if document else ""
    for operator in operators:
        if operator.kind == "mapper":
            text = mapped(operator, text)
    return text


def shared_keys(operator: Operator, left: str, right: str) -> float:
    """Bands two texts have in common (1 or 0 for whole keys)."""
    banded, keys = key_maker(operator)
    both = keys(Batch(pl.Series([left, right]), pl.DataFrame({"n": [0, 1]}))).to_list()
    if not banded:
        return float(both[0] == both[1])
    bands = [np.frombuffer(k, dtype=np.uint64) for k in both]
    return float((bands[0] == bands[1]).sum())


def same_end(last: Decision | None, row: dict[str, Any]) -> bool:
    if row["outcome"] in ("kept", "changed"):
        return last is None or last.what not in ("rejected", "duplicate")
    if last is None or (last.what, last.step) != (row["outcome"], row["step"]):
        return False
    if row["value"] is None or last.value is None:
        return row["value"] is None and last.value is None
    return math.isclose(row["value"], last.value, rel_tol=0, abs_tol=0)
