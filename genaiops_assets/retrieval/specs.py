"""Embedder, reranker and index of a use case's search: how they are resolved, described to payloads, and loaded.

Belongs here: the identity of each, which decides whether vectors and answers still hold, and the one place that opens
them. Does not belong here: how each works (`embedding.py` and its neighbours, `reranking.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.lake import UNKNOWN, Artifact, Lake, Reference, Tables, digest_of, digest_of_file
from genaiops_assets.retrieval.embedding import Embedder, RawEmbedder, SentenceEmbedder
from genaiops_assets.retrieval.endpoint import EndpointEmbedder
from genaiops_assets.retrieval.onnx_embedding import OnnxEmbedder, int8_file, layout_of, onnx_file
from genaiops_assets.retrieval.prompts import (
    PromptedEmbedder,
    Prompts,
    prompts_of,
    room_beside_prompt,
    room_for_text,
    truncation_of,
)
from genaiops_assets.retrieval.reranking import Reranker
from genaiops_assets.retrieval.search import Index, Retriever, index_spec
from genaiops_assets.retrieval.static_embedding import CODE, WIDTH, is_static, static_directory
from genaiops_assets.use_case import UseCase

UNPUBLISHED = ("path", "onnx", "key_variable", "max_tokens")  # they determine no vector


@dataclass(frozen=True)
class EmbeddingModel:
    """What embeds, in JSON. `digest` changes with everything that determines a vector, and is that of the directory
    itself for route torch without prompts; `directory` is the digest of the directory, whose tokens passages are
    measured in whatever the route. `path` and `onnx` are local."""

    path: str
    ref: str = ""
    digest: str = ""
    revision: str = ""
    license: str = UNKNOWN
    bytes: int = 0
    directory: str = ""
    route: str = "torch"
    onnx: str = ""
    onnx_ref: str = ""
    int8: bool = False
    url: str = ""
    model: str = ""
    key_variable: str = ""
    dimensions: int = 0
    max_tokens: int = 0  # what an endpoint reads of a text, as the use case states; 0: not stated

    def to_dict(self) -> dict[str, Any]:
        """What is published of it: no local path, and of its route only what says something."""
        facts = {name: value for name, value in asdict(self).items() if name not in UNPUBLISHED}
        more = {n: facts.pop(n) for n in ("directory", "route", "onnx_ref", "int8", "url", "model", "dimensions")}
        is_plain = self.route == "torch" and self.digest == self.directory
        return facts | ({n: value for n, value in more.items() if value} if not is_plain else {})


@dataclass(frozen=True)
class RerankingModel:
    """What reranks, in JSON; `digest` changes with everything that determines the order."""

    path: str
    ref: str
    digest: str
    depth: int


def embedder_of(lake: Lake, uc: UseCase) -> EmbeddingModel:
    """Raises UnresolvedReference, EmbeddingRefused."""
    how, found = uc.knowledge.embedding, lake.resolve(uc.knowledge.embedder, uc.folder)
    known = {**asdict(found), "directory": found.digest, "route": how.route, "dimensions": how.dimensions or 0}
    if how.route == "onnx":
        known |= of_export(lake, uc, found)
    if how.route == "static":
        dimensions = 0 if is_static(found.path) else how.dimensions or WIDTH
        known |= {"dimensions": dimensions, "digest": digest_of(["static", found.digest, dimensions, CODE])}
    if how.route == "endpoint":
        asked = {"url": how.url, "model": how.model, "dimensions": how.dimensions or 0}
        about = {"ref": f"{how.model} at {how.url}", "revision": "", "license": UNKNOWN, "bytes": 0}
        known |= {**asked, **about, "key_variable": how.api_key_env, "max_tokens": how.max_tokens or 0}
        known |= {"digest": digest_of(["endpoint", asked])}
    if prompts := prompts_of(found.path):
        known |= {"digest": digest_of(["prompts", known["digest"], prompts.facts])}
    return EmbeddingModel(**known)


def of_export(lake: Lake, uc: UseCase, found: Reference) -> dict[str, Any]:
    """What an ONNX export changes: its file, size and licence. Weights that an export keeps beside itself begin with
    its name."""
    named, int8, folder = uc.knowledge.embedding.onnx, uc.knowledge.embedding.int8, Path(found.path)
    layout_of(folder)
    elsewhere = lake.resolve(named, uc.folder) if ":" in named else None
    file = Path(elsewhere.path) if elsewhere else onnx_file(folder, named)
    parts = sorted(p for p in file.parent.glob(f"{file.name}*") if p.is_file())
    return {
        "onnx": str(file),
        "onnx_ref": elsewhere.ref if elsewhere else file.relative_to(folder).as_posix(),
        "digest": digest_of(["onnx", found.digest, [digest_of_file(p) for p in parts], int8]),
        "int8": int8,
        "license": " AND ".join(sorted({found.license, *([elsewhere.license] if elsewhere else [])})),
        "bytes": sum(p.stat().st_size for p in parts),
    }


def reranker_of(lake: Lake, uc: UseCase) -> RerankingModel | None:
    """None where the use case has none. Raises UnresolvedReference."""
    if not uc.knowledge.reranker:
        return None
    found, depth = lake.resolve(uc.knowledge.reranker, uc.folder), uc.knowledge.rerank_depth
    return RerankingModel(found.path, found.ref, digest_of([found.digest, depth]), depth)


def passage_room(model: EmbeddingModel) -> int | None:
    """The most tokens a passage may have to be in its vector as a whole; None where there is no limit, or an endpoint's
    is not stated."""
    prompt = prompts_of(model.path).document
    if model.route == "endpoint":
        return room_beside_prompt(model.max_tokens, model.path, prompt) if model.max_tokens else None
    if model.route == "static":
        return truncation_of(model.path) if is_static(model.path) else None
    return room_for_text(model.path, prompt)


def room_is_known(model: EmbeddingModel) -> bool:
    """Whether anybody can say what is cut: an endpoint does not tell how much of a text it reads."""
    return model.route != "endpoint" or bool(model.max_tokens)


def open_embedder(spec: Mapping[str, Any], *, cache: Path, batch_size: int = 32, cpus: int | None = None) -> Embedder:
    """The embedder that `EmbeddingModel` says, as a dictionary, with the model's own prompts whatever the route.
    `cache`: where static vectors and int8 files are kept once they are made. Raises EmbeddingRefused."""
    model = EmbeddingModel(**spec)
    prompts = prompts_of(model.path)
    return PromptedEmbedder(open_route(model, prompts, cache, batch_size, cpus), prompts)


def open_route(model: EmbeddingModel, prompts: Prompts, cache: Path, batch_size: int, cpus: int | None) -> RawEmbedder:
    if model.route == "onnx":
        file = int8_file(model.onnx, model.digest, cache) if model.int8 else model.onnx
        return OnnxEmbedder(model.path, file, batch_size=batch_size, cpus=cpus)
    if model.route == "endpoint":
        return EndpointEmbedder(
            model.url, model.model, key_variable=model.key_variable, dimensions=model.dimensions, batch_size=batch_size
        )
    path = (
        static_directory(model.path, model.digest, model.dimensions, cache, cpus=cpus)
        if model.route == "static"
        else model.path
    )
    pooled = prompts.pooled or model.route == "static"
    return SentenceEmbedder(path, batch_size=batch_size, cpus=cpus, pools_prompts=pooled)


def open_reranker(spec: Mapping[str, Any] | None, *, cpus: int | None = None) -> Reranker | None:
    return Reranker(spec["path"], depth=spec["depth"], cpus=cpus) if spec else None


@dataclass(frozen=True)
class SearchSpec:
    """What searching needs: a published index (as `index_spec` has it), what embeds, and what reranks."""

    index: dict[str, Any]
    embedder: EmbeddingModel
    reranker: RerankingModel | None

    def to_dict(self) -> dict[str, Any]:
        """In JSON, as inputs of a payload: {"index", "embedder", "reranker"}."""
        reranker = asdict(self.reranker) if self.reranker else None
        return {"index": self.index, "embedder": asdict(self.embedder), "reranker": reranker}

    @property
    def digests(self) -> dict[str, str]:
        """Of the models, as memo inputs; the index has its own."""
        reranker = {"reranker": self.reranker.digest} if self.reranker else {}
        return {"embedder": self.embedder.digest, **reranker}


def search_spec(lake: Lake, uc: UseCase, index: Artifact) -> SearchSpec:
    """Search over a published index with the use case's models of today. Raises UnresolvedReference,
    EmbeddingRefused."""
    return SearchSpec(index_spec(index), embedder_of(lake, uc), reranker_of(lake, uc))


def open_retriever(tables: Tables, spec: Mapping[str, Any], *, cache: Path, cpus: int | None = None) -> Retriever:
    """Search as `SearchSpec.to_dict` says."""
    embedder = open_embedder(spec["embedder"], cache=cache, cpus=cpus)
    return Retriever(Index.from_spec(tables, spec["index"]), embedder, open_reranker(spec.get("reranker"), cpus=cpus))
