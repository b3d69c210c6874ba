"""What code makes an asset: the modules and libraries whose change makes its output anew.

Belongs here: the digest of what an asset is made by (`made_by.py`), from which both Dagster's code version and the memo
key follow. Does not belong here: inputs and settings, which the memo key holds beside it. An edit without a raised
number, or a new release of a library, is other work and no memo hit."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

from genaiops_assets.orchestration.made_by import MADE_BY, TRAINING, Code

PACKAGE = Path(__file__).resolve().parent.parent
SOURCES = (".py", ".j2", ".yaml", ".json")


PAGES = ("governance/documents/templates", "evidence/render")


def code_digest(name: str) -> str:
    """Twelve digits for the code of an asset; documents add what renders their pages, and checkpoints of all
    stages are made by the same. An asset of another package counts by its own module only."""
    code = MADE_BY.get(name) or (TRAINING if name.endswith("_checkpoint") else Code())
    rendered = PAGES if any(module.startswith("governance/documents/") for module in code.modules) else ()
    return digest_of_code((*code.modules, *rendered), code.libraries)


def version_of(name: str, number: str) -> str:
    """`number+digest`: the code version of an asset, in Dagster and in memo keys."""
    return f"{number}+{code_digest(name)}"


@cache
def digest_of_code(modules: tuple[str, ...], libraries: tuple[str, ...], root: Path = PACKAGE) -> str:
    """Twelve digits over the bytes of the modules and the versions of the libraries. Raises FileNotFoundError naming a
    module that is not there."""
    parts = [
        f"{path.relative_to(root).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in files(modules, root)
    ]
    parts += [f"{library} {installed(library)}" for library in libraries]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def files(modules: tuple[str, ...], root: Path) -> list[Path]:
    found: set[Path] = set()
    for module in modules:
        path = root / module
        if path.is_dir():
            found.update(p for p in path.rglob("*") if p.suffix in SOURCES)
        else:
            found.add(path if path.suffix in SOURCES else path.with_suffix(".py"))
    lost = sorted(str(path) for path in found if not path.exists())
    if lost:
        raise FileNotFoundError(
            f"{', '.join(lost)}: named in orchestration/made_by.py or made_by_data.py and not there"
        )
    return sorted(found)


@cache
def installed(library: str) -> str:
    """The version of a library, "" where it is not installed."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return ""
