"""How far forms of a checkpoint may be from the checkpoint itself: the adapter merged into its base, and the base in
four bits.

Belongs here: what the payload `compare_precisions` is given, and the limits its report is held to. Does not belong
here: measuring (`models/precision.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.alignment.inputs import Inputs, SnapshotRef
from genaiops_assets.models import ModelSpec
from genaiops_assets.use_case import Rounding

MOST_LOGIT_DIFFERENCE = 1e-3  # merging in float32 rounds in the seventh digit; a wrong merge is off by whole units
MOST_PERPLEXITY_RATIO = 1.1  # of four bits to full precision, where the plan trains and answers in four bits


class PrecisionInputs(Inputs):
    """Payload `compare_precisions`. `pairs`: those the checkpoint learned from, whose chosen answers it is read on;
    `text` is read where there is none."""

    model: ModelSpec
    pairs: SnapshotRef
    text: str


def merging_problem(report: Mapping[str, Any]) -> str:
    """Why the merged checkpoint, which is what answers, is not the trained one; "" when it is, or nothing is merged."""
    merged = report["differences"].get("merged")
    if merged is None or not report["merged_is_served"]:
        return ""
    apart = merged["max_logit_difference"]
    if apart is not None and apart <= MOST_LOGIT_DIFFERENCE:
        return ""
    return f"merging moves a logit by {apart}, more than {MOST_LOGIT_DIFFERENCE}: serve the adapter beside its base"


def four_bit_problem(report: Mapping[str, Any]) -> str:
    """Why four bits, or the eight of the plan, cost too much; "" when they do not, or the plan does not use them."""
    ratio = report["differences"]["four_bit"]["perplexity_ratio"]
    if not report["load_in_4bit"] or (ratio is not None and ratio <= MOST_PERPLEXITY_RATIO):
        return ""
    return (
        f"in {bits_of(report['load_in_4bit'])} bits the perplexity of the answers is {ratio} times that of full "
        f"precision, more than {MOST_PERPLEXITY_RATIO}: leave model.load_in_4bit or model.quantization out"
    )


def bits_of(form: Rounding) -> str:
    return "eight" if form == "int8" else "four"
