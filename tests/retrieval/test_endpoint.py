"""An embedding endpoint, as a real server on this machine: what is sent, patience, refusals, and a key that nobody
sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest

from genaiops_assets.errors import PayloadError
from genaiops_assets.models.endpoint import TRIES
from genaiops_assets.retrieval.embedding import EmbeddingRefused
from genaiops_assets.retrieval.endpoint import EndpointEmbedder

KEY = "sk-very-secret-9"


class Server:
    """Answers with what `replies` holds, one after the other, then with good vectors; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, str]] = []
        self.replies: list[tuple[int, dict[str, str], bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, body, self.headers.get("Authorization", "")))
                code, headers, content = (
                    server.replies.pop(0) if server.replies else (200, {}, json.dumps(good(body)).encode())
                )
                self.send_response(code)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST

            def log_message(self, *what: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        Thread(target=self.http.serve_forever, daemon=True).start()


def good(body: Any) -> dict[str, Any]:
    """Vectors that say the length of their text, the last one first."""
    width = body.get("dimensions", 4)
    rows = [
        {"index": i, "embedding": [float(len(text)), 1.0, *[0.0] * (width - 2)]} for i, text in enumerate(body["input"])
    ]
    return {"data": rows[::-1]}


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def embedder(server: Server, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> EndpointEmbedder:
    monkeypatch.setenv("MODELS_KEY", KEY)
    monkeypatch.setenv("GENAIOPS_SECRETS", "MODELS_KEY@127.0.0.1")
    return EndpointEmbedder(server.url, "small", key_variable="MODELS_KEY", batch_size=2, wait=waits.append)


def refusal(embedder: EndpointEmbedder) -> str:
    with pytest.raises(EmbeddingRefused) as refused:
        embedder.encode(["a"])
    assert (
        isinstance(refused.value, PayloadError)
        and KEY not in str(refused.value)
        and KEY not in repr(vars(refused.value))
    )
    assert "small at http://127.0.0.1" in str(refused.value)
    return str(refused.value)


def test_texts_go_in_batches_by_length_and_come_back_in_order_as_unit_vectors(
    server: Server, embedder: EndpointEmbedder
) -> None:
    texts = ["aaaaa", "费用", "", "aaaa", "a"]
    made = embedder.encode(texts)
    assert [body["input"] for _, body, _ in server.asked] == [[" ", "a"], ["费用", "aaaa"], ["aaaaa"]]
    assert {(path, body["model"], key) for path, body, key in server.asked} == {
        ("/v1/embeddings", "small", f"Bearer {KEY}")
    }
    assert made.dtype == np.float32 and made.shape == (5, embedder.width) and "dimensions" not in server.asked[0][1]
    assert (made[:, 0] / made[:, 1]).round(3).tolist() == [5, 2, 1, 4, 1]
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert embedder.encode([]).shape == (0, 4)


def test_dimensions_are_asked_for_and_checked(server: Server) -> None:
    embedder = EndpointEmbedder(server.url, "small", dimensions=8)
    assert embedder.width == 8 and server.asked == []
    assert embedder.encode(["a"]).shape == (1, 8) and server.asked[0][1]["dimensions"] == 8 and server.asked[0][2] == ""
    server.replies.append((200, {}, b'{"data": [{"index": 0, "embedding": [1, 2]}]}'))
    assert "asked for 8 dimensions, it gave 2" in refusal(embedder)


def test_a_busy_server_is_asked_again_later_and_later(
    server: Server, embedder: EndpointEmbedder, waits: list[float]
) -> None:
    server.replies += [(429, {}, b"slow down"), (503, {"Retry-After": "7"}, b""), (500, {}, b"")]
    assert embedder.encode(["a"]).shape == (1, 4)
    assert waits == [1.0, 7.0, 14.0] and len(server.asked) == 4


def test_patience_ends(server: Server, embedder: EndpointEmbedder, waits: list[float]) -> None:
    server.replies += [(429, {"Retry-After": "900"}, f"quota of {KEY}".encode())] * TRIES
    assert f"quota of ***; asked {TRIES} times" in refusal(embedder)
    assert len(server.asked) == TRIES and waits == [30.0] * (TRIES - 1)


def test_nobody_there_is_said(waits: list[float]) -> None:
    assert "no answer" in refusal(EndpointEmbedder("http://127.0.0.1:9/v1", "small", wait=waits.append))
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_wrong_key_is_told_by_the_name_of_its_variable(
    server: Server, embedder: EndpointEmbedder, waits: list[float]
) -> None:
    server.replies.append((401, {}, f"wrong key {KEY[:6]}***".encode()))
    said = refusal(embedder)
    assert "401" in said and "check the environment variable MODELS_KEY" in said and KEY[:6] not in said
    assert waits == [] and len(server.asked) == 1


def test_a_missing_key_is_told_before_anything_is_sent(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELS_KEY", raising=False)
    monkeypatch.setenv("GENAIOPS_SECRETS", "MODELS_KEY")
    with pytest.raises(EmbeddingRefused, match="the environment variable MODELS_KEY is not set"):
        EndpointEmbedder(server.url, "small", key_variable="MODELS_KEY")
    assert server.asked == []


def test_a_variable_that_is_no_secret_or_not_for_this_host_is_not_sent(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`api_key_env` must not reach for whatever lies in the environment."""
    monkeypatch.setenv("MODELS_KEY", KEY)
    for listed, why in (("", "may not be used: call it GENAIOPS_SECRET_"), ("MODELS_KEY@models.example", "may go to")):
        monkeypatch.setenv("GENAIOPS_SECRETS", listed)
        with pytest.raises(EmbeddingRefused, match=why):
            EndpointEmbedder(server.url, "small", key_variable="MODELS_KEY")
    assert server.asked == []


def test_the_key_is_not_carried_to_another_address(server: Server, embedder: EndpointEmbedder) -> None:
    for code in (302, 307):
        server.replies.append((code, {"Location": f"{server.url}/elsewhere"}, b""))
        assert "give the final address" in refusal(embedder)
    assert [path for path, _, _ in server.asked] == ["/v1/embeddings"] * 2


@pytest.mark.parametrize(
    ("code", "content", "why"),
    [
        (404, b"no such path", "404 Not Found: no such path"),
        (400, b"input too long", "400 Bad Request: input too long"),
        (200, b"<html>", "not one of OpenAI's embeddings API"),
        (200, b'{"data": []}', "one good vector for each"),
        (200, b'{"data": [{"index": 1, "embedding": [1]}]}', "one good vector for each"),
        (200, b'{"data": [{"index": 0, "embedding": [NaN]}]}', "one good vector for each"),
    ],
)
def test_an_answer_that_is_none_is_refused_at_once(
    server: Server, embedder: EndpointEmbedder, code: int, content: bytes, why: str
) -> None:
    server.replies.append((code, {}, content))
    assert why in refusal(embedder) and len(server.asked) == 1
