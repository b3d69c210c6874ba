"""People's preferences: the JSONL files of the feedback folder, read line by line.

Belongs here: where the folder is, what a usable preference is, why a line is refused, and what two reviewers say of
one thing. Does not belong here: the shapes a line may have (`shapes/`), pairs made from the corpus (`pairs.py`)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from genaiops_assets.alignment.shapes.base import Said, Unusable
from genaiops_assets.alignment.shapes.telling import said_in
from genaiops_assets.governance.erasure import feedback_files
from genaiops_assets.lake import Lake, digest_of, digest_of_bytes
from genaiops_assets.privacy import redact
from genaiops_assets.text import json_lines
from genaiops_assets.use_case import Origin, UseCase

TEXTS = ("question", "chosen", "rejected")
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
Outcome = tuple[int, dict[str, str] | str]
_REMEMBERED: dict[tuple[str, str], list[Outcome]] = {}  # of this process
MOST_REMEMBERED = 64  # files
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
    other, each with file, line (0: the whole file) and reason; `places`: by preference id, the lines that said so. A
    thumb is a pair whose `rejected` (up) or `chosen` (down) is empty. `votes`: by what was asked and compared, each
    reviewer's choice, the last where one said two things; `shown`: how often the answer that stood first, or second,
    was preferred."""

    pairs: list[dict[str, str]]
    refused: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, list[str]] = field(default_factory=dict)
    votes: dict[str, dict[str, str]] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)

    def ids(self) -> list[str]:
        """The preferences by content: equal in another file, in another order and with other invisible characters."""
        return sorted(preference_id(pair) for pair in self.pairs)


def read_feedback(folder: Path) -> Feedback:
    """All JSONL files of a folder and the folders in it, in any of the shapes that `shapes/telling.py` knows. Texts are
    masked before anything else. Links are not followed."""
    lines: list[Line] = []
    refused: list[dict[str, Any]] = []
    files = feedback_files(folder)
    for file in files:
        name = file.relative_to(folder).as_posix()
        if file.stat().st_size > LARGEST:
            refused.append(_refusal(name, 0, f"larger than {LARGEST // 2**20} MiB: split it"))
            continue
        for number, found in _read(name, file.read_bytes()):
            if isinstance(found, dict):
                lines.append(Line(name, number, found))
            else:
                refused.append(_refusal(name, number, found))
    refused += [_refusal(name, 0, why) for name, why in _not_read(folder, set(files))]
    agreed, disputed = _opinions(lines)
    places: dict[str, list[str]] = {}
    for one in lines:
        places.setdefault(preference_id(one.pair), []).append(one.place)
    return Feedback(agreed, refused + disputed, places, _votes(lines), _shown(lines))


def _votes(lines: Iterable[Line]) -> dict[str, dict[str, str]]:
    """Answers are compared in the order of their texts, so that a choice says nothing of where an answer stood."""
    votes: dict[str, dict[str, str]] = {}
    for line in lines:
        question, chosen, rejected = (visible(line.pair[name]) for name in TEXTS)
        first, second = sorted((chosen, rejected))
        choice = "first" if chosen == first else "second"
        votes.setdefault(digest_of([question, first, second])[:24], {})[line.pair["reviewer"]] = choice
    return votes


def _shown(lines: Iterable[Line]) -> dict[str, int]:
    stated = [line.pair["shown_first"] for line in lines if "shown_first" in line.pair]
    return {"first": stated.count("chosen"), "second": stated.count("rejected")} if stated else {}


def _read(name: str, content: bytes) -> list[Outcome]:
    """(line, preference or why not) of a file, remembered: a sensor asks each tick, and masking takes a second for a
    thousand lines."""
    key = (name, digest_of_bytes(content))
    if key not in _REMEMBERED:
        found: list[Outcome] = []
        for line in json_lines(content):
            found += [(line.number, one) for one in ([line.problem] if line.problem else preferences(line.row, name))]
        while len(_REMEMBERED) >= MOST_REMEMBERED:
            del _REMEMBERED[next(iter(_REMEMBERED))]
        _REMEMBERED[key] = found
    return _REMEMBERED[key]


def preferences(row: dict[str, Any], file: str) -> list[dict[str, str] | str]:
    """What a row says, masked, or why it cannot be used. `file` stands for the reviewer where the row names nobody."""
    try:
        return [_preference(said, file) for said in said_in(row)]
    except Unusable as error:
        return [str(error)]


def _preference(said: Said, file: str) -> dict[str, str] | str:
    """A thumb keeps its missing side empty."""
    for name, value in said._asdict().items():
        if value and not visible(value):
            return f"{name}: expected text"
        if re.search("[\ud800-\udfff]", value):
            return f"{name}: half of a surrogate pair, not Unicode text"
    redacted = redact([getattr(said, f) for f in TEXTS], {"default": "mask"})
    masked = {f: found.text for f, found in zip(TEXTS, redacted, strict=True)}
    if visible(masked["chosen"]) == visible(masked["rejected"]):
        return "chosen and rejected are equal"
    shown = {"shown_first": said.shown_first} if said.shown_first else {}
    return {**masked, "reviewer": said.reviewer or file, **shown}


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
            pair = {name: group[0].pair[name] for name in TEXTS}
            agreed.append({**pair, "reviewer": _names(group)})
    return agreed, disputed


def _names(lines: Sequence[Line]) -> str:
    """Who said it, each once, in the order they said so."""
    return ", ".join(dict.fromkeys(line.pair["reviewer"] for line in lines))


def _refusal(file: str, line: int, reason: str) -> dict[str, Any]:
    return {"file": file, "line": line, "reason": reason}
