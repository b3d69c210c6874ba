"""All kinds of human records by name.

Belongs here: the list. Does not belong here: fields of any kind (`schema.py`, `of_use.py`)."""

from __future__ import annotations

from genaiops_assets.governance.records.of_use import OF_USE
from genaiops_assets.governance.records.schema import KINDS as FIRST
from genaiops_assets.governance.records.schema import Record

KINDS: dict[str, type[Record]] = {**FIRST, **OF_USE}
