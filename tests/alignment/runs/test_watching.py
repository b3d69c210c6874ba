"""A training while it runs: what is told, when it is stopped, and what is kept."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from genaiops_assets.alignment import Staging, Watch
from genaiops_assets.alignment.runs.watching import Divergence
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Lake
from tests.support.tiny_model import tiny_model
from tests.support.trainings import trained, weights


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def stopped_at(losses: list[float], **more: Any) -> tuple[int | None, str]:
    found = Divergence(**more)
    for step, loss in enumerate(losses, start=1):
        if problem := found.problem(step, {"loss": loss, "grad_norm": 1.0}):
            return step, problem
    return None, ""


@pytest.mark.parametrize(
    "losses",
    [
        [3.0, 2.0, 1.5, 1.4, 1.6, 1.3],
        [0.693, 0.3, 0.01, 0.4, 0.5, 0.3, 0.4, 0.6, 0.5],  # far above its best, and below its beginning: noise
        [1.0, 9.0, 9.0, 1.0, 9.0, 9.0, 9.0, 9.0, 1.0],  # never five in a row
        [-0.01, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0],  # a policy gradient's loss says nothing
    ],
)
def test_a_training_that_learns_goes_on(losses: list[float]) -> None:
    assert stopped_at(losses) == (None, "")


def test_a_loss_above_its_beginning_and_far_above_its_best_stops_after_five_steps() -> None:
    step, problem = stopped_at([2.0, 1.0, *[3.5] * 9])
    assert step == 7 and "above where it began (2) and above 3 times its best (1) for 5 steps" in problem


@pytest.mark.parametrize("figures", [{"loss": math.nan}, {"loss": 1.0, "grad_norm": math.inf}])
def test_what_is_no_number_stops_at_once(figures: dict[str, float]) -> None:
    assert "at step 4" in Divergence().problem(4, figures)


def watched(folder: Path, **more: Any) -> tuple[Watch, list[dict[str, Any]], list[str]]:
    told, said = [], []  # type: ignore[var-annotated]
    return Watch(told.append, said.append, folder / "scratch", 800.0, **more), told, said


def test_a_restart_does_not_forget_what_was_logged_before_it(base: Path, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def killed(done: int, total: int) -> None:
        if done > 2:
            raise Killed

    once, began, again = (watched(tmp_path / name)[0] for name in ("once", "began", "again"))
    trained(base, tmp_path / "o", steps=4, watch=once)
    folder = tmp_path / "killed"
    stages = Staging(folder, Lake(str(tmp_path / "home")).store, "this job", 0.0)
    with pytest.raises(Killed):
        trained(base, folder, steps=4, staging=stages, watch=began, progress=killed)
    trained(base, folder, steps=4, staging=stages, watch=again)
    assert again.first_step == 2
    assert vars(again.divergence) == vars(once.divergence)


def test_every_step_can_be_told_with_speed_and_time_left(base: Path, tmp_path: Path) -> None:
    watch, told, said = watched(tmp_path, every=0.0)
    trained(base, tmp_path / "t", method="dpo", steps=3, watch=watch)
    assert [t["step"] for t in told] == [1, 2, 3]
    assert {"loss", "margin", "accuracy", "gradient_norm", "learning_rate", "tokens_per_second", "seconds_left"} <= set(
        told[-1]
    )
    assert told[-1]["seconds_left"] == 0 and "gradient norm" in said[-1]


def test_it_is_told_sparsely_and_at_the_end(base: Path, tmp_path: Path) -> None:
    watch, told, _ = watched(tmp_path, every=3600)
    trained(base, tmp_path / "t", method="sft", steps=4, watch=watch)
    assert [t["step"] for t in told] == [4]


def test_watching_changes_no_weight(base: Path, tmp_path: Path) -> None:
    plain = trained(base, tmp_path / "a", method="sft", steps=3)
    seen = trained(base, tmp_path / "b", method="sft", steps=3, watch=watched(tmp_path, every=0.0)[0])
    assert plain.history == seen.history
    assert all(torch.equal(weights(plain.model)[n], p) for n, p in weights(seen.model).items())


def test_weights_that_are_no_numbers_stop_the_training_and_the_last_good_ones_are_kept(
    base: Path, tmp_path: Path
) -> None:
    """The state before the step whose loss is no number is not good either: it is what the step found."""
    good = trained(base, tmp_path / "good", method="sft", steps=6, batch_size=1, learning_rate=1e-3)
    watch, _, _ = watched(tmp_path, every=0.0)
    taken: dict[int, Any] = {}

    def spoil(done: int, total: int) -> None:
        taken[done] = {n: p.detach().clone() for n, p in model_of(watch).items()}
        if done == 3:
            with torch.no_grad():
                next(iter(live(watch).values())).fill_(math.nan)

    begins = watch.begins

    def remember(step: int, model: Any) -> None:
        watch.model = model  # type: ignore[attr-defined]
        begins(step, model)

    watch.begins = remember  # type: ignore[method-assign]
    with pytest.raises(PayloadError) as stopped:
        trained(
            base, tmp_path / "t", method="sft", steps=6, batch_size=1, learning_rate=1e-3, watch=watch, progress=spoil
        )
    message = str(stopped.value)
    assert "at step 4" in message and "after step 2, is kept in scratch as scratch/last_good" in message
    kept = load_file(tmp_path / "scratch/last_good/adapter_model.safetensors")
    assert kept and all(torch.isfinite(w).all() for w in kept.values())
    assert all(torch.equal(kept[n.replace(".default", "")], w) for n, w in taken[2].items())
    assert json.loads((tmp_path / "scratch/last_good/state.json").read_text())["step"] == 2
    assert (tmp_path / "scratch/last_good/adapter_config.json").exists() and len(good.history) == 6


def live(watch: Any) -> dict[str, Any]:
    return {n: p for n, p in watch.model.named_parameters() if p.requires_grad}


model_of = live
