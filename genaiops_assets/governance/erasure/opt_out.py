"""What a person wants erased: documents, sources, addresses, interactions, quarantined input; typed or from an opt-out
file.

Belongs here: reading and naming the targets. Does not belong here: erasing them (`erasure.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError

KINDS = {
    "document": "documents",
    "source": "sources",
    "url": "opt_out",
    "interaction": "interactions",
    "quarantine": "quarantined",
}
LONGEST = 500
_DOMAIN = re.compile(r"(?!-)([a-z0-9-]{1,63}\.)+[a-z]{2,63}", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+\S*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class BadTarget(GenaiopsError, ValueError):
    """A line of an opt-out file, or an argument, that names nothing; the message says where and what is expected."""


@dataclass(frozen=True)
class Targets:
    """`opt_out`: URL prefixes and domains; `quarantined`: `file:line` or ids of quarantined input."""

    documents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    opt_out: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()

    def __or__(self, other: Targets) -> Targets:
        return Targets(
            **{f.name: tuple(sorted({*getattr(self, f.name), *getattr(other, f.name)})) for f in fields(Targets)}
        )

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(Targets))

    def to_dict(self) -> dict[str, list[str]]:
        return {k: list(v) for k, v in asdict(self).items()}

    @staticmethod
    def from_dict(content: dict[str, Any]) -> Targets:
        return Targets(**{k: tuple(v) for k, v in content.items()})


@dataclass(frozen=True)
class Known:
    """Names that a line may mean without saying which kind it is."""

    documents: Collection[str]
    sources: Collection[str]
    interactions: Collection[str] = ()
    quarantined: Collection[str] = ()


def read_opt_out(file: Path, known: Known) -> Targets:
    """One target a line, `#` begins a comment: a document id, a source, an interaction id, `file:line` of quarantined
    input, a URL prefix or a domain. `document:`, `source:`, `url:`, `interaction:` or `quarantine:` in front says
    which, also of what is not there yet. Raises BadTarget with file and line."""
    try:
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as error:
        raise BadTarget(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadTarget(f"{file}: not UTF-8 at byte {error.start}") from error
    found = Targets()
    for number, raw in enumerate(lines, start=1):
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        if line:
            found |= target_of(line, known, f"{file}:{number}")
    if not found:
        raise BadTarget(f"{file}: names nothing; one document id, source, URL prefix or domain a line")
    return found


def target_of(text: str, known: Known, where: str) -> Targets:
    """What one text names. Raises BadTarget."""
    if len(text) > LONGEST or _CONTROL.search(text):
        raise BadTarget(
            f"{where}: longer than {LONGEST} characters or with control characters: not an id, source or URL"
        )
    kind, colon, rest = text.partition(":")
    if colon and kind in KINDS and rest.strip() and text not in known.documents and text not in known.quarantined:
        return named(KINDS[kind], rest.strip(), where)
    for name in ("documents", "sources", "interactions", "quarantined"):
        if text in getattr(known, name):
            return named(name, text, where)
    if _URL.fullmatch(text) or _DOMAIN.fullmatch(text):
        return named("opt_out", text, where)
    raise BadTarget(
        f"{where}: {text!r} is no document, source ({', '.join(sorted(known.sources)) or 'none'}), interaction, "
        "quarantined input, "
        "URL or domain known here; write document:ID or url:PREFIX for what may come later"
    )


def named(field: str, value: str, where: str) -> Targets:
    if field == "opt_out" and not (_URL.fullmatch(value) or _DOMAIN.fullmatch(value)):
        raise BadTarget(f"{where}: {value!r} is neither a URL (https://host/path) nor a domain (host.tld)")
    return Targets(**{field: (value,)})
