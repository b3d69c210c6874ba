"""Embedding: texts to unit vectors, behind the small `Embedder` protocol.

Belongs here: the protocol, the sentence-transformers one and the token counter of the embedding model. Does not belong here: where vectors
are kept (`search.py`) or which are computed again (the payload).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np


class Embedder(Protocol):
    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (len(texts), width)."""
        ...


class SentenceEmbedder:
    """A sentence-transformers model from a local directory, on CPU or the first GPU. Texts of one length in tokens share a batch, as far as there
    are enough of them, so that little is padded: `SentenceTransformer.encode` sorts by characters instead."""

    def __init__(self, path: str | Path, *, batch_size: int = 32, cpus: int | None = None):
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import torch
        from sentence_transformers import SentenceTransformer

        if cpus:
            torch.set_num_threads(cpus)
        self.batch_size = batch_size
        self._model = SentenceTransformer(str(path))

    @property
    def width(self) -> int:
        return int(self._model.get_sentence_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        if self._is_plain():
            return self._by_tokens(list(texts))
        vectors = self._model.encode(list(texts), batch_size=self.batch_size, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)

    def _is_plain(self) -> bool:
        """Whether all the model does with a text is to tokenise it: no prompt before it, no other casing, no other kind of first module."""
        first = self._model[0]
        return type(first).__name__ == "Transformer" and not self._model.default_prompt_name and not getattr(first, "do_lower_case", False)

    def _by_tokens(self, texts: list[str]) -> np.ndarray:
        import torch

        tokenizer = self._model.tokenizer
        tokens = tokenizer(texts, truncation=True, max_length=self._model.max_seq_length, padding=False)
        order = np.argsort([len(ids) for ids in tokens["input_ids"]], kind="stable")
        vectors = np.empty((len(texts), self.width), dtype=np.float32)
        self._model.eval()
        with torch.inference_mode():
            for start in range(0, len(order), self.batch_size):
                chosen = order[start : start + self.batch_size]
                batch = tokenizer.pad({name: [values[i] for i in chosen] for name, values in tokens.items()}, return_tensors="pt")
                made = self._model(batch.to(self._model.device))["sentence_embedding"]
                vectors[chosen] = torch.nn.functional.normalize(made, dim=1).float().cpu().numpy()
        return vectors


def token_counter(path: str | Path) -> Callable[[list[str]], list[int]]:
    """Counts tokens as the embedding model would, special tokens left out. Raises FileNotFoundError without a tokenizer.json."""
    from tokenizers import Tokenizer

    file = Path(path) / "tokenizer.json"
    if not file.exists():
        raise FileNotFoundError(f"{file}: the embedding model needs a tokenizer.json to chunk by its tokens")
    tokenizer: Any = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda texts: [len(e.ids) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
