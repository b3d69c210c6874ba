"""Trainings of a tiny real model: whole pairs or none, adapters in full precision, weights that do not depend on how
memory is saved. Does not belong here: settings (`test_methods.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import Data, choose_fitting, method_of
from genaiops_assets.alignment.methods import lora
from genaiops_assets.errors import PayloadError
from genaiops_assets.models import load_model, load_tokenizer, packaged_prompts
from tests.support.tiny_model import NO_SYSTEM, small_update, tiny_model
from tests.support.trainings import PAIRS, pair, trained, weights


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


# --- what fits --------------------------------------------------------------------------------------------------------


def fit(base: Path, rows: list[dict[str, Any]], data: Data = Data.PAIRS, max_length: int | None = 400) -> Any:
    return choose_fitting(rows, load_tokenizer(base), data, prompts=packaged_prompts("en"), max_length=max_length)


def test_a_pair_with_one_long_answer_goes_as_a_whole_and_is_counted(base: Path) -> None:
    long = [pair(8, chosen="It costs a lot. " * 60), pair(9, rejected="Ask. " * 200)]
    found = fit(base, [*PAIRS, *long])
    assert found.rows == PAIRS
    assert found.left_out() == {"too_long": 2, "without_signal": 0}
    assert found.longest > 400
    assert fit(base, [*PAIRS, *long], max_length=None).rows == [*PAIRS, *long]


def test_only_the_answers_a_method_reads_count(base: Path) -> None:
    row = pair(9, rejected="Ask. " * 200)
    assert fit(base, [*PAIRS, row], Data.COMPLETIONS).rows == [*PAIRS, row]
    assert fit(base, [row], Data.PROMPTS).rows == [row]


def test_the_limit_itself_fits(base: Path) -> None:
    rows = [*PAIRS, pair(8, chosen="It costs a good deal more than you would think.")]
    longest = fit(base, rows).longest
    assert fit(base, rows, max_length=longest).rows == rows
    assert fit(base, rows, max_length=longest - 1).rows == PAIRS


def test_a_pair_without_signal_is_not_trained_and_counted(base: Path) -> None:
    equal = pair(8, chosen="The same.", rejected="The same.")
    found = fit(base, [*PAIRS, equal])
    assert found.rows == PAIRS and found.left_out() == {"too_long": 0, "without_signal": 1}
    assert fit(base, [equal], Data.COMPLETIONS).rows == [equal]  # one answer is read: nothing to compare


def test_a_use_cases_own_prompts_are_what_is_measured(base: Path) -> None:
    short = packaged_prompts("en").model_copy(update={"system": "Answer.", "example": None})
    tokenizer = load_tokenizer(base)
    usual = choose_fitting(PAIRS, tokenizer, Data.PAIRS, prompts=packaged_prompts("en"), max_length=None)
    assert choose_fitting(PAIRS, tokenizer, Data.PAIRS, prompts=short, max_length=None).longest < usual.longest


@pytest.mark.parametrize(
    ("rows", "limit", "message"),
    [
        ([], 400, "there are no preference pairs to train on"),
        (PAIRS, 50, "6 are longer than alignment.max_length = 50 tokens; raise alignment.max_length (the longest has"),
        ([pair(1, chosen="A.", rejected="A.")], 400, "1 have equal answers; add feedback"),
    ],
)
def test_nothing_left_is_refused_with_the_cause(base: Path, rows: list[Any], limit: int, message: str) -> None:
    with pytest.raises(PayloadError) as caught:
        fit(base, rows, max_length=limit)
    assert message in str(caught.value)


@pytest.mark.parametrize("method", ["dpo", "sft"])
@pytest.mark.parametrize("template", [None, NO_SYSTEM], ids=["system role", "no system role"])
def test_no_answer_is_cut(
    base: Path, tmp_path: Path, method: str, template: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the length of the longest pair, every sequence TRL trains on ends with the end token."""
    model = base if template is None else tiny_model(tmp_path / "model", template=template)
    seen: list[Any] = []
    tokenizer = load_tokenizer(model)
    data = method_of(method).data
    longest = fit(model, PAIRS, data, max_length=None).longest
    batches = {"dpo": "DPOTrainer", "sft": "SFTTrainer"}
    import trl

    trainer = getattr(trl, batches[method])
    compute = trainer.compute_loss

    def watched(self: Any, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True):
            seen.append(ids[mask.bool()].tolist())
        return compute(self, model, inputs, *more, **named)

    monkeypatch.setattr(trainer, "compute_loss", watched)
    trained(model, tmp_path / "t", method=method, max_length=longest)
    assert len(seen) == 2 * 2 * (2 if method == "dpo" else 1)
    assert all(tokenizer.eos_token_id in ids[-2:] for ids in seen)
    assert max(map(len, seen)) <= longest


# --- what is trained
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["dpo", "sft"])
def test_saving_memory_changes_no_weight(
    base: Path, tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frugal = trained(base, tmp_path / "a", method=method)
    arguments = lora.arguments
    plain = lambda task: {**arguments(task), "gradient_checkpointing": False}  # noqa: E731
    monkeypatch.setattr(f"genaiops_assets.alignment.methods.{method}.arguments", plain)
    from contextlib import nullcontext

    monkeypatch.setattr(lora, "head_on_answers_only", nullcontext)
    usual = trained(base, tmp_path / "b", method=method)
    assert frugal.history == usual.history
    one, other = weights(frugal.model), weights(usual.model)
    assert one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


def test_trl_has_the_switch_that_saves_memory_and_gets_it_back() -> None:
    from trl.trainer import utils

    before = utils._use_triton
    with lora.head_on_answers_only():
        assert utils._use_triton(torch.device("cpu"))
    assert utils._use_triton is before and not before(torch.device("cpu"))


@pytest.mark.parametrize("method", ["dpo", "sft"])
def test_all_entries_of_an_adapter_on_a_4bit_base_move(base: Path, tmp_path: Path, method: str) -> None:
    """Kept in bfloat16, less than one entry in ten of lora_A would move at a small learning rate."""
    start = small_update(base, tmp_path / "start", size=1e-2)
    before = weights(load_model(base, load_in_4bit=True, adapter=start, trainable=True))
    done = trained(
        base, tmp_path / "t", method=method, adapter=start, load_in_4bit=True, dtype="bfloat16", learning_rate=1e-6
    )
    after = weights(done.model)
    assert {p.dtype for p in after.values()} == {torch.float32}
    moved = [(after[n] != before[n]).float().mean().item() for n in before if "lora_" in n]
    assert len(moved) == 2 * 2 * 7 and min(moved) > 0.95


def test_a_fresh_adapter_on_a_4bit_base_is_full_precision(base: Path, tmp_path: Path) -> None:
    done = trained(base, tmp_path / "t", load_in_4bit=True, dtype="bfloat16")
    assert {p.dtype for p in weights(done.model).values()} == {torch.float32}


def test_a_stage_that_goes_on_starts_from_the_very_adapter(base: Path, tmp_path: Path) -> None:
    """Policy and reference are equal at the first step: the loss is log 2, not what a rounded policy gives."""
    start = small_update(base, tmp_path / "start", size=5e-2)
    done = trained(base, tmp_path / "t", adapter=start, load_in_4bit=True, dtype="bfloat16")
    assert done.history[0]["loss"] == pytest.approx(0.693147, abs=1e-6)
    assert done.history[0]["rewards_margins"] == pytest.approx(0, abs=1e-6)


def test_the_first_step_trains_nothing(base: Path, tmp_path: Path) -> None:
    """Why one step is refused."""
    assert trained(base, tmp_path / "t").history[0]["learning_rate"] == 0
