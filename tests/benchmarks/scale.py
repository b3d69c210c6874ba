"""Large numbers of things: 1,000 model versions and 3,650 days in Dagster's history and the lake's heads, a ledger of
2,000 entries, 20 and 200 use cases, a day whose counter says 10^6 interactions.

The history is written as rows, the ones that a materialization leaves (asset events, their data versions, the newest of
each asset): running 100,000 materializations would take hours. What is measured runs as users run it: definitions and
`status` in fresh processes, each sensor's tick by Dagster's own call. Not measured here: rendering of the graph in a
browser, and the work on the 10^6 rows themselves (`tests.benchmarks.drift`)."""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.harness import Figure, report

VERSIONS, DAYS, LEDGER, INTERACTIONS = 1000, 3650, 2000, 1_000_000
FEW, MANY = 20, 200
LOAD = "import time; t=time.perf_counter(); from genaiops_assets.definitions import defs; d=defs(); "
NAME = "bank_support"


def use_cases(home: Path, number: int) -> None:
    """So many, all of them variants of a packaged one; the first is the packaged one."""
    from genaiops_assets.use_case import discover

    home.mkdir(parents=True, exist_ok=True)
    (home / "use_cases.txt").write_text(f"package:{NAME}\n")
    source = discover(home)[0].folder
    entries = [f"package:{NAME}"]
    for i in range(1, number):
        folder = home / "cases" / f"case_{i:03d}"
        shutil.copytree(source, folder, dirs_exist_ok=True)
        content = yaml.safe_load((folder / "use_case.yaml").read_text("utf-8"))
        content["name"] = f"case_{i:03d}"
        (folder / "use_case.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        entries.append(str(folder))
    (home / "use_cases.txt").write_text("\n".join(entries) + "\n")


def process(home: Path, *words: str) -> tuple[float, str]:
    """(seconds, what it said)"""
    env = {**os.environ, "GENAIOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
    began = time.perf_counter()
    told = subprocess.run([sys.executable, *words], check=True, env=env, capture_output=True, text=True)
    return time.perf_counter() - began, told.stdout


def versions() -> list[str]:
    return [f"mv-{i:012x}" for i in range(VERSIONS)]


def days() -> list[str]:
    today = date.today()
    return [(today - timedelta(days=i)).isoformat() for i in range(DAYS)][::-1]


def write_history(home: Path, assets: list[dict[str, Any]]) -> int:
    """A materialization of every partition of every partitioned asset. Returns how many."""
    from genaiops_assets.cli.history_writer import MADE, ROW, asset_key, entry, moment, stored, text_of

    now = time.time()
    kinds = {"versions": versions(), "days": days()}
    with closing(sqlite3.connect(home / "dagster/history/runs/index.db")) as index, index:
        number = 0
        for asset in assets:
            key, parts = asset["key"], kinds.get(asset["partitions"] or "", [None])
            if not asset["executable"]:
                continue
            for part in parts:
                number += 1
                made = {"__class__": "AssetMaterialization", "asset_key": asset_key(key), "description": None,
                        "metadata_entries": [], "partition": part, "tags": {"dagster/data_version": f"{number:016x}"}}  # fmt: skip
                data = {"__class__": "StepMaterializationData", "asset_lineage": [], "materialization": made}
                event = entry(MADE, data, now)
                row = (number, "", text_of(event), MADE, moment(now), None, stored(key), part)
                index.execute(f"insert into event_logs (id, {ROW}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)
                index.execute(
                    "insert into asset_event_tags (event_id, asset_key, key, value, event_timestamp) values (?,?,?,?,?)",
                    (number, stored(key), "dagster/data_version", f"{number:016x}", moment(now)),
                )
            record = {"__class__": "EventLogRecord", "event_log_entry": event, "storage_id": number}
            index.execute(
                "insert into asset_keys (asset_key, last_materialization, last_run_id, last_materialization_timestamp) "
                "values (?, ?, '', ?)",
                (stored(key), text_of(record), moment(now)),
            )
    return number


def write_lake(home: Path, uc: Any, assets: list[dict[str, Any]]) -> None:
    """Heads of every version and day, ledger entries, and the counter of a busy day."""
    from genaiops_assets.lake import Lake
    from genaiops_assets.serving import counter

    lake = Lake(home)
    kinds = {"versions": versions(), "days": days()}
    for asset in assets:
        for part in kinds.get(asset["partitions"] or "", ()):
            lake.heads.put(asset["key"], part, {"digest": "0" * 64, "manifest": "0" * 64})
    for i in range(LEDGER):
        lake.ledger.append("materialization", {"asset": f"{NAME}/documents", "digest": f"{i:064x}"})
    content = {"day": date.today().isoformat(), "rows": INTERACTIONS}
    lake.store.write(counter(uc), json.dumps(content).encode())


def ticks(home: Path) -> Iterator[tuple[str, float]]:
    """(sensor, seconds of its second tick) of one use case; NaN for one that needs more than is written here."""
    import dagster as dg

    from genaiops_assets.definitions import build_defs
    from genaiops_assets.errors import GenaiopsError
    from genaiops_assets.orchestration.platform import Platform
    from genaiops_assets.use_case import discover

    platform = Platform(home=str(home))
    definitions = build_defs(discover(home)[:1], platform)
    repository = definitions.get_repository_def()
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        instance.add_dynamic_partitions(f"{NAME}__model_version", versions())
        for sensor in repository.sensor_defs:
            if isinstance(sensor, dg.AutomationConditionSensorDefinition):
                continue
            cursor, taken = None, math.nan
            for _ in range(2):
                context = dg.build_sensor_context(
                    instance=instance, cursor=cursor, definitions=definitions, resources={"platform": platform}
                )
                began = time.perf_counter()
                try:
                    cursor = sensor.evaluate_tick(context).cursor
                except GenaiopsError:  # it reads an artifact, and heads here point at none
                    break
                taken = time.perf_counter() - began
            yield sensor.name.removeprefix(f"{NAME}__"), taken
        seen = None
        for word in ("first automation tick", "automation tick"):
            began = time.perf_counter()
            seen = dg.evaluate_automation_conditions(definitions, instance, cursor=seen.cursor if seen else None)
            yield word, time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name) / "few", Path(name) / "many"
        use_cases(few, FEW)
        use_cases(many, MANY)
        loaded = statistics.median(process(few, "-c", LOAD)[0] for _ in range(3))
        many_loaded = process(many, "-c", LOAD)[0]
        command = ("-m", "genaiops_assets.cli", "status", "--json", "-u", NAME)
        assets = json.loads(process(few, *command)[1])["assets"]
        os.environ.update(GENAIOPS_HOME=str(few), DAGSTER_HOME=str(few / "dagster"))
        events = filled(few)
        status = statistics.median(process(few, *command)[0] for _ in range(3))
        found = sorted(ticks(few), key=lambda item: -1 if math.isnan(item[1]) else item[1], reverse=True)
    assert assets
    sensors = [(n, s) for n, s in found if "automation" not in n and not math.isnan(s)]
    report(
        "scale",
        [
            Figure(f"definitions of {FEW} use cases", loaded, "s", at_most=3),
            Figure(f"definitions of {MANY} use cases", many_loaded, "s"),
            Figure("asset events in the history", events, ""),
            Figure("genaiops status", status, "s", at_most=2),
            Figure(f"slowest sensor tick ({sensors[0][0]})", sensors[0][1], "s", at_most=5),
            Figure("sensors measured", len(sensors), ""),
            Figure("sensors that need artifacts, not measured", sum(math.isnan(s) for _, s in found), ""),
            *(Figure(n, s, "s", at_most=5 if n == "automation tick" else None) for n, s in found if "automation" in n),
        ],
    )


def filled(home: Path) -> int:
    import dagster as dg

    from genaiops_assets.cli.graph import card_of
    from genaiops_assets.cli.session import Session
    from genaiops_assets.use_case import discover

    session, uc = Session(), discover(home)[0]
    assets = card_of(home, uc, session.definitions)
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        instance.event_log_storage.get_maximum_record_id()  # makes the files
    events = write_history(home, assets)
    write_lake(home, uc, assets)
    return events


if __name__ == "__main__":
    main()
