#!/usr/bin/env bash
# trl 1.16.0, datasets 5.2.0.
# What happens: DPOTrainer(precompute_ref_log_probs=True) keeps the reference's log-probabilities in a cache file, and a
#   second run with the very same arguments reads them. Another learning rate, or only another output_dir, and the
#   reference reads every pair again: the cache is named by the fingerprint of the data set, its last step is a filter
#   whose lambda closes over the whole DPOConfig, so every argument is part of the name. Without that filter
#   (max_length=None) both hit.
# Guess: the cache depends on what a log-probability depends on: the pairs, the tokenizer, max_length and the model.
# Why it matters: one precomputes in order to try several learning rates or betas. Each trial pays the full pass again,
#   and nothing says so.
# Seen: pairs read by the reference: first run 4, the same again 0, another learning rate 4, another output_dir 4;
#   with max_length=None: 4, 0, 0, 0.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" HF_HOME="$work/hf" HF_HUB_OFFLINE=1 TQDM_DISABLE=1 OMP_NUM_THREADS=1
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq trl==1.16.0 transformers==5.23.0 peft==0.21.2 datasets==5.2.0 torch==2.13.0 || exit 2

cat > "$work/trial.py" <<'PY'
import json
import sys

import torch
from datasets import load_dataset
from peft import LoraConfig
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed
from trl import DPOConfig, DPOTrainer

folder, arguments = sys.argv[1], json.loads(sys.argv[2])
words = ["<pad>", "<end>", "<unk>", *"what does it cost one two three four euro".split()]
plain = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="<pad>", eos_token="<end>", unk_token="<unk>")
set_seed(3)
shape = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2)
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(words), pad_token_id=0, eos_token_id=1, **shape))
asked = []
before = DPOTrainer.compute_ref_log_probs
DPOTrainer.compute_ref_log_probs = lambda self, m, batch: (asked.append(len(batch["input_ids"]) // 2), before(self, m, batch))[1]
DPOTrainer(
    model=model,
    args=DPOConfig(precompute_ref_log_probs=True, use_cpu=True, bf16=False, report_to=[], seed=3, **arguments),
    train_dataset=load_dataset("json", data_files=f"{folder}/pairs.jsonl", split="train"),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=2, target_modules=["q_proj"], task_type="CAUSAL_LM"),
)
print(json.dumps(sum(asked)))
PY
for n in one two three four; do
    echo "{\"prompt\": \"what does $n cost\", \"chosen\": \" $n euro\", \"rejected\": \" one two\"}"
done > "$work/pairs.jsonl"

asked() { # JSON of the arguments → pairs the reference read, in a process of its own
    "$work/venv/bin/python" -I -W ignore "$work/trial.py" "$work" "$1" 2> "$work/said" | tail -1 ||
        { tail -5 "$work/said" >&2; exit 2; }
}

seen=""
for length in 64 null; do
    for rest in '"learning_rate": 1e-6, "output_dir": "OUT/a"' '"learning_rate": 1e-6, "output_dir": "OUT/a"' \
        '"learning_rate": 1e-5, "output_dir": "OUT/a"' '"learning_rate": 1e-6, "output_dir": "OUT/b"'; do
        seen="$seen $(asked "{\"max_length\": $length, ${rest//OUT/$work}}")"
    done
done
echo "versions: trl 1.16.0, datasets 5.2.0, transformers 5.23.0"
echo "pairs read by the reference: first run, same again, other learning rate, other output_dir; then the same with max_length=None:$seen"
[ "$seen" = " 4 0 4 4 4 0 0 0" ] || { echo "changed: expected 4 0 4 4 4 0 0 0" >&2; exit 1; }
