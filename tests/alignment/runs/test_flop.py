"""Operations of a training: counted and by formula."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import Reading, compute_of, disagreement
from genaiops_assets.alignment.runs import flop
from genaiops_assets.alignment.runs.lengths import Row
from tests.support.tiny_model import tiny_model

LORA = {"r": 4, "alpha": 8, "target_modules": "all-linear"}
PROMPT, ANSWER = 90, 10


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def reading(*, drawn: int = 8, has_reference: bool = False, **more: Any) -> Reading:
    """Rows of 100 tokens, ten of them the answer."""
    prompt = list(range(PROMPT))
    return Reading([Row(prompt, [[*prompt, *[7] * ANSWER]])] * 4, drawn, has_reference, **more)


def test_a_sequence_is_its_prompt_and_its_answer() -> None:
    found = reading()
    assert found.passes == [(100, 10)] * 4
    assert (found.tokens, found.answer_tokens, found.epochs) == (800, 80, 2.0)


def test_the_formula_is_the_one_of_the_guidelines() -> None:
    """Annex A.3: 3.8e9 parameters, 3.3e12 tokens -> 7.5e22."""
    prompt = [1]
    whole = flop.Shape(total=3_800_000_000, trainable=3_800_000_000, body=3_800_000_000, head=0)
    one = Reading([Row(prompt, [[1, *[2] * 99]])], 33_000_000_000, False)
    assert flop.by_formula(whole, one) == (pytest.approx(7.524e22), pytest.approx(7.524e22))


def test_frozen_weights_cost_four_operations_a_token_and_the_adapter_six() -> None:
    shape = flop.Shape(total=1_000, trainable=10, body=810, head=200)  # a tied head: looked up and multiplied
    found, bound = flop.by_formula(shape, reading())
    assert found == (4 * 800 + 6 * 10) * 800 + 4 * 200 * 80
    assert bound == 6 * 1_000 * 800
    with_reference = flop.by_formula(shape, reading(has_reference=True))[0]
    assert with_reference - found == 2 * (800 * 800 + 200 * 80)


def test_both_methods_agree_on_a_real_architecture(base: Path) -> None:
    made = compute_of(base, LORA, reading())
    assert disagreement(made) == "" and 0.7 < made["agreement"] < 1.3
    assert made["flop_direct"] == made["counted"] == made["flop_cumulative"] < made["upper_bound_6pd"]
    from transformers import AutoModelForCausalLM

    real = AutoModelForCausalLM.from_pretrained(base)
    assert made["P_total"] == sum(p.numel() for p in real.parameters())
    assert made["tokens"] == 800 and made["epochs"] == 2.0 and made["unit"] == "FLOP"


def test_what_is_counted_are_the_models_own_products(base: Path) -> None:
    """By hand: a forward pass of the two layers over one sequence is two operations a weight and token, and attention
    two times two tokens wide."""
    model = flop.on_meta(base, {})[0]
    one = flop.operations_of(model)
    weights = sum(p.numel() for n, p in model.named_parameters() if "proj" in n)
    assert one.forward_linear == pytest.approx(2 * weights, rel=1e-6)
    assert one.forward_quadratic == pytest.approx(2 * 2 * 64 * 2, rel=1e-6)  # two products, width 64, two layers


def test_few_layers_stand_for_many(tmp_path: Path) -> None:
    from transformers import LlamaConfig

    config = LlamaConfig(
        vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=7, num_attention_heads=2
    )
    config.architectures = ["LlamaForCausalLM"]
    config.save_pretrained(tmp_path)
    few = flop.on_meta(tmp_path, LORA)
    assert [m.get_base_model().config.num_hidden_layers for m in few] == [1, 2]
    found = compute_of(tmp_path, LORA, reading())
    whole = flop._without_weights(flop_config(tmp_path), 7, 7, LORA)
    assert found["P_total"] + found["P_trainable"] == sum(p.numel() for p in whole.parameters())
    assert found["counted"] == pytest.approx(flop.by_count(flop.operations_of(whole), reading()), rel=1e-3)


@pytest.mark.parametrize("last", [1, 3, 7])
def test_layers_below_every_adapter_are_read_forward_alone(tmp_path: Path, last: int) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    from genaiops_assets.alignment.methods.lora import linear_names

    config = LlamaConfig(
        vocab_size=50, hidden_size=256, intermediate_size=512, num_hidden_layers=7, num_attention_heads=4
    )
    config.architectures = ["LlamaForCausalLM"]
    config.save_pretrained(tmp_path)
    found = compute_of(tmp_path, {**LORA, "last_layers": last}, reading())
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    chosen = {"target_modules": linear_names(model), "layers_to_transform": list(range(7 - last, 7))}
    whole = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", **chosen))
    assert found["P_trainable"] == sum(p.numel() for p in whole.parameters() if p.requires_grad)
    assert found["counted"] == pytest.approx(flop.by_count(flop.operations_of(whole), reading()), rel=0.1)
    assert disagreement(found) == ""


def flop_config(folder: Path) -> Any:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(folder)


def test_a_model_that_cannot_be_counted_says_so_and_keeps_the_formula(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks_for_values(model: Any) -> Any:
        raise RuntimeError("Tensor.item() cannot be called on meta tensors")

    monkeypatch.setattr(flop, "operations_of", asks_for_values)
    made = compute_of(base, LORA, reading())
    assert made["counted"] is None and made["flop_direct"] == made["formula"] > 0
    assert "not counted: RuntimeError" in disagreement(made)


def test_a_model_that_cannot_be_built_claims_nothing(tmp_path: Path) -> None:
    made = compute_of(tmp_path, LORA, reading())
    assert made["counted"] is made["formula"] is made["P_total"] is made["flop_direct"] is None
    assert made["tokens"] == 800 and "not counted" in disagreement(made)


def test_methods_that_are_far_apart_are_said_to_be() -> None:
    assert "1.40 times" in disagreement({"counted": 1.0, "agreement": 1.4})


def test_answers_that_a_method_writes_itself_count_as_cumulative(base: Path) -> None:
    made = compute_of(base, LORA, reading(generated=(4, 20)))
    assert made["synthetic_tokens_generated"] == 8 * 4 * 20 and made["flop_cumulative"] > made["flop_direct"]
    assert made["tokens"] == 8 * 4 * (PROMPT + 20)
