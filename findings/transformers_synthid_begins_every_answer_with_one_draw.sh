#!/usr/bin/env bash
# transformers 5.23.0, torch 2.13.0.
# What happens: the SynthID processor of generate() begins each answer with a context of zeros, not with the end of the
#   prompt. Under one key the first token of every answer, whatever was asked, is therefore drawn with the same g-values;
#   the tournament is deterministic up to ties, so of 64 tokens that the model finds equally likely two are ever chosen.
#   The second token is little better, and it evens out only when four tokens were written.
# Guess: the mark keeps the distribution over questions, as its paper says (non-distortionary), since its randomness
#   comes from the tokens before; for the first token those of the prompt.
# Why it matters: a yes or no, a label, a choice A to D is the first token. A classifier that is unsure in half of its
#   cases gives all of them the same answer as soon as its output is marked, and no error or warning says so; the key
#   decides which answer. `skip_first_ngram_calls=True` leaves the first four tokens alone, and is off by default.
# Seen: different tokens at the first eight places of 400 answers to 400 prompts, uniform model with 64 tokens:
#   plain 64 at each; marked 2, 7, 28, 47, 58, 63, 63, 64; marked with skip_first_ngram_calls: 64 at each.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" HF_HOME="$work/hf" HF_HUB_OFFLINE=1 TQDM_DISABLE=1 OMP_NUM_THREADS=1
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq transformers==5.23.0 torch==2.13.0 || exit 2

cat > "$work/trial.py" <<'PY'
import json

import torch
from transformers import LlamaConfig, LlamaForCausalLM, SynthIDTextWatermarkingConfig

shape = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2)
torch.manual_seed(0)
ends = dict(bos_token_id=None, eos_token_id=None, pad_token_id=0)
model = LlamaForCausalLM(LlamaConfig(vocab_size=64, **ends, **shape)).eval()
torch.nn.init.zeros_(model.lm_head.weight)  # every token is equally likely at every place
prompts = torch.randint(1, 64, (400, 12))
keys = list(range(11, 41))


def different(mark=None):
    torch.manual_seed(1)
    more = {} if mark is None else {"watermarking_config": mark}
    made = model.generate(prompts, attention_mask=torch.ones_like(prompts), do_sample=True, top_k=0, max_new_tokens=8, **more)
    return [len(set(made[:, 12 + place].tolist())) for place in range(8)]


plain = different()
marked = different(SynthIDTextWatermarkingConfig(ngram_len=5, keys=keys))
skipped = different(SynthIDTextWatermarkingConfig(ngram_len=5, keys=keys, skip_first_ngram_calls=True))
print(json.dumps({"plain": plain[0] >= 60, "first of marked": marked[0], "eighth": marked[7] >= 60, "skipped": skipped[0] >= 60}))
PY

found=$("$work/venv/bin/python" -I -W ignore "$work/trial.py" 2> "$work/said" | tail -1) || { tail -5 "$work/said" >&2; exit 2; }
echo "versions: transformers 5.23.0, torch 2.13.0"
echo "different first tokens: $found"
expected='{"plain": true, "first of marked": 2, "eighth": true, "skipped": true}'
[ "$found" = "$expected" ] || { echo "changed: expected $expected" >&2; exit 1; }
