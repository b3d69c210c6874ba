"""A tiny asset that runs the self-test payload; as a program, the parent that a test kills: `HOME END`."""

import sys
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.compute import Launch, LocalLauncher
from genaiops_assets.lake import Lake

KEY = "selftest" * 8


def run(
    home: Path, *, instance: dg.DagsterInstance | None = None, online: bool = False, **config: Any
) -> dict[str, Any]:
    """Materialize the asset and return the payload's result; failures of the payload come out as they are."""
    lake, results = Lake(home), []

    @dg.asset
    def selftest(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with lake.work(KEY) as place:
            found = LocalLauncher().run(
                context, lake, place, Launch("selftest", {"answer": 42}, config, seed=7, cpus=3, online=online)
            )
            results.append({**found, "echo": (place.staging / "echo.txt").read_text()})
        return dg.MaterializeResult()

    dg.materialize([selftest], instance=instance)
    return results[0]


def pid_file(home: Path) -> Path:
    return home / "scratch" / KEY[:32] / "pid"


if __name__ == "__main__":
    run(Path(sys.argv[1]), end=sys.argv[2])
