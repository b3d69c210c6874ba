"""Places where anchors are kept: a file of JSON lines, notes in a git repository, a file of OpenLineage events.

Belongs here: writing one anchor to a place and reading all that are there. Does not belong here: making and signing an
anchor (`making.py`), comparing (`comparing.py`). A place is written `file:PATH`, `git:REPOSITORY` or
`openlineage:FILE`; a relative path counts from where it is stated."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Anchor, anchor_from

GIT_SECONDS = 60
NOTES = "genaiops"  # refs/notes/genaiops
FACET = "genaiops_ledgerAnchor"
PRODUCER = "https://github.com/genaiops-assets/genaiops_assets"
EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACET_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunFacet"


class Found(NamedTuple):
    """What a place holds; `problems`: lines that are no anchor, one sentence each."""

    anchors: list[Anchor]
    problems: list[str]


@dataclass(frozen=True)
class Place:
    """`kind`: file, git or openlineage."""

    kind: str
    path: Path

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"


def place_of(stated: str, folder: Path) -> Place:
    """Raises Refused for a kind that nobody knows."""
    kind, _, rest = stated.partition(":")
    if kind not in WRITERS or not rest.strip():
        raise Refused(f"{stated!r}: expected file:PATH, git:REPOSITORY or openlineage:FILE")
    return Place(kind, (folder / Path(rest.strip()).expanduser()).absolute())


def write_anchor(place: Place, anchor: Anchor) -> None:
    """Add an anchor to a place; what is there stays. Raises Refused saying why it cannot be written."""
    try:
        WRITERS[place.kind](place.path, anchor)
    except OSError as error:
        raise Refused(f"{place}: {error.strerror or error}") from error


def read_anchors(place: Place) -> Found:
    """Every anchor of a place; one that cannot be read is a problem, and so is a place that is gone."""
    try:
        lines = list(READERS[place.kind](place.path))
    except FileNotFoundError:
        return Found([], [f"{place}: is not there; it should hold anchors of the ledger"])
    except (OSError, UnicodeDecodeError, Refused) as error:
        return Found([], [f"{place}: cannot be read ({error})"])
    found = Found([], [])
    for where, text in lines:
        try:
            found.anchors.append(anchor_from(unwrapped(json.loads(text)), f"{place} {where}"))
        except (ValueError, RecursionError) as error:
            said = str(error)
            found.problems.append(said if said.startswith(str(place)) else f"{place} {where}: is no anchor ({said})")
    return found


def unwrapped(content: Any) -> Any:
    """The anchor in an OpenLineage event; anything else as it is."""
    if isinstance(content, dict) and "run" in content:
        facets = content["run"].get("facets", {}) if isinstance(content["run"], dict) else {}
        facet = facets.get(FACET) if isinstance(facets, dict) else None
        return {k: v for k, v in facet.items() if not k.startswith("_")} if isinstance(facet, dict) else None
    return content


def _append_line(path: Path, anchor: Anchor) -> None:
    _append(path, anchor.to_json())


def _append(path: Path, content: Any) -> None:
    """One line in one write, on the disk before it returns. A line that was cut off before stays a line of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(content, ensure_ascii=False, sort_keys=True) + "\n"
    with open(path, "ab+") as file:
        file.seek(0, os.SEEK_END)
        if end := file.tell():
            file.seek(end - 1)
            line = line if file.read(1) == b"\n" else "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _append_event(path: Path, anchor: Anchor) -> None:
    """An OpenLineage RunEvent (OTHER: it reports no state of a run) whose facet is the anchor."""
    facet = {"_producer": PRODUCER, "_schemaURL": FACET_SCHEMA, **anchor.to_json()}
    event = {
        "eventType": "OTHER",
        "eventTime": anchor.made_at,
        "producer": PRODUCER,
        "schemaURL": EVENT_SCHEMA,
        "job": {"namespace": "genaiops", "name": "anchor_ledger"},
        "run": {"runId": str(uuid.uuid4()), "facets": {FACET: facet}},
        "inputs": [],
        "outputs": [],
    }
    _append(path, event)


def _append_note(repository: Path, anchor: Anchor) -> None:
    """One line more in the note on the checked-out commit; git keeps every earlier state of the notes."""
    line = json.dumps(anchor.to_json(), ensure_ascii=False, sort_keys=True)
    _git(repository, "notes", "--ref", NOTES, "append", "-m", line, "HEAD")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if line.strip():
            yield f"line {number}", line


def _events(path: Path) -> Iterator[tuple[str, str]]:
    """The events that carry an anchor: a file may hold other events too."""
    return ((where, line) for where, line in _lines(path) if FACET in line)


def _notes(repository: Path) -> Iterator[tuple[str, str]]:
    if not repository.is_dir():
        raise FileNotFoundError(repository)
    for listed in _git(repository, "notes", "--ref", NOTES, "list").splitlines():
        blob, _, commit = listed.partition(" ")
        for line in _git(repository, "cat-file", "blob", blob).splitlines():
            if line.strip():
                yield f"note on {commit[:12]}", line


def _git(repository: Path, *arguments: str) -> str:
    """Git without the user's hooks and editor. Raises Refused with what git said."""
    author = ["-c", "user.name=genaiops", "-c", "user.email=genaiops@localhost", "-c", "core.hooksPath=/dev/null"]
    command = ["git", "-C", str(repository), *author, *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=GIT_SECONDS, check=False, stdin=subprocess.DEVNULL, text=True
        )
    except FileNotFoundError:
        raise Refused(f"git:{repository}: git is not installed") from None
    except subprocess.TimeoutExpired:
        raise Refused(f"git:{repository}: git did not answer within {GIT_SECONDS} seconds") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise Refused(f"git:{repository}: {said[-1]}")
    return done.stdout


WRITERS: dict[str, Callable[[Path, Anchor], None]] = {
    "file": _append_line,
    "git": _append_note,
    "openlineage": _append_event,
}
READERS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    "file": _lines,
    "git": _notes,
    "openlineage": _events,
}
