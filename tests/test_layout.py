"""The layout of the house: no Python file is longer than a person reads in one go, what stands at the top, one base
for all errors that people read.

Belongs here: rules about files as such. Does not belong here: imports (import-linter) and style (ruff)."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
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


README_WORDS = 1200
TOP = {"__init__.py", "__init__.pyi", "definitions.py", "errors.py"}
OURS = {
    "GenaiopsError",
    "UndeclaredRead",
    "_TooLong",
    "_NotUtf8",
}  # the base, a fault of ours, and two that never leave


def test_the_readme_is_short_and_the_package_has_only_folders_beside_definitions_and_errors() -> None:
    assert len((PROJECT / "README.md").read_text("utf-8").split()) <= README_WORDS
    assert {file.name for file in (PROJECT / "genaiops_assets").glob("*.py*")} == TOP


def test_every_error_that_people_read_has_the_one_base() -> None:
    """A class may not derive from a built-in error alone."""
    builtin = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    alone = {name for name, bases in classes(PROJECT / "genaiops_assets") if bases and bases <= builtin}
    assert alone == OURS


def classes(folder: Path) -> Iterator[tuple[str, set[str]]]:
    """(name, plain names of its bases) of every class."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield node.name, {base.id if isinstance(base, ast.Name) else "" for base in node.bases}
