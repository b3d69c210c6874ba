"""Payload: what there is to know of preference pairs before anything learns from them.

Belongs here: putting the report together. Does not belong here: how duplicates and biases are found
(`alignment/hygiene.py`) or agreement is counted (`statistics/agreement.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from genaiops_assets.alignment import (
    HELD_OUT,
    Judge,
    PreferenceInputs,
    groups_of,
    held_out,
    judges,
    learned_order,
    length_bias,
    place_bias,
    repeated,
)
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evidence import draw_histogram, draw_intervals
from genaiops_assets.lake import write_json
from genaiops_assets.models import be_deterministic
from genaiops_assets.retrieval import open_embedder
from genaiops_assets.statistics import krippendorff_alpha, wilson
from genaiops_assets.text import language

LEAST_HELD_OUT = 10  # pairs, below which an accuracy would say nothing


def work(job: Job) -> dict[str, Any]:
    """Inputs: `PreferenceInputs`. Leaves `preference_report.json` and two plots. Returns the report."""
    be_deterministic(job.seed, job.cpus)
    inputs = PreferenceInputs.model_validate(job.inputs)
    rows = sorted(job.lake().tables.read(inputs.pairs.snapshot()).to_pylist(), key=lambda r: r["id"])
    pairs = [row for row in rows if row["chosen"] and row["rejected"]]
    out = held_out(pairs)
    embed = None
    if inputs.embedder and len(out) >= LEAST_HELD_OUT:
        embed = open_embedder(inputs.embedder, cache=job.cache, cpus=job.cpus).encode
    found = repeated(rows)
    report = {
        "schema_version": 1,
        "rows": len(rows),
        "pairs": len(pairs),
        "origins": dict(sorted(Counter(row["origin"] for row in rows).items())),
        "languages": dict(sorted(Counter(language(row["question"]) for row in rows).items())),
        "duplicates": {
            "spare_rows": found.spare(),
            **{
                n: ids(g, rows) for n, g in (("exact", found.exact), ("near", found.near), ("opposite", found.opposite))
            },
        },
        "length": length_bias(rows),
        "place": place_bias(inputs.shown),
        "agreement": krippendorff_alpha([list(v.values()) for v in inputs.votes.values()]).to_dict(),
        "split": {
            "share_asked_for": HELD_OUT,
            "groups": len(set(groups_of(pairs))),
            "held_out": len(out),
            "ids": [pairs[n]["id"] for n in out],
        },
        "held_out_accuracy": accuracies(pairs, out, judges(embed)),
    }
    write_json(job.out / "preference_report.json", report)
    draw(job, report, pairs)
    return report


def ids(groups: Sequence[Sequence[int]], rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    return [[rows[n]["id"] for n in group] for group in groups]


def accuracies(pairs: list[dict[str, Any]], out: list[int], all_judges: Sequence[Judge]) -> dict[str, Any]:
    """By judge, how many held-out labels it tells that learned from the rest alone, with interval; and what taking the
    longer answer reaches on them. None where too few are held out."""
    if len(out) < LEAST_HELD_OUT or len(out) == len(pairs):
        return {}
    rest = np.setdiff1d(np.arange(len(pairs)), out)
    longer = length_bias([pairs[n] for n in out])["longer_is_chosen"]
    told = {judge.name: learned_order(judge, pairs, rest, np.asarray(out)) > 0.5 for judge in all_judges}
    return {**{name: wilson(int(t.sum()), len(t)) for name, t in told.items()}, "take the longer": longer}


def draw(job: Job, report: dict[str, Any], pairs: list[dict[str, Any]]) -> None:
    draw_histogram(
        job.out / "views/lengths.png",
        "Characters of chosen and rejected answers",
        {"rejected": [len(p["rejected"]) for p in pairs], "chosen": [len(p["chosen"]) for p in pairs]},
        xlabel="characters",
    )
    told = {f"held out: {name}": facts for name, facts in report["held_out_accuracy"].items()}
    bias = {
        "all: the longer is chosen": report["length"]["longer_is_chosen"],
        "all: the first shown is chosen": report["place"]["first_is_chosen"],
    }
    draw_intervals(job.out / "views/told without reading.png", "Shares with 95 % intervals", bias | told)


if __name__ == "__main__":
    run_payload(work)
