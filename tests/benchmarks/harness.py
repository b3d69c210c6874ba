"""Benchmarks' frame: figures against bars, a table, JSON under `results/`, exit 1 when a bar is missed. Holds no
benchmark."""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """`at_most` or `at_least` is the bar; neither means that the figure is only reported."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def reached(self) -> bool:
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def bar(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else ""


def report(name: str, figures: list[Figure]) -> None:
    """Print, write `results/NAME.json`, end the process with 0 or 1."""
    table = Table(title=name, title_justify="left")
    for column in ("figure", "value", "bar", "reached"):
        table.add_column(column)
    for f in figures:
        table.add_row(f.name, f"{f.value:.3g} {f.unit}", f.bar, ("yes" if f.reached else "NO") if f.bar else "")
    Console().print(table)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    content = {"benchmark": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), **machine}
    RESULTS.mkdir(exist_ok=True)
    found = [{**asdict(f), "reached": f.reached} for f in figures]
    (RESULTS / f"{name}.json").write_text(json.dumps({**content, "figures": found}, indent=1) + "\n")
    sys.exit(0 if all(f.reached for f in figures) else 1)
