"""Who a lake is, and its secret: an id that its ledger's entries carry, and a key for keyed hashes.

Belongs here: making each once. Does not belong here: what is hashed or sealed. The key lies in the lake, so whoever may
read all of it can make the same hashes: it keeps names out of records that leave the lake (exports, the ledger), and
resume state from being edited by hand."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from contextlib import suppress
from typing import Any

from genaiops_assets.lake.canonical import canonical_json, pretty_json
from genaiops_assets.lake.store import Store

IDENTITY, KEY = "lake.json", "keys/lake.key"
KEYED = "keyed:"


def known_id(store: Store) -> str:
    """The id of a lake, empty for one that has none (yet)."""
    try:
        return str(json.loads(store.read(IDENTITY))["id"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ""


def lake_id(store: Store, once: str = "") -> str:
    """The same, made now where there is none. `once`: the id that the ledger's last entry carries; a lake whose file
    was lost keeps it."""
    if found := known_id(store):
        return found
    with suppress(FileExistsError):  # another process was faster
        store.create(IDENTITY, pretty_json({"schema_version": 1, "id": once or uuid.uuid4().hex}))
    return known_id(store)


def lake_key(store: Store) -> bytes:
    """32 random bytes, made at first use, readable by the owner alone."""
    try:
        return bytes.fromhex(store.read(KEY).decode())
    except FileNotFoundError:
        with suppress(FileExistsError):
            store.create(KEY, secrets.token_hex(32).encode())
            store.protect(KEY)
        return bytes.fromhex(store.read(KEY).decode())


def keyed_hash(store: Store, text: str) -> str:
    """What stands for a text that must not be readable in a record: `keyed:` and 32 hex digits (HMAC-SHA-256). One
    that stands for a text already stays."""
    return text if text.startswith(KEYED) else keyed(lake_key(store), text)


def keyed(key: bytes, text: str) -> str:
    return KEYED + hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def seal_of(store: Store, value: Any) -> str:
    """A seal on a JSON value: who has no key of the lake cannot make it for another value."""
    return hmac.new(lake_key(store), canonical_json(value), hashlib.sha256).hexdigest()


def is_sealed(store: Store, value: Any, seal: Any) -> bool:
    return isinstance(seal, str) and hmac.compare_digest(seal, seal_of(store, value))
