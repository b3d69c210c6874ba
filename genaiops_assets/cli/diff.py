"""`genaiops diff`: what changed between the documents of two model versions.

Belongs here: printing. Does not belong here: comparing (`governance/documents/changes.py`), figures of training and
scores side by side (`compare.py`)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import say, stop

LONGEST = 160  # characters of a value in a line; --json has all of it
NOTHING = "–"
CARD = "model_card"  # a document that is not in the registry
KINDS = {"values": "figures", "sections": "texts", "other": "else"}


def diff(
    before: Annotated[str, typer.Argument(help="A model version.")],
    after: Annotated[str, typer.Argument(help="The version to compare it with.")],
    document: Annotated[str, typer.Option(help="One document; all of them when left out.")] = "",
    use_case: UseCaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines, with nothing shortened.")] = False,
) -> None:
    """What changed between the documents of two model versions: figures with their sources, texts by section, gaps
    that were closed or opened."""
    from genaiops_assets.governance.documents import changed_documents, documents

    session = Session(reads=True)
    uc = session.use_case(use_case)
    known = [CARD, *documents()]
    if document and document not in known:
        stop(f"there is no document {document!r}; there are {', '.join(known)}")
    found = changed_documents(session.lake, uc, before, after, [document] if document else known)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        return
    for name, changes in found.items():
        show(name, changes)
    if not found:
        say(f"{document or 'no document'} {'did not change' if document else 'changed'}")


def show(name: str, changes: Mapping[str, Any]) -> None:
    say(name)
    if "only" in changes:
        say(f"  only the version {changes['only']} has it")
        return
    for kind, heading in KINDS.items():
        for one in changes[kind]:
            say(f"  {heading}  {one['place']}: {short(one['old'])} → {short(one['new'])}{source(one)}")
    for gap in changes["closed"]:
        say(f"  gap closed  {gap}")
    for gap in changes["opened"]:
        say(f"  gap opened  {gap}")


def short(value: Any) -> str:
    """A side of a change in one line."""
    if isinstance(value, Mapping):
        value = value.get("value", value.get("text", "a gap" if value.get("gap") else value))
    text = NOTHING if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def source(change: Mapping[str, Any]) -> str:
    """Where the new figure, or the old one where there is no new, was read."""
    side = change["new"] if change["new"] is not None else change["old"]
    if not isinstance(side, Mapping) or "source" not in side:
        return ""
    asset, _, rest = side["source"].partition("@")
    digest, _, pointer = rest.partition("#")
    return f"  ({asset}@{digest.rpartition(':')[2][:12]}#{pointer})"
