#!/usr/bin/env bash
# trl 1.16.0, transformers 5.23.0, peft 0.21.2.
# What happens: an adapter in the last layer alone (layers_to_transform) with gradient_checkpointing=True: the input of
#   every layer asks for a gradient, so the backward pass goes through all layers down to the embedding, as if all were
#   adapted, and all of them are computed a second time. Without checkpointing it ends at the adapter. PEFT, TRL and each start of
#   train() hook the embedding so that what it gives requires a gradient, which reentrant checkpointing needs; TRL's
#   default is use_reentrant=False. model.disable_input_require_grads() on the trainer's model changes nothing: it takes
#   back one of several hooks, and train() sets another.
# Guess: frozen layers below the first adapter are read forward alone, whatever is done to save memory; or, having read
#   of the hook, one call of disable_input_require_grads() is enough.
# Why it matters: one adapts the last layers to save time and memory. With checkpointing, which one switches on to save
#   memory, the time is not saved: the backward pass costs what it costs for all layers.
# Seen: of 4 layers, those whose input requires a gradient: without checkpointing 0, with it 4, with it and after
#   disable_input_require_grads() 4.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" HF_HOME="$work/hf" HF_HUB_OFFLINE=1 TQDM_DISABLE=1 OMP_NUM_THREADS=1
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq trl==1.16.0 transformers==5.23.0 peft==0.21.2 datasets==5.2.0 torch==2.13.0 || exit 2

cat > "$work/trial.py" <<'PY'
import sys

from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed
from trl import SFTConfig, SFTTrainer

folder, checkpointing, taken_back = sys.argv[1], sys.argv[2] == "on", sys.argv[3] == "off"
words = ["<pad>", "<end>", "<unk>", *"what does it cost one two three four euro".split()]
plain = Tokenizer(models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>"))
plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="<pad>", eos_token="<end>", unk_token="<unk>")
set_seed(3)
shape = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=4, num_attention_heads=2, num_key_value_heads=2)
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(words), pad_token_id=0, eos_token_id=1, **shape))
wants = {}
for number, layer in enumerate(model.model.layers):
    layer.register_forward_pre_hook(
        lambda module, args, kwargs, n=number: wants.__setitem__(n, (args[0] if args else kwargs["hidden_states"]).requires_grad),
        with_kwargs=True,
    )
trainer = SFTTrainer(
    model=model,
    args=SFTConfig(output_dir=folder, max_steps=1, per_device_train_batch_size=2, gradient_checkpointing=checkpointing,
                   use_cpu=True, bf16=False, report_to=[], save_strategy="no"),
    train_dataset=Dataset.from_list([{"text": f"what does it cost {n} euro"} for n in ("one", "two", "three", "four")]),
    processing_class=tokenizer,
    peft_config=LoraConfig(r=2, target_modules=["q_proj"], layers_to_transform=[3], task_type="CAUSAL_LM"),
)
if taken_back:
    trainer.model.get_base_model().disable_input_require_grads()
trainer.train()
print("layers:", sum(wants.values()))
PY

layers() {
    "$work/venv/bin/python" -I -W ignore "$work/trial.py" "$work/out" "$1" "$2" 2> "$work/said" | sed -n 's/^layers: //p' ||
        { tail -5 "$work/said" >&2; exit 2; }
}

seen="$(layers off on) $(layers on on) $(layers on off)"
echo "versions: trl 1.16.0, transformers 5.23.0, peft 0.21.2"
echo "layers of 4 whose input requires a gradient: plain, checkpointing, checkpointing and hook taken back: $seen"
[ "$seen" = "0 4 4" ] || { echo "changed: expected 0 4 4" >&2; exit 1; }
