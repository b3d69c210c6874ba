"""Reading in a process of its own: same outcomes, and no file stops the others by time, memory or a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genaiops_assets.corpus import GuardedReader, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Problem


@pytest.fixture(scope="module")
def reader() -> Iterator[GuardedReader]:
    with GuardedReader() as reader:
        yield reader


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (tmp_path / "good.jsonl").write_text(
        '{"id": 1, "text": "\\ud83d 费用"}\n[]\n{"id": 2, "text": null, "more": [1]}\n'
    )
    return tmp_path / "good.jsonl"


def process_of(reader: GuardedReader) -> int:
    assert reader._process is not None
    return reader._process.pid


def test_it_gives_what_reading_here_gives(tmp_path: Path, reader: GuardedReader, good: Path) -> None:
    (tmp_path / "page.html").write_text("<h1>Fees</h1><p hidden>no</p><p>Text.")
    odd = {"id": ["a"], "when": pa.array([10**18], pa.timestamp("us")), "at": pa.array([0], pa.timestamp("us"))}
    pq.write_table(pa.table(odd), tmp_path / "rows.parquet")
    wanted = frozenset({"id", "text", "doc_id", "title", "when", "at"})
    for path in sorted(tmp_path.iterdir()):
        here = list(read_file(path, path.name, wanted=wanted))
        assert list(reader.read(path, path.name, "auto", wanted)) == here and here


def test_many_rows_come_in_order(tmp_path: Path, reader: GuardedReader) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"id": {n}, "text": "{"x" * 300}"}}\n' for n in range(3000)))
    found = [o.fields["id"] for o in reader.read(tmp_path / "a.jsonl", "a")]  # type: ignore[union-attr]
    assert found == list(range(3000))


def test_a_file_that_takes_too_long_is_a_problem_and_the_next_one_is_read(
    reader: GuardedReader, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(reader.read(good, "good"))
    os.kill(process_of(reader), signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "SECONDS", 0.5)
        [problem] = reader.read(good, "slow.jsonl")
    assert isinstance(problem, Problem) and problem.file == "slow.jsonl"
    assert "no record within" in problem.reason
    assert len(list(reader.read(good, "good"))) == 3


def test_a_file_that_takes_too_much_memory_is_a_problem(
    tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large.json").write_text("[" + "[1]," * 2_000_000 + "[1]]")
    monkeypatch.setattr(outcomes, "MAX_MEMORY", 120 << 20)
    with GuardedReader() as reader:
        (tmp_path / "large.json").write_text('{"id": [' + "[1]," * 2_000_000 + "[1]]}")
        [problem] = reader.read(tmp_path / "large.json", "large.json")
        assert isinstance(problem, Problem) and "takes more than 120 MiB to read" in problem.reason
        assert len(list(reader.read(good, "good"))) == 3


def test_a_file_that_ends_the_process_is_a_problem(reader: GuardedReader, good: Path) -> None:
    list(reader.read(good, "good"))
    pid = process_of(reader)
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    [problem] = reader.read(good, "crash.jsonl")
    assert isinstance(problem, Problem) and "ended the process that reads it (signal 9)" in problem.reason
    assert len(list(reader.read(good, "good"))) == 3


def test_reading_that_is_given_up_leaves_nothing_for_the_next_file(
    tmp_path: Path, reader: GuardedReader, good: Path
) -> None:
    (tmp_path / "a.jsonl").write_text("".join(f'{{"id": {n}}}\n' for n in range(50_000)))
    first = next(iter(reader.read(tmp_path / "a.jsonl", "a")))
    assert first.line == 1
    assert [o.file for o in reader.read(good, "good")] == ["good"] * 3


def test_the_process_knows_no_secret_and_ends_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import os\nfrom pathlib import Path\nfrom genaiops_assets.corpus import GuardedReader\n"
        f"reader = GuardedReader()\nlist(reader.read(Path({str(tmp_path / 'a.txt')!r}), 'a'))\n"
        "print(reader._process.pid, flush=True)\ninput()\nos._exit(1)\n"
    )
    (tmp_path / "a.txt").write_text("Text.")
    environment = {**os.environ, "SITE_TOKEN": "hunter2", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, env=environment, text=True) as parent:
        assert parent.stdout is not None and parent.stdin is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert "SITE_TOKEN" not in child.environ()
        parent.stdin.write("\n")
        parent.stdin.flush()
        parent.wait()
        until = time.monotonic() + 60
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
            time.sleep(0.05)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
