"""Database sources: one SELECT on a connection that only reads."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from genaiops_assets.lake.queries import fault_of_query, fault_without_mode, rows_of_query
from genaiops_assets.lake.remote import NotDelivered


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "kb 1?#%.db") as connection:
        connection.execute("CREATE TABLE articles (id TEXT, body TEXT)")
        connection.execute("INSERT INTO articles VALUES ('a', '费用')")
    return tmp_path / "kb 1?#%.db"


READ = [
    "SELECT 1",
    "  select a from b -- into\n;",
    "WITH x AS (SELECT 1 AS n) SELECT n FROM x;\n/* done; */",
    "SELECT ';' AS \"into\", `update`, $$ ; delete $$, $t$ ' $t$ FROM t",
    "SELECT 'it''s; DROP' || updated FROM t WHERE insert_date > 0",
]
REFUSED = [
    ("SELECT 1; DROP TABLE x", "holds 2 statements"),
    ("", "holds 0 statements"),
    ("-- nothing", "holds 0 statements"),
    ("DELETE FROM t", "begins with DELETE"),
    ("ATTACH DATABASE 'x.db' AS x", "begins with ATTACH"),
    ("VACUUM INTO 'x.db'", "begins with VACUUM"),
    ("PRAGMA writable_schema = 1", "begins with PRAGMA"),
    ("SELECT * INTO OUTFILE 'x' FROM t", "holds INTO"),
    ("SELECT * INTO copy FROM t", "holds INTO"),
    ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d", "holds DELETE"),
    ("SELECT a FROM t FOR UPDATE", "holds UPDATE"),
    ("SELECT 'open", "a quote or a comment that is not closed"),
    ("SELECT /* /* */ ; DELETE FROM t */ 1", "a quote or a comment that is not closed"),
    ("SELECT 'a\\'; DELETE FROM t; --'", "a backslash before a quote"),
    ("SELECT 1 /*! INTO OUTFILE 'x' */", "a comment that a database obeys"),
]


@pytest.mark.parametrize("query", READ)
def test_one_select_is_let_through(query: str) -> None:
    assert fault_of_query(query) == ""


@pytest.mark.parametrize(("query", "why"), REFUSED)
def test_anything_else_is_refused(query: str, why: str) -> None:
    assert why in fault_of_query(query)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELECT 1 DROP TABLE articles", "DROP"),  # SQL Server reads two statements
        ("SELECT 1 AS a EXEC sp_configure", "EXEC"),
        ("SELECT id FROM t TRUNCATE TABLE t", "TRUNCATE"),
        ("SELECT * FROM OPENROWSET(BULK 'c:/secret.txt', SINGLE_CLOB) AS f", "OPENROWSET"),
        ("SELECT id FROM t WAITFOR DELAY '1:00'", "WAITFOR"),
    ],
)
@pytest.mark.parametrize("ref", ["mssql+pyodbc://u@host/db", "snowflake://u@account/db", "bigquery://project"])
def test_a_database_without_a_mode_that_only_reads_gets_nothing_that_acts(ref: str, query: str, word: str) -> None:
    assert fault_of_query(query) == ""
    assert fault_without_mode(ref, query).startswith(f"holds {word}, and {ref.split(':')[0].split('+')[0]} has no mode")
    with pytest.raises(NotDelivered, match=f"holds {word}"):
        rows_of_query(ref, query, Path("."), Path("cache"), {})


@pytest.mark.parametrize("query", [*READ, "SELECT [drop], \"exec\" FROM t WHERE note = 'use set' -- drop"])
def test_what_only_reads_is_let_through_to_it(query: str) -> None:
    assert fault_without_mode("mssql+pyodbc://u@host/db", query) == ""


def test_a_database_with_such_a_mode_needs_no_list_of_words() -> None:
    for ref in ("postgresql+psycopg://u@host/db", "sqlite:///kb.db", "mysql://u@host/db", "duckdb:///kb.db"):
        assert fault_without_mode(ref, "SELECT set FROM t") == ""


@pytest.mark.parametrize(
    "query", ["ATTACH DATABASE 'new.db' AS n", "CREATE TABLE x (a)", "SELECT 1; DROP TABLE articles"]
)
def test_a_source_cannot_write(database: Path, tmp_path: Path, query: str) -> None:
    before = sorted(tmp_path.rglob("*")), database.read_bytes()
    with pytest.raises(NotDelivered, match="a source is read by one SELECT"):
        rows_of_query(f"sqlite:///{database}", query, tmp_path, tmp_path / "cache", {})
    assert (sorted(tmp_path.rglob("*")), database.read_bytes()) == before


def test_the_connection_itself_only_reads(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genaiops_assets.lake.queries.fault_of_query", lambda query: "")
    address = f"sqlite:///{str(database).replace('?', '%3F')}"
    for query in ("INSERT INTO articles VALUES ('b', 'x') RETURNING id", "CREATE TABLE x (a)"):
        with pytest.raises(NotDelivered, match=r"readonly|read-only|query_only"):
            rows_of_query(address, query, tmp_path, tmp_path / "cache", {})


def test_rows_are_read_whatever_the_files_name(database: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{str(database).replace('?', '%3F')}"
    found = rows_of_query(address, "SELECT id, body FROM articles", tmp_path, tmp_path / "c", {})
    assert [json.loads(line) for line in found.read_text().splitlines()] == [{"id": "a", "body": "费用"}]
