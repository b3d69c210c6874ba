"""Tombstones: what was erased or opted out, so that the next ingest or import does not bring it back.

Belongs here: the file `erasures/<use_case>.json` and what it says about one document or interaction. Ids of documents
and interactions stand there as keyed hashes, since they often are file names; files of earlier versions hold them
plainly, and both are read. Does not belong here: erasing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from genaiops_assets.errors import Unusable
from genaiops_assets.lake.canonical import digest_of, pretty_json
from genaiops_assets.lake.identity import KEYED, keyed, keyed_hash, lake_key
from genaiops_assets.lake.names import refuse_unsafe_part
from genaiops_assets.lake.store import Store


@dataclass(frozen=True)
class Tombstones:
    """`documents`: ids or their keyed hashes; `sources`: names; `opt_out`: URL prefixes (`https://host/path`) and
    domains (`host`, its subdomains too); `interactions`: ids or hashes, which no document follows from; `key`: of the
    hashes."""

    documents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    opt_out: frozenset[str] = frozenset()
    interactions: frozenset[str] = frozenset()
    key: bytes = field(default=b"", compare=False, repr=False)

    def _among(self, names: frozenset[str], name: str) -> bool:
        return name in names or (bool(self.key) and keyed(self.key, name) in names)

    @property
    def digest(self) -> str:
        """Empty where no tombstone covers documents. An input of whatever must be made anew after an erasure."""
        covering = [sorted(self.documents), sorted(self.sources), sorted(self.opt_out)]
        return digest_of(covering) if any(covering) else ""

    def lists(self) -> dict[str, list[str]]:
        """Those that cover documents, as plain JSON, for a payload (`from_lists`)."""
        return {name: sorted(getattr(self, name)) for name in ("documents", "sources", "opt_out")}

    @staticmethod
    def from_lists(store: Store, lists: dict[str, list[str]]) -> Tombstones:
        """What `lists` gave, with the key of the lake where it is needed."""
        return Tombstones(**{name: frozenset(values) for name, values in lists.items()}, key=key_for(store, lists))

    def cover(self, doc_id: str, source: str, *addresses: str) -> bool:
        """Whether a document must stay out. `addresses`: its origin and URL, where it has one."""
        if self.has_document(doc_id) or source in self.sources:
            return True
        return any(lies_under(address, prefix) for prefix in self.opt_out for address in (doc_id, *addresses))

    def has_document(self, doc_id: str) -> bool:
        """Whether a document was named, by its id or its hash."""
        return self._among(self.documents, doc_id)

    def cover_interaction(self, row_id: str) -> bool:
        """Whether an interaction was erased."""
        return self._among(self.interactions, row_id)


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
    refuse_unsafe_part(use_case, "use case")
    return f"erasures/{use_case}.json"


def read_tombstones(store: Store, use_case: str) -> Tombstones:
    """Raises ValueError naming the file when it is none."""
    try:
        content = json.loads(store.read(tombstone_key(use_case)))
        named = {k: frozenset(content[k]) for k in ("documents", "sources", "opt_out")}
        said = frozenset(content.get("interactions", ()))
        return Tombstones(**named, interactions=said, key=key_for(store, {"said": said, **named}))
    except FileNotFoundError:
        return Tombstones()
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{tombstone_key(use_case)}: not a tombstone file ({type(error).__name__}: {error})") from error


def key_for(store: Store, lists: Mapping[str, Iterable[str]]) -> bytes:
    """The key of the lake, where a list holds a hash made with it."""
    return lake_key(store) if any(n.startswith(KEYED) for names in lists.values() for n in names) else b""


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
    hashed = {keyed_hash(store, i) for i in documents if not before.has_document(i)}
    said = {keyed_hash(store, i) for i in interactions if not before.cover_interaction(i)}
    content: dict[str, Any] = {
        "schema_version": 1,
        "documents": sorted({*before.documents, *hashed}),
        "sources": sorted({*before.sources, *sources}),
        "opt_out": sorted({*before.opt_out, *opt_out}),
        "interactions": sorted({*before.interactions, *said}),
    }
    store.write(tombstone_key(use_case), pretty_json(content))
