"""Doctor: what this machine has, what is missing, and what to type.

Belongs here: looking. Does not belong here: changing anything.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from genaiops_assets.cli.services import port_is_free
from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import table
from genaiops_assets.compute import gpus
from genaiops_assets.orchestration.home import PRIVATE, is_open_to_others
from genaiops_assets.use_case import UseCase

EXTRAS = {
    "corpus": ("data_juicer", "aiohttp", "ray", "great_expectations", "ftfy"),
    "train": ("torch", "transformers", "trl", "peft", "datasets", "bitsandbytes", "sentence_transformers", "gguf"),
    "docs": ("matplotlib", "huggingface_hub"),
}
MEMORY_GB, DISK_GB = 7, 5


@dataclass(frozen=True)
class Finding:
    what: str
    good: bool
    found: str
    cure: str = ""


def examine(home: Path, use_cases: Iterable[Any], problem: str) -> list[Finding]:
    """All findings, good and bad. `problem`: why the home cannot be written, or empty."""
    return [*machine(home, problem), *history(home), *packages(), *(about(u) for u in use_cases)]


def machine(home: Path, problem: str) -> list[Finding]:
    import psutil

    memory = psutil.virtual_memory()
    free = shutil.disk_usage(nearest_folder(home)).free / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return [
        Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], "install Python 3.11 or newer"),
        Finding("cores", True, str(cores)),
        Finding("gpu", True, gpu()),
        Finding(
            "memory",
            memory.available / 2**30 >= MEMORY_GB,
            f"{memory.available / 2**30:.1f} GB free of {memory.total / 2**30:.0f}",
            f"{MEMORY_GB} GB are needed to train the example",
        ),
        Finding("disk", free >= DISK_GB, f"{free:.0f} GB free", f"free {DISK_GB} GB below {home}"),
        Finding("port 3000", port_is_free(3000), "free" if port_is_free(3000) else "taken", "genaiops up --port 3001"),
        Finding("home", not problem, str(home), problem),
        privacy_of(home),
    ]


def history(home: Path) -> list[Finding]:
    """Where Dagster's history lies, where that is Postgres or should be."""
    from genaiops_assets.orchestration.postgres.budget import VARIABLE, budget_of

    found = budget_of(home / "dagster")
    if found is not None:
        return [Finding("postgres", found.fits, str(found), found.cure)]
    if os.environ.get(VARIABLE) and (home / "dagster" / "dagster.yaml").exists():
        return [
            Finding(
                "postgres", False, f"{VARIABLE} is set, but this home records in SQLite", "genaiops migrate-storage"
            )
        ]
    return []


def nearest_folder(path: Path) -> Path:
    """The path, or what of it is a folder already: a home that could not be made has a disk too."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def privacy_of(home: Path) -> Finding:
    """Whether others on this machine can read documents, questions and answers."""
    mode = stat.S_IMODE(home.stat().st_mode) if home.exists() else PRIVATE
    said = "only you can read it" if not is_open_to_others(home) else f"others can read it (mode {mode:04o})"
    return Finding("home is private", not is_open_to_others(home), said, f"chmod 700 {home}")


def gpu() -> str:
    """Whether there is one and whether it is used, without loading torch."""
    if not gpus():
        return "none: models run on the cores"
    named = ", ".join(gpus())
    if importlib.util.find_spec("torch") is None:
        return named
    build = metadata.version("torch")
    return (
        f"{named}, not used: torch {build} is built for CPUs only"
        if build.endswith("+cpu")
        else f"{named}, torch {build}"
    )


def packages() -> list[Finding]:
    found = [family()]
    for extra, modules in EXTRAS.items():
        missing = [m for m in modules if importlib.util.find_spec(m) is None]
        found.append(
            Finding(
                f"extra {extra}",
                not missing,
                "complete" if not missing else f"without {', '.join(missing)}",
                f"pip install 'genaiops-assets[{extra}]'",
            )
        )
    return found


def family() -> Finding:
    """All core Dagster packages must be of one version."""
    names = ("dagster", "dagster-webserver", "dagster-graphql", "dagster-pipes")
    versions = {n: metadata.version(n) for n in names}
    same = len(set(versions.values())) == 1
    found = versions["dagster"] if same else ", ".join(f"{n} {v}" for n, v in versions.items())
    return Finding("dagster", same, found, "install one version of " + ", ".join(names))


def about(use_case: Any) -> Finding:
    if isinstance(use_case, UseCase):
        return Finding(f"use case {use_case.name}", True, str(use_case.folder))
    return Finding(f"use case {use_case.name}", False, use_case.error.splitlines()[0], f"correct {use_case.path}")


def doctor() -> None:
    """Versions, cores, memory, disk, ports; what is missing and what to type."""
    session = Session(reads=True)
    findings = examine(session.home, session.use_cases, session.problem)
    table("", (), [row_of(finding) for finding in findings])
    if not all(f.good for f in findings):
        raise typer.Exit(1)


def row_of(finding: Finding) -> tuple[Any, ...]:
    mark = Text("✓", "green") if finding.good else Text("✗", "red")
    return mark, finding.what, finding.found, "" if finding.good else f"→ {finding.cure}"
