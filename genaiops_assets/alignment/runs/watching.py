"""A training while it runs: its figures are told, and it is stopped where it leads nowhere.

Belongs here: what is told how often, when a training has diverged, and keeping its last good state. Does not belong
here: showing the figures (`compute/relay.py`), steps staged for a restart (`alignment/staging.py`).

A training has diverged when its loss or its gradient is no number, or when the loss is above where it began and above
FACTOR times its best for PATIENCE steps in a row. A loss that may be negative, and that of answers a model writes
itself (policy gradients), has no such limit."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.methods.base import Watching
from genaiops_assets.errors import PayloadError

FACTOR, PATIENCE = 3.0, 5
EVERY = 10.0  # seconds between two reports
LARGEST_COPY = 2**29  # bytes of trained weights that are copied aside each step; staged steps serve beyond
LAST_GOOD = "last_good"
# Series of TRL's logs that people want to see, by the name they get.
TOLD = {
    "loss": "loss",
    "rewards/margins": "margin",
    "rewards/accuracies": "accuracy",
    "mean_token_accuracy": "token_accuracy",
    "kl": "kl",
    "reward": "reward",
    "grad_norm": "gradient_norm",
    "learning_rate": "learning_rate",
}


class Divergence:
    """Whether a series of losses has gone astray."""

    def __init__(self, factor: float = FACTOR, patience: int = PATIENCE) -> None:
        self.factor, self.patience = factor, patience
        self.first, self.best, self.above = math.nan, math.inf, 0

    @property
    def limit(self) -> float:
        return max(self.first, self.factor * self.best) if self.best > 0 else math.inf

    def problem(self, step: int, figures: Mapping[str, Any]) -> str:
        """Why the training must stop after this step, "" to go on."""
        for name in ("loss", "grad_norm"):
            value = figures.get(name)
            if value is not None and not math.isfinite(float(value)):
                return f"{name} is {value} at step {step}"
        if "reward" in figures:  # the loss of answers a model writes itself only says which of them to prefer
            return ""
        loss = float(figures["loss"])
        self.first = loss if math.isnan(self.first) else self.first
        self.above = self.above + 1 if loss > self.limit else 0
        self.best = min(self.best, loss)
        if self.above >= self.patience:
            return (
                f"the loss is {loss:.4g} at step {step}: above where it began ({self.first:.4g}) and above "
                f"{self.factor:g} times its best ({self.best:.4g}) for {self.above} steps"
            )
        return ""

    @property
    def is_good(self) -> bool:
        """Whether the last loss was below the limit."""
        return self.above == 0


class Watch:
    """Follows one training. `report` is given figures for people, `say` a line; `folder` is scratch, where the last
    good state is left when a training diverges. `tokens_a_step`: what is read on average."""

    def __init__(
        self,
        report: Callable[[dict[str, Any]], None],
        say: Callable[[str], None],
        folder: Path,
        tokens_a_step: float,
        every: float = EVERY,
    ) -> None:
        self.report, self.say, self.folder, self.tokens, self.every = report, say, folder, tokens_a_step, every
        self.divergence, self.problem = Divergence(), ""
        self.began = self.told = time.monotonic()
        self.first_step: int | None = None
        self.before: tuple[int, dict[str, Any]] | None = None  # weights as the step that is being taken found them
        self.good: tuple[int, dict[str, Any]] | None = None

    @property
    def is_good(self) -> bool:
        """Whether this step may be staged: nothing points to a divergence."""
        return not self.problem and self.divergence.is_good

    def resumed(self, history: Sequence[Mapping[str, Any]]) -> None:
        """What was logged before a restart counts: first and best loss, and how long it has been above its limit."""
        for figures in history:
            if "loss" in figures:
                self.divergence.problem(int(figures.get("step", 0)), figures)

    def begins(self, step: int, model: Any) -> None:
        """A step is about to be taken; `step` are done."""
        if self.first_step is None:
            self.first_step, self.began = step, time.monotonic()
        trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
        if sum(p.numel() * p.element_size() for p in trained.values()) <= LARGEST_COPY:
            self.before = (step, {n: p.detach().to("cpu", copy=True) for n, p in trained.items()})

    def logged(self, step: int, total: int, figures: Mapping[str, Any]) -> bool:
        """A step's figures are known. False where the training must stop: the loss of a step is of the weights it
        found, so those are good when it is."""
        self.problem = self.divergence.problem(step, figures)
        if self.is_good and self.before is not None:
            self.good = self.before
        now = time.monotonic()
        if now - self.told >= self.every or step == total or self.problem:
            self.told = now
            self._tell(step, total, figures)
        return not self.problem

    def _tell(self, step: int, total: int, figures: Mapping[str, Any]) -> None:
        found: dict[str, Any] = {"step": step, "steps": total}
        found |= {
            name: float(f"{float(figures[key]):.4g}")
            for key, name in TOLD.items()
            if isinstance(figures.get(key), (int, float)) and math.isfinite(float(figures[key]))
        }
        done, took = step - (self.first_step or 0), time.monotonic() - self.began
        if done > 0 and took > 0:
            found["tokens_per_second"] = round(self.tokens * done / took, 1)
            found["seconds_left"] = round(took / done * (total - step))
        self.report(found)
        self.say(" · ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in found.items()))

    def refuse(self, model: Any) -> None:
        """Raises PayloadError where the training diverged, naming where its last good state lies."""
        if self.problem:
            raise PayloadError(
                f"{self.problem}: the training has diverged and was stopped. {self._kept(model)} Lower "
                "alignment.learning_rate, or use dtype float32"
            )

    def _kept(self, model: Any) -> str:
        if self.good is None:
            return "No good state is kept: the first steps already went astray."
        from safetensors.torch import save_file

        step, weights = self.good
        place = self.folder / LAST_GOOD
        place.mkdir(parents=True, exist_ok=True)
        save_file(
            {n.replace(".default", ""): w.contiguous() for n, w in weights.items()}, place / "adapter_model.safetensors"
        )
        for name, config in getattr(model, "peft_config", {}).items():
            if name == "default":
                config.save_pretrained(place)
        (place / "state.json").write_text(json.dumps({"step": step, "best_loss": self.divergence.best}))
        return f"The last good state, after step {step}, is kept in scratch as {self._named(place)}."

    @staticmethod
    def _named(place: Path) -> str:
        """Its place below the home's scratch, without the machine's path."""
        parts = place.parts
        return "/".join(parts[parts.index("scratch") :] if "scratch" in parts else parts[-2:])


def callbacks(watch: Watching | None) -> list[Any]:
    """transformers' callbacks of a watched training; none without a watch."""
    if watch is None:
        return []
    from transformers import TrainerCallback

    follow: Watching = watch

    class Follows(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
            follow.resumed(state.log_history)

        def on_step_begin(self, args: Any, state: Any, control: Any, model: Any = None, **more: Any) -> None:
            follow.begins(state.global_step, model)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **more: Any) -> None:
            if not logs or "loss" not in logs:
                return
            control.should_training_stop |= not follow.logged(state.global_step, args.max_steps, logs)
            control.should_save &= follow.is_good

    return [Follows()]
