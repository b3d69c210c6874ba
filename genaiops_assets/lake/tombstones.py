"""Tombstones: what was erased or opted out, so that the next ingest or import does not bring it back.

Belongs here: the file `erasures/<use_case>.json` and what it says about one document or interaction. Does not belong
here: erasing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from genaiops_assets.errors import Unusable
from genaiops_assets.lake.canonical import digest_of, pretty_json
from genaiops_assets.lake.store import Store


@dataclass(frozen=True)
class Tombstones:
    """`documents`: ids; `sources`: names; `opt_out`: URL prefixes (`https://host/path`) and domains (`host`, its
    subdomains too); `interactions`: ids, which no document follows from."""

    documents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    opt_out: frozenset[str] = frozenset()
    interactions: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """Empty where no tombstone covers documents. An input of whatever must be made anew after an erasure."""
        covering = [sorted(self.documents), sorted(self.sources), sorted(self.opt_out)]
        return digest_of(covering) if any(covering) else ""

    def lists(self) -> dict[str, list[str]]:
        """Those that cover documents, as plain JSON, for a payload."""
        return {name: sorted(getattr(self, name)) for name in ("documents", "sources", "opt_out")}

    def cover(self, doc_id: str, source: str, *addresses: str) -> bool:
        """Whether a document must stay out. `addresses`: its origin and URL, where it has one."""
        if doc_id in self.documents or source in self.sources:
            return True
        return any(lies_under(address, prefix) for prefix in self.opt_out for address in (doc_id, *addresses))


def lies_under(address: str, prefix: str) -> bool:
    """Whether an address starts with a URL prefix, whole parts compared, or lies in a domain."""
    if "://" in prefix:
        after = address[len(prefix) :]
        return address.startswith(prefix) and (not after or prefix.endswith("/") or after[0] in "/?#:")
    try:
        host = (urlsplit(address).hostname or "") if "://" in address else ""
    except ValueError:
        return False
    return host == prefix.lower() or host.endswith(f".{prefix.lower()}")


def tombstone_key(use_case: str) -> str:
    return f"erasures/{use_case}.json"


def read_tombstones(store: Store, use_case: str) -> Tombstones:
    """Raises ValueError naming the file when it is none."""
    try:
        content = json.loads(store.read(tombstone_key(use_case)))
        named = {k: frozenset(content[k]) for k in ("documents", "sources", "opt_out")}
        return Tombstones(**named, interactions=frozenset(content.get("interactions", ())))
    except FileNotFoundError:
        return Tombstones()
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{tombstone_key(use_case)}: not a tombstone file ({type(error).__name__}: {error})") from error


def add_tombstones(
    store: Store,
    use_case: str,
    *,
    documents: Iterable[str] = (),
    sources: Iterable[str] = (),
    opt_out: Iterable[str] = (),
    interactions: Iterable[str] = (),
) -> None:
    """Nothing is ever taken out again by code."""
    before = read_tombstones(store, use_case)
    content: dict[str, Any] = {
        "schema_version": 1,
        "documents": sorted({*before.documents, *documents}),
        "sources": sorted({*before.sources, *sources}),
        "opt_out": sorted({*before.opt_out, *opt_out}),
        "interactions": sorted({*before.interactions, *interactions}),
    }
    store.write(tombstone_key(use_case), pretty_json(content))
