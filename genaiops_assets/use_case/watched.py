"""Whether the definitions of a home would load differently now: stamps of the files they are made from.

Belongs here: which files those are, and their stamps. Does not belong here: reading a use case (`load.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from genaiops_assets.use_case.workspace import LIST_NAME, entries_of, target_of
from genaiops_assets.use_case.yaml_file import FILE_NAME, UseCaseError, read_document

Stamp = tuple[int, int] | None


def definition_stamps(home: Path) -> tuple[Any, ...]:
    """Differs from an earlier value when the list of use cases or one of their files changed, or when a file that one
    of them names appeared or went. Costs a few `stat` calls."""
    return (_stamp(home / LIST_NAME), *(_case_stamps(home, entry) for entry in _listed(home)))


def _listed(home: Path) -> list[str]:
    try:
        return entries_of(home)
    except (OSError, UnicodeDecodeError):
        return []


def _case_stamps(home: Path, entry: str) -> tuple[Any, ...]:
    path = target_of(home, entry)[0]
    file = path if path.suffix in (".yaml", ".yml") else path / FILE_NAME
    stamp = _stamp(file)
    return (entry, stamp, tuple(_exists(file.parent / name) for name in _named_files(file, stamp)))


def _stamp(file: Path) -> Stamp:
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=64)
def _named_files(file: Path, stamp: Stamp) -> tuple[str, ...]:
    """Relative names of the files that must be there for the use case to load; read once for each stamp."""
    if stamp is None:
        return ()
    try:
        data = read_document(file).data
    except UseCaseError:
        return ()
    return tuple(sorted({name for name in _paths_in(data) if name}))


def _paths_in(data: Any) -> Iterator[str]:
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in children:
        if isinstance(value, str) and (key in ("recipe", "golden") or value.startswith("path:")):
            yield value.removeprefix("path:")
        yield from _paths_in(value)
