"""Every asset, check, job, sensor and schedule of the packaged examples, as it is declared: whoever changes one sees it
in the diff of `specs.json`.

`GENAIOPS_WRITE_SPECS=1 python -m pytest tests/test_specs.py` writes the file anew. Owners, descriptions and digests of
code are left out: the first two are tested elsewhere, the last changes with every edit."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.definitions import build_defs
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import PACKAGED

STORED = Path(__file__).with_name("specs.json")


def specs_of(definitions: dg.Definitions) -> dict[str, Any]:
    graph = definitions.resolve_asset_graph()
    repository = definitions.get_repository_def()
    assets = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        condition = node.automation_condition.get_label() if node.automation_condition else None
        assets[key.to_user_string()] = {
            "group": node.group_name,
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "kinds": sorted(node.kinds),
            "partitions": type(node.partitions_def).__name__ if node.partitions_def else None,
            "tags": {k: v for k, v in sorted(node.tags.items()) if k in ("phase", "smactr", "article")},
            "automation": condition,
            "code": (node.code_version or "").split("+")[0],
        }
    return {
        "assets": assets,
        "checks": {
            f"{spec.asset_key.to_user_string()}:{spec.name}": "blocking" if spec.blocking else "notice"
            for spec in sorted(
                (s for d in definitions.asset_checks or [] for s in d.check_specs),
                key=lambda s: (s.asset_key.to_user_string(), s.name),
            )
        },
        "jobs": sorted(job.name for job in repository.get_all_jobs() if not job.name.startswith("__")),
        "sensors": {s.name: s.default_status.value for s in sorted(repository.sensor_defs, key=lambda s: s.name)},
        "schedules": {
            s.name: [s.cron_schedule, s.default_status.value]
            for s in sorted(repository.schedule_defs, key=lambda s: s.name)
        },
    }


def test_the_specs_are_those_on_record(tmp_path: Path) -> None:
    found = {
        name: specs_of(build_defs([load_use_case(PACKAGED / name)], Platform(home=str(tmp_path))))
        for name in ("bank_support", "library_zh")
    }
    if os.environ.get("GENAIOPS_WRITE_SPECS"):
        STORED.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(STORED.read_text("utf-8"))
