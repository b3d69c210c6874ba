"""People's preferences: the JSONL files of the feedback folder, read line by line.

Belongs here: where the folder is, what a usable line holds, why a line is refused, and what two reviewers say of one
thing. Does not belong here: pairs made from the corpus (`pairs.py`)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from genaiops_assets.governance.erasure import feedback_files
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.privacy import redact
from genaiops_assets.use_case import Origin, UseCase

TEXTS = ("question", "chosen", "rejected")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
LARGEST = 64 * 2**20  # bytes of a file that is read


class Line(NamedTuple):
    """One usable line and where it stands."""

    file: str
    number: int
    pair: dict[str, str]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(frozen=True)
class Feedback:
    """What people said. `pairs`: preferences to train on, one for each thing said, with all who said it as `reviewer`;
    `refused`: lines and files that could not be used, and preferences set aside because reviewers contradict each
    other, each with file, line (0: the whole file) and reason."""

    pairs: list[dict[str, str]]
    refused: list[dict[str, Any]] = field(default_factory=list)

    def ids(self) -> list[str]:
        """The preferences by content: equal in another file, in another order and with other invisible characters."""
        return sorted(preference_id(pair) for pair in self.pairs)


def read_feedback(folder: Path) -> Feedback:
    """All JSONL files of a folder and the folders in it: {"question", "chosen", "rejected", "reviewer"} a line. Texts
    are masked before anything else. Links are not followed."""
    lines: list[Line] = []
    refused: list[dict[str, Any]] = []
    files = feedback_files(folder)
    for file in files:
        name = file.relative_to(folder).as_posix()
        if file.stat().st_size > LARGEST:
            refused.append(_refusal(name, 0, f"larger than {LARGEST // 2**20} MiB: split it"))
            continue
        for number, found in _lines(file):
            if isinstance(found, dict):
                lines.append(Line(name, number, found))
            else:
                refused.append(_refusal(name, number, found))
    refused += [_refusal(name, 0, why) for name, why in _not_read(folder, set(files))]
    agreed, disputed = _opinions(lines)
    return Feedback(agreed, refused + disputed)


def feedback_line(raw: bytes) -> dict[str, str] | str:
    """A masked pair, or why the line is none."""
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return f"broken JSON: {error}"
    if not isinstance(row, dict):
        return "expected an object"
    for name in (*TEXTS, "reviewer"):
        if not isinstance(row.get(name), str) or not visible(row[name]):
            return f"{name}: expected text"
        if re.search("[\ud800-\udfff]", row[name]):
            return f"{name}: half of a surrogate pair, not Unicode text"
    redacted = redact([row[f] for f in TEXTS], {"default": "mask"})
    masked = {f: found.text for f, found in zip(TEXTS, redacted, strict=True)}
    if visible(masked["chosen"]) == visible(masked["rejected"]):
        return "chosen and rejected are equal"
    return {**masked, "reviewer": row["reviewer"]}


def visible(text: str) -> str:
    """What a reader sees of a text: composed characters, single spaces, nothing invisible."""
    visible = (c for c in unicodedata.normalize("NFC", text) if c.isspace() or not _INVISIBLE.match(c))
    return " ".join("".join(visible).split())


def preference_id(pair: dict[str, str]) -> str:
    """24 hex digits of what was preferred to what, whoever said so."""
    return digest_of([visible(pair[name]) for name in TEXTS])[:24]


def feedback_folder(lake: Lake, uc: UseCase) -> Path:
    """Where people's preferences are dropped: `GENAIOPS_HOME/inbox/USE_CASE/feedback`."""
    return lake.home / "inbox" / uc.name / "feedback"


def note_feedback(lake: Lake, uc: UseCase, ids: Sequence[str]) -> None:
    """The pairs are made: these preferences are in them, or were looked at and left out."""
    lake.notes.put(uc.name, "feedback_used", {"digest": digest_of(list(ids)), "ids": list(ids)})


def new_feedback(lake: Lake, uc: UseCase) -> list[str]:
    """Ids of preferences that the current pairs were made without; a home of an earlier version has noted none, so
    those in its pairs count as taken in. Raises KeyError when there are no pairs yet."""
    note = lake.notes.get(uc.name, "feedback_used")
    used = note["ids"] if note else _in_the_pairs(lake, uc)
    return sorted(set(read_feedback(feedback_folder(lake, uc)).ids()) - set(used))


def _in_the_pairs(lake: Lake, uc: UseCase) -> list[str]:
    snapshot = lake.current(uc.key("preference_pairs")).snapshot(uc.key("preference_pairs"))
    rows = lake.tables.rows(snapshot, [*TEXTS], f"origin = '{Origin.HUMAN}'")
    return [preference_id(row) for row in rows]


def _lines(file: Path) -> Iterator[tuple[int, dict[str, str] | str]]:
    content = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    for number, raw in enumerate(content.splitlines(), start=1):
        if raw.strip():
            yield number, feedback_line(raw)


def _not_read(folder: Path, files: set[Path]) -> Iterator[tuple[str, str]]:
    """Files that lie in the folder without being feedback: named, because somebody meant something by them."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            yield name, "a link is not followed: put the file itself here"
        elif path.is_file() and path not in files and not path.name.startswith("."):
            yield name, "not read: only .jsonl files are, one JSON object a line"


def _opinions(lines: Iterable[Line]) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """One pair for each thing said, and those set aside because the opposite was said as well."""
    said: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        said.setdefault(tuple(visible(line.pair[name]) for name in TEXTS), []).append(line)
    agreed: list[dict[str, str]] = []
    disputed: list[dict[str, Any]] = []
    for (question, chosen, rejected), group in said.items():
        opposite = said.get((question, rejected, chosen), [])
        if opposite:
            against = f"{_names(opposite)} at {', '.join(line.place for line in opposite)}"
            disputed += [
                _refusal(line.file, line.number, f"{line.pair['reviewer']} is contradicted by {against}: set aside")
                for line in group
            ]
        else:
            agreed.append({**group[0].pair, "reviewer": _names(group)})
    return agreed, disputed


def _names(lines: Sequence[Line]) -> str:
    """Who said it, each once, in the order they said so."""
    return ", ".join(dict.fromkeys(line.pair["reviewer"] for line in lines))


def _refusal(file: str, line: int, reason: str) -> dict[str, Any]:
    return {"file": file, "line": line, "reason": reason}
