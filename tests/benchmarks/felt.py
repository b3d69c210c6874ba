"""What a person waits for: the build before this one and this one side by side, on one machine, with one environment.

    python -m tests.benchmarks.felt [--before COMMIT] [--homes BEFORE NOW]   (finished smoke homes, each of its build)

BENCH_FELT_PARTS says which parts (default: those of a few minutes), ROUNDS how often each command is timed; the builds
take turns, so that whatever else the machine does hits both. A ratio is this build's median over the other's. Belongs
here: starting both and comparing. Does not belong here: idling (`felt_idle.py`), or how fast the work itself is (the
other benchmarks)."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.harness import Figure, report

PROJECT = Path(__file__).resolve().parents[2]
BEFORE = "e3db26b"
ROUNDS = int(os.environ.get("BENCH_FELT_ROUNDS", "5"))
QUICK = ("help", "status", "verify", "decisions", "loading", "drop")
LONG = ("idle", "demo", "memory", "setup", "test")  # minutes to an hour each
PERSON = ("--as", "Ada Approver", "--reason", "felt")
DOCUMENT = "# Parking\n\nCustomers park free of charge for {minutes} minutes in front of the branch in Mill Lane.\n"


@dataclass(frozen=True)
class Build:
    name: str
    folder: Path

    def run(self, home: Path, *command: str, check: bool = True) -> float:
        """Seconds of a command of this build."""
        env = {**os.environ, "GENAIOPS_HOME": str(home), "PYTHONPATH": str(self.folder), "TMPDIR": str(home.parent)}
        for name in ("DAGSTER_HOME", "PYTHONDONTWRITEBYTECODE", "GENAIOPS_USE_CASES"):
            env.pop(name, None)
        began = time.perf_counter()
        done = subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True)
        seconds = time.perf_counter() - began
        if check and done.returncode:
            sys.exit(f"{self.name}: {' '.join(command)} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
        return seconds

    def until_indexed(self, home: Path, *arguments: str) -> float:
        """Seconds until the index is another one; the command goes on to its end with the reports."""
        head = home / "heads/bank_support/embeddings_index/_.json"
        before, began = head.read_bytes(), time.perf_counter()
        with ThreadPoolExecutor(1) as running:
            ended = running.submit(self.genaiops, home, *arguments)
            while head.read_bytes() == before and not ended.done():
                time.sleep(0.05)
            seconds = time.perf_counter() - began
            ended.result()
        if head.read_bytes() == before:
            sys.exit(f"{self.name}: {' '.join(arguments)} left the index as it was")
        return seconds

    def genaiops(self, home: Path, *arguments: str) -> float:
        return self.run(home, sys.executable, "-m", "genaiops_assets.cli", *arguments)


class Bench:
    """Two builds, a finished home of each and how long it took to make, a folder for copies."""

    def __init__(
        self, builds: tuple[Build, Build], homes: dict[str, Path], place: Path, made_in: dict[str, float] | None = None
    ):
        self.builds, self.homes, self.place, self.made_in = builds, homes, place, made_in or {}
        self.figures: list[Figure] = []

    def copy(self, build: Build) -> Path:
        """A private copy of a build's finished home; its caches (the converted model) are linked."""
        finished = self.homes[build.name]
        target = Path(tempfile.mkdtemp(dir=self.place)) / "home"
        skipped = shutil.ignore_patterns("cache", "scratch", "staging", "logs")
        shutil.copytree(finished, target, symlinks=True, ignore=skipped)
        (target / "cache").mkdir()
        for cached in (finished / "cache").iterdir():
            (target / "cache" / cached.name).symlink_to(cached)
        return target

    def compare(self, name: str, bar: float, once: Callable[[Build], float], rounds: int = ROUNDS) -> None:
        """Each build in turn, once for warming up and `rounds` times for the median."""
        took: dict[str, list[float]] = {b.name: [] for b in self.builds}
        for number in range(rounds + (rounds > 1)):
            for build in self.builds if number % 2 else reversed(self.builds):
                seconds = once(build)
                if number or rounds == 1:
                    took[build.name].append(seconds)
        before, now = (statistics.median(took[b.name]) for b in self.builds)
        self.add(name, before, now, "s", bar)

    def add(self, name: str, before: float, now: float, unit: str, bar: float) -> None:
        print(f"{name}: {before:.2f} {unit} before, {now:.2f} {unit} now, {now / before:.2f}x (at most {bar:g}x)")
        self.figures += [
            Figure(f"{name}, before", before, unit),
            Figure(f"{name}, now", now, unit),
            Figure(f"{name}, ratio", now / before, "x", at_most=bar),
        ]

    # --- the rows of the table
    # --------------------------------------------------------------------------------------------------------

    def help(self) -> None:
        self.compare("help", 0.4, lambda build: build.genaiops(self.place / "nothing", "--help"))

    def status(self) -> None:
        home = {build.name: self.copy(build) for build in self.builds}
        self.compare("status", 0.4, lambda build: build.genaiops(home[build.name], "status"))
        self.figures.append(Figure("status, aim", self.figures[-2].value, "s", at_most=1.5))

    def verify(self) -> None:
        home = {build.name: self.copy(build) for build in self.builds}
        self.compare("verify", 0.3, lambda build: build.genaiops(home[build.name], "verify"))

    def decisions(self) -> None:
        homes: dict[str, Path] = {}

        def version(build: Build) -> str:
            return next(p.stem for p in self.homes[build.name].glob("heads/*/release_decision/mv-*.json"))

        def approve(build: Build) -> float:
            homes[build.name] = self.copy(build)
            return build.genaiops(homes[build.name], "approve", version(build), *PERSON)

        self.compare("approve", 0.3, approve)
        self.compare(
            "promote", 0.3, lambda build: build.genaiops(homes[build.name], "promote", version(build), *PERSON)
        )

    def loading(self) -> None:
        code = "from genaiops_assets.definitions import defs; defs()"
        home = {build.name: self.copy(build) for build in self.builds}
        self.compare(
            "loading the code location", 0.7, lambda build: build.run(home[build.name], sys.executable, "-c", code)
        )

    def drop(self) -> None:
        homes, count = {build.name: self.copy(build) for build in self.builds}, iter(range(1000))

        def drop(build: Build) -> float:
            file = self.place / f"parking_{(number := next(count))}.md"
            file.write_text(DOCUMENT.format(minutes=20 + number))
            return build.until_indexed(homes[build.name], "ingest", str(file), "--now")

        self.compare("one dropped document to the index", 0.5, drop, rounds=min(ROUNDS, 3))

    def demo(self) -> None:
        """The finished homes were made by it, if they were made here."""
        self.compare(
            "smoke demo", 0.6, lambda build: self.made_in.get(build.name) or self.whole("smoke", build)[0], rounds=1
        )

    def memory(self) -> None:
        (before, peak_before), (now, peak) = (self.whole("small", build) for build in self.builds)
        self.add("small demo", before, now, "s", 1.2)
        self.add("peak memory of the small demo", peak_before, peak, "GB", 0.65)

    def whole(self, preset: str, build: Build) -> tuple[float, float]:
        """(seconds, gigabytes at the peak) of a demo in an empty home."""
        home = Path(tempfile.mkdtemp(dir=self.place)) / "home"
        with watched_memory() as peak:
            seconds = build.genaiops(home, "demo", "--preset", preset)
        return seconds, peak[0] / 2**30

    def setup(self) -> None:
        """With the package caches as they are: the first build that runs would warm them for the other, so both do a
        round before."""
        rounds = 2 if ROUNDS > 1 else 1

        def once(build: Build) -> float:
            shutil.rmtree(build.folder / ".venv", ignore_errors=True)
            seconds = build.run(self.place / "nothing", "make", "setup")
            shutil.rmtree(build.folder / ".venv")
            return seconds

        self.compare("make setup, warm caches", 0.5, once, rounds=rounds)

    def test(self) -> None:
        self.compare("tests", 0.7, self.tests, rounds=1)

    def tests(self, build: Build) -> float:
        """What `make test` runs after the linters, as each build's Makefile has it."""
        makefile = (build.folder / "Makefile").read_text()
        lines = [line.strip() for line in makefile.splitlines() if line.startswith("\t$(BIN)/python -m pytest")]
        commands = [line.replace("$(BIN)/python", sys.executable) for line in lines if "-m soak" not in line]
        return build.run(self.place / "nothing", "bash", "-ec", "\n".join(commands), check=False)

    def idle(self) -> None:
        if importlib.util.find_spec("tests.benchmarks.felt_idle") is None:
            print("idle: tests/benchmarks/felt_idle.py is not there")
            return
        from tests.benchmarks.felt_idle import measure

        percent = measure(self.builds[1].folder, self.copy(self.builds[1]))
        self.figures.append(Figure("idle `genaiops up`, of one core", percent, "%", at_most=5))


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """[bytes] of this process's children together at their peak, each counted with what it shares."""
    peak, stop = [0.0], threading.Event()

    def watch() -> None:
        own = psutil.Process()
        while not stop.wait(0.25):
            total = 0.0
            for child in own.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


@contextmanager
def both_builds(commit: str, place: Path) -> Iterator[tuple[Build, Build]]:
    """The commit in a worktree of its own and what is committed here as a copy, both compiled as an installed package
    is."""
    before, now = place / "before", place / "now"
    git = ["git", "-C", str(PROJECT)]
    subprocess.run([*git, "worktree", "add", "--quiet", "--detach", str(before), commit], check=True)
    try:
        skipped = shutil.ignore_patterns(".git", ".venv", ".genaiops", ".*_cache", "__pycache__", "results")
        shutil.copytree(PROJECT, now, symlinks=True, ignore=skipped)
        for folder in (before, now):
            code = [str(folder / name) for name in ("genaiops_assets", "sensors", "schedules")]
            subprocess.run([sys.executable, "-m", "compileall", "-q", *code], check=True)
        yield Build("before", before), Build("now", now)
    finally:
        subprocess.run([*git, "worktree", "remove", "--force", str(before)], check=False)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--before", default=os.environ.get("BENCH_FELT_BEFORE", BEFORE), help="a commit")
    arguments.add_argument("--homes", type=Path, nargs=2, metavar=("BEFORE", "NOW"), help="finished smoke homes")
    given = arguments.parse_args()
    parts = [p for p in os.environ.get("BENCH_FELT_PARTS", ",".join(QUICK)).replace(" ", "").split(",") if p]
    unknown = set(parts) - {*QUICK, *LONG}
    if unknown:
        sys.exit(f"no part {', '.join(sorted(unknown))}: there are {', '.join((*QUICK, *LONG))}")
    with tempfile.TemporaryDirectory(prefix="felt_") as folder, both_builds(given.before, Path(folder)) as builds:
        place = Path(folder)
        homes = dict(
            zip(("before", "now"), given.homes or (place / "finished_before", place / "finished_now"), strict=True)
        )
        made_in: dict[str, float] = {}
        if not given.homes and set(parts) & {"status", "verify", "decisions", "loading", "drop", "idle"}:
            for build in builds:
                print(f"a finished home by the build {build.name}", flush=True)
                made_in[build.name] = build.genaiops(homes[build.name], "demo", "--preset", "smoke")
        bench = Bench(builds, {name: home.absolute() for name, home in homes.items()}, place, made_in)
        for part in parts:
            getattr(bench, part)()
    report("felt", bench.figures)


if __name__ == "__main__":
    main()
