"""Interactions on their way from the gateway into the log: lines of a file, on the disk before the person has the last
word of the answer.

Belongs here: writing such lines, masked, and taking them into the log. Does not belong here: the log (`log.py`),
answering (`gateway/`). A line is an OpenTelemetry GenAI span with attributes of ours (`attributes.py`). Writers that
wait at the same time share one flush. A file is held by a lock while its gateway writes; when it is let go, also by a
kill, anybody may take its lines in. Taken in twice, an interaction is the same one."""

from __future__ import annotations

import fcntl
import json
import os
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake import Lake, lease
from genaiops_assets.serving.interactions.attributes import (
    ANSWER,
    ATTRIBUTES,
    EPOCH,
    OWN,
    PASSAGES,
    QUESTION,
    RESPONSE_ID,
    attributes_of,
)
from genaiops_assets.serving.interactions.collector import put_out
from genaiops_assets.serving.interactions.log import Logged, log_interactions
from genaiops_assets.serving.interactions.masking import conversation_of, masked_exchanges
from genaiops_assets.use_case import UseCase

SCHEMA = 1
FINISH = OWN["finish"]
TURN = 15.0  # seconds after which a file with lines is closed, so that they can be taken in
MOST_TOGETHER = 256  # lines of one flush


class NotRecorded(GenaiopsError, OSError):
    """An interaction could not be written to the disk, so its answer must not be given; says why."""


def spool_folder(lake: Lake, uc: UseCase) -> Path:
    return lake.home / "spool" / uc.name


class Journal:
    """Writes the interactions of one gateway, from a thread of its own. `ner`: as `privacy.ner` of the use case."""

    def __init__(self, lake: Lake, uc: UseCase) -> None:
        self.lake, self.uc, self.folder = lake, uc, spool_folder(lake, uc)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._todo: queue.SimpleQueue[tuple[dict[str, Any], Future[None]] | None] = queue.SimpleQueue()
        self._file: _Segment | None = None
        self._thread = threading.Thread(target=self._work, name="interactions", daemon=True)
        self._thread.start()

    def write(self, exchange: dict[str, Any]) -> Future[None]:
        """Done when the line is on the disk; fails with NotRecorded."""
        done: Future[None] = Future()
        self._todo.put((exchange, done))
        return done

    def close(self) -> None:
        """After all that was given is written."""
        self._todo.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            given = self._next()
            batch = [one for one in given if one is not None]
            if batch:
                self._write(batch)
            if self._file and (None in given or self._file.age > TURN):
                self._file.close()
                self._file = None
            if None in given:
                return

    def _next(self) -> list[tuple[dict[str, Any], Future[None]] | None]:
        """What waits, or nothing after a while."""
        given = []
        with suppress(queue.Empty):
            given.append(self._todo.get(timeout=TURN / 4))
            while len(given) < MOST_TOGETHER:
                given.append(self._todo.get_nowait())
        return given

    def _write(self, batch: list[tuple[dict[str, Any], Future[None]]]) -> None:
        try:
            rows = masked_exchanges([exchange for exchange, _ in batch], self.uc.privacy.ner)
            lines = b"".join(line_of(self.lake, row) for row in rows)
            self._file = self._file or _Segment(self.folder)
            self._file.append(lines)
        except Exception as error:  # whatever it is, nobody may be told that it was recorded
            problem = NotRecorded(f"the interaction could not be recorded ({type(error).__name__})")
            for _, done in batch:
                done.set_exception(problem)
            return
        for _, done in batch:
            done.set_result(None)


class _Segment:
    """One file of lines, locked while it is open."""

    def __init__(self, folder: Path) -> None:
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}.jsonl"
        self.path, self._began, self._size = folder / name, time.monotonic(), 0
        hidden = folder / f".{name}"  # until it is locked: who finds a file that nobody holds takes it in
        self._fd = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        os.rename(hidden, self.path)
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    @property
    def age(self) -> float:
        return time.monotonic() - self._began

    def append(self, lines: bytes) -> None:
        """All of them on the disk, or none in the file. Raises OSError."""
        try:
            view = memoryview(lines)
            while view:
                view = view[os.write(self._fd, view) :]
            os.fdatasync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._size)
            os.lseek(self._fd, self._size, os.SEEK_SET)
            raise
        self._size += len(lines)

    def close(self) -> None:
        os.close(self._fd)


def line_of(lake: Lake, row: dict[str, Any]) -> bytes:
    """A masked exchange as a span on a line of its own."""
    told = {**row, "at": row["at"].isoformat(), "passages": row.get("passages") or []}
    told["gen_ai_conversation_id"] = conversation_of(lake, row.get("gen_ai_conversation_id"))
    span = attributes_of(told)
    span["attributes"] |= {name: row[column] for column, name in OWN.items() if row.get(column) is not None}
    span["attributes"][FINISH] = [row["finish"]]  # the convention has one for each choice
    return json.dumps({"schema_version": SCHEMA, **span}, ensure_ascii=False).encode() + b"\n"


def exchange_in(line: bytes) -> dict[str, Any]:
    """What `line_of` wrote, as `log_interactions` takes it. Raises ValueError for a line that was cut short."""
    try:
        span = json.loads(line)
        said = span["attributes"]
        known = {column: said[name] for column, name in (ATTRIBUTES | OWN).items() if name in said}
        return {
            **known,
            "id": said[RESPONSE_ID],
            "at": EPOCH + timedelta(microseconds=span["start_time_unix_nano"] // 1000),
            "finish": said[FINISH][0],
            "question": text_in(said[QUESTION]),
            "answer": text_in(said.get(ANSWER)),
            "passages": [p["id"] for p in said.get(PASSAGES, [])],
        }
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"no interaction of ours: {error}") from None


def text_in(messages: Any) -> str:
    return messages[0]["parts"][0]["content"] if messages else ""


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The interactions of a file. Its last line may be cut short by a kill: nobody was told that it was recorded."""
    for line in path.read_bytes().split(b"\n"):
        if line:
            with suppress(ValueError):
                yield exchange_in(line)


def spooled(lake: Lake, uc: UseCase, answer: str) -> dict[str, Any] | None:
    """An interaction that is not in the log yet, by its id; also of a gateway that runs."""
    folder = spool_folder(lake, uc)
    for path in sorted(folder.glob("*.jsonl"), reverse=True):
        with suppress(FileNotFoundError):  # taken in meanwhile
            for exchange in read_lines(path):
                if exchange["id"] == answer:
                    return exchange
    return None


def take_in_spooled(lake: Lake, uc: UseCase) -> Logged | None:
    """All lines that no gateway holds go into the log, each on its day; None where there are none. A file goes when its
    lines are in the log."""
    folder = spool_folder(lake, uc)
    if not any(folder.glob("*.jsonl")):
        return None
    with lease(folder / ".lease", timeout=60):
        free = [path for path in sorted(folder.glob("*.jsonl")) if is_free(path)]
        exchanges = [exchange for path in free for exchange in read_lines(path)]
        logged = log_interactions(lake, uc, exchanges) if exchanges else None
        if free:
            put_out(lake, uc, free[0].stem, exchanges)
        for path in free:
            path.unlink()
    return logged


def is_free(path: Path) -> bool:
    """Whether no gateway writes the file any more."""
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
