"""What must not matter to a training does not: how a batch is divided, what stands where nobody looks, and in which
form frozen weights of four bits lie in memory. A tiny real model in float32."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import Trained
from genaiops_assets.alignment.methods import lora
from genaiops_assets.alignment.methods.activations import TOKENS_AT_ONCE, rows_at_once
from genaiops_assets.models import load_model, load_tokenizer, packaged_prompts, render, token_ids
from tests.support.tiny_model import small_update, tiny_model
from tests.support.trainings import pair, trained, weights

ROWS = [pair(n, chosen="It costs " + "a lot, " * (n % 4) + f"${n}.") for n in range(1, 17)]  # of unlike length


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def with_arguments(monkeypatch: pytest.MonkeyPatch, method: str, **more: Any) -> None:
    """TRL's arguments as ours are, but for these."""
    arguments: Callable[[Any], dict[str, Any]] = lora.arguments
    monkeypatch.setattr(
        f"genaiops_assets.alignment.methods.{method}.arguments", lambda task: {**arguments(task), **more}
    )


def assert_same(one: Trained, other: Trained, tolerance: float) -> None:
    ours, theirs = weights(one.model), weights(other.model)
    assert ours.keys() == theirs.keys() and len(ours) > 10
    for name, parameter in theirs.items():
        torch.testing.assert_close(ours[name], parameter, atol=tolerance, rtol=0)
    for mine, its in zip(one.history, other.history, strict=True):
        assert mine["loss"] == pytest.approx(its["loss"], abs=tolerance)


@pytest.mark.parametrize("sharing", [True, False], ids=["prefixes shared", "rows whole"])
@pytest.mark.parametrize("method", ["dpo", "sft"])
def test_eight_rows_at_once_are_eight_rows_one_after_the_other(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, sharing: bool
) -> None:
    """In supervised training every token counts once, also where rows of one batch differ in length."""
    if not sharing:
        monkeypatch.setattr(lora, "share_prefixes", lambda model: False)
    start = weights(load_model(base, adapter=small_update(base, tmp_path / "start", size=5e-2), trainable=True))
    how = {"method": method, "steps": 3, "adapter": tmp_path / "start"}
    together = trained(base, tmp_path / "a", ROWS, batch_size=8, **how)
    with_arguments(monkeypatch, method, gradient_accumulation_steps=8)
    apart = trained(base, tmp_path / "b", ROWS, batch_size=1, **how)
    assert_same(together, apart, 2e-5)
    moved = max(float((p - start[n]).abs().max()) for n, p in weights(together.model).items())
    assert moved > 5e-4, "what is compared was trained"


@pytest.mark.parametrize("method", ["dpo", "sft"])
def test_what_stands_where_nobody_looks_changes_nothing(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Other tokens in the place of padding: the same losses and the same weights to the last bit."""
    import trl

    trainer = {"dpo": trl.DPOTrainer, "sft": trl.SFTTrainer}[method]
    how = {"method": method, "steps": 3, "batch_size": 4}
    plain = trained(base, tmp_path / "a", ROWS, **how)
    compute, changed = trainer.compute_loss, []

    def scrambled(self: Any, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        hidden = inputs["attention_mask"] == 0
        changed.append(int(hidden.sum()))
        inputs["input_ids"] = torch.where(hidden, (inputs["input_ids"] + 11) % 300, inputs["input_ids"])
        return compute(self, model, inputs, *more, **named)

    monkeypatch.setattr(trainer, "compute_loss", scrambled)
    other = trained(base, tmp_path / "b", ROWS, **how)
    assert sum(changed) > 10, "rows of one batch differ in length"
    assert plain.history == other.history
    assert all(torch.equal(weights(plain.model)[n], p) for n, p in weights(other.model).items())


def test_a_token_of_the_prompt_is_no_target(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only answers are learned: what a batch names as target is exactly the answer with its end."""
    import trl

    seen: list[list[int]] = []
    compute = trl.SFTTrainer.compute_loss

    def watched(self: Any, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        seen.extend(row[row != -100].tolist() for row in inputs["labels"])
        return compute(self, model, inputs, *more, **named)

    monkeypatch.setattr(trl.SFTTrainer, "compute_loss", watched)
    trained(base, tmp_path / "a", ROWS[:4], method="sft", steps=2, batch_size=2)
    tokenizer = load_tokenizer(base)
    wanted = {tokenizer.decode(token_ids(tokenizer, row["chosen"])) for row in ROWS[:4]}
    said = {tokenizer.decode(ids, skip_special_tokens=True).strip() for ids in seen}
    assert said == wanted and all(tokenizer.eos_token_id in ids for ids in seen)


def test_gradients_through_four_bits_are_those_of_the_same_weights_in_full(base: Path, tmp_path: Path) -> None:
    """NF4 (Dettmers et al. 2023) rounds the frozen weights; what flows back through them to the adapter is that of
    a twin that holds the rounded weights as float32, within one percent of the largest entry (seen: 0.4 %)."""
    import bitsandbytes.functional as nf4

    adapter = small_update(base, tmp_path / "adapter", size=5e-2)
    rounded = load_model(base, dtype="float32", load_in_4bit=True, adapter=adapter, trainable=True)
    twin = load_model(base, dtype="float32", adapter=adapter, trainable=True)
    whole = load_model(base, dtype="float32", adapter=adapter, trainable=True)
    theirs, count = dict(twin.named_parameters()), 0
    for name, parameter in rounded.named_parameters():
        if hasattr(parameter, "quant_state"):
            theirs[name].data = nf4.dequantize_4bit(parameter.data, parameter.quant_state).float()
            count += 1
    assert count == 2 * 7, "every linear layer of the two is rounded"
    found = [gradients(model, base) for model in (rounded, twin, whole)]
    for name, gradient in found[1].items():
        scale = float(gradient.abs().max())
        torch.testing.assert_close(found[0][name], gradient, atol=1e-2 * scale, rtol=0)
    apart = max(float((found[2][n] - g).abs().max() / g.abs().max().clamp_min(1e-12)) for n, g in found[1].items())
    assert apart > 3e-2, "rounding itself does change gradients, so the comparison can fail"


def gradients(model: Any, base: Path) -> dict[str, torch.Tensor]:
    tokenizer = load_tokenizer(base)
    ids = torch.tensor([token_ids(tokenizer, render(tokenizer, packaged_prompts("en").messages("What?", ["A fee."])))])
    model(input_ids=ids, labels=ids).loss.backward()
    return {n: p.grad.float() for n, p in model.named_parameters() if p.requires_grad and p.grad is not None}


def test_a_batch_read_in_parts_learns_what_it_learns_as_a_whole(base: Path, tmp_path: Path) -> None:
    """Long rows are read a few at a time: loss and weights stay those of the whole batch."""
    assert [rows_at_once(8, n) for n in (10, 192, 193, 500, 1000, 9999)] == [8, 8, 4, 2, 1, 1]
    small_update(base, tmp_path / "start", size=5e-2)
    how = {"method": "sft", "steps": 3, "adapter": tmp_path / "start", "batch_size": 8}
    whole = trained(base, tmp_path / "a", ROWS, **how)
    parts = trained(base, tmp_path / "b", ROWS, longest=TOKENS_AT_ONCE // 2, **how)
    assert_same(whole, parts, 2e-5)
