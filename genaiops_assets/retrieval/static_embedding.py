"""Static embedding: one vector a token, a text the mean of its tokens'. Much faster than a transformer, and weaker.

Belongs here: distilling static vectors from a sentence-transformers model (Tulkens and van Dongen 2024, Model2Vec),
without any text. Does not belong here: using them, which `SentenceEmbedder` does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.lake import made_once
from genaiops_assets.retrieval.embedding import EmbeddingRefused, tokenizer_of

WIDTH = 256
CODE = "1"  # a change of it makes other vectors
SIF = 1e-4  # Arora, Liang and Ma 2017: tokens much more frequent than this count less
UNUSED = re.compile(r"^\[unused\d+\]$")
BATCH = 512  # tokens


def is_static(path: str | Path) -> bool:
    """Whether a sentence-transformers directory holds static vectors already."""
    modules = Path(path) / "modules.json"
    return modules.is_file() and json.loads(modules.read_text(encoding="utf-8"))[0]["type"].endswith(".StaticEmbedding")


def static_directory(path: str | Path, digest: str, dimensions: int, cache: Path, *, cpus: int | None = None) -> Path:
    """The directory to load static vectors from: `path` itself where it has them, else they are distilled once, in a
    cache named by `digest`, which says of which model and how."""
    if is_static(path):
        return Path(path)
    return made_once(cache / "static" / digest[:32], lambda partial: distil(path, partial, dimensions, cpus=cpus))


def distil(path: str | Path, target: Path, dimensions: int, *, cpus: int | None = None) -> None:
    """Each token of the vocabulary through the model alone, the outputs reduced to their `dimensions` principal
    components and weighted by the token's place in the vocabulary, which is ordered by frequency (Zipf). Raises
    EmbeddingRefused for a width the model cannot give."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sklearn.decomposition import PCA

    try:
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    except ImportError:  # before 5.4
        from sentence_transformers.models import StaticEmbedding  # type: ignore[no-redef]

    if cpus:
        torch.set_num_threads(cpus)
    model, tokenizer = SentenceTransformer(str(path), trust_remote_code=False), tokenizer_of(path, "be distilled")
    words = used_tokens(tokenizer)
    outputs = outputs_of(model, tokenizer, words)
    if dimensions > min(outputs.shape):
        raise EmbeddingRefused(
            f"knowledge.embedding.dimensions: {path} gives {outputs.shape[1]} numbers, {dimensions} are too many"
        )
    vectors = np.zeros((tokenizer.get_vocab_size(), dimensions), dtype=np.float32)
    vectors[words] = PCA(dimensions, svd_solver="covariance_eigh").fit_transform(outputs) * weights(len(words))[:, None]
    module = StaticEmbedding(tokenizer, embedding_weights=vectors)
    SentenceTransformer(modules=[module], device="cpu").save(str(target), create_model_card=False)


def used_tokens(tokenizer: Any) -> list[int]:
    """Ids that a text can have, in order: without the tokens that only mark its ends or fill it up. The unknown token
    is one of them: a text of nothing else still needs a vector."""
    added = tokenizer.get_added_tokens_decoder()
    unknown = getattr(tokenizer.model, "unk_token", None)
    special = {i for i, token in added.items() if token.special and token.content != unknown}
    return sorted(i for token, i in tokenizer.get_vocab().items() if i not in special and not UNUSED.match(token))


def weights(count: int) -> np.ndarray:
    """SIF weight by rank: a / (a + p), p after Zipf's law."""
    inverse = 1.0 / np.arange(2, count + 2)
    return (SIF / (SIF + inverse / inverse.sum())).astype(np.float32)


def outputs_of(model: Any, tokenizer: Any, words: list[int]) -> np.ndarray:
    """The model's vector of each token alone, between the tokens it puts around any text: (tokens, width), float32."""
    import torch

    example = tokenizer.encode("a")
    marks = example.special_tokens_mask
    before = example.ids[: marks.index(0)]
    after = example.ids[len(marks) - marks[::-1].index(0) :]
    made = []
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(words), BATCH):
            ids = torch.tensor([[*before, word, *after] for word in words[start : start + BATCH]], device=model.device)
            features = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
            made.append(model(features)["sentence_embedding"].float().cpu().numpy())
    return np.concatenate(made)
