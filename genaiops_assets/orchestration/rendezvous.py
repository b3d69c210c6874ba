"""Where webserver, daemon and code server of one home meet: a private folder with sockets and the workspace file.

Belongs here: that folder, the workspace file that names the serving code server, and the request to load anew. Does
not belong here: who starts what (`cli/code_server.py`)."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import yaml

LOCATION = "genaiops_assets"
LONGEST_SOCKET = 100  # bytes; Linux takes 107


class Rendezvous:
    """`folder`: readable by its owner alone. A home whose path is too long for a socket meets below the temporary
    folder."""

    def __init__(self, home: Path) -> None:
        wanted = home / "staging" / "code_server"
        if len(os.fsencode(wanted / "code-1000.sock")) > LONGEST_SOCKET:
            name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
            wanted = Path(tempfile.gettempdir()) / f"genaiops-{os.getuid()}-{name}"
        self.folder = wanted

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace.yaml"

    @property
    def request(self) -> Path:
        return self.folder / "load_anew"

    def prepare(self) -> None:
        """Make the folder, ours alone, and empty it of an earlier `up`. Raises PermissionError where somebody else
        made it first."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = self.folder.lstat()
        if self.folder.is_symlink() or status.st_uid != os.getuid():
            raise PermissionError(f"{self.folder} belongs to somebody else: remove it")
        self.folder.chmod(0o700)
        for old in self.folder.iterdir():
            if old.suffix == ".sock" or old == self.request:
                old.unlink(missing_ok=True)

    def requested(self) -> int:
        """Changes whenever somebody asked for the definitions to be loaded anew."""
        with suppress(FileNotFoundError):
            return self.request.stat().st_mtime_ns
        return 0

    def ask_for_reload(self) -> None:
        self.request.write_text(f"{time.time_ns()}\n")


def write_workspace(meeting: Rendezvous, code_server: Path) -> None:
    """The workspace file for webserver and daemon; it stands in for the location of the same name in the project's
    own file."""
    server = {"grpc_server": {"socket": str(code_server), "host": "localhost", "location_name": LOCATION}}
    staged = meeting.workspace.with_suffix(".tmp")
    staged.write_text(yaml.safe_dump({"load_from": [server]}), encoding="utf-8")
    os.replace(staged, meeting.workspace)


def accepts_connections(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(1)
        try:
            s.connect(str(path))
        except OSError:
            return False
    return True
