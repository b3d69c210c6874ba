#!/usr/bin/env bash
# bitsandbytes 0.50.2, torch 2.13.0, on a CPU.
# What happens: a Linear8bitLt gives one answer after train() and another after eval(), without any dropout. In training it
#   multiplies its inputs as they are with the weights put back into full precision; outside of it the inputs are rounded to
#   eight bits as well, those beyond the threshold left out. A module that was never told is in training.
# Guess: weights are frozen and there is no dropout, so train() and eval() compute the same.
# Why it matters: what is asked in eval() (a reference model's log-probabilities before a DPO training, an evaluation
#   beside it) belongs to another function than the one that is trained: with equal weights the first loss of DPO is not
#   log 2. Outside of training an answer also depends on what is read in the same batch, in training it does not.
# Seen: largest difference between both modes, 64 inputs to 32 outputs: 0.0077; a row read alone and beside one with a
#   large entry: 0.0 in training, 0.0006 outside of it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" OMP_NUM_THREADS=1
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq bitsandbytes==0.50.2 torch==2.13.0 numpy || exit 2

cat > "$work/trial.py" <<'PY'
import bitsandbytes as bnb
import torch

torch.manual_seed(0)
plain = torch.nn.Linear(64, 32, bias=False)
layer = bnb.nn.Linear8bitLt(64, 32, bias=False, has_fp16_weights=False, threshold=6.0)
layer.load_state_dict(plain.state_dict())
layer.to("cpu")
row, loud = torch.randn(1, 64), torch.randn(1, 64)
loud[0, 5] = 20.0
answers, moved = {}, {}
with torch.no_grad():
    for mode in ("train", "eval"):
        layer.train(mode == "train")
        answers[mode] = layer(row)
        moved[mode] = float((layer(torch.cat([row, loud]))[:1] - answers[mode]).abs().max())
apart = float((answers["train"] - answers["eval"]).abs().max())
print(f"train and eval differ by {apart:.4f}; beside another row: train {moved['train']:.4f}, eval {moved['eval']:.4f}")
print("changed" if apart < 1e-3 or moved["train"] > 1e-5 or moved["eval"] < 1e-4 else "as described")
PY
"$work/venv/bin/python" -I -W ignore "$work/trial.py" 2> "$work/said" > "$work/seen" || { tail -5 "$work/said" >&2; exit 2; }
echo "versions: bitsandbytes 0.50.2, torch 2.13.0"
head -1 "$work/seen"
[ "$(tail -1 "$work/seen")" = "as described" ] || { echo "changed: both modes compute the same, or rows do not depend on each other" >&2; exit 1; }
