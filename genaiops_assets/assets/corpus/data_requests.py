"""Asset `data_requests`: what the bias log finds under-represented, the tasks that follow, and what was asked for."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.data_requests import (
    data_requests,
    data_tasks,
    lack_rows,
    lacks_of,
    settle_data_tasks,
)
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
NAME, FILE = "data_requests", "lacks.json"


def data_requests_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "corpus")(
        name=NAME,
        kinds={"json"},
        reads=["data_bias_log"],
        article="article-10.2.h",
        code_version=CODE,
        description="Groups and topics that the bias log finds under-represented: each opens a task with an owner, and "
        "`genaiops ask-for-data` turns it into a request on a person's word.",
    )
    def lacking_data(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        made = making.read("data_bias_log")
        log = made.json("data_bias_log.json")
        lacks = lacks_of(log)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, {"schema_version": 1, "log": made.digest, "lacks": lack_rows(lacks)})
            rows = [{"about": lack.about, "rare": ", ".join(lack.missing), "why": lack.why} for lack in lacks]
            return Built({"lacks": len(lacks)}, {"under-represented": rows})

        result = making.produce(build, config={})
        tasks = settle_data_tasks(lake, uc, log, made.digest, datetime.now(UTC).date())
        asked = [f"- {r['on']}: {r['count']} {r['wanted']} ({r['about']}), {r['by']}" for r in data_requests(lake, uc)]
        told = {
            "open_tasks": dg.MarkdownMetadataValue("\n".join(f"- {task.in_words()}" for task in tasks) or "none"),
            "asked_for": dg.MarkdownMetadataValue("\n".join(asked) or "nothing yet"),
        }
        return dg.MaterializeResult(metadata={**(result.metadata or {}), **told}, data_version=result.data_version)

    @check(
        uc,
        NAME,
        description="No task about under-represented groups or topics waits for its owner: data was asked for, or a "
        "person closed it with a reason.",
    )
    def what_is_rare_was_decided(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        waiting = [task.in_words() for task in data_tasks(platform.lake, uc)]
        return notice(not waiting, waiting=len(waiting), tasks="; ".join(waiting) or "none")

    return [lacking_data, what_is_rare_was_decided]
