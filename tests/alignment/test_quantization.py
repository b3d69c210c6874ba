"""Forms of a frozen base: NF4, NF4 whose scales are rounded, eight bits. What each holds, and that it is trained on.

Belongs here: loading, gradients and trainings on a tiny model. Does not belong here: what a form costs in quality
(`test_precision.py`, asset `precision_report`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import precision
from genaiops_assets.alignment.runs.estimate import ROUNDED
from genaiops_assets.lake import Lake
from genaiops_assets.models import load_model, load_tokenizer, packaged_prompts, render, token_ids
from genaiops_assets.use_case.training import Model
from tests.support.tiny_model import small_update, tiny_model
from tests.support.training_jobs import trained_by_payload
from tests.support.trainings import trained, weights

LAYERS = 2 * 7  # linear layers of the tiny model


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def test_the_file_names_one_form() -> None:
    def form(**section: Any) -> Any:
        return Model(base="dir:m", **section).rounding

    assert form() is False
    assert form(load_in_4bit=True) is form(quantization="nf4") is True, "one form, one model version"
    assert form(quantization="nf4_double") == "nf4_double" and form(quantization="int8") == "int8"
    assert form(load_in_4bit=True, quantization="nf4") is True
    with pytest.raises(ValueError, match="quantization says int8: leave load_in_4bit out"):
        form(load_in_4bit=True, quantization="int8")
    assert "quantization" not in Model(base="dir:m").model_dump(), "no plan changes that does not state it"


def linear(model: Any) -> list[Any]:
    return [m for m in model.modules() if type(m).__name__ in ("Linear4bit", "Linear8bitLt")]


def test_each_form_is_what_it_is_called(base: Path) -> None:
    nf4, double, int8 = (linear(load_model(base, load_in_4bit=form)) for form in (True, "nf4_double", "int8"))
    assert len(nf4) == len(double) == len(int8) == LAYERS
    assert not any(layer.weight.quant_state.nested for layer in nf4)
    assert all(layer.weight.quant_state.nested for layer in double)
    assert all(layer.weight.dtype == torch.int8 for layer in int8)


def bytes_of(layer: Any, form: Any) -> int:
    """Of the weights and their scales."""
    if form == "int8":
        return layer.weight.numel() + layer.weight.SCB.nbytes
    state = layer.weight.quant_state
    outer = state.state2.absmax.nbytes if state.nested else 0
    return layer.weight.nbytes + state.absmax.nbytes + outer


@pytest.mark.parametrize("form", ROUNDED)
def test_the_estimate_counts_what_is_held(tmp_path: Path, form: Any) -> None:
    """Scales are counted for large layers, whose last block is full."""
    wide = linear(load_model(tiny_model(tmp_path, hidden=512), load_in_4bit=form))
    held = sum(bytes_of(layer, form) for layer in wide)
    entries = sum(layer.in_features * layer.out_features for layer in wide)
    assert held / entries == pytest.approx(ROUNDED[form], rel=0.02)


def gradients(model: Any, base: Path) -> dict[str, torch.Tensor]:
    tokenizer = load_tokenizer(base)
    ids = torch.tensor([token_ids(tokenizer, render(tokenizer, packaged_prompts("en").messages("What?", ["A fee."])))])
    model(input_ids=ids, labels=ids).loss.backward()
    return {n: p.grad.float() for n, p in model.named_parameters() if p.requires_grad and p.grad is not None}


def in_full(parameter: Any) -> torch.Tensor | None:
    """The rounded weights as float32; None where these are not rounded."""
    import bitsandbytes.functional as f

    if hasattr(parameter, "quant_state"):
        return f.dequantize_4bit(parameter.data, parameter.quant_state).float()
    return (
        parameter.data.float() * parameter.SCB[:, None] / 127 if getattr(parameter, "SCB", None) is not None else None
    )


@pytest.mark.parametrize(("form", "tolerance"), [("nf4_double", 1e-2), ("int8", 4e-2)])
def test_gradients_are_those_of_the_same_weights_in_full(
    base: Path, tmp_path: Path, form: Any, tolerance: float
) -> None:
    """Within a share of the largest entry; int8 rounds the inputs of a layer, too."""
    adapter = small_update(base, tmp_path / "adapter", size=5e-2)
    rounded = load_model(base, load_in_4bit=form, adapter=adapter, trainable=True)
    twin, other = (load_model(base, adapter=adapter, trainable=True) for _ in range(2))
    theirs, count = dict(twin.named_parameters()), 0
    for name, parameter in rounded.named_parameters():
        if (whole := in_full(parameter)) is not None:
            theirs[name].data, count = whole, count + 1
    assert count == LAYERS
    found, expected = gradients(rounded, base), gradients(twin, base)
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, atol=tolerance * float(gradient.abs().max()), rtol=0)
    for parameter in other.parameters():
        if not parameter.requires_grad:
            parameter.data = parameter.data * 1.1  # a wrong scale
    wrong = gradients(other, base)
    apart = max(float((wrong[n] - g).abs().max() / g.abs().max().clamp_min(1e-12)) for n, g in expected.items())
    assert apart > tolerance, "a wrong scale would be found"


@pytest.mark.parametrize("method", ["sft", "dpo"])
@pytest.mark.parametrize("form", ["nf4_double", "int8"])
def test_each_form_is_trained_on_twice_the_same(base: Path, tmp_path: Path, form: Any, method: str) -> None:
    once, again = (
        trained(base, tmp_path / name, method=method, load_in_4bit=form, dtype="bfloat16", steps=3) for name in "ab"
    )
    assert {p.dtype for p in weights(once.model).values()} == {torch.float32}
    assert once.history == again.history
    for name, parameter in weights(once.model).items():
        assert torch.equal(weights(again.model)[name], parameter), name
    if method == "dpo":
        assert once.history[0]["loss"] == pytest.approx(0.693147, abs=1e-5), "policy and reference begin as one"


@pytest.mark.parametrize("form", [True, "nf4_double", "int8"])
def test_policy_and_remembered_reference_begin_as_one(base: Path, tmp_path: Path, form: Any) -> None:
    """The reference is asked once, before the training: in the mode in which the policy will read."""
    _, made = trained_by_payload(Lake(tmp_path), base, "a", method="dpo", load_in_4bit=form, steps=2)
    assert made["log"]["history"][0]["loss"] == pytest.approx(0.693147, abs=2e-6)


def test_a_form_that_costs_too_much_is_named_by_its_bits() -> None:
    worse = {"differences": {"four_bit": {"perplexity_ratio": 1.3}}}
    assert precision.four_bit_problem({**worse, "load_in_4bit": "int8"}).startswith("in eight bits")
    assert precision.four_bit_problem({**worse, "load_in_4bit": "nf4_double"}).startswith("in four bits")
