"""Floating-point operations of a training, by two methods that must agree.

Belongs here: counting them on the model's own operations, and the formula of the guidelines. Does not belong here: how
many tokens are read (`lengths.py`).

Sources: Commission guidelines C(2025) 7719, annex A (what counts: all operations that contribute to updates, whatever
their precision; not the activations computed a second time to save memory; any method within 30 %); 6PD: Kaplan et al.
2020, forward 2P and backward 4P operations a token. Under LoRA the frozen weights have no gradient, so a token costs
4P of them and 6P of the adapter's; layers below the first adapted one are read forward alone, 2P. The count runs on
PyTorch's "meta" device: no weights, no computing, the same number on every machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.runs.lengths import Reading

SAMPLES = (64, 128)  # tokens; operations of a sequence are linear in it, and quadratic in attention
AGREE = 0.30  # the share by which an estimate may be off (guidelines, annex A.1)
UNREADABLE = (RuntimeError, NotImplementedError, TypeError, AttributeError, ValueError, KeyError, OSError)
COUNTED = "torch FlopCounterMode on one sequence of the adapted model (forward, backward), times the sequences read"
FORMULA = (
    "6PD, adapted to frozen weights: 4PD of the base model (2PD of layers below every adapter) and 6PD of the adapter; "
    "2PD for a reference"
)
ASSUMPTIONS = (
    "activations that are computed a second time to save memory are not counted",
    "each sequence is counted whole; what the rows of a batch share is really read once, so less was computed",
    "rows are drawn evenly, so the mean row stands for each of them",
    "answers that a model wrote for the preference pairs are counted with the pairs, not here",
)


@dataclass(frozen=True)
class Operations:
    """Operations of one sequence: of the body `linear * tokens + quadratic * tokens ** 2`, of the head `head` for each
    answer token; forward alone, and forward with backward."""

    forward_linear: float
    forward_quadratic: float
    both_linear: float
    both_quadratic: float
    forward_head: float
    both_head: float

    def costs(self) -> tuple[float, ...]:
        return astuple(self)

    def reaching(self, share: float) -> Operations:
        """Where gradients pass through this share of the layers alone."""
        return replace(
            self,
            both_linear=self.forward_linear + share * (self.both_linear - self.forward_linear),
            both_quadratic=self.forward_quadratic + share * (self.both_quadratic - self.forward_quadratic),
        )

    def of(self, tokens: int, answer: int, *, learns: bool) -> float:
        if learns:
            return self.both_linear * tokens + self.both_quadratic * tokens**2 + self.both_head * answer
        return self.forward_linear * tokens + self.forward_quadratic * tokens**2 + self.forward_head * answer


@dataclass(frozen=True)
class Shape:
    """Sizes of a model with its adapter, in parameters. `body`: those that each token is multiplied with, the head
    aside. `reached`: the share of the layers that gradients pass through."""

    total: int
    trainable: int
    body: int
    head: int
    reached: float = 1.0

    def sizes(self) -> tuple[int, ...]:
        return astuple(self)[:4]

    def adapted(self, layers: int, of: int) -> Shape:
        """With an adapter in so many of its layers alone, of the same size in each."""
        trainable = round(self.trainable * layers / of)
        return Shape(self.total, trainable, self.body - self.trainable + trainable, self.head, layers / of)

    @property
    def learns_all(self) -> bool:
        """Full fine-tuning: no adapter beside the weights."""
        return self.trainable == self.total


def compute_of(directory: Path, lora: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Section `compute` of a run record (fields of the guidelines, annex A): the operations of a training by both
    methods. Where the model cannot be counted, `counted` says why and the formula stands alone."""
    try:
        models = on_meta(directory, lora)
    except UNREADABLE as error:
        return unknown_compute(reading, error)
    shape = Shape(*(round(size) for size in extended([shape_of(model).sizes() for model in models], models)))
    layers, last = models[0].layers_of_the_whole, lora.get("last_layers")
    if last:
        shape = shape.adapted(last, layers)
    six_pd, bound = by_formula(shape, reading)
    try:
        one = Operations(*extended([operations_of(model).costs() for model in models], models)).reaching(shape.reached)
        counted: float | None = by_count(one, reading)
        problem = ""
    except UNREADABLE as error:
        counted, problem = None, _why(error)
    direct = counted if counted is not None else six_pd
    return {
        "unit": "FLOP",
        "method": COUNTED if counted is not None else FORMULA,
        "P_total": shape.total,
        "P_active": shape.body + shape.head,
        "P_trainable": shape.trainable,
        "tokens": reading.tokens,
        "answer_tokens": reading.answer_tokens,
        "epochs": round(reading.epochs, 4),
        "synthetic_tokens_generated": reading.generated_tokens,
        "counted": _rounded(counted),
        "counted_problem": problem,
        "formula": _rounded(six_pd),
        "formula_is": FORMULA,
        "upper_bound_6pd": _rounded(bound),
        "flop_direct": _rounded(direct),
        "flop_cumulative": _rounded(direct + generating(shape, reading)),
        "upstream_flop": None,
        "upstream_flop_source": "not stated by the base model's files",
        "agreement": None if counted is None else round(six_pd / counted, 4),
        "rel_uncertainty": AGREE,
        "assumptions": list(ASSUMPTIONS),
        "significant_figures": 2,
    }


def unknown_compute(reading: Reading, error: Exception) -> dict[str, Any]:
    """Of a model that cannot be built without its weights: nothing is claimed, and a training is not kept from running
    by it."""
    sizes = dict.fromkeys(("P_total", "P_active", "P_trainable", "counted", "formula", "upper_bound_6pd", "agreement"))
    return {
        "unit": "FLOP",
        "method": "none",
        **sizes,
        "tokens": reading.tokens,
        "answer_tokens": reading.answer_tokens,
        "epochs": round(reading.epochs, 4),
        "synthetic_tokens_generated": reading.generated_tokens,
        "counted_problem": _why(error),
        "flop_direct": None,
        "flop_cumulative": None,
        "upstream_flop": None,
        "assumptions": [],
    }


def _why(error: Exception) -> str:
    return f"not counted: {type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"


def disagreement(compute: Mapping[str, Any]) -> str:
    """Why the two methods do not support each other, "" where they do: within 30 %."""
    if compute["counted"] is None:
        return str(compute["counted_problem"])
    if abs(compute["agreement"] - 1) <= AGREE:
        return ""
    return f"the formula gives {compute['agreement']:.2f} times what was counted, more than {AGREE:.0%} apart"


def by_formula(shape: Shape, reading: Reading) -> tuple[float, float]:
    """(operations by the adapted formula, upper bound as if all weights learned)."""
    adapter = 0 if shape.learns_all else shape.trainable
    body, head = (shape.body - adapter) * reading.tokens, shape.head * reading.answer_tokens
    back = 4 if shape.learns_all else 2
    base, learning = body + head, (2 + back * shape.reached) * body + (2 + back) * head + 6 * adapter * reading.tokens
    compared = 2 * base if reading.has_reference else 0
    bound = (6 + (2 if reading.has_reference else 0)) * shape.total * reading.tokens
    return float(learning + compared), float(bound)


def by_count(one: Operations, reading: Reading) -> float:
    """The counted operations of all sequences that are read."""
    learned = sum(one.of(tokens, answer, learns=True) for tokens, answer in reading.passes)
    compared = sum(one.of(tokens, answer, learns=False) for tokens, answer in reading.passes)
    return reading.drawn / len(reading.rows) * (learned + (compared if reading.has_reference else 0))


def generating(shape: Shape, reading: Reading) -> float:
    """Writing answers that are learned from, discarded ones too: 2P a token (annex A.2)."""
    return 2.0 * (shape.body + shape.head) * reading.generated_tokens


def on_meta(directory: Path, lora: Mapping[str, Any]) -> list[Any]:
    """The model with its adapter, without weights: with one layer and with two where all of them are alike, from which
    any number of layers follows (`extended`), else whole."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(directory, trust_remote_code=False)
    text = config.get_text_config()
    layers = int(text.num_hidden_layers)
    depths = (1, 2) if are_alike(text) else (layers,)
    return [_without_weights(deepcopy(config), depth, layers, lora) for depth in depths]


def are_alike(text: Any) -> bool:
    """Whether all layers of a text model cost the same: one kind of attention, and no experts."""
    kinds = set(getattr(text, "layer_types", None) or ["full_attention"])
    return len(kinds) == 1 and text.num_hidden_layers > 2 and not any("expert" in name for name in text.to_dict())


def _without_weights(config: Any, depth: int, layers: int, lora: Mapping[str, Any]) -> Any:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    text = config.get_text_config()
    text.num_hidden_layers = depth
    if kinds := getattr(text, "layer_types", None):
        text.layer_types = kinds[:depth]
    with torch.device("meta"), torch.random.fork_rng(devices=[]):
        model = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa")
        model.layers_of_the_whole, model.layers_here = layers, depth
        if not lora:
            return model
        adapter = LoraConfig(
            r=lora["r"],
            lora_alpha=lora["alpha"],
            target_modules=lora["target_modules"],
            use_dora=bool(lora.get("dora")),
            task_type="CAUSAL_LM",
        )
        return get_peft_model(model, adapter)


def extended(found: Sequence[tuple[float, ...]], models: Sequence[Any]) -> list[float]:
    """What holds of the whole model, from what holds of one with one layer and one with two."""
    if len(found) == 1:
        return list(found[0])
    more = models[0].layers_of_the_whole - models[0].layers_here
    return [one + more * (two - one) for one, two in zip(*found, strict=True)]


def shape_of(model: Any) -> Shape:
    """Sizes, each parameter once: a tied head is the embedding."""
    base = getattr(model, "get_base_model", lambda: model)()
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    everything = sum(p.numel() for p in model.parameters())
    head = base.get_output_embeddings().weight
    embedding = base.get_input_embeddings().weight
    looked_up = embedding.numel() + (0 if head is embedding else head.numel())
    own = trainable if trainable < everything else 0
    return Shape(everything - own, trainable, everything - looked_up, head.numel())


def operations_of(model: Any) -> Operations:
    """What one sequence costs, counted at two lengths. Raises what PyTorch raises where a model asks for values."""
    base = getattr(model, "get_base_model", lambda: model)()
    model.train()
    forward, both = zip(*(_counted(base, tokens) for tokens in SAMPLES), strict=True)
    head = base.get_output_embeddings().weight.numel()
    return Operations(*_through(forward), *_through(both), 2.0 * head, 4.0 * head)


def _counted(base: Any, tokens: int) -> tuple[int, int]:
    """(forward, forward and backward) of the body on one sequence."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    ids = torch.zeros((1, tokens), dtype=torch.long, device="meta")
    mask = torch.zeros((1, 1, tokens, tokens), device="meta")  # a mask of its own spares a look at values
    with FlopCounterMode(display=False) as forward:
        hidden = base.base_model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    with FlopCounterMode(display=False) as backward:
        hidden.sum().backward()
    return forward.get_total_flops(), forward.get_total_flops() + backward.get_total_flops()


def _through(values: tuple[int, ...]) -> tuple[float, float]:
    """(linear, quadratic) of the parabola through 0 and both samples."""
    (n, m), (a, b) = SAMPLES, values
    quadratic = (b / m - a / n) / (m - n)
    return a / n - quadratic * n, quadratic


def _rounded(value: float | None) -> float | None:
    """To four figures: two are reported, and the last ones depend on nothing worth keeping."""
    return None if value is None else float(f"{value:.4g}")
