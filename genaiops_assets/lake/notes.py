"""Notes: small JSON values that are remembered between runs and are no output of any asset.

Belongs here: a value by (scope, name), such as which state of the inbox went through which asset. Does not belong here:
outputs (`artifacts.py`) and which one is current (`memo.py`). Nothing that decides a release rests on a note: `verify`
reads none."""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.lake.canonical import pretty_json
from genaiops_assets.lake.memo import head_path
from genaiops_assets.lake.names import refuse_unsafe_part
from genaiops_assets.lake.store import Store

# Kept as heads of assets that never existed, by homes of earlier versions.
ONCE_HEADS = (
    "inbox_read", "inbox_indexed", "sources_read", "sources_indexed", "planned_base", "base_model_stamp",
    "retraining_focus", "index_renewal", "feedback_used",
)  # fmt: skip


class Notes:
    def __init__(self, store: Store):
        self.store = store

    def get(self, scope: str, name: str) -> Any | None:
        """The last value of a note, None where there is none. A home of an earlier version is read through to the head
        the note was kept in. Raises ValueError naming the file when it is not JSON."""
        key = note_path(scope, name)
        for place in (key, *([head_path(f"{scope}/{name}", None)] if name in ONCE_HEADS else [])):
            try:
                return json.loads(self.store.read(place))
            except FileNotFoundError:
                continue
            except ValueError as error:
                raise ValueError(f"{place}: not a note ({error})") from error
        return None

    def put(self, scope: str, name: str, value: Any) -> None:
        """In one step. `scope`: usually the name of a use case."""
        self.store.write(note_path(scope, name), pretty_json(value))


def note_path(scope: str, name: str) -> str:
    return f"notes/{refuse_unsafe_part(scope, 'scope')}/{refuse_unsafe_part(name, 'note')}.json"
