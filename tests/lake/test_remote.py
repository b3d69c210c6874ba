"""What lies elsewhere: folders and files by URL, databases, data sets of the hub; and no secret in any message.

Belongs here: copying through the one resolver. Does not belong here: schemes on this machine (`test_references.py`).
"""

from __future__ import annotations

import functools
import json
import sqlite3
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genaiops_assets.lake import Reference, UnresolvedReference, states_a_password
from genaiops_assets.lake.references import resolve
from tests.support.s3 import Bucket, served

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def find(ref: str, folder: Path, query: str = "") -> Reference:
    return resolve(ref, folder=folder, cache=folder / "cache", query=query)


def names_below(path: str) -> list[str]:
    return sorted(p.relative_to(path).as_posix() for p in Path(path).rglob("*") if p.is_file())


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "费用").mkdir(parents=True)
    (folder / "a.md").write_text("# A\nOne.")
    (folder / "费用" / "b.jsonl").write_text('{"id": "b", "text": "二。"}', encoding="utf-8")
    return folder


@pytest.fixture
def site(docs: Path) -> Iterator[str]:
    """The folder behind a web server that lists it."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(docs))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_file_and_a_folder_of_a_web_server(tmp_path: Path, site: str) -> None:
    one = find(f"{site}/a.md", tmp_path)
    assert (Path(one.path).name, Path(one.path).read_text()) == ("a.md", "# A\nOne.")
    whole = find(f"{site}/", tmp_path)
    assert names_below(whole.path) == ["a.md", "费用/b.jsonl"]
    with pytest.raises(UnresolvedReference, match=r"nothing\.md: could not be read"):
        find(f"{site}/nothing.md", tmp_path)


def test_a_folder_of_any_file_system_and_its_digest_follow_what_is_there(tmp_path: Path, docs: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(f"{docs}/", "/remote_docs/", recursive=True)
    first, local = find("memory://remote_docs", tmp_path), find(f"file://{docs}", tmp_path)
    assert names_below(first.path) == names_below(local.path) == ["a.md", "费用/b.jsonl"]
    assert first.digest == local.digest == find(f"dir:{docs}", tmp_path).digest
    memory.rm("/remote_docs/a.md")
    again = find("memory://remote_docs", tmp_path)
    assert names_below(again.path) == ["费用/b.jsonl"] and again.digest != first.digest
    with pytest.raises(UnresolvedReference, match="could not be read"):
        find("memory://remote_docs/nowhere/", tmp_path)
    assert not list((tmp_path / "cache").rglob("*.partial"))


@pytest.mark.enable_socket
def test_a_folder_and_an_object_of_s3(tmp_path: Path) -> None:
    with served(
        Bucket(
            {
                "kb/": b"",
                "kb/费用/": b"",
                "kb/a.md": b"# A",
                **{f"kb/费用/{n}.txt": "二。".encode() for n in range(5)},
                "x.md": b"x",
            }
        )
    ):
        folder = find("s3://documents/kb/", tmp_path)
        assert names_below(folder.path) == ["a.md", *(f"费用/{n}.txt" for n in range(5))]
        assert (Path(folder.path) / "费用" / "4.txt").read_text(encoding="utf-8") == "二。"
        assert Path(find("s3://documents/x.md", tmp_path).path).read_bytes() == b"x"
        with pytest.raises(UnresolvedReference, match="FileNotFoundError"):
            find("s3://documents/nowhere.md", tmp_path)


def test_a_data_set_of_the_hub_is_found_offline_once_it_is_in_the_cache(tmp_path: Path) -> None:
    """Laid out as the hub's own client leaves it; its real code finds it without a network."""
    snapshot = tmp_path / "cache/hub/datasets--acme--faq/snapshots" / COMMIT
    (snapshot / "data").mkdir(parents=True)
    (snapshot / "README.md").write_text("---\nlicense: mit\n---\n# FAQ")
    pq.write_table(pa.table({"text": ["One.", "二。"]}), snapshot / "data/train-00000-of-00001.parquet")
    found = find(f"hub-dataset:acme/faq@{COMMIT}", tmp_path)
    assert (Path(found.path), found.revision) == (snapshot, COMMIT)
    with pytest.raises(UnresolvedReference, match="the hub did not deliver it"):
        find(f"hub-dataset:acme/other@{COMMIT}", tmp_path)
    with pytest.raises(UnresolvedReference, match="pin a revision"):
        find("hub-dataset:acme/faq", tmp_path)


# --- databases
# ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    with sqlite3.connect(tmp_path / "data/kb.db") as connection:
        connection.execute("CREATE TABLE articles (id INTEGER, body TEXT, raw BLOB, day DATE)")
        rows = [(1, "One.", b"text", "2026-01-02"), (2, "二。", b"\xff\xfe", None)]
        connection.executemany("INSERT INTO articles VALUES (?, ?, ?, ?)", rows)
    return tmp_path


def test_the_rows_of_a_query_become_json_lines(database: Path) -> None:
    found = find("sql:sqlite:///data/kb.db", database, "SELECT id, body AS text, raw, day FROM articles ORDER BY id")
    assert [json.loads(line) for line in Path(found.path).read_text(encoding="utf-8").splitlines()] == [
        {"id": 1, "text": "One.", "raw": "text", "day": "2026-01-02"},
        {"id": 2, "text": "二。", "raw": {"bytes": 2}, "day": None},
    ]
    fewer = find("sql:sqlite:///data/kb.db", database, "SELECT id FROM articles WHERE id > 1")
    assert fewer.digest != found.digest
    assert "cache" not in json.dumps(found.to_dict())


def test_a_database_path_can_come_from_the_environment(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_FILE", "data/kb.db")
    assert (
        find("sql:sqlite:///{KB_FILE}", database, "SELECT count(*) AS n FROM articles").ref == "sql:sqlite:///{KB_FILE}"
    )


@pytest.mark.parametrize(
    ("ref", "query", "why"),
    [
        ("sql:sqlite:///data/nowhere.db", "SELECT 1", "nowhere.db does not exist"),
        ("sql:sqlite:///data/kb.db", "SELECT price FROM articles", "no such column: price"),
        ("sql:nodialect:///x", "SELECT 1", "nodialect"),
        ("sql:sqlite:///{NOT_SET_ANYWHERE}", "SELECT 1", "the environment variable NOT_SET_ANYWHERE is not set"),
    ],
)
def test_a_database_that_does_not_answer_says_why(database: Path, ref: str, query: str, why: str) -> None:
    with pytest.raises(UnresolvedReference, match=why):
        find(ref, database, query)
    assert not list((database / "cache").rglob("*.partial"))


# --- secrets
# ------------------------------------------------------------------------------------------------------------------


def test_a_secret_is_used_but_never_told(tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_TOKEN", "hunter2@:/?")
    monkeypatch.setenv("SITE_PATH", "s3cr3t-part")
    with pytest.raises(UnresolvedReference) as told:
        find(site + "/{SITE_PATH}/a.md", tmp_path)
    assert "s3cr3t-part" not in str(told.value) and "{SITE_PATH}" in str(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__
    with pytest.raises(UnresolvedReference) as told:
        find("sql:sqlite://user:{SITE_TOKEN}@host/data", tmp_path, "SELECT 1")
    assert "hunter2" not in str(told.value)
    found = find(f"{site}/a.md?token={{SITE_PATH}}", tmp_path)
    assert Path(found.path).read_text() == "# A\nOne."
    kept = [
        p
        for p in (tmp_path / "cache").rglob("*")
        if "s3cr3t" in str(p) or (p.is_file() and b"s3cr3t" in p.read_bytes())
    ]
    assert kept == [] and "s3cr3t" not in json.dumps(found.to_dict())


@pytest.mark.parametrize(
    "ref", ["sql:postgresql://me:word@host/db", "https://me:word@host/a.md", "s3://key:word@bucket/a"]
)
def test_a_password_in_a_reference_is_refused_and_not_repeated(tmp_path: Path, ref: str) -> None:
    assert states_a_password(ref)
    with pytest.raises(UnresolvedReference, match="it holds a password; put that into an environment variable") as told:
        find(ref, tmp_path, "SELECT 1")
    assert "word@" not in str(told.value)


@pytest.mark.parametrize(
    "ref",
    [
        "sql:postgresql://me:{WORD}@host/db",
        "https://host:8080/a",
        "sql:sqlite:///a.db",
        "s3://bucket/a:b@c",
        "path:a:b@c",
    ],
)
def test_a_placeholder_or_a_port_is_no_password(ref: str) -> None:
    assert not states_a_password(ref)
