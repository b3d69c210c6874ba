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

from genaiops_assets.lake import NotDelivered, Reference, UnresolvedReference, printed, stated_secret, with_secrets
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


@pytest.mark.parametrize(
    ("ref", "query", "why"),
    [
        ("sql:sqlite:///data/nowhere.db", "SELECT 1", "nowhere.db does not exist"),
        ("sql:sqlite:///data/kb.db", "SELECT price FROM articles", "no such column: price"),
        ("sql:nodialect:///x", "SELECT 1", "nodialect"),
        ("sql:sqlite:///{GENAIOPS_SECRET_FILE}", "SELECT 1", "stands in its path; a secret may stand in the user part"),
        ("sql:postgresql://me:{GENAIOPS_SECRET_X}@h/d", "SELECT 1", "variable GENAIOPS_SECRET_X is not set"),
    ],
)
def test_a_database_that_does_not_answer_says_why(database: Path, ref: str, query: str, why: str) -> None:
    with pytest.raises(UnresolvedReference, match=why):
        find(ref, database, query)
    assert not list((database / "cache").rglob("*.partial"))


# --- secrets
# ------------------------------------------------------------------------------------------------------------------


def test_a_secret_is_used_but_never_told(tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAIOPS_SECRET_DB", "hunter2@:/?")
    monkeypatch.setenv("GENAIOPS_SECRET_SITE", "s3cr3t-part")
    with pytest.raises(UnresolvedReference) as told:
        find(f"{site}/nothing.md?token={{GENAIOPS_SECRET_SITE}}", tmp_path)
    assert "s3cr3t-part" not in str(told.value) and "{GENAIOPS_SECRET_SITE}" in str(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__
    with pytest.raises(UnresolvedReference) as told:
        find("sql:sqlite://user:{GENAIOPS_SECRET_DB}@host/data", tmp_path, "SELECT 1")
    assert "hunter2" not in str(told.value)
    found = find(f"{site}/a.md?token={{GENAIOPS_SECRET_SITE}}", tmp_path)
    assert Path(found.path).read_text() == "# A\nOne."
    kept = [
        p
        for p in (tmp_path / "cache").rglob("*")
        if "s3cr3t" in str(p) or (p.is_file() and b"s3cr3t" in p.read_bytes())
    ]
    assert kept == [] and "s3cr3t" not in json.dumps(found.to_dict())


STATED = {
    "sql:postgresql://me:hunter2@host/db": ("password", "sql:postgresql://me:***@host/db"),
    "https://me:hunter2@host/a.md": ("password", "https://me:***@host/a.md"),
    "s3://key:hunter2@bucket/a": ("password", "s3://key:***@bucket/a"),
    "https://t0ken-hunter2@host/a.md": ("user part", "https://***@host/a.md"),
    "https://host/a.md?sig=hunter2": ("query", "https://host/a.md?sig=***"),
    "https://host/a.md?raw=true&sig=hunter2": ("query", "https://host/a.md?raw=true&sig=***"),
    "filecache::https://me:hunter2@host/a": ("password", "filecache::https://me:***@host/a"),
    "https://host/a.md?hunter2": ("query", "https://host/a.md?***"),
    "https://host/a.md#access=hunter2": ("fragment", "https://host/a.md#***"),
    "sql:mssql://host/db?Pwd=hunter2;Encrypt=yes": ("query", "sql:mssql://host/db?Pwd=***&Encrypt=yes"),
    "sql:postgresql://me:{GENAIOPS_SECRET_A}hunter2@host/db": ("password", "sql:postgresql://me:***@host/db"),
}


@pytest.mark.parametrize(("ref", "part", "shown"), [(ref, *said) for ref, said in STATED.items()])
def test_a_secret_in_a_reference_is_refused_and_not_repeated(tmp_path: Path, ref: str, part: str, shown: str) -> None:
    assert (stated_secret(ref), printed(ref)) == (part, shown)
    with pytest.raises(UnresolvedReference, match=rf"it holds a secret \({part}\): put that into an environ") as told:
        find(ref, tmp_path, "SELECT 1")
    assert "hunter2" not in str(told.value) and shown in str(told.value)


@pytest.mark.parametrize(
    "ref",
    [
        "sql:postgresql://me:{WORD}@host/db?sslmode=require",
        "https://{TOKEN}@host/a?key={KEY}&download=1",
        "https://host:8080/a?raw=true",
        "sql:sqlite:///a.db",
        "sftp://me@host/a",
        "abfs://container@account/a",
        "s3://bucket/a:b@c",
        "s3://bucket/a#b.md",
        "path:a:b@c",
        "hub:org/model@main",
    ],
)
def test_a_placeholder_a_name_or_a_port_is_no_secret(ref: str) -> None:
    assert stated_secret(ref) == "" and printed(ref) == ref


@pytest.mark.parametrize("ref", ["https://{A}/x", "https://host/{A}/x", "https://host/x#{A}", "s3://bucket/{A}"])
def test_a_placeholder_stands_in_user_part_password_or_query_value_only(ref: str) -> None:
    with pytest.raises(NotDelivered):
        with_secrets(ref.replace("{A}", "{GENAIOPS_SECRET_A}"), {"GENAIOPS_SECRET_A": "s"})


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"DB_WORD": "s"}, "may not be used: call it GENAIOPS_SECRET_DB_WORD, or list it in GENAIOPS_SECRETS"),
        ({"GENAIOPS_SECRETS": "OTHER", "DB_WORD": "s"}, "may not be used"),
        ({"GENAIOPS_SECRETS": "DB_WORD@db.example.org", "DB_WORD": "s"}, r"may go to db\.example\.org, not to host"),
        ({"GENAIOPS_SECRETS": "DB_WORD"}, "the environment variable DB_WORD is not set"),
    ],
)
def test_only_what_the_operator_allows_is_a_secret(environment: dict[str, str], why: str) -> None:
    with pytest.raises(NotDelivered, match=why):
        with_secrets("https://host:443/a?key={DB_WORD}", environment)


@pytest.mark.parametrize("listed", ["DB_WORD", "X, DB_WORD@host", "DB_WORD@other|HOST", "DB_WORD@h*t"])
def test_a_listed_variable_goes_to_its_hosts(listed: str) -> None:
    environment = {"GENAIOPS_SECRETS": listed, "DB_WORD": "s3cret"}
    assert with_secrets("https://host:443/a?key={DB_WORD}", environment) == (
        "https://host:443/a?key=s3cret",
        {"s3cret": "{DB_WORD}"},
    )


@pytest.mark.parametrize("ref", ["zip://a::https://host/x.zip", "filecache::s3://bucket/x", "reference://x", "jar://x"])
def test_chains_and_schemes_that_do_more_than_read_are_refused(tmp_path: Path, ref: str) -> None:
    with pytest.raises(UnresolvedReference, match=r"chains of URLs|is not among the schemes"):
        find(ref, tmp_path)
    assert not (tmp_path / "cache").exists()
