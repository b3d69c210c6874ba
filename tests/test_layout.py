"""The layout of the house: no Python file is longer than a person reads in one go.

Belongs here: rules about files as such. Does not belong here: imports (import-linter) and style (ruff)."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import PROJECT

LIMIT = 300  # lines
LONGER = {"genaiops_assets/governance/dossier/verify.py": 500}  # must be one file, for it leaves the house alone
FOLDERS = ("genaiops_assets", "sensors", "schedules", "tests")


def too_long(root: Path) -> list[str]:
    """Python files and faces below the house's folders with more lines than the limit."""
    files = [f for folder in FOLDERS for f in sorted((root / folder).rglob("*.py*")) if f.suffix in (".py", ".pyi")]
    lengths = {f: len(f.read_text("utf-8").splitlines()) for f in files}
    return [
        f"{f.relative_to(root)}: {lines} lines"
        for f, lines in lengths.items()
        if lines > LONGER.get(f.relative_to(root).as_posix(), LIMIT)
    ]


def test_no_file_is_longer_than_300_lines() -> None:
    assert too_long(PROJECT) == [], "split it by subject"


def test_a_longer_file_is_named_in_every_folder(tmp_path: Path) -> None:
    for folder in FOLDERS:
        (tmp_path / folder / "room").mkdir(parents=True)
        (tmp_path / folder / "room" / "long.py").write_text("pass\n" * (LIMIT + 1))
        (tmp_path / folder / "room" / "just_fits.py").write_text("pass\n" * LIMIT)
    assert too_long(tmp_path) == [f"{folder}/room/long.py: 301 lines" for folder in FOLDERS]
