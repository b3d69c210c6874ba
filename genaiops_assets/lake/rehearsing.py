"""A lake for rehearsals: everything is read from the real one, and what is written lies in memory and is gone after.

Belongs here: keeping writes away from the lake. Does not belong here: what is rehearsed (`governance/release`)."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, NoReturn

from genaiops_assets.errors import Refused
from genaiops_assets.lake.lake import Lake
from genaiops_assets.lake.store import Store

ONLY_FILES = "a rehearsal writes single files into memory; it publishes and removes nothing"


class RehearsalStore(Store):
    """Reads fall through to the real store; `written` holds what the rehearsal wrote, by key."""

    def __init__(self, real: Store):
        super().__init__(real.url, real.cache)
        self.written: dict[str, bytes] = {}

    def exists(self, key: str) -> bool:
        return key in self.written or super().exists(key)

    def read(self, key: str) -> bytes:
        return self.written[key] if key in self.written else super().read(key)

    def write(self, key: str, data: bytes) -> None:
        self.written[key] = data

    def create(self, key: str, data: bytes) -> None:
        if self.exists(key):
            raise FileExistsError(key)
        self.written[key] = data

    def list(self, prefix: str) -> list[str]:
        below = (PurePosixPath(key) for key in self.written if key.startswith(f"{prefix}/"))
        return sorted({*super().list(prefix), *(path.relative_to(prefix).parts[0] for path in below)})

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise Refused(ONLY_FILES)

    protect = remove = remove_folder = put_folder = _refuse


class RehearsalLake(Lake):
    """The lake of a home as a rehearsal sees it. Raises Refused where something would be published or removed."""

    def __init__(self, real: Lake):
        super().__init__(real.home, real.url)
        store = RehearsalStore(real.store)
        for part in (self, self.artifacts, self.memo, self.heads, self.notes, self.ledger):
            part.store = store  # type: ignore[attr-defined]
