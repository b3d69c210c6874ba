"""A Postgres server and a PgBouncer of one's own, in a folder that goes with them.

Belongs here: starting and stopping them where the programs are installed (Debian: postgresql, pgbouncer). Does not
belong here: any test."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0  # seconds for a server


def program(name: str) -> str | None:
    """A program on the path, or where Debian keeps those of Postgres."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or shutil.which(name, path=":".join(map(str, [*places, "/usr/sbin"])))


def why_not(*names: str) -> str | None:
    missing = [name for name in names if program(name) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    return None if os.getuid() or somebody() else "Postgres refuses root, and there is no user postgres or nobody"


def somebody() -> str | None:
    """Who runs the servers where the tests are root's."""
    return next((name for name in ("postgres", "nobody") if name in {p.pw_name for p in pwd.getpwall()}), None)


def as_nobody_special() -> dict[str, str]:
    return {} if os.getuid() else {"user": str(somebody())}


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Server:
    folder: Path
    port: int

    def url(self, database: str, port: int | None = None) -> str:
        return f"postgresql://keeper:a%40secret@127.0.0.1:{port or self.port}/{database}"

    def sql(self, text: str, database: str = "postgres") -> list[tuple[object, ...]]:
        import psycopg2

        connection = psycopg2.connect(self.url(database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def control(self, *words: str) -> None:
        subprocess.run(
            [str(program("pg_ctl")), "-D", str(self.folder / "data"), "-w", *words],
            check=True, cwd="/", stdout=subprocess.DEVNULL, **as_nobody_special(),  # type: ignore[call-overload]
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c log_connections=on"
        self.control("start", "-l", str(self.folder / "log"), "-o", options)

    def connections(self) -> int:
        """How many were opened since the server started."""
        return (self.folder / "log").read_text().count("connection authorized")


@contextmanager
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as name:
        folder = Path(name)
        (folder / "password").write_text("a@secret")
        if not os.getuid():
            for path in (folder, folder / "password"):
                shutil.chown(path, somebody())
        subprocess.run(
            [str(program("initdb")), "-D", str(folder / "data"), "-U", "keeper", "-A", "scram-sha-256",
             "--pwfile", str(folder / "password"), "-E", "UTF8", "--no-sync"],
            check=True, cwd="/", stdout=subprocess.DEVNULL, **as_nobody_special(),  # type: ignore[call-overload]
        )  # fmt: skip
        found = Server(folder, free_port())
        found.start()
        try:
            yield found
        finally:
            found.control("stop", "-m", "immediate")


@contextmanager
def pgbouncer(behind: Server, size: int) -> Iterator[int]:
    """Yields the port of one in transaction mode with at most `size` connections to the server for a database."""
    port = free_port()
    folder = behind.folder
    (folder / "users").write_text('"keeper" "a@secret"\n')
    (folder / "bouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={behind.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {folder}/users\npool_mode = transaction\n"
        f"default_pool_size = {size}\nmax_client_conn = 500\n"
    )
    for name in ("users", "bouncer.ini"):
        (folder / name).chmod(0o644)
    with (folder / "bouncer.log").open("w") as log:
        child = subprocess.Popen(
            [str(program("pgbouncer")), str(folder / "bouncer.ini")],
            cwd="/", stdout=log, stderr=log, **as_nobody_special(),  # type: ignore[call-overload]
        )  # fmt: skip
    try:
        began = time.monotonic()
        while not answers(port):
            assert child.poll() is None and time.monotonic() - began < PATIENCE, (folder / "bouncer.log").read_text()
            time.sleep(0.05)
        yield port
    finally:
        child.kill()
        child.wait()


def answers(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0
