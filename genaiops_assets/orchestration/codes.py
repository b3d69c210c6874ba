"""One-time codes: what a person types into a form of the web page to show that the name in it is theirs.

Belongs here: making them (`genaiops code`), keeping their hashes in the home, redeeming each once. Does not belong
here: who may decide what (governance), or where a code is asked for (`persons.py`)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import write_atomically

LIFETIME = 600  # seconds
CLOCK_SLACK = 60  # seconds a clock may have been set back
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
NUMBER, SECRET = 4, 16  # characters; the secret has 79 bits
SHAPE = re.compile(f"^[{ALPHABET}]{{{NUMBER}}}-[{ALPHABET}]{{{SECRET}}}$")


@dataclass(frozen=True)
class Claim:
    """What a redeemed code says: this person, in this use case."""

    name: str
    use_case: str


class Codes:
    """The codes of one home that are still good. `now` gives seconds since the epoch."""

    def __init__(self, home: Path, now: Any = time.time) -> None:
        self.home, self.folder, self.now = home, home / "codes", now

    def make(self, name: str, use_case: str) -> str:
        """A new code, good once and for ten minutes. Only its hash is kept."""
        self._tidy()
        number = next(n for n in iter(lambda: _random(NUMBER), "") if not self._file(n).exists())
        secret, salt = _random(SECRET), secrets.token_hex(16)
        record = {"name": name, "use_case": use_case, "made": self.now(), "salt": salt, "hash": _hash(salt, secret)}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(self._file(number), json.dumps(record).encode())
        return f"{number}-{secret}"

    def redeem(self, code: str) -> Claim:
        """What the code says; it is used up. Raises Refused for one that is unknown, used, or too old."""
        code = code.strip().lower()
        record = self._record(code)
        if record is None or not hmac.compare_digest(record["hash"], _hash(record["salt"], code.partition("-")[2])):
            raise Refused("this code is unknown or was used already: genaiops code --as NAME makes a new one")
        try:
            os.unlink(self._file(code[:NUMBER]))  # of two at once, one succeeds
        except FileNotFoundError:
            raise Refused("this code was used already: genaiops code --as NAME makes a new one") from None
        if not self._is_fresh(record):
            raise Refused("this code is older than ten minutes: genaiops code --as NAME makes a new one")
        return Claim(record["name"], record["use_case"])

    def _record(self, code: str) -> dict[str, Any] | None:
        if not SHAPE.match(code):
            return None
        with suppress(FileNotFoundError):
            return json.loads(self._file(code[:NUMBER]).read_bytes())
        return None

    def _file(self, number: str) -> Path:
        return self.folder / f"{number}.json"

    def _is_fresh(self, record: dict[str, Any]) -> bool:
        return -CLOCK_SLACK <= self.now() - record["made"] <= LIFETIME

    def _tidy(self) -> None:
        for file in self.folder.glob("*.json"):
            with suppress(FileNotFoundError, ValueError, KeyError):
                if not self._is_fresh(json.loads(file.read_bytes())):
                    file.unlink()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _hash(salt: str, secret: str) -> str:
    return hashlib.sha256(f"{salt}:{secret}".encode()).hexdigest()
