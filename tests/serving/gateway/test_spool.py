"""Interactions on their way into the log: on the disk when acknowledged, in the log once, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.serving.gateway.exchange import fresh_id
from genaiops_assets.serving.interactions.answer import interaction_row, life_of_answer
from genaiops_assets.serving.interactions.log import day_rows
from genaiops_assets.serving.interactions.spool import Journal, NotRecorded, spool_folder, spooled, take_in_spooled
from tests.conftest import PROJECT
from tests.support.lakes import bank_support

NOW = datetime.now(UTC)
TODAY = NOW.date().isoformat()
WRITER = """
import sys
from datetime import UTC, datetime
from genaiops_assets.lake import Lake
from genaiops_assets.serving.interactions.spool import Journal
from tests.serving.gateway.test_spool import exchange
from tests.support.lakes import bank_support

journal = Journal(Lake(sys.argv[1]), bank_support())
for n in range(100000):
    made = exchange(question=f"What is {n}?")
    journal.write(made).result()
    print(made["id"], flush=True)
"""


def exchange(**changes: Any) -> dict[str, Any]:
    return {
        "id": fresh_id(), "at": datetime.now(UTC), "question": "What?", "answer": "This.", "passages": ["fee#0"],
        "channel": "serve", "gen_ai_response_model": "mv-000000000001", "gen_ai_conversation_id": "jane@bank.example",
        "gen_ai_usage_input_tokens": 7, "gen_ai_usage_output_tokens": 2, "gen_ai_client_operation_duration": 0.5,
        "index_digest": "i" * 64, "prompt_version": "1", "released": True, "release_bundle": "b" * 64,
        "key_name": "web", "rules": ["output:no:changed"], "finish": "stop", **changes,
    }  # fmt: skip


def test_a_line_is_on_the_disk_masked_before_it_is_acknowledged(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    journal = Journal(lake, uc)
    made = exchange(question="Write to jane.doe@bank.example?", answer="Call +49 30 901820.")
    journal.write(made).result(10)
    (file,) = spool_folder(lake, uc).glob("*.jsonl")
    line = json.loads(file.read_text("utf-8"))
    said = line["attributes"]
    assert said["gen_ai.input.messages"][0]["parts"][0]["content"] == "Write to <EMAIL>?"
    assert said["gen_ai.output.messages"][0]["parts"][0]["content"] == "Call <PHONE>."
    assert said["genaiops.masked"] == "EMAIL,PHONE" and said["gen_ai.response.finish_reasons"] == ["stop"]
    assert "jane" not in file.read_text("utf-8"), "also not as the name of a conversation"
    assert file.stat().st_mode & 0o777 == 0o600
    journal.close()


def test_what_was_written_comes_into_the_log_once_and_whole(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    journal, made = Journal(lake, uc), exchange(question="Write to jane.doe@bank.example?")
    journal.write(made).result(10)
    assert take_in_spooled(lake, uc) is None or day_rows(lake, uc, TODAY) == [], "a gateway still holds the file"
    journal.close()
    again = next(spool_folder(lake, uc).glob("*.jsonl")).read_bytes()
    assert take_in_spooled(lake, uc) is not None
    (spool_folder(lake, uc) / "again.jsonl").write_bytes(again)  # as if a kill came before the file went
    logged = take_in_spooled(lake, uc)
    assert logged is not None and (logged.written, logged.known) == (0, 1)
    (row,) = day_rows(lake, uc, TODAY)
    kept = {k: row[k] for k in made if k not in ("at", "question", "gen_ai_conversation_id")}
    assert kept == {k: made[k] for k in kept}
    assert row["question"] == "Write to <EMAIL>?" and row["masked"] == "EMAIL" and row["at"] == made["at"].isoformat()
    assert list(spool_folder(lake, uc).glob("*.jsonl")) == []


def test_an_answer_is_traced_before_it_is_in_the_log_and_after(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    journal, made = Journal(lake, uc), exchange()
    journal.write(made).result(10)
    for _ in range(2):
        life = life_of_answer(lake, uc, made["id"])
        assert life is not None
        told = dict(dict(life.sections())["Made by"])
        assert (told["asked with"], told["rules"], told["bundle"]) == ("web", "output:no:changed", "b" * 64)
        journal.close() if journal._thread.is_alive() else None
        take_in_spooled(lake, uc)
    assert spooled(lake, uc, made["id"]) is None and interaction_row(lake, uc, "nothing") is None


def test_what_cannot_be_written_is_not_acknowledged_and_the_next_line_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    journal, first, second, third = Journal(lake, uc), exchange(), exchange(), exchange()
    journal.write(first).result(10)
    write = os.write

    def half(fd: int, data: Any) -> int:
        write(fd, bytes(data)[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(NotRecorded, match="could not be recorded"):
        journal.write(second).result(10)
    monkeypatch.setattr(os, "write", write)
    journal.write(third).result(10)
    journal.close()
    take_in_spooled(lake, uc)
    assert {r["id"] for r in day_rows(lake, uc, TODAY)} == {first["id"], third["id"]}


def test_old_and_future_interactions_are_no_exception(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    journal, old = Journal(lake, uc), exchange(at=NOW - timedelta(days=400))
    journal.write(old).result(10)
    journal.close()
    logged = take_in_spooled(lake, uc)
    assert logged is not None and (logged.written, logged.expired) == (0, 1)


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    """A real process, killed at a moment of its own."""
    lake, uc, acknowledged = Lake(tmp_path / "home"), bank_support(), []
    for _ in range(3):
        command = [sys.executable, "-c", WRITER, str(tmp_path / "home")]
        env = os.environ | {"PYTHONPATH": str(PROJECT)}
        with subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged += [writer.stdout.readline().strip() for _ in range(5)]
            time.sleep(0.02)
            writer.send_signal(signal.SIGKILL)
            acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    take_in_spooled(lake, uc)
    ids = [row["id"] for row in day_rows(lake, uc, TODAY)]
    assert len(acknowledged) >= 15 and set(acknowledged) <= set(ids) and len(ids) == len(set(ids))
