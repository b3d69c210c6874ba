"""Changed sources: one refresh for one state of the folders and object stores a use case names."""

from __future__ import annotations

import os
import time
from pathlib import Path

import fsspec
import pytest

from genaiops_assets.corpus import note_sources, states_of
from genaiops_assets.use_case.corpus import Source
from tests.sensors.watch import Watch
from tests.support.lakes import bank_support


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "handbook"
    made.mkdir()
    write(made / "fees.md", "# Fees\n\nA late payment costs 95 dollars.\n")
    return made


@pytest.fixture
def store():
    fs = fsspec.filesystem("memory")
    fs.pipe("/notices/2026/one.md", b"one")
    yield fs
    fs.rm("/notices", recursive=True)


@pytest.fixture
def sources(watch, folder: Path, store) -> Watch:
    """A folder and a prefix of an object store, both indexed as they are."""
    rights = {"license": "CC0-1.0", "owner": "Bank"}
    named = [
        Source(name="handbook", ref=f"path:{folder}", **rights),
        Source(name="notices", ref="memory://notices/", **rights),
    ]
    made = watch("changed_sources", bank_support(sources=named))
    index(made)
    return made


def write(file: Path, text: str, age: float = 60) -> None:
    file.write_text(text)
    os.utime(file, (time.time() - age,) * 2)


def index(watched: Watch) -> None:
    note_sources(watched.lake, watched.uc, "indexed", states_of(watched.uc))


def test_before_the_first_index_nothing_is_requested(watch) -> None:
    assert "no index yet" in watch("changed_sources").reason()


def test_indexed_sources_are_left_alone_with_the_numbers(sources: Watch) -> None:
    assert sources.reason().startswith("2 files in 2 watched sources, all indexed since")


def test_a_changed_folder_requests_one_refresh(sources: Watch, folder: Path) -> None:
    write(folder / "fees.md", "# Fees\n\nA late payment costs 96 dollars.\n", age=30)
    request = sources.request()
    assert sources.sensor.job_name == "bank_support__refresh"
    assert request.tags["genaiops/reason"].startswith("handbook: not as indexed on")
    assert sources.request().run_key == request.run_key
    sources.run(request, "in_progress")
    assert "a refresh is in progress" in sources.reason()


def test_a_new_object_requests_one_refresh_and_its_run_answers_it(sources: Watch, store) -> None:
    store.pipe("/notices/2026/two.md", b"two")
    request = sources.request()
    assert request.tags["genaiops/reason"].startswith("notices: ")
    sources.run(request, "succeeded")
    index(sources)
    assert "3 files in 2 watched sources, all indexed" in sources.reason()


def test_a_source_that_is_away_is_no_change_and_hides_none_of_the_others(sources: Watch, store, folder: Path) -> None:
    store.rm("/notices", recursive=True)
    assert "notices cannot be listed: memory://notices/: FileNotFoundError" in sources.reason()
    write(folder / "fees.md", "# Fees\n\nA late payment costs 97 dollars.\n", age=30)
    assert sources.request().tags["genaiops/reason"].startswith("handbook: not as indexed on")
    store.pipe("/notices/x.md", b"x")  # for the end of the test


def test_when_all_are_away_the_sensor_cannot_look(watch, store) -> None:
    named = [Source(name="notices", ref="memory://notices/", license="CC0-1.0", owner="Bank")]
    watched = watch("changed_sources", bank_support(sources=named))
    index(watched)
    store.rm("/notices", recursive=True)
    assert "cannot look: notices cannot be listed" in watched.reason()
    store.pipe("/notices/x.md", b"x")


def test_a_use_case_whose_folder_is_gone_says_what_is_missing(watch, tmp_path: Path) -> None:
    named = [Source(name="handbook", ref="path:nowhere", license="CC0-1.0", owner="Bank")]
    watched = watch("changed_sources", bank_support(sources=named))
    assert "does not exist" in watched.reason()
