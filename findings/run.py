"""Runs the findings one after the other and prints what still holds: `make findings`.

A finding is a file `NAME.sh` here: it shows in a minimal script how a library behaves where a good engineer would have
guessed otherwise. It exits with 0 when the library still behaves so, with 1 when it changed, with anything else when
it could not be tried. A line `versions: …` of its output says of what; else a comment `# packages: NAME …` in it names
the packages whose installed versions are shown. Belongs here: running and the table. Does not belong here: any
finding."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
OUTCOMES = {0: "holds", 1: "changed"}
LIMIT = 900.0  # seconds for one finding


@dataclass(frozen=True)
class Result:
    name: str
    versions: str
    outcome: str
    seconds: float
    output: str


def run(script: Path, limit: float = LIMIT) -> Result:
    """One finding, with the python of this environment first on the PATH."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    began = time.monotonic()
    try:
        done = subprocess.run(
            ["bash", str(script)],
            env=env,
            cwd=FOLDER.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
        )
        output, outcome = done.stdout.decode(errors="replace"), OUTCOMES.get(done.returncode, f"exit {done.returncode}")
    except subprocess.TimeoutExpired as error:
        output, outcome = (error.stdout or b"").decode(errors="replace"), f"over {limit:g} s"
    return Result(script.stem, versions_of(script, output), outcome, time.monotonic() - began, output)


def versions_of(script: Path, output: str) -> str:
    stated = re.search(r"^versions: *(.+)$", output, re.MULTILINE)
    if stated:
        return stated[1].strip()
    named = re.search(r"^# packages: *(.+)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    return ", ".join(f"{p} {installed(p)}" for p in re.split(r"[,\s]+", named[1].strip())) if named else ""


def installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(not installed)"


def line(width: int, *cells: str) -> str:
    name, versions, outcome, seconds = cells
    return f"{name:<{width}} {versions:<34} {outcome:<10} {seconds:>8}"


def main(names: Iterable[str]) -> int:
    """All findings, or those named. 0 when each of them holds."""
    wanted = set(names)
    scripts = [s for s in sorted(FOLDER.glob("*.sh")) if not wanted or s.stem in wanted]
    width = max((len(s.stem) for s in scripts), default=0)
    print(line(width, "finding", "versions", "", "seconds"), flush=True)
    results = []
    for script in scripts:
        results.append(result := run(script))
        print(line(width, result.name, result.versions, result.outcome, f"{result.seconds:.1f}"), flush=True)
    for result in results:
        if result.outcome != "holds":
            print(f"\n--- {result.name}: {result.outcome}\n{result.output.rstrip()[-2000:]}")
    print(f"\n{sum(r.outcome == 'holds' for r in results)} of {len(results)} hold")
    return 0 if all(r.outcome == "holds" for r in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
