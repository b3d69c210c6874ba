"""Our training beside TRL's own: the same losses step by step, fewer tokens read, the reference asked once a pair."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import ReferenceCache, Trained
from genaiops_assets.alignment.methods import lora
from genaiops_assets.lake import Lake
from tests.support.tiny_model import tiny_model
from tests.support.trainings import PAIRS, pair, trained, weights


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


# --- the same training as TRL's own -----------------------------------------------------------------------------------


def losses(made: Trained) -> list[tuple[float, ...]]:
    return [tuple(step.get(n, 0.0) for n in ("loss", "rewards_margins", "logps_chosen")) for step in made.history]


@pytest.mark.parametrize("method", ["dpo", "sft", "kto", "reward", "grpo"])
def test_each_step_is_that_of_trl_which_reads_every_row_whole(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    read: list[int] = []
    from transformers import LlamaModel

    forward = LlamaModel.forward

    @functools.wraps(forward)
    def counting(self: Any, input_ids: Any = None, **more: Any) -> Any:
        read.append(input_ids.numel())
        return forward(self, input_ids=input_ids, **more)

    monkeypatch.setattr(LlamaModel, "forward", counting)
    more = {"max_completion_length": 4} if method == "grpo" else {}
    ours, tokens = trained(base, tmp_path / "ours", method=method, steps=3, **more), sum(read)
    read.clear()
    monkeypatch.setattr(lora, "share_prefixes", lambda model: False)
    theirs = trained(base, tmp_path / "theirs", method=method, steps=3, **more)
    assert tokens < 0.75 * sum(read), "what rows share was read once"
    for one, other in zip(losses(ours), losses(theirs), strict=True):
        assert one == pytest.approx(other, abs=1e-4)
    for name, parameter in weights(theirs.model).items():
        torch.testing.assert_close(weights(ours.model)[name], parameter, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("method", ["dpo", "sft"])
def test_a_frozen_base_takes_no_gradient(base: Path, tmp_path: Path, method: str) -> None:
    made = trained(base, tmp_path, method=method)
    learning = {name for name, parameter in made.model.named_parameters() if parameter.requires_grad}
    assert learning and all(".lora_A." in name or ".lora_B." in name for name in learning)


# --- the reference model is asked once for each pair ------------------------------------------------------------------


def remembering(lake: Lake, reference: str = "base") -> ReferenceCache:
    return ReferenceCache(lake.cache, lake.store, reference)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows were read without gradients, call by call."""
    from trl import DPOTrainer

    asked: list[int] = []
    before = DPOTrainer.compute_ref_log_probs

    def counting(self: Any, model: Any, inputs: Any) -> Any:
        asked.append(len(inputs["input_ids"]) // 2)
        return before(self, model, inputs)

    monkeypatch.setattr(DPOTrainer, "compute_ref_log_probs", counting)
    return asked


def test_a_second_training_asks_the_reference_nothing_and_ends_with_the_same_weights(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, asked = Lake(str(tmp_path / "home")), counted(monkeypatch)
    cold = trained(base, tmp_path / "cold", steps=3, reference=remembering(lake))
    assert asked == [1] * len(PAIRS), "each pair by itself"
    asked.clear()
    warm = trained(base, tmp_path / "warm", steps=3, reference=remembering(lake))
    assert asked == [] and warm.history == cold.history
    for name, parameter in weights(cold.model).items():
        assert torch.equal(weights(warm.model)[name], parameter)
    trained(base, tmp_path / "other", steps=2, learning_rate=2e-3, beta=0.5, reference=remembering(lake))
    assert asked == [], "other settings, the same reference"
    trained(base, tmp_path / "more", [*PAIRS, pair(9)], reference=remembering(lake))
    assert asked == [1], "one new pair, one question"


def test_the_reference_says_the_same_as_trl_asks_it_in_training(base: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "home"))
    ours = trained(base, tmp_path / "ours", steps=3, reference=remembering(lake))
    theirs = trained(base, tmp_path / "theirs", steps=3)
    for one, other in zip(losses(ours), losses(theirs), strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_log_probabilities_that_somebody_edited_are_not_believed(base: Path, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "home"))
    cache = remembering(lake)
    cache.add({"a": (-1.0, -2.0)})
    assert remembering(lake).known == {"a": (-1.0, -2.0)}
    assert remembering(lake, "another model").known == {}
    cache.file.write_text(cache.file.read_text().replace("-2.0", "-9.0"))
    assert remembering(lake).known == {}
    cache.file.write_text("{")
    assert remembering(lake).known == {}
