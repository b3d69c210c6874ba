"""The rows of a database query, copied to a local cache.

Belongs here: asking a database through SQLAlchemy without writing to it. Does not belong here: secrets in references
(`secrets.py`), what becomes of the rows."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from genaiops_assets.lake.canonical import digest_of_text
from genaiops_assets.lake.remote import in_place
from genaiops_assets.lake.secrets import SECRET, NotDelivered, with_secrets, without_secrets

PARTS = ("username", "password")
ROWS = 1000  # fetched from a database at once
WRITING = ("into", "insert", "update", "delete", "merge")  # words that write also within a SELECT or WITH
READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}
# Words that begin a statement which acts. SQL Server needs no semicolon between two statements, and databases that are
# not named above or opened read-only have no mode that would stop the second one.
ACTING = (
    "alter", "backup", "begin", "bulk", "call", "commit", "copy", "create", "dbcc", "declare", "deny", "drop", "exec",
    "execute", "go", "grant", "kill", "openquery", "openrowset", "opendatasource", "put", "remove", "restore", "revoke",
    "set", "shutdown", "truncate", "undrop", "unload", "use", "waitfor",
)  # fmt: skip
READS_ONLY = (*READ_ONLY, "postgresql", "duckdb")  # the last two by options of the connection
_ESCAPED = re.compile(r"\\['\"`]")
_NO_WORDS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_OPEN = re.compile(r"['\"`]|/\*|\*/|\$\w*\$")


def rows_of_query(ref: str, query: str, folder: Path, cache: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The rows of a query as JSON Lines, a column a field. `ref`: a SQLAlchemy URL; a SQLite file is relative to
    `folder`. The query is one SELECT, and the connection reads only where the database has such a mode. Without ORDER
    BY the database may give another order, and so other line numbers, each time. Raises NotDelivered."""
    import sqlalchemy

    if fault := fault_of_query(query) or fault_without_mode(ref, query):
        raise NotDelivered(f"the query {fault}: a source is read by one SELECT")
    _, used = with_secrets(f"sql:{ref}", environment)
    place = cache / "sql" / digest_of_text(f"{ref}\n{query}")[:16]
    partial = place.with_name(f"{place.name}.{uuid4().hex[:8]}.partial")
    partial.mkdir(parents=True)
    try:
        address = sqlalchemy.make_url(ref)  # filled part by part: a password may hold any character
        values = {placeholder: secret for secret, placeholder in used.items()}
        filled: dict[str, Any] = {p: _filled(getattr(address, p), values) for p in PARTS if getattr(address, p)}
        filled["query"] = {k: _filled(v, values) for k, v in address.query.items()}
        address = address.set(**filled)
        if address.get_backend_name() == "sqlite" and address.database and address.database != ":memory:":
            file = (folder / Path(address.database).expanduser()).resolve()
            if not file.is_file():
                raise FileNotFoundError(f"{file} does not exist")
            address = address.set(database=f"file:{quote(str(file))}")
            address = address.update_query_dict({"mode": "ro", "uri": "true"})
        how = {"duckdb": {"connect_args": {"read_only": True}}}.get(address.get_backend_name(), {})
        engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.pool.NullPool, hide_parameters=True, **how)
        with engine.connect() as connection, open(partial / "query.jsonl", "w", encoding="utf-8") as rows:
            for row in _reading_only(connection).execute(sqlalchemy.text(query)).mappings():
                rows.write(json.dumps(dict(row), default=_as_text) + "\n")
    except Exception as error:  # each database driver has its own
        shutil.rmtree(partial, ignore_errors=True)
        raise NotDelivered(without_secrets(f"{type(error).__name__}: {error}", used)) from None
    return in_place(partial, place) / "query.jsonl"


def _filled(text: Any, values: Mapping[str, str]) -> Any:
    return SECRET.sub(lambda match: values.get(match.group(0), ""), text) if isinstance(text, str) else text


def fault_of_query(query: str) -> str:
    """Why a query is not one SELECT; empty when it is. Words count outside literals, names in quotes and comments."""
    if "/*!" in query:
        return "holds a comment that a database obeys"
    if _ESCAPED.search(query):
        return "holds a backslash before a quote, which databases read in two ways"
    bare = without_literals(query)
    if _OPEN.search(bare):
        return "holds a quote or a comment that is not closed"
    statements = [part for part in bare.split(";") if part.strip()]
    if len(statements) != 1:
        return f"holds {len(statements)} statements"
    words = [word.lower() for word in re.findall(r"\w+", statements[0])]
    if not words or words[0] not in ("select", "with"):
        return f"begins with {words[0].upper() if words else 'nothing'}"
    wrong = next((word for word in words if word in WRITING), "")
    return f"holds {wrong.upper()}" if wrong else ""


def without_literals(query: str) -> str:
    """The words of a query that a database may obey."""
    return _NO_WORDS.sub(lambda match: " " if match.group().startswith(("-", "/")) else " x ", query)


def fault_without_mode(ref: str, query: str) -> str:
    """Why a query is not let through to a database that has no mode in which nothing can be written (SQL Server,
    Snowflake and others); empty when it is. A column of such a name is written in quotes."""
    kind = re.split(r"[+:]", ref.lower(), maxsplit=1)[0]
    if kind in READS_ONLY:
        return ""
    bare = re.sub(r"\[[^\]]*\]", " x ", without_literals(query))  # names in brackets, as SQL Server writes them
    words = [word.lower() for word in re.findall(r"\w+", bare)]
    wrong = next((word for word in words if word in ACTING), "")
    return f"holds {wrong.upper()}, and {kind} has no mode that only reads" if wrong else ""


def _reading_only(connection: Any) -> Any:
    """The connection, streaming, in the mode of its database in which nothing can be written."""
    kind = connection.dialect.name
    options = {"postgresql_readonly": True} if kind == "postgresql" else {}
    connection = connection.execution_options(stream_results=True, yield_per=ROWS, **options)
    if kind in READ_ONLY:
        connection.exec_driver_sql(READ_ONLY[kind])
        if kind in ("mysql", "mariadb"):  # holds from the next transaction on
            connection.commit()
    return connection


def _as_text(value: Any) -> Any:
    """Dates and decimals as text; bytes only when they are text, so that others are refused as no text later."""
    if not isinstance(value, bytes | bytearray | memoryview):
        return str(value)
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return {"bytes": len(value)}
