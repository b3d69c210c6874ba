"""A real HTTP server on this machine that answers JSON as it is told, and keeps what it was asked. Holds no tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = Callable[[str, Any], tuple[int, Any]]  # path and body → status and JSON value


class JsonServerHere:
    """`asked`: (path, body, headers) of each request."""

    def __init__(self, answer: Answer):
        self.asked: list[tuple[str, Any, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, body, {k.lower(): v for k, v in self.headers.items()}))
                status, said = answer(self.path, body)
                content = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *what: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> None:
        Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def json_server(answer: Answer) -> Iterator[JsonServerHere]:
    server = JsonServerHere(answer)
    server.start()
    try:
        yield server
    finally:
        server.stop()
