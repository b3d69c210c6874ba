"""`genaiops serve` as a real process on a free port of this machine. Holds no tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT

STARTS = 150.0  # seconds it may take on a busy machine


class Served:
    """`port`: where it listens. `log`: what it printed."""

    def __init__(self, home: Path, *options: str, **environment: str):
        self.log = home.parent / f"serve-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "genaiops_assets.cli", "serve", "--port", "0", *options]
        env = os.environ | {"GENAIOPS_HOME": str(home), "PYTHONPATH": str(PROJECT), **environment}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=out, stderr=subprocess.STDOUT)
        self.port = 0

    def wait(self) -> Served:
        """Until it answers."""
        until = time.monotonic() + STARTS
        while time.monotonic() < until and self.process.poll() is None:
            told = re.search(r"http://127\.0\.0\.1:(\d+)/v1", self.said())
            if told:
                self.port = int(told[1])
                try:
                    self.get("/healthz")
                    return self
                except OSError:
                    pass
            time.sleep(0.1)
        raise AssertionError(f"the gateway did not start: {self.said()}")

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        status, said = self.ask("POST", path, body, **headers)
        return status, json.loads(said or "null")

    def ask(self, method: str, path: str, body: Any, **headers: str) -> tuple[int, str]:
        """(status, text). Underscores in a header's name stand for dashes; `Host` replaces the usual one."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, content, {"Content-Type": "application/json", **named})
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, said

    def chat(self, question: str, **more: Any) -> tuple[int, Any]:
        body = {"model": "bank_support", "messages": [{"role": "user", "content": question}], **more}
        return self.post("/v1/chat/completions", body)

    def health(self) -> dict[str, Any]:
        return json.loads(self.get("/healthz")[1])

    def until(self, seen: Any, seconds: float = 60.0) -> dict[str, Any]:
        """The health when `seen` is true of it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if seen(told := self.health()):
                return told
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s: {told}")

    def stop(self) -> int:
        """As an operator stops it: SIGTERM. Returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


@contextmanager
def served(home: Path, *options: str, **environment: str) -> Iterator[Served]:
    made = Served(home, *options, **environment)
    try:
        yield made.wait()
    finally:
        if made.process.poll() is None:
            made.kill()
