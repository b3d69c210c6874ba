"""Embedding: texts to unit vectors, behind the small `Embedder` protocol.

Belongs here: the protocols, the sentence-transformers one, what all of them share (batches of one length, unit length)
and the token counter of the embedding model. Does not belong here: other routes (`onnx_embedding.py`,
`static_embedding.py`, `endpoint.py`), which one a use case takes (`specs.py`), what stands before a text
(`prompts.py`), where vectors are kept (`search.py`) or which are computed again (the payload)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import set_network_switches


class EmbeddingRefused(PayloadError, ValueError):
    """A model or endpoint that cannot embed as asked; the message says what to do."""


class Embedder(Protocol):
    """Unit vectors, float32, shape (len(texts), width): of documents and of questions, each as the model was trained
    to have them."""

    @property
    def width(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray: ...


class RawEmbedder(Protocol):
    """One route, which knows nothing of questions: a text after a prompt. Unit vectors as above."""

    @property
    def width(self) -> int: ...

    def encode(self, texts: Sequence[str], prompt: str = "") -> np.ndarray: ...


class SentenceEmbedder:
    """A sentence-transformers model from a local directory, on CPU or the first GPU. Texts of one length in tokens
    share a batch, as far as there are enough of them, so that little is padded: `SentenceTransformer.encode` sorts by
    characters instead."""

    def __init__(self, path: str | Path, *, batch_size: int = 32, cpus: int | None = None, pools_prompts: bool = True):
        set_network_switches()
        import torch
        from sentence_transformers import SentenceTransformer

        if cpus:
            torch.set_num_threads(cpus)
        self.batch_size, self._pools_prompts = batch_size, pools_prompts
        self._model = SentenceTransformer(str(path), trust_remote_code=False)
        self._model.default_prompt_name = None  # what stands before a text is given with it

    @property
    def width(self) -> int:
        named = (
            getattr(self._model, "get_embedding_dimension", None) or self._model.get_sentence_embedding_dimension
        )  # before 5.4
        return int(named() or 0)

    def encode(self, texts: Sequence[str], prompt: str = "") -> np.ndarray:
        if not texts:
            return np.zeros((0, self.width), dtype=np.float32)
        how: dict[str, Any] = {"batch_size": self.batch_size, "show_progress_bar": False}
        if prompt and not self._pools_prompts:  # only the library knows where the prompt ends
            return unit(self._model.encode(list(texts), prompt=prompt, **how))
        whole = [prompt + text for text in texts]
        return self._by_tokens(whole) if self._is_plain() else unit(self._model.encode(whole, **how))

    def _is_plain(self) -> bool:
        """Whether all the model does with a text is to tokenise it: no other casing, no other kind of first module."""
        first = self._model[0]
        return type(first).__name__ == "Transformer" and not getattr(first, "do_lower_case", False)

    def _by_tokens(self, texts: list[str]) -> np.ndarray:
        import torch

        tokenizer = self._model.tokenizer
        tokens = tokenizer(texts, truncation=True, max_length=self._model.max_seq_length, padding=False)
        padding = {
            "input_ids": tokenizer.pad_token_id or 0,
            "token_type_ids": getattr(tokenizer, "pad_token_type_id", 0),
        }
        vectors = np.empty((len(texts), self.width), dtype=np.float32)
        self._model.eval()
        with torch.inference_mode():
            for chosen, arrays in in_batches(tokens, self.batch_size, padding, left=tokenizer.padding_side == "left"):
                batch = {name: torch.from_numpy(array).to(self._model.device) for name, array in arrays.items()}
                vectors[chosen] = self._model(batch)["sentence_embedding"].float().cpu().numpy()
        return unit(vectors)


def in_batches(
    tokens: Mapping[str, Sequence[Sequence[int]]], size: int, padding: Mapping[str, int], *, left: bool = False
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Texts by their number of tokens, `size` at a time: their places and their arrays (int64, texts × longest), as a
    tokenizer has them by name. `padding`: what fills each, 0 unless it says otherwise; at the end, or with `left` at
    the beginning."""
    lengths = np.array([len(ids) for ids in tokens["input_ids"]])
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        longest = int(lengths[chosen].max())
        arrays = {name: np.full((len(chosen), longest), padding.get(name, 0), dtype=np.int64) for name in tokens}
        for name, array in arrays.items():
            for row, place in zip(array, chosen, strict=True):
                row[slice(longest - lengths[place], None) if left else slice(lengths[place])] = tokens[name][place]
        yield chosen, arrays


def unit(vectors: Any) -> np.ndarray:
    """Each row at unit length, float32. A row of zeros (a text without any token) has no direction: it gets the one
    that is equally far from all axes, so that it is a vector like others."""
    made = np.array(vectors, dtype=np.float32)
    made[~made.any(axis=-1)] = 1.0
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def token_counter(path: str | Path) -> Callable[[list[str]], list[int]]:
    """Counts tokens as the embedding model would, special tokens left out. Raises FileNotFoundError without a
    tokenizer.json."""
    tokenizer = tokenizer_of(path, "chunk by its tokens")
    return lambda texts: [len(e.ids) for e in tokenizer.encode_batch(texts, add_special_tokens=False)]


def tokenizer_of(path: str | Path, purpose: str) -> Any:
    """The fast tokenizer of a model's directory, without truncation and padding. Raises FileNotFoundError without a
    tokenizer.json."""
    from tokenizers import Tokenizer

    file = Path(path) / "tokenizer.json"
    if not file.exists():
        raise FileNotFoundError(f"{file}: the embedding model needs a tokenizer.json to {purpose}")
    tokenizer: Any = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
