"""Memory: ingest holds a little of each document, not its text. Runs in a process of its own, whose peak is
measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT

INGEST = """
import json, sys
from pathlib import Path
from tests.support.memory import peak
from genaiops_assets.corpus import Feed, ingest_sources
feeds = [Feed(name, path, "auto", {}, "MIT", "Bank", "licence", "none", inbox=name == "inbox") for name, path in json.loads(sys.argv[2])]
result = ingest_sources(feeds, Path(sys.argv[1]), now="2026-01-02")
print(json.dumps({**result.counts, "mib": peak()}))
"""


def test_two_hundred_megabytes_and_an_endless_line_pass_through_little_memory(tmp_path: Path) -> None:
    blocks = ["A transfer costs twenty-five dollars. " * 280] * 9 + ["跨行转账每笔收费二元。" * 320]  # 10 KB in UTF-8
    with open(tmp_path / "a.jsonl", "w", encoding="utf-8") as f:
        for number in range(10_000):
            f.write(f'{{"id": "{number}", "text": "{number} {blocks[number % 10]}"}}\n')
        f.write('{"id": "endless", "text": "')
        for _ in range(100):
            f.write("x" * 1_000_000)
        f.write('"}\n{"id": "last", "text": "After the endless line."}\n')
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "7.md").write_text("Newer.")
    assert (tmp_path / "a.jsonl").stat().st_size > 190_000_000
    feeds = [("articles", str(tmp_path / "a.jsonl")), ("inbox", str(tmp_path / "inbox"))]
    command = [sys.executable, "-c", INGEST, str(tmp_path / "out"), json.dumps(feeds)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found.pop("mib") < 600
    assert found == {"rows_read": 10_003, "documents": 10_001, "quarantined": 1, "superseded": 1, "erased": 0}
