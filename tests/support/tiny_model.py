"""A real causal language model small enough for any test: a Llama of two layers with random weights and its own
byte-level tokenizer. Belongs here: making one, whole or with one thing missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.models import messages

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}" + CHATML
)
DROPS_SYSTEM = CHATML.replace("{% for m in messages %}", "{% for m in messages if m['role'] != 'system' %}")
SPECIAL = ["<|pad|>", "<|im_start|>", "<|im_end|>"]


def tiny_model(
    folder: Path,
    *,
    template: str | None = CHATML,
    eos: str | None = "<|im_end|>",
    pad: str | None = "<|pad|>",
    rows: int | None = None,
    dtype: str = "float32",
    hidden: int = 64,
) -> Path:
    """A model directory. `rows`: rows of the embedding, by default as many as the tokenizer knows tokens."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe = trainers.BpeTrainer(vocab_size=700, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator([m["content"] for m in messages("What does it cost?", ["It costs $5."], "en")], bpe)
    named: dict[str, Any] = {"eos_token": eos, "pad_token": pad}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, **{k: v for k, v in named.items() if v})
    tokenizer.chat_template = template
    torch.manual_seed(3)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=rows or len(tokenizer),
            hidden_size=hidden,
            intermediate_size=2 * hidden,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=4096,
            tie_word_embeddings=False,
            eos_token_id=None if rows else tokenizer.eos_token_id,
            pad_token_id=None if rows else tokenizer.pad_token_id,
        )
    ).to(getattr(torch, dtype))
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def small_update(base: Path, folder: Path, size: float = 3e-4) -> Path:
    """A LoRA adapter on every linear layer whose update is as small as a short training makes it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(5)
    lora = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=size)
    model.save_pretrained(folder)
    return folder
