"""How long a training will take on this machine, by trying a little of it.

Belongs here: timing a step through a few layers of the loaded model and extending it to all of them. Does not belong
here: memory (`estimate.py`).

No constant of any machine: the first layers are copied, given an adapter, and read a real batch forward and backward;
what one layer more costs, times the layers, is the step. The model itself is not touched, and the random numbers that a
training draws are those it would draw without."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from statistics import fmean, median
from typing import Any, NamedTuple

from genaiops_assets.alignment.methods.lora import begin_at_the_adapter
from genaiops_assets.alignment.methods.prefix_tree import share_prefixes
from genaiops_assets.alignment.runs.estimate import Batch, batches_of, read_at_once
from genaiops_assets.alignment.runs.lengths import Reading

FEW, MORE = 1, 3  # layers
TRIES, LONG = 3, 6.0  # each depth is tried so often, or until so many seconds are gone


class Took(NamedTuple):
    """Wall time and CPU time, in seconds."""

    seconds: float
    cpu: float

    def times(self, factor: float) -> Took:
        return Took(self.seconds * factor, self.cpu * factor)

    def plus(self, other: Took) -> Took:
        return Took(self.seconds + other.seconds, self.cpu + other.cpu)


def time_estimate(model: Any, reading: Reading, config: Mapping[str, Any], remembered: int = 0) -> dict[str, Any]:
    """{seconds, cpu_seconds, seconds_a_step, reference_seconds, probed_seconds} of a training's steps and its reference
    pass; `remembered`: pairs whose reference is known. {"seconds": None, "why"} where the method writes its own
    answers, or the model has no list of layers. CPU seconds stay true where other work takes a part of the machine."""
    if reading.generated[0] or not any(row.sequences for row in reading.rows):
        return {"seconds": None, "why": "the method writes its own answers: the first steps will tell"}
    layers = getattr(_body(model), "layers", None)
    if layers is None or len(layers) < MORE:
        return {"seconds": None, "why": "this architecture has no list of layers to try a few of"}
    began = time.monotonic()
    at_once = read_at_once(reading, config)
    drawn, parts = batches_of(reading, at_once), int(config.get("batch_size", 1)) / at_once
    mean = fmean(batch.tokens for batch in drawn)
    batch = min(drawn, key=lambda b: abs(b.tokens - mean))
    learning = (config.get("lora") or {}).get("last_layers") or len(layers)
    with _few_layers(model, config) as small:
        first, more = _depths(small, lambda: _step(small, batch))
        part = first.plus(more.times(learning - FEW))
        if learning < len(layers):  # read forward alone
            part = part.plus(_depths(small, lambda: _look(small, batch))[1].times(len(layers) - learning))
        step = part.times(parts * mean / batch.tokens)
        missing = max(0, len(reading.rows) - remembered) if reading.has_reference else 0
        pair, one = batches_of(reading, 1)[0], Took(0.0, 0.0)
        if missing:
            first, more = _depths(small, lambda: _look(small, pair))
            one = first.plus(more.times(len(layers) - FEW))
    steps, compared = step.times(int(config.get("steps", 1))), one.times(missing)
    return {
        "seconds": round(steps.seconds + compared.seconds, 3),
        "cpu_seconds": round(steps.cpu + compared.cpu, 3),
        "seconds_a_step": round(step.seconds, 3),
        "reference_seconds": round(compared.seconds, 4),
        "tokens_a_step": round(parts * mean),
        "probed_seconds": round(time.monotonic() - began, 1),
    }


def _base(model: Any) -> Any:
    return getattr(model, "get_base_model", lambda: model)()


def _body(model: Any) -> Any:
    return _base(model).base_model


@contextmanager
def _few_layers(model: Any, config: Mapping[str, Any]) -> Any:
    """A copy with the first layers and an adapter; embedding and head are those of the model itself."""
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model

    body = _body(model)
    whole = body.layers
    base = _base(model)
    ends = (base.get_input_embeddings().weight, base.get_output_embeddings().weight)
    shared = {id(p): torch.nn.Parameter(p.detach(), requires_grad=False) for p in ends}  # the same bytes, no copy
    try:
        body.layers = whole[:MORE]
        small = copy.deepcopy(base, dict(shared))
    finally:
        body.layers = whole
    devices = range(torch.cuda.device_count()) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=list(devices)):
        if not isinstance(model, PeftModel) and (lora := config.get("lora")):
            modules = lora["target_modules"]
            get_peft_model(
                small, LoraConfig(r=lora["r"], lora_alpha=lora["alpha"], target_modules=modules, task_type="CAUSAL_LM")
            )
        for name, parameter in small.named_parameters():
            parameter.requires_grad_("lora_" in name)
        begin_at_the_adapter(small)
        small.gradient_checkpointing_enable({"use_reentrant": False})
        small.train()
        share_prefixes(small)
        yield small


def _depths(small: Any, work: Callable[[], None]) -> tuple[Took, Took]:
    """What the work takes with FEW layers, and with each further one."""
    body, kept = small.base_model, small.base_model.layers
    took = {}
    try:
        for depth in (FEW, MORE):
            body.layers = kept[:depth]
            took[depth] = _median(work)
    finally:
        body.layers = kept
    few, more = took[FEW], took[MORE]
    one = [max(0.0, (b - a) / (MORE - FEW)) for a, b in ((few.seconds, more.seconds), (few.cpu, more.cpu))]
    return few, Took(*one)


def _median(work: Callable[[], None]) -> Took:
    work()  # buffers, threads and kernels are there afterwards
    taken: list[Took] = []
    while len(taken) < TRIES and sum(t.seconds for t in taken) < LONG:
        began, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append(Took(time.perf_counter() - began, time.process_time() - cpu))
    return Took(median(t.seconds for t in taken), median(t.cpu for t in taken))


def _step(small: Any, batch: Batch) -> None:
    """A step without its optimizer: an adapter's update costs next to nothing."""
    _loss(small, batch).backward()
    small.zero_grad(set_to_none=True)


def _look(small: Any, batch: Batch) -> None:
    import torch

    with torch.no_grad():
        _loss(small, batch)


def _loss(small: Any, batch: Batch) -> Any:
    """Mean negative log-likelihood of the answers' tokens, projected onto the vocabulary alone."""
    import torch

    device = next(small.parameters()).device
    longest = max(map(len, batch.rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in batch.rows], device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch.rows], device=device)
    hidden = small.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    ends = [(len(row) - max(1, answer), len(row)) for row, answer in zip(batch.rows, batch.answers, strict=True)]
    said = torch.cat([hidden[n, begin - 1 : end - 1] for n, (begin, end) in enumerate(ends)])
    wanted = torch.cat([ids[n, begin:end] for n, (begin, end) in enumerate(ends)])
    logits = small.get_output_embeddings()(said).float()
    return torch.nn.functional.cross_entropy(logits, wanted)
