"""How long the code location takes to load, against a bare `import dagster`, each in fresh processes, medians of
five."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from tests.benchmarks.harness import Figure, report

RUNS = 5


def seconds(code: str) -> float:
    taken = []
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "GENAIOPS_HOME": home, "DAGSTER_HOME": f"{home}/dagster"}
        for _ in range(RUNS):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, env=env, capture_output=True)
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    bare = seconds("import dagster")
    ours = seconds("from genaiops_assets.definitions import defs; defs()")
    report(
        "loading",
        [
            Figure("import dagster", bare, "s"),
            Figure("load definitions of two use cases", ours, "s"),
            Figure("ratio to import dagster", ours / bare, "x", at_most=2.5),
        ],
    )
