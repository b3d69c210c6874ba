"""Embedding by a server that speaks OpenAI's API: POST URL/embeddings.

Belongs here: asking it, patience with it, errors that name what to do and never show the key. Does not belong here:
which server (the use case file)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request

import numpy as np

from genaiops_assets.lake import NotDelivered, secret_of, without_secrets
from genaiops_assets.models import answer_of
from genaiops_assets.retrieval.embedding import EmbeddingRefused, unit

SHOWN = 200  # characters of what a server says of a refusal


def key_for(url: str, variable: str) -> str:
    """The key that may be sent to a server, empty where none is named. Raises EmbeddingRefused."""
    if not variable:
        return ""
    try:
        key = secret_of(variable, urlsplit(url).hostname or "")
    except NotDelivered as error:
        raise EmbeddingRefused(f"{url}: {error} (knowledge.embedding.api_key_env)") from None
    if not key:
        raise EmbeddingRefused(f"{url}: the environment variable {variable} is empty (knowledge.embedding.api_key_env)")
    return key


class EndpointEmbedder:
    """Vectors of `model` at `url`. `key_variable` names the environment variable that holds the key, "" where none is
    needed; `dimensions` 0 is the model's own width. A busy or failing server is asked again, longer and longer waits
    between; `wait` is how."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key_variable: str = "",
        dimensions: int = 0,
        batch_size: int = 32,
        wait: Callable[[float], Any] = time.sleep,
    ):
        self.url, self.model, self.dimensions, self.batch_size, self._wait = url, model, dimensions, batch_size, wait
        self._variable, self._key = key_variable, key_for(url, key_variable)

    @cached_property
    def width(self) -> int:
        return self.dimensions or self._vectors(["width"]).shape[1]

    def encode(self, texts: Sequence[str], prompt: str = "") -> np.ndarray:
        """Texts of similar length go together. An empty text is sent as a space: OpenAI refuses empty ones."""
        vectors: np.ndarray | None = None
        texts = [prompt + text for text in texts]
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            made = self._vectors([texts[i] or " " for i in chosen])
            vectors = np.empty((len(texts), made.shape[1]), dtype=np.float32) if vectors is None else vectors
            if made.shape[1] != vectors.shape[1]:
                raise self._refused(f"vectors of {vectors.shape[1]} and of {made.shape[1]} numbers from one model")
            vectors[chosen] = made
        return np.zeros((0, self.width), dtype=np.float32) if vectors is None else vectors

    def _vectors(self, texts: list[str]) -> np.ndarray:
        asked = {"model": self.model, "input": texts} | ({"dimensions": self.dimensions} if self.dimensions else {})
        answer = self._answer(json.dumps(asked).encode())
        try:
            rows = sorted(json.loads(answer)["data"], key=lambda row: row["index"])
            made = np.array([row["embedding"] for row in rows], dtype=np.float32)
            places = [row["index"] for row in rows]
        except (ValueError, KeyError, TypeError):
            raise self._refused(
                "the answer is not one of OpenAI's embeddings API; knowledge.embedding.url ends before /embeddings"
            ) from None
        if places != list(range(len(texts))) or made.ndim != 2 or not np.isfinite(made).all():
            raise self._refused(f"asked for {len(texts)} vectors, it did not give one good vector for each")
        if self.dimensions and made.shape[1] != self.dimensions:
            raise self._refused(f"asked for {self.dimensions} dimensions, it gave {made.shape[1]}")
        return unit(made)

    def _answer(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self._key}"} if self._key else {})
        request = Request(f"{self.url}/embeddings", body, headers)
        return answer_of(request, refused=self._refused, wait=self._wait, in_words=self._in_words)

    def _in_words(self, error: HTTPError) -> str:
        if error.code in (401, 403):
            where = (
                f"the environment variable {self._variable}"
                if self._variable
                else "knowledge.embedding.api_key_env, which names no key"
            )
            return f"{error.code} {error.reason}: check {where}"
        if error.code in range(300, 400):
            return f"{error.code}: it sends us elsewhere; give the final address in knowledge.embedding.url"
        said = error.read().decode(errors="replace")[:SHOWN].strip()
        return f"{error.code} {error.reason}" + (f": {said}" if said else "")

    def _refused(self, problem: str) -> EmbeddingRefused:
        message = f"embedding by {self.model} at {self.url}: {problem}"
        return EmbeddingRefused(without_secrets(message, {self._key: "***"} if self._key else {}))
