"""API keys of the gateway: who may ask, which classes of passages they may read, how much they may ask.

Belongs here: making, listing and removing keys, and finding the one a request brings. Does not belong here: counting
what a key asks (`limits.py`). A key is 256 random bits, so its plain SHA-256 tells nothing of it; the key itself is
shown once and stored nowhere. The file lies in the home, readable by its owner alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.lake import Lake, lease
from genaiops_assets.use_case import UseCase

FILE = "keys/serving.json"
MADE, REMOVED = "serving_key_made", "serving_key_removed"  # kinds of the ledger's entries
MARK = "gna_"
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
NOBODY = "no key"  # the name under which a gateway without keys answers


@dataclass(frozen=True)
class ApiKey:
    """`access`: classes of readers whose sources it may search; `requests`, `tokens`: a minute, 0 for no limit of its
    own. `hash`: SHA-256 of the key, hex."""

    name: str
    use_case: str
    hash: str
    access: tuple[str, ...]
    requests: int = 0
    tokens: int = 0
    made_at: str = ""


class KeyRing:
    """The keys of a use case, read again when their file changes."""

    def __init__(self, home: Path, use_case: str) -> None:
        self.file, self.use_case = home / FILE, use_case
        self._stamp: tuple[int, int] | None = None
        self._by_hash: dict[str, ApiKey] = {}

    def find(self, given: str) -> ApiKey | None:
        """The key a request brought; None where there is no such key. Looked up by its hash, so that the time taken
        says nothing of the keys there are."""
        return self._keys().get(hashlib.sha256(given.encode()).hexdigest())

    def is_empty(self) -> bool:
        return not self._keys()

    def named(self) -> list[ApiKey]:
        return sorted(self._keys().values(), key=lambda key: key.name)

    def _keys(self) -> dict[str, ApiKey]:
        try:
            found = self.file.stat()
        except FileNotFoundError:
            self._stamp, self._by_hash = None, {}
            return self._by_hash
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp != self._stamp:
            mine = (key for key in read(self.file) if key.use_case == self.use_case)
            self._by_hash, self._stamp = {key.hash: key for key in mine}, stamp
        return self._by_hash


def read(file: Path) -> list[ApiKey]:
    """Raises Unusable naming the file when it is no list of keys: then nobody is let in."""
    try:
        return [ApiKey(**{**row, "access": tuple(row["access"])}) for row in json.loads(file.read_bytes())["keys"]]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError) as error:
        raise Unusable(f"{file.name}: not a list of API keys ({error})") from None


def add_key(lake: Lake, uc: UseCase, name: str, *, access: Sequence[str], requests: int = 0, tokens: int = 0) -> str:
    """A fresh key, returned once. Raises Unusable for a name that is taken or no plain name, and for a class of access
    that no source has."""
    if not NAME.fullmatch(name):
        raise Unusable(f"{name!r}: a key's name has up to 40 small letters, digits, dots, dashes and underscores")
    there = {s.access for s in uc.sources if s.access} | ({uc.inbox.access} if uc.inbox.access else set())
    for one in access:
        if one not in there:
            raise Unusable(f"no access class {one!r}: there are {', '.join(sorted(there)) or 'none'}")
    token = MARK + secrets.token_urlsafe(32)
    with _writing(lake) as keys:
        if any((key.use_case, key.name) == (uc.name, name) for key in keys):
            raise Unusable(f"{uc.name} has a key {name!r} already: remove it first, or take another name")
        hashed = hashlib.sha256(token.encode()).hexdigest()
        keys.append(ApiKey(name, uc.name, hashed, tuple(access), requests, tokens, datetime.now(UTC).isoformat()))
    lake.ledger.append(MADE, {"use_case": uc.name, "name": name, "access": list(access)})
    return token


def remove_key(lake: Lake, uc: UseCase, name: str) -> None:
    """From the next request on it opens nothing. Raises Refused where there is none of this name."""
    with _writing(lake) as keys:
        left = [key for key in keys if (key.use_case, key.name) != (uc.name, name)]
        if len(left) == len(keys):
            known = ", ".join(sorted(key.name for key in keys if key.use_case == uc.name)) or "none"
            raise Refused(f"{uc.name} has no key {name!r}; there are: {known}")
        keys[:] = left
    lake.ledger.append(REMOVED, {"use_case": uc.name, "name": name})


class _writing:
    """The list of all keys under a lease; written back where the body ends without an error."""

    def __init__(self, lake: Lake) -> None:
        self.file = lake.home / FILE
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lease = lease(self.file.with_suffix(".lease"), timeout=10)

    def __enter__(self) -> list[ApiKey]:
        self._lease.__enter__()
        try:
            self.keys = read(self.file)
        except BaseException:
            self._lease.__exit__(None, None, None)
            raise
        return self.keys

    def __exit__(self, kind: type[BaseException] | None, *more: object) -> None:
        try:
            if kind is None:
                content = {"schema_version": 1, "keys": [asdict(key) for key in self.keys]}
                write_private(self.file, json.dumps(content, indent=2).encode() + b"\n")
        finally:
            self._lease.__exit__(None, None, None)


def write_private(file: Path, content: bytes) -> None:
    """In one step, readable by the owner alone from the first moment on."""
    staged = file.with_name(f".{file.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        staged.unlink()
    with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(staged, file)
