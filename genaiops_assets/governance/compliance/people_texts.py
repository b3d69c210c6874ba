"""What people wrote in the folder of a use case, looked through for wrong citations of the AI Act.

Belongs here: which files are people's, and each mistake with its file and line. Does not belong here: what is wrong
(`wrong_citations.py`), documents the platform writes (they are made of data that tests look through)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from genaiops_assets.governance.compliance.wrong_citations import mistakes_in
from genaiops_assets.use_case import UseCase

FOLDERS = ("", "dossier", "scoping", "records")  # below the use case file; what answers rest on is not people's word
SUFFIXES = (".yaml", ".yml", ".md")


def miscited_by_people(uc: UseCase) -> list[str]:
    """`dossier/runbook.yaml:12: 'Art. 17 … post-market monitoring': …` of every mistake, in the order of files."""
    found = []
    for file in texts_of(uc.path(".")):
        text = file.read_text(encoding="utf-8", errors="replace")
        place = file.relative_to(uc.path(".")).as_posix()
        found += [f"{place}:{text.count(chr(10), 0, one.place) + 1}: {one}" for one in mistakes_in(text)]
    return found


def texts_of(folder: Path) -> Iterator[Path]:
    """The files people write about a use case; links are not followed."""
    for name in FOLDERS:
        here = folder / name
        if here.is_dir():
            files = (p for p in sorted(here.iterdir()) if p.suffix in SUFFIXES)
            yield from (p for p in files if p.is_file() and not p.is_symlink())
