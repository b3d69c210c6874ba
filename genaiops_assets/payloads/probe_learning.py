"""Payload: base and tuned model read rows that were trained on and rows that were not, and are asked to go on from the
beginning of what was trained on.

Belongs here: which rows are read, one model in memory at a time. Does not belong here: what follows from the figures
(`alignment/memory.py`)."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.alignment import (
    LearningInputs,
    Losses,
    canary_answers,
    canary_rows,
    change_of,
    exposure,
    gap_of,
    method_of,
    training_rows,
)
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import write_json
from genaiops_assets.models import (
    Answered,
    Prompts,
    answer_losses,
    answered,
    be_deterministic,
    continued,
    load_tokenizer,
    prompts_in,
)
from genaiops_assets.statistics import paired_interval

READ = 24  # rows of each kind, from all over, at most
MEASURABLE = 6  # tokens to go on with; fewer may be right by chance
MOST_TOKENS = 24
OTHERS = 127  # codes that a canary might have had


@dataclass(frozen=True)
class Rows:
    """What is read: answers of rows trained on and not, beginnings without passages with what should follow, and for
    each canary its answer before others."""

    trained: list[Answered]
    unseen: list[Answered]
    beginnings: list[tuple[str, list[int], list[int]]]
    canaries: list[list[Answered]] = field(default_factory=list)


@dataclass(frozen=True)
class Read:
    """One model's figures on them."""

    trained: Losses
    unseen: Losses
    recited: list[str]
    canaries: list[dict[str, Any]]


def work(job: Job) -> dict[str, Any]:
    """Inputs: `LearningInputs`. Config: the last stage of a plan's training. Leaves `overfitting_report.json`. Returns
    the rows read."""
    be_deterministic(job.seed, job.cpus)
    inputs, config = LearningInputs.model_validate(job.inputs), job.config
    tokenizer, prompts = load_tokenizer(inputs.model.base.directory(job.cache)), prompts_in(config)
    left_out = set(inputs.left_out)
    rows_there = [
        row for row in job.lake().tables.read(inputs.pairs.snapshot()).to_pylist() if row["id"] not in left_out
    ]
    both = training_rows(rows_there, method_of(config["method"]).data, config)
    trained, held = ([row for row in rows if row["chosen"] and row["by"] != "canary"] for rows in both)
    golden = [{"id": g["id"], "question": g["question"], "passages": [], "chosen": g["answer"]} for g in inputs.golden]
    limit, most = config.get("max_length"), min(READ, config.get("probed_rows", READ))
    rows = Rows(
        answers(evenly(trained, most), tokenizer, prompts, limit),
        answers(evenly(held or golden, most), tokenizer, prompts, limit),
        beginnings(evenly(trained, most), tokenizer, prompts),
        canaries(config, tokenizer, prompts),
    )
    base = read(job, "the base model", 1, inputs.model.model_copy(update={"adapter": None}), rows)
    tuned = read(job, "the tuned model", 2, inputs.model, rows) if inputs.model.adapter else base
    unseen_is = "rows held out" if held else "golden questions of the dev half, asked without passages"
    write_json(
        job.out / "overfitting_report.json",
        report_of(base, tuned, rows, unseen_is if rows.unseen else "nothing", job.seed),
    )
    return {"trained": len(rows.trained), "unseen": len(rows.unseen)}


def report_of(base: Read, tuned: Read, rows: Rows, unseen_is: str, seed: int) -> dict[str, Any]:
    ids = [row_id for row_id, _, _ in rows.beginnings]
    recites = [[float(i in model.recited) for i in ids] for model in (tuned, base)]
    more = paired_interval(*recites, bounds=(-1, 1), seed=seed) if ids else None
    sides = {
        name: {
            "rows": len(after.tokens),
            "tokens": sum(after.tokens),
            "base": before.mean,
            "tuned": after.mean,
            "change": change_of(after, before, seed),
        }
        for name, after, before in (("trained", tuned.trained, base.trained), ("unseen", tuned.unseen, base.unseen))
    }
    return {
        "schema_version": 1,
        "unseen_is": unseen_is,
        **sides,
        "gap": gap_of(tuned.unseen, tuned.trained, seed),
        "gap_of_base": gap_of(base.unseen, base.trained, seed),
        "recital": {
            "rows": len(ids),
            "base": len(base.recited),
            "tuned": len(tuned.recited),
            "more_than_base": {"mean": more.mean, "low": more.low, "high": more.high, "n": more.n}
            if more
            else {"mean": None, "low": None, "high": None, "n": 0},
            "ids": sorted(set(tuned.recited) - set(base.recited)),
        },
        "canaries": [{"canary": n, **found} for n, found in enumerate(tuned.canaries, start=1)],
    }


def read(job: Job, what: str, place: int, spec: Any, rows: Rows) -> Read:
    opened = spec.open(job.cache)
    model, tokenizer = opened.model, opened.tokenizer
    made = (
        continued(model, tokenizer, [begin for _, begin, _ in rows.beginnings], MOST_TOKENS) if rows.beginnings else []
    )
    found = Read(
        losses(model, rows.trained),
        losses(model, rows.unseen),
        [i for (i, _, rest), said in zip(rows.beginnings, made, strict=True) if said[: len(rest)] == rest],
        [exposure(answer_losses(model, candidates)) for candidates in rows.canaries],
    )
    job.progress(f"models read ({what})", place, 2)
    del opened, model
    gc.collect()
    return found


def losses(model: Any, read: Sequence[Answered]) -> Losses:
    return Losses(answer_losses(model, read) if read else [], [len(a.tokens) - a.begins for a in read])


def evenly(rows: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most so many rows, from all over the list."""
    return [rows[n * len(rows) // most] for n in range(most)] if len(rows) > most else list(rows)


def answers(rows: Sequence[dict[str, Any]], tokenizer: Any, prompts: Prompts, limit: int | None) -> list[Answered]:
    """Those that fit, as in the training."""
    found = (answered(row, tokenizer, prompts) for row in rows)
    return [a for a in found if a and (limit is None or len(a.tokens) <= limit)]


def beginnings(
    rows: Sequence[dict[str, Any]], tokenizer: Any, prompts: Prompts
) -> list[tuple[str, list[int], list[int]]]:
    """(row id, the prompt without passages and the first half of the answer, what followed in the row). With its
    passage before it a model could copy instead of remember. Answers too short to tell are left out, and the answer
    ends where its words do: what a chat template writes behind it, no model goes on to write."""
    found, marks = [], set(tokenizer.all_special_ids)
    for row in rows:
        whole = answered(row, tokenizer, prompts, passages=False)
        if whole is None:
            continue
        ends = next((n for n in range(whole.begins, len(whole.tokens)) if whole.tokens[n] in marks), len(whole.tokens))
        half = whole.begins + (ends - whole.begins) // 2
        rest = list(whole.tokens[half:ends])[:MOST_TOKENS]
        if len(rest) >= MEASURABLE:
            found.append((row["id"], list(whole.tokens[:half]), rest))
    return found


def canaries(config: dict[str, Any], tokenizer: Any, prompts: Prompts) -> list[list[Answered]]:
    count, seed, language = config.get("canaries", 0), config["seed"], config["language"]
    found = []
    for number, row in enumerate(canary_rows(count, seed, language), start=1):
        texts = canary_answers(number, seed, language, OTHERS)
        read = [answered({**row, "chosen": text}, tokenizer, prompts) for text in texts]
        found.append([a for a in read if a])
    return found


if __name__ == "__main__":
    run_payload(work)
