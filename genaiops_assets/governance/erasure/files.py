"""Files: artifacts, memos, logs and feedback that hold a text an editor changes.

Belongs here: which files there are, and each one before and after. Does not belong here: what an editor changes
(`derived.py`), writing anything (`pending.py`), Dagster's databases (`history.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genaiops_assets.lake import Editor, Lake, edited
from genaiops_assets.use_case import UseCase

LARGEST_LOG = 32 * 2**20  # bytes; larger files are no logs of ours


def artifact_changes(lake: Lake, uc: UseCase, editor: Editor) -> Iterator[tuple[str, bytes, bytes]]:
    """(key, before, after) of artifact and memo files that an editor changes."""
    store = lake.store
    for asset in store.list(f"artifacts/{uc.name}"):
        for digest in store.list(f"artifacts/{uc.name}/{asset}"):
            folder = store.local(f"artifacts/{uc.name}/{asset}/{digest}")
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                name = path.relative_to(folder).as_posix()
                before = path.read_bytes()
                if (after := edited(before, name, editor)) != before:
                    yield f"artifacts/{uc.name}/{asset}/{digest}/{name}", before, after
    for start in store.list("memo"):
        for name in store.list(f"memo/{start}"):
            before = store.read(f"memo/{start}/{name}")
            if f'"{uc.name}/'.encode() in before and (after := edited(before, name, editor)) != before:
                yield f"memo/{start}/{name}", before, after


def home_changes(lake: Lake, uc: UseCase, editor: Editor) -> Iterator[tuple[str, bytes, bytes]]:
    """(path in the home, before, after) of logs and feedback."""
    for file in log_files(lake):
        before = file.read_bytes()
        if (after := edited(before, file.name, editor)) != before:
            yield file.relative_to(lake.home).as_posix(), before, after
    for file in feedback_files(lake.home / "inbox" / uc.name / "feedback"):
        before = file.read_bytes()
        if (after := edited_feedback(before, editor)) != before:
            yield file.relative_to(lake.home).as_posix(), before, after


def log_files(lake: Lake) -> Iterator[Path]:
    for folder in (lake.home / "logs", lake.home / "dagster" / "storage"):
        for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if file.is_file() and file.stat().st_size <= LARGEST_LOG:
                yield file


def feedback_files(folder: Path) -> list[Path]:
    """The JSONL files of a feedback folder and of the folders in it, whatever the case of their ending; no links."""
    found = [p for p in folder.rglob("*") if p.suffix.lower() == ".jsonl"] if folder.is_dir() else []
    links = {p for p in folder.rglob("*") if p.is_symlink()} if found else set()
    return sorted(p for p in found if p.is_file() and not links & {p, *p.parents})


def edited_feedback(data: bytes, editor: Editor) -> bytes:
    """A line of feedback that repeats erased text goes as a whole: a preference about nothing teaches nothing."""
    return b"\n".join(
        b"" if line.strip() and edited(line, "line.txt", editor) != line else line for line in data.split(b"\n")
    )
