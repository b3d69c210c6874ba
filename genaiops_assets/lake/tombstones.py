"""Tombstones: what was erased or opted out, so that the next ingest or import does not bring it back.

Belongs here: the file `erasures/<use_case>.json` and what it says about one document or interaction. Ids of documents
and interactions stand there as keyed hashes, since they often are file names; files of earlier versions hold them
plainly, and both are read. Does not belong here: erasing, or who may let a name in again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from genaiops_assets.errors import Unusable
from genaiops_assets.lake.canonical import digest_of, pretty_json
from genaiops_assets.lake.identity import KEYED, keyed, keyed_hash, lake_key
from genaiops_assets.lake.names import refuse_unsafe_part
from genaiops_assets.lake.store import Store


@dataclass(frozen=True)
class Tombstones:
    """`documents`: ids or their keyed hashes; `sources`: names; `opt_out`: URL prefixes (`https://host/path`) and
    domains (`host`, its subdomains too); `interactions`: ids or hashes, which no document follows from; `texts`: of
    the erased documents, as keyed hashes; `readmitted`: names under which something else may come in again; `key`: of
    the hashes."""

    documents: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    opt_out: frozenset[str] = frozenset()
    interactions: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    readmitted: frozenset[str] = frozenset()
    key: bytes = field(default=b"", compare=False, repr=False)

    def _among(self, names: frozenset[str], name: str) -> bool:
        return name in names or (bool(self.key) and keyed(self.key, name) in names)

    @property
    def digest(self) -> str:
        """Empty where no tombstone covers documents. An input of whatever must be made anew after an erasure."""
        covering = [sorted(self.documents), sorted(self.sources), sorted(self.opt_out)]
        covering += [sorted(self.readmitted)] if self.readmitted else []
        return digest_of(covering) if any(covering) else ""

    def lists(self) -> dict[str, list[str]]:
        """Those that cover documents, as plain JSON, for a payload (`from_lists`)."""
        return {name: sorted(getattr(self, name)) for name in (*COVERING, "texts", "readmitted")}

    @staticmethod
    def from_lists(store: Store, lists: dict[str, list[str]]) -> Tombstones:
        """What `lists` gave, with the key of the lake: what is kept out is recorded by its hash."""
        key = lake_key(store) if any(lists.values()) else b""
        return Tombstones(**{name: frozenset(values) for name, values in lists.items()}, key=key)

    def cover(self, doc_id: str, source: str, *addresses: str, text: str = "") -> bool:
        """Whether a document must stay out. `addresses`: its origin and URL, where it has one; `text`: its digest, by
        which what was erased stays out although its name may be used again."""
        if source in self.sources:
            return True
        if self.has_document(doc_id) and (not self._among(self.readmitted, doc_id) or self.has_text(text)):
            return True
        return any(lies_under(address, prefix) for prefix in self.opt_out for address in (doc_id, *addresses))

    def is_another(self, doc_id: str, text: str) -> bool:
        """Whether a document that stays out for its name alone has another text than all that was erased; False for
        what was erased before texts were noted."""
        return bool(self.texts) and self.has_document(doc_id) and not self.has_text(text)

    def holds(self, kind: str, name: str) -> bool:
        """Whether a name stands in one of the lists, itself or its hash."""
        return self._among(getattr(self, kind), name)

    def has_text(self, text: str) -> bool:
        """Whether a text of this digest was erased."""
        return bool(text) and self._among(self.texts, text)

    def hidden(self, name: str) -> str:
        """What stands for a name in a record of what stays out: nothing, where there is no key to hide it with."""
        return keyed(self.key, name) if self.key and name else ""

    def has_document(self, doc_id: str) -> bool:
        """Whether a document was named, by its id or its hash."""
        return self._among(self.documents, doc_id)

    def cover_interaction(self, row_id: str) -> bool:
        """Whether an interaction was erased, and its name not let in again."""
        return self._among(self.interactions, row_id) and not self._among(self.readmitted, row_id)

    def keeps_out(self, name: str) -> bool:
        """Whether nothing comes in under the id of a document or an interaction, for that id alone."""
        return self._among(self.documents | self.interactions, name) and not self._among(self.readmitted, name)


COVERING = ("documents", "sources", "opt_out")


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
        named = {k: frozenset(content[k]) for k in COVERING}
        named |= {k: frozenset(content.get(k, ())) for k in ("interactions", "texts", "readmitted")}
        return Tombstones(**named, key=key_for(store, named))
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
    texts: Iterable[str] = (),
) -> None:
    """Nothing is ever taken out again by code; a name that was let in again and is erased once more stays out.
    `texts`: digests."""
    before = read_tombstones(store, use_case)
    hashed = {keyed_hash(store, i) for i in documents}
    said = {keyed_hash(store, i) for i in interactions}
    write_tombstones(
        store,
        use_case,
        documents={*before.documents, *hashed},
        sources={*before.sources, *sources},
        opt_out={*before.opt_out, *opt_out},
        interactions={*before.interactions, *said},
        texts={*before.texts, *(keyed_hash(store, t) for t in texts)},
        readmitted=before.readmitted - hashed - said,
    )


def let_in_again(store: Store, use_case: str, names: Iterable[str]) -> None:
    """From now on something else may come in under these ids of documents or interactions."""
    before = read_tombstones(store, use_case)
    held = {name: getattr(before, name) for name in (*COVERING, "interactions", "texts")}
    write_tombstones(
        store, use_case, **held, readmitted={*before.readmitted, *(keyed_hash(store, name) for name in names)}
    )


def write_tombstones(store: Store, use_case: str, **lists: Iterable[str]) -> None:
    """`texts` and `readmitted` stand in the file only where there are some, as in files of earlier versions."""
    kept = {k: sorted(v) for k, v in lists.items() if v or k not in ("texts", "readmitted")}
    store.write(tombstone_key(use_case), pretty_json({"schema_version": 1, **kept}))
