#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0 (CPU).
# What happens: with logging_steps=1 a Trainer whose loss is NaN logs loss 0.0, step after step: the filter that is on by
#   default (logging_nan_inf_filter) replaces a NaN by the average of the losses since the last log, and there are none.
# Guess: the log shows nan, or leaves the value out, or repeats the loss before it.
# Why it matters: a training that has diverged looks like one that has learned perfectly. A gate on the loss of the log,
#   an early stop, a curve on a dashboard all see the best value there is.
# Seen: losses of the log 0.0, 0.0, 0.0; without the filter nan, nan, nan.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" HF_HUB_OFFLINE=1
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq transformers==5.23.0 torch==2.13.0 accelerate==1.15.0 || exit 2

cd "$work"
"$work/venv/bin/python" -I -W ignore - <<'PY'
import math
import sys
from importlib.metadata import version

import torch
from transformers import Trainer, TrainingArguments


class Diverged(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor([float("nan")]))

    def forward(self, x):
        return {"loss": (self.weight * x).mean()}


def losses(**more):
    arguments = TrainingArguments(
        "out", max_steps=3, logging_steps=1, save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True, **more
    )
    trainer = Trainer(Diverged(), arguments, train_dataset=[{"x": torch.ones(1)}] * 8)
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


print(f"versions: transformers {version('transformers')}, torch {version('torch')}")
usual, plain = losses(), losses(logging_nan_inf_filter=False)
print(f"logged by default: {usual}")
print(f"without the filter: {plain}")
if not (usual == [0.0] * 3 and all(map(math.isnan, plain))):
    sys.exit("changed: expected zeros by default, and nan without the filter")
PY
