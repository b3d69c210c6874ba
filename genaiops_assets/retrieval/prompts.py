"""The words an embedding model was trained to have before a text, and how much of a text it reads: facts of its folder.

Belongs here: reading them, and putting the words before questions and documents whatever the route. Does not belong
here: embedding (`embedding.py` and its neighbours). Source: `config_sentence_transformers.json`, as
`SentenceTransformer.encode_query` and `encode_document` read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.retrieval.embedding import EmbeddingRefused, RawEmbedder, tokenizer_of

FOR_DOCUMENTS = ("document", "passage", "corpus")
UNLIMITED = 1_000_000  # tokenizers write 1e30 for no limit


@dataclass(frozen=True)
class Prompts:
    """`pooled`: whether the tokens of a prompt count in the vector (they do not in Instructor models)."""

    query: str = ""
    document: str = ""
    pooled: bool = True

    def __bool__(self) -> bool:
        return bool(self.query or self.document)

    @property
    def facts(self) -> list[Any]:
        return [self.query, self.document, self.pooled]


def prompts_of(folder: str | Path) -> Prompts:
    """Those of a model's folder, empty where it names none. Raises EmbeddingRefused for a file that cannot be read."""
    file = Path(folder) / "config_sentence_transformers.json"
    about = json_of(file) or {}
    named, default = about.get("prompts") or {}, about.get("default_prompt_name")
    if not isinstance(named, dict) or not all(isinstance(v, (str, type(None))) for v in named.values()):
        raise EmbeddingRefused(f'{file}: prompts: expected texts by name, as {{"query": "query: "}}')
    if default and default not in named:
        raise EmbeddingRefused(f"{file}: default_prompt_name {default!r} names a prompt that is not there")
    otherwise = named[default] or "" if default else ""

    def prompt(*names: str) -> str:
        return next((named[n] or "" for n in names if n in named), otherwise)

    return Prompts(prompt("query"), prompt(*FOR_DOCUMENTS), pools_prompts(Path(folder)))


def pools_prompts(folder: Path) -> bool:
    modules = json_of(folder / "modules.json") or []
    pooling = [json_of(folder / m.get("path", "") / "config.json") for m in modules if m["type"].endswith("Pooling")]
    return all((found or {}).get("include_prompt", True) for found in pooling)


def most_tokens(folder: str | Path) -> int | None:
    """How many tokens of a text the folder's transformer reads, its marks included; None where nothing says so."""
    root = Path(folder)
    modules = json_of(root / "modules.json") or []
    transformer = root / (modules[0].get("path", "") if modules else "")
    inner = json_of(root / "sentence_bert_config.json") or json_of(transformer / "sentence_bert_config.json") or {}
    if inner.get("max_seq_length"):
        return int(inner["max_seq_length"])
    limits = (
        (json_of(transformer / "tokenizer_config.json") or {}).get("model_max_length"),
        (json_of(transformer / "config.json") or {}).get("max_position_embeddings"),
    )
    return min((int(n) for n in limits if n and n < UNLIMITED), default=None)


def room_for_text(folder: str | Path, prompt: str = "") -> int | None:
    """Tokens of a text that are read beside the model's marks and a prompt; None where there is no limit."""
    limit = most_tokens(folder)
    return None if limit is None else room_beside_prompt(limit, folder, prompt)


def room_beside_prompt(limit: int, folder: str | Path, prompt: str = "") -> int:
    """What a limit leaves to a text when the marks of the folder's tokenizer and a prompt are taken off."""
    tokenizer = tokenizer_of(folder, "chunk by its tokens")
    taken = len(tokenizer.encode(prompt, add_special_tokens=False).ids) if prompt else 0
    return limit - int(tokenizer.num_special_tokens_to_add(False)) - taken


def truncation_of(folder: str | Path) -> int | None:
    """Where the folder's own tokenizer cuts a text, which static vectors leave switched on; None where it does not."""
    told = json_of(Path(folder) / "tokenizer.json") or json_of(Path(folder) / "0_StaticEmbedding/tokenizer.json") or {}
    cut = told.get("truncation")
    return int(cut["max_length"]) if cut else None


class PromptedEmbedder:
    """An embedder that puts the model's own words before documents and before questions."""

    def __init__(self, raw: RawEmbedder, prompts: Prompts):
        self.raw, self.prompts = raw, prompts

    @property
    def width(self) -> int:
        return self.raw.width

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return self.raw.encode(texts, self.prompts.document)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self.raw.encode(texts, self.prompts.query)


def json_of(file: Path) -> Any:
    """Its content; None where there is no such file. Raises EmbeddingRefused for what is not JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    except ValueError as error:
        raise EmbeddingRefused(f"{file}: not JSON: {error}") from None
