"""The process beside a gateway that takes its interactions into the log.

Belongs here: starting it, asking it, and what it does. Does not belong here: how a line comes into the log
(`spool.py`). A process of its own, since a few thousand rows would hold up the answers of the gateway for a second. It
ends when its parent does, also by a kill: it reads from a pipe that nobody holds any more then."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.models import NotAnswered
from genaiops_assets.serving.interactions.collector import send, waiting
from genaiops_assets.serving.interactions.spool import spool_folder, take_in_spooled
from genaiops_assets.use_case import UseCase

PATIENCE = 120.0  # seconds for one turn


class Taker:
    """Started when there is something to take in, and again where it ended."""

    def __init__(self, lake: Lake, uc: UseCase) -> None:
        self.lake, self.uc = lake, uc
        self._process: subprocess.Popen[bytes] | None = None

    def take_in(self) -> str:
        """Take in what lies there; "" when it is in the log, or the kind of error that kept it out."""
        if not any(spool_folder(self.lake, self.uc).glob("*.jsonl")) and not waiting(self.lake, self.uc):
            return ""
        try:
            process = self._running()
            assert process.stdin and process.stdout
            process.stdin.write(b"\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], PATIENCE)[0]:
                raise TimeoutError
            return (
                process.stdout.readline().decode().strip().removeprefix("done") if process.poll() is None else "ended"
            )
        except (OSError, ValueError) as error:
            self.close()
            return type(error).__name__

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                process.stdin and process.stdin.close()  # type: ignore[func-returns-value]
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
                start_new_session=True,
            )  # fmt: skip
            about = {"home": str(self.lake.home), "url": self.lake.url, "use_case": self.uc.model_dump(mode="json")}
            assert self._process.stdin
            self._process.stdin.write(json.dumps(about).encode() + b"\n")
        return self._process


def main(lines: Any, out: Any) -> None:
    """One line says where, each further one asks for a turn and is answered by `done` or the kind of an error."""
    os.nice(10)
    about = json.loads(lines.readline())
    lake, uc = Lake(about["home"], about["url"]), UseCase.model_validate(about["use_case"])
    for _ in lines:
        try:
            take_in_spooled(lake, uc)
            said = "done"
            with suppress(NotAnswered):  # the next turn tries again; `genaiops_spans_waiting` shows what waits
                send(lake, uc)
        except Exception as error:  # the next turn tries again
            said = type(error).__name__
        out.write(f"{said}\n")
        out.flush()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
