"""The secret of one home: what makes hashes of people's identifiers useless to whoever does not have the home.

Belongs here: the key file and hashes made with it. Does not belong here: which values are hashed. The key is no part of
any artifact, memo key or ledger entry; a copied home keeps its key, another home has another one."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

KEY_FILE = "pseudonyms.key"
KEY_BYTES = 32


def keyed_hash(home: Path, text: str) -> str:
    """HMAC-SHA256 of a text under the home's key: 64 hex digits. Equal texts of one home have equal hashes. Raises
    ValueError when the key file is damaged."""
    return hmac.new(home_key(home), text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def home_key(home: Path) -> bytes:
    """The key, made when it is first asked for; of two processes that make it at once both get the same."""
    file = home / KEY_FILE
    if not file.exists():
        _make(file)
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise ValueError(f"{file}: expected {KEY_BYTES} bytes, found {len(key)}; restore it from a backup of this home")
    return key


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(secrets.token_bytes(KEY_BYTES))
            f.flush()
            os.fsync(f.fileno())
        os.link(temporary, file)  # fails where another process was first: its key is the key
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)
