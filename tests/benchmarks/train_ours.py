"""One DPO training by our payload, in a process of its own: `python -m tests.benchmarks.train_ours JOB.json`.

The payload itself; beside it the seconds of its pass over the reference model are written. Holds nothing else."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.methods import dpo
from genaiops_assets.compute import run_payload
from genaiops_assets.payloads.train_model import work


def timed(*given: Any) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    before(*given)
    took = {"reference_seconds": time.perf_counter() - wall, "reference_cpu": time.process_time() - cpu}
    Path(sys.argv[1]).with_name("reference.json").write_text(json.dumps(took))


if __name__ == "__main__":
    before, dpo.with_known_reference = dpo.with_known_reference, timed
    run_payload(work)
