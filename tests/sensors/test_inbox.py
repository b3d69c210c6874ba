"""New documents: one run for one state of the inbox, and when it is left alone."""

from __future__ import annotations

import json
import os
import time

import dagster as dg
import pytest

import sensors.inbox
from genaiops_assets.corpus import inbox_fingerprint, inbox_folder, note_inbox
from tests.sensors.watch import Watch


@pytest.fixture
def inbox(watch) -> Watch:
    """An inbox with one settled file, all of it indexed."""
    made = watch("new_documents")
    drop(made, "first.md")
    index(made)
    return made


def drop(watched: Watch, name: str, text: str = "# Parking\n\nFree for 35 minutes.\n", age: float = 60) -> None:
    folder = inbox_folder(watched.lake, watched.uc)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    os.utime(folder / name, (time.time() - age,) * 2)


def index(watched: Watch) -> None:
    """What the last asset of the chain notes."""
    note_inbox(watched.lake, watched.uc, "indexed", inbox_fingerprint(watched.lake, watched.uc).digest)


def test_before_the_first_index_nothing_is_requested(watch) -> None:
    watched = watch("new_documents")
    drop(watched, "first.md")
    assert "no index yet" in watched.reason()


def test_an_indexed_inbox_is_left_alone_with_the_numbers(inbox: Watch) -> None:
    assert inbox.reason().startswith("1 files in the inbox, all indexed since")
    cursor = json.loads(inbox.cursor or "")
    assert cursor["schema_version"] == 1 and cursor["state"] == "quiet"


def test_a_new_file_requests_the_chain_once(inbox: Watch) -> None:
    drop(inbox, "second.md")
    request = inbox.request()
    assert inbox.sensor.job_name == "bank_support__refresh"
    assert inbox.request().run_key == request.run_key  # the daemon drops a key it knows
    inbox.run(request, "in_progress")
    assert "a refresh is in progress" in inbox.reason()


def test_after_its_run_the_file_is_not_requested_again(inbox: Watch) -> None:
    drop(inbox, "second.md")
    inbox.run(inbox.request(), "succeeded")
    index(inbox)
    assert "2 files in the inbox, all indexed" in inbox.reason()
    inbox.cursor = None
    assert "all indexed" in inbox.reason()


@pytest.mark.parametrize("cursor", [None, "", "not json", '{"schema_version": 99}'])
def test_a_lost_or_strange_cursor_changes_nothing(inbox: Watch, cursor: str | None) -> None:
    drop(inbox, "second.md")
    key = inbox.request().run_key
    inbox.cursor = cursor
    assert inbox.request().run_key == key


def test_changed_and_removed_files_are_requested_too(inbox: Watch) -> None:
    drop(inbox, "first.md", "# Parking\n\nFree for 40 minutes.\n", age=30)
    changed = inbox.request().run_key
    (inbox_folder(inbox.lake, inbox.uc) / "first.md").unlink()
    assert inbox.request().run_key != changed


def test_a_file_that_comes_back_is_a_new_cause(inbox: Watch) -> None:
    drop(inbox, "second.md", age=60)
    first = inbox.request()
    inbox.run(first, "succeeded")
    index(inbox)
    os.remove(inbox_folder(inbox.lake, inbox.uc) / "second.md")
    second = inbox.request()
    inbox.run(second, "succeeded")
    assert first.run_key != second.run_key


def test_a_file_taken_away_before_its_run_read_it_and_put_back_as_it_was_is_requested_again(inbox: Watch) -> None:
    drop(inbox, "second.md", age=60)
    folder = inbox_folder(inbox.lake, inbox.uc)
    first = inbox.request()
    (folder / "second.md").rename(folder / ".away")
    inbox.instance.report_runless_asset_event(
        dg.AssetMaterialization(dg.AssetKey(["bank_support", "embeddings_index"]))
    )
    index(inbox)
    inbox.run(first, "succeeded")
    assert "all indexed" in inbox.reason()
    (folder / ".away").rename(folder / "second.md")
    assert inbox.request().run_key != first.run_key


def test_a_file_still_being_copied_waits(inbox: Watch) -> None:
    drop(inbox, "second.md", age=0)
    assert "changed less than 2 s ago" in inbox.reason()
    drop(inbox, "second.md", age=3)
    assert inbox.request()


def test_a_file_from_a_clock_that_is_ahead_does_not_block(inbox: Watch) -> None:
    drop(inbox, "second.md", age=-3600)
    assert inbox.request()


def test_ten_thousand_files_at_once_are_one_request(inbox: Watch) -> None:
    for number in range(10_000):
        drop(inbox, f"many/{number % 100}/{number}.md", "# Notice\n")
    request = inbox.request()
    assert "10001 files" in request.tags["genaiops/reason"]
    inbox.run(request, "succeeded")
    index(inbox)
    assert "10001 files in the inbox, all indexed" in inbox.reason()


def test_the_same_file_uploaded_again_is_one_more_run_for_the_memo_to_answer(inbox: Watch) -> None:
    drop(inbox, "first.md", age=30)
    inbox.run(inbox.request(), "succeeded")
    index(inbox)
    assert "all indexed" in inbox.reason()


@pytest.mark.parametrize("name", [".second.md.partial", "second.md.partial", ".hidden.md"])
def test_files_nobody_reads_request_nothing(inbox: Watch, name: str) -> None:
    drop(inbox, name)
    assert "all indexed" in inbox.reason()


def test_a_file_of_unknown_format_is_not_ignored_silently_it_goes_to_quarantine(inbox: Watch) -> None:
    drop(inbox, "picture.png")
    assert inbox.request()


def test_infrastructure_failures_are_tried_again_under_a_new_key_until_the_limit(
    inbox: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(inbox, "second.md")
    keys = inbox.fails_until_the_limit(monkeypatch)
    assert len(set(keys)) == 3
    assert "3 attempts failed, the limit is 3" in inbox.reason()
    drop(inbox, "third.md")
    assert inbox.request().run_key not in keys


def test_a_failed_attempt_is_repeated_after_a_while_only(inbox: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox, "second.md")
    inbox.run(inbox.request(), "failed")
    assert "attempt 1 of 3 failed; the next one in" in inbox.reason()
    inbox.later(monkeypatch, seconds=61)
    assert inbox.request()


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(inbox: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise PermissionError("documents: Permission denied")

    with monkeypatch.context() as away:
        away.setattr(sensors.inbox, "inbox_fingerprint", gone)
        assert "cannot look: documents: Permission denied" in inbox.reason()
        assert json.loads(inbox.cursor or "")["state"] == "unreadable"
    assert "all indexed" in inbox.reason()


@pytest.mark.parametrize("state", ["permanent", "gate closed", "canceled"])
def test_what_repeating_cannot_change_is_not_repeated(inbox: Watch, state: str) -> None:
    drop(inbox, "second.md")
    inbox.run(inbox.request(), state)
    assert "repeating does not change" in inbox.reason()
