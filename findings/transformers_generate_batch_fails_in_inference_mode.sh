#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0.
# What happens: inside `with torch.inference_mode():` generate() works as anywhere. generate_batch() (continuous
#   batching) called there returns normally and no request has a generated token: its worker thread is not in inference
#   mode and may not write the buffers that the caller's thread made in it. Nothing is raised; the reason stands in the
#   log and in `.error` of the outputs, or, when the thread ends early enough, there are no outputs at all. Under
#   torch.no_grad() it works.
# Guess: the two ways of generating of one library can be wrapped alike, and inference mode, which PyTorch recommends
#   over no_grad for this, is safe around either; or the call raises.
# Why it matters: a benchmark or an evaluation that swaps one call for the other scores empty answers, which is a low
#   score, not a failed run; and a speed measured so is of no work at all.
# Seen: tokens generated for two requests: plain 8, no_grad 8, inference_mode 0; generate() in it for one: 4.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" HF_HOME="$work/hf" HF_HUB_OFFLINE=1 TQDM_DISABLE=1 OMP_NUM_THREADS=1
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq transformers==5.23.0 torch==2.13.0 || exit 2

cat > "$work/trial.py" <<'PY'
import json

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
shape = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2)
model = LlamaForCausalLM(LlamaConfig(vocab_size=64, bos_token_id=1, eos_token_id=2, pad_token_id=0, **shape)).eval()
asked = [[1, 5, 6, 7], [1, 9, 10]]
how = GenerationConfig(max_new_tokens=4, do_sample=False, eos_token_id=2, pad_token_id=0)


def batched():
    made = model.generate_batch(asked, generation_config=how, progress_bar=False)
    return sum(len(one.generated_tokens) for one in made.values())


found = {"plain": batched()}
with torch.no_grad():
    found["no_grad"] = batched()
with torch.inference_mode():
    found["inference_mode"] = batched()
    found["generate"] = model.generate(torch.tensor(asked[:1]), generation_config=how).shape[1] - len(asked[0])
print(json.dumps(found))
PY

found=$("$work/venv/bin/python" -I -W ignore "$work/trial.py" 2> "$work/said" | tail -1) || { tail -5 "$work/said" >&2; exit 2; }
echo "versions: transformers 5.23.0, torch 2.13.0"
echo "tokens generated: $found"
expected='{"plain": 8, "no_grad": 8, "inference_mode": 0, "generate": 4}'
[ "$found" = "$expected" ] || { echo "changed: expected $expected" >&2; exit 1; }
