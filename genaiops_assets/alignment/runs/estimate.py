"""What a training will need, before it starts: memory from the shapes of the model, and whether the machine has it.

Belongs here: the model of memory, the advice where it does not fit, and the comparison with what was measured. Does not
belong here: time (`probe.py`), asking the machine (`compute/capacity.py`).

Memory, with activations computed anew in the backward pass (`methods/lora.py`): what the process holds already, the
weights, the adapter with its gradient and two moments of Adam, one hidden state a layer and token, the inside of the
one layer that is being computed, and the projection of the answers' tokens onto the vocabulary. Nothing installed here
estimates that: accelerate's `estimate-memory` knows weights and Adam for full training in one precision, no tokens, no
adapter."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from genaiops_assets.alignment.methods.activations import BUDGET, rows_at_once
from genaiops_assets.alignment.methods.prefix_tree import WORTHWHILE, tree_of
from genaiops_assets.alignment.runs.lengths import Reading
from genaiops_assets.errors import PayloadError

WITHIN = 0.25  # an estimate that is farther from what was measured is said to be wrong
SLACK_SECONDS = 10.0  # of short trainings, whose time is mostly setting up
BYTES = {"float32": 4, "bfloat16": 2}
NF4 = 0.5625  # bytes a weight: four bits, and a scale of 32 bits for each 64 weights
ROUNDED = {True: NF4, "nf4_double": 0.5 + (1 + 4 / 256) / 64, "int8": 1.0}  # a weight; int8: and a scale a row
ADAPTER = 16  # bytes a trained weight: itself, its gradient, two moments, in float32
IN_A_LAYER = {"width": 14, "inner": 7}  # states held at once while one layer is computed backward, a token
IN_THE_HEAD = 4  # copies of the logits of a batch: raw, normalised, their gradients
BATCHES = 32  # drawn to see what the rows of a batch share
MIB = 2**20


@dataclass(frozen=True)
class Sizes:
    """What the memory of a training depends on. `layers`: those that gradients pass through; `seen`: tokens a batch
    holds once what its rows share is read once; `learned`: answer tokens a batch."""

    layers: int
    width: int
    inner: int
    vocabulary: int
    weights: float
    trainable: int
    dtype: str
    seen: float
    learned: float
    in_full: int = 0  # weights that no form rounds: embedding and head

    def parts(self) -> dict[str, float]:
        """Bytes by what they hold."""
        b = BYTES[self.dtype]
        inside = IN_A_LAYER["width"] * self.width + IN_A_LAYER["inner"] * self.inner
        return {
            "weights": self.weights,
            "adapter": float(ADAPTER * self.trainable),
            "hidden_states": self.layers * self.seen * self.width * b,
            "kept_layers": float(min(BUDGET, self.layers * self.seen * b * (14 * self.width + 4 * self.inner))),
            "one_layer": self.seen * inside * b + 2 * b * self.seen**2,
            "answers_over_vocabulary": IN_THE_HEAD * self.learned * self.vocabulary * 4,
        }


@dataclass(frozen=True)
class Batch:
    """The rows one step reads, `tokens` after sharing."""

    rows: list[list[int]]
    answers: list[int]
    tokens: int


def batches_of(reading: Reading, size: int, seed: int = 0) -> list[Batch]:
    """Batches as a training draws them, each with what it really reads."""
    rng, found = random.Random(seed), []
    for _ in range(BATCHES):
        chosen = [rng.choice(reading.rows) for _ in range(size)]
        rows = [sequence for row in chosen for sequence in row.sequences]
        answers = [answer for row in chosen for answer in row.answers]
        found.append(Batch(rows, answers, seen(rows)))
    return found


def seen(rows: Sequence[Sequence[int]]) -> int:
    """Tokens that the body of the model computes for these rows: each shared beginning once where that is worth
    packing, else all of them padded to the longest (`methods/prefix_tree.py`)."""
    whole, packed = sum(map(len, rows)), len(tree_of(rows).tokens)
    return packed if packed <= WORTHWHILE * whole else max(map(len, rows)) * len(rows)


def sizes_of(directory: Path, compute: Mapping[str, Any], reading: Reading, config: Mapping[str, Any]) -> Sizes:
    """From the model's config, the counted parameters and the rows. The largest batch counts: memory is a maximum."""
    model = json.loads((directory / "config.json").read_text())
    text = {**model, **model.get("text_config", {})}
    seen_tokens, learned = _largest(reading, read_at_once(reading, config))
    total, dtype = int(compute["P_total"]), str(config["dtype"])
    vocabulary, width = int(text["vocab_size"]), int(text["hidden_size"])
    in_full = vocabulary * width * (1 if text.get("tie_word_embeddings", model.get("tie_word_embeddings", True)) else 2)
    form = config.get("load_in_4bit") or False
    a_weight = ROUNDED[form] if form else BYTES[dtype]
    return Sizes(
        layers=(config.get("lora") or {}).get("last_layers") or int(text["num_hidden_layers"]),
        width=width,
        inner=int(text.get("intermediate_size") or 4 * width),
        vocabulary=vocabulary,
        weights=float(a_weight * (total - in_full) + BYTES[dtype] * in_full),
        trainable=int(compute["P_trainable"]),
        dtype=dtype,
        seen=seen_tokens,
        learned=learned,
        in_full=in_full,
    )


def read_at_once(reading: Reading, config: Mapping[str, Any]) -> int:
    """Rows of a batch that are read together: supervised training reads it in parts (`methods/lora.py`)."""
    batch = int(config.get("batch_size", 1))
    if config.get("method") != "sft":
        return batch
    return rows_at_once(batch, max(tokens for tokens, _ in reading.passes))


def _largest(reading: Reading, size: int) -> tuple[float, float]:
    if reading.generated[0]:
        answers, longest = reading.generated
        return size * answers * (max(len(row.prompt) for row in reading.rows) + longest), size * answers * longest
    drawn = batches_of(reading, size)
    return max(batch.tokens for batch in drawn), max(sum(batch.answers) for batch in drawn)


def memory_estimate(sizes: Sizes, held: int) -> dict[str, Any]:
    """{peak_rss_bytes, parts}: `held` is what the process has already, its libraries loaded."""
    parts = {"process": float(held), **sizes.parts()}
    return {"peak_rss_bytes": round(sum(parts.values())), "parts_mb": {k: round(v / MIB, 1) for k, v in parts.items()}}


def refuse_what_cannot_fit(sizes: Sizes, free: int, config: Mapping[str, Any]) -> None:
    """`free`: bytes the process can still take. Raises PayloadError naming the settings to lower, each with what it
    would save, and whether that is enough."""
    needed = sum(sizes.parts().values())
    if needed <= free:
        return
    savings = [
        f"{name} (to {to}: {saved / MIB:,.0f} MB less{', enough' if needed - saved <= free else ''})"
        for name, to, saved in ways_out(sizes, config)
        if saved > MIB
    ]
    raise PayloadError(
        f"this training needs about {needed / MIB:,.0f} MB more memory and the machine has {free / MIB:,.0f} MB free: "
        f"lower {'; or '.join(savings) or 'nothing more can be lowered: choose a smaller model.base'}. "
        f"It would hold, in MB: {', '.join(f'{k} {v / MIB:,.0f}' for k, v in sizes.parts().items())}"
    )


def ways_out(sizes: Sizes, config: Mapping[str, Any]) -> list[tuple[str, Any, float]]:
    """(setting, value, bytes saved), the largest saving first."""
    needed, batch = sum(sizes.parts().values()), int(config.get("batch_size", 1))
    tried: list[tuple[str, Any, Sizes]] = []
    if batch > 1:
        tried.append(
            ("alignment.batch_size", 1, replace(sizes, seen=sizes.seen / batch, learned=sizes.learned / batch))
        )
    if sizes.seen > 256 * batch:
        shorter = max(0.5, 256 * batch / sizes.seen)
        to = int(config["max_length"] * shorter) if config.get("max_length") else "half"
        tried.append(("alignment.max_length", to, replace(sizes, seen=sizes.seen * shorter)))
    if not config.get("load_in_4bit"):
        whole = sizes.in_full * BYTES[sizes.dtype]
        left = (sizes.weights - whole) * NF4 / BYTES[sizes.dtype] + whole
        tried.append(("model.load_in_4bit", "true", replace(sizes, weights=left)))
    if sizes.dtype == "float32" and not config.get("load_in_4bit"):
        tried.append(("model.dtype", "bfloat16", replace(sizes, dtype="bfloat16", weights=sizes.weights / 2)))
    rank = (config.get("lora") or {}).get("r", 0)
    if rank > 4:
        tried.append(("alignment.lora.r", 4, replace(sizes, trainable=sizes.trainable * 4 // rank)))
    found = [(name, to, needed - sum(other.parts().values())) for name, to, other in tried]
    return sorted(found, key=lambda way: -way[2])


def mean_seen(reading: Reading, size: int) -> float:
    """Tokens a step reads on average."""
    return fmean(batch.tokens for batch in batches_of(reading, size))


def off_by(estimated: float | None, measured: float | None) -> float | None:
    """How far an estimate is from what was measured, as a share of the latter: 0.2 is a fifth too much."""
    return None if not estimated or not measured else round(estimated / measured - 1, 3)


def estimate_problem(run: Mapping[str, Any]) -> str:
    """Why the estimate of a run was wrong, "" where it was right, there was none, or the training was stopped on its
    way, which nobody estimates. Where the CPU seconds were as expected, a longer wall time is other work's."""
    estimate = run.get("estimate") or {}
    if run.get("processes", 1) > 1:
        return ""
    memory = off_by(estimate.get("peak_rss_bytes"), run["peak_rss_bytes"])
    found = [f"memory: {memory:+.0%}"] if memory is not None and abs(memory) > WITHIN else []
    wall = _astray(estimate.get("seconds"), run.get("training_seconds"))
    if wall and (_astray(estimate.get("cpu_seconds"), run.get("training_cpu_seconds")) or not _on_cpu(run)):
        found.append(f"time: {wall:+.0%}")
    return f"the estimate was off by more than {WITHIN:.0%}: {', '.join(found)}" if found else ""


def _astray(expected: float | None, measured: float | None) -> float:
    """How far an estimated time is off, 0 where that is within the tolerance or unknown."""
    if not expected or not measured or abs(expected - measured) <= max(WITHIN * measured, SLACK_SECONDS):
        return 0.0
    return expected / measured - 1


def _on_cpu(run: Mapping[str, Any]) -> bool:
    return not run.get("peak_gpu_bytes")
