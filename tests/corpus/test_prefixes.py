"""Watching an object store: what changed below a prefix is found in turns, at a cost per look that does not follow its
size."""

from __future__ import annotations

import functools
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from genaiops_assets.corpus import PrefixWatch
from genaiops_assets.corpus.read import prefixes
from tests.support.s3 import Bucket, served

REF = "memory://watched/"


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    fs = fsspec.filesystem("memory")
    for folder in ("a", "b/inner", "c"):
        for n in range(3):
            fs.pipe(f"/watched/{folder}/{n}.txt", b"text")
    yield fs
    fs.rm("/watched", recursive=True)


@pytest.fixture(autouse=True)
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder rests because the machine is slow; a test of rests says itself what is long."""
    monkeypatch.setattr(prefixes, "LONG", float("inf"))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look waits for the folder it began, however slow the machine is."""
    monkeypatch.setattr(prefixes, "LEAST", 60.0)


def whole(ref: str) -> PrefixWatch:
    """A watch whose every look sees all folders, however slow the machine is."""
    return PrefixWatch(ref, seconds=120.0)


def state(watch: PrefixWatch) -> str:
    found = watch.listing()
    assert found
    return found.digest


def test_equal_looks_are_equal_and_another_watch_agrees(store) -> None:
    watch = whole(REF)
    assert state(watch) == state(watch) == state(whole(REF))
    assert watch.seen == 9


@pytest.mark.parametrize("change", ["added", "removed", "rewritten", "folder added", "folder removed"])
def test_every_change_is_found(store, change: str) -> None:
    watch = whole(REF)
    before = state(watch)
    time.sleep(0.01)
    match change:
        case "added":
            store.pipe("/watched/b/inner/new.txt", b"text")
        case "removed":
            store.rm("/watched/a/1.txt")
        case "rewritten":
            store.pipe("/watched/c/2.txt", b"text")
        case "folder added":
            store.pipe("/watched/d/deep/0.txt", b"text")
        case "folder removed":
            store.rm("/watched/b", recursive=True)
    assert state(watch) != before
    assert state(watch) == state(whole(REF))


def test_hidden_and_half_written_objects_are_left_out(store) -> None:
    watch = whole(REF)
    before = state(watch)
    store.pipe("/watched/a/.hidden", b"")
    store.pipe("/watched/a/3.txt.partial", b"")
    assert state(watch) == before


def test_a_look_lists_one_folder_when_its_time_is_over_and_all_have_their_turn(store, patient: None) -> None:
    watch = PrefixWatch(REF, seconds=-1)
    looks = [watch.listing() for _ in range(5)]  # root, a, b, c, b/inner
    assert looks[:4] == [None] * 4
    assert looks[4] == whole(REF).listing()
    store.pipe("/watched/b/inner/new.txt", b"text")
    later = [state(watch) for _ in range(5)]
    assert later[-1] == state(whole(REF)) and len(set(later)) == 2


def test_a_folder_that_vanishes_before_its_own_turn_is_forgotten(store, patient: None) -> None:
    watch = PrefixWatch(REF, seconds=-1)
    watch.listing()  # the root: a, b and c are there
    store.rm("/watched/a", recursive=True)
    looks = [watch.listing() for _ in range(4)]
    assert looks[-1] == whole(REF).listing()
    store.rm("/watched/c", recursive=True)
    for _ in range(4):  # c before or after the root
        watch.listing()
    assert state(watch) == state(whole(REF))


def test_a_folder_that_vanishes_between_two_looks_is_taken_out_at_its_parents_turn(store, patient: None) -> None:
    watch = PrefixWatch(REF, seconds=-1)
    for _ in range(5):
        watch.listing()
    store.rm("/watched/b", recursive=True)
    assert state(watch)  # the root's turn: b is gone
    for _ in range(4):
        assert state(watch) == state(whole(REF))


def test_one_object_is_watched_too(store) -> None:
    watch = whole("memory://watched/a/0.txt")
    before = state(watch)
    time.sleep(0.01)
    store.pipe("/watched/a/0.txt", b"other")
    assert state(watch) != before and watch.seen == 1


def test_a_prefix_that_is_not_there_says_so_without_secrets() -> None:
    environment = {"GENAIOPS_SECRET_TOKEN": "s3cret"}
    watch = PrefixWatch("memory://{GENAIOPS_SECRET_TOKEN}@nowhere/x", environment=environment)
    with pytest.raises(OSError, match="FileNotFoundError") as error:
        watch.listing()
    assert "s3cret" not in str(error.value)


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    objects = {f"kb/{folder}{n}.txt": b"text" for folder in ("", "a/", "b/inner/") for n in range(5)}
    with served(Bucket({"kb/": b"", **objects, "other/x.txt": b"text"})) as made:
        yield made


@pytest.mark.enable_socket
def test_an_s3_prefix_is_listed_page_by_page_and_every_change_is_found(bucket: Bucket) -> None:
    watch = whole("s3://documents/kb/")
    before = state(watch)
    assert watch.seen == 15 and bucket.pages == 3 + 2 + 1 + 2  # kb, a, b, b/inner
    assert before == state(watch) == state(whole("s3://documents/kb"))
    for change in ({"kb/a/9.txt": b"text"}, {"kb/b/inner/0.txt": b"tex2"}, {"kb/费 用+/深/0.txt": b"text"}):
        bucket.objects.update(change)
        assert state(watch) == state(whole("s3://documents/kb/")) != before
        before = state(watch)
    del bucket.objects["kb/3.txt"]
    assert state(watch) != before and watch.seen == 16
    bucket.objects["other/y.txt"] = b"text"  # beside the prefix
    assert state(watch) == state(whole("s3://documents/kb/"))


@pytest.mark.enable_socket
def test_one_object_and_a_missing_one_of_a_bucket(bucket: Bucket) -> None:
    watch = whole("s3://documents/kb/a/0.txt")
    before = state(watch)
    bucket.objects["kb/a/0.txt"] = b"other"
    assert state(watch) != before and watch.seen == 1
    for missing in ("s3://documents/nowhere/", "s3://documents/nowhere"):
        with pytest.raises(OSError, match="FileNotFoundError"):
            whole(missing).listing()


@pytest.mark.enable_socket
def test_a_slash_at_the_end_means_the_folder_beside_an_object_of_the_same_name(bucket: Bucket) -> None:
    bucket.objects["kb"] = b"an object"
    watch = whole("s3://documents/kb/")
    before = state(watch)
    assert watch.seen == 15
    bucket.objects["kb"] = b"another object"
    assert state(watch) == before


@pytest.mark.enable_socket
def test_a_file_on_a_web_server_is_watched_by_what_its_headers_say(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("id,text\n1,one\n")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        watch = PrefixWatch(f"http://127.0.0.1:{server.server_port}/rates.csv")
        before = state(watch)
        assert state(watch) == before
        (tmp_path / "rates.csv").write_text("id,text\n1,one\n2,two\n")
        assert state(watch) != before
        server.shutdown()


def test_ten_thousand_objects_cost_a_bounded_time_per_look(patient: None) -> None:
    """A file system that needs 10 ms a folder: 1,000 folders take ten seconds in all, and no look takes much longer
    than it may."""
    fs = SlowFolders()
    watch = PrefixWatch("slow://many/", seconds=0.2)
    watch._look(fs, "many")
    watch._look(fs, "many")
    assert 10 < fs.listed < 100 and watch.seen == (fs.listed - 1) * 10


class SlowFolders:
    """A prefix with 1,000 folders of ten objects each."""

    listed = 0

    protocol = "slow"

    def info(self, path: str) -> dict[str, str]:
        return {"name": path, "type": "directory"}

    def ls(self, path: str, detail: bool) -> list[dict[str, object]]:
        self.listed += 1
        time.sleep(0.01)
        if path == "many":
            return [{"name": f"many/{n:04}", "type": "directory"} for n in range(1000)]
        return [{"name": f"{path}/{n}.txt", "type": "file", "size": 4} for n in range(10)]


def test_a_folder_that_is_long_to_list_holds_up_no_look_and_rests_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million objects without folders: one listing of many pages, during which looks come back with what is known."""
    monkeypatch.setattr(prefixes, "LONG", 0.0)
    fs, watch = FlatPrefix(), PrefixWatch("slow://flat/", seconds=0.5)
    for _ in range(3):
        watch._look(fs, "flat")  # comes back, though nothing is delivered yet
    assert (watch.seen, fs.listed) == (0, 1)
    fs.delivers.set()
    for _ in range(3):
        watch._look(fs, "flat")
    assert (watch.seen, fs.listed) == (1000, 1)


def test_what_goes_wrong_in_a_long_listing_is_said_by_the_look_that_waits_for_it() -> None:
    fs, watch = FlatPrefix(error=PermissionError("no list permission")), PrefixWatch("slow://flat/", seconds=0.5)
    watch._look(fs, "flat")
    fs.delivers.set()
    with pytest.raises(PermissionError, match="no list permission"):
        watch._look(fs, "flat")
    fs.error = None
    watch._look(fs, "flat")
    assert (watch.seen, fs.listed) == (1000, 2)


def test_a_listing_that_hangs_is_said_and_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "PATIENCE", 0.0)
    fs, watch = FlatPrefix(), PrefixWatch("slow://flat/", seconds=0.1)
    for _ in range(2):
        with pytest.raises(TimeoutError, match="its top folder was not listed within 0 seconds"):
            watch._look(fs, "flat")
    assert fs.listed == 2
    fs.delivers.set()


class FlatPrefix:
    """A prefix with all its objects in one folder, whose listing waits to be delivered."""

    def __init__(self, error: Exception | None = None):
        self.error, self.listed, self.delivers = error, 0, threading.Event()

    protocol = "slow"

    def info(self, path: str) -> dict[str, str]:
        return {"name": path, "type": "directory"}

    def ls(self, path: str, detail: bool) -> list[dict[str, object]]:
        self.listed += 1
        self.delivers.wait(60)
        if self.error:
            raise self.error
        return [{"name": f"{path}/{n}.txt", "type": "file", "size": 4} for n in range(1000)]
