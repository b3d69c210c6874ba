"""New documents: when the inbox differs from what the index was built from, request one run of the whole chain."""

import json
import time

import dagster as dg

from genaiops_assets.assets.inbox import inbox_fingerprint, indexed_inbox
from genaiops_assets.assets.jobs import job_name
from genaiops_assets.assets.platform import Platform
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import UseCase
from sensors.runs import CAUSE, PURPOSE, attempts

SETTLE = 2.0  # seconds without a change: a file that is still being copied is not read
SCHEMA_VERSION = 1


def inbox_sensor(uc: UseCase) -> dg.SensorDefinition:
    purpose = f"{uc.name}:inbox"

    @dg.sensor(
        name=f"{uc.name}__new_documents",
        job_name=job_name(uc, "refresh"),
        minimum_interval_seconds=15,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Files in the inbox folder: requests documents to index in one run when they differ from what the index holds.",
    )
    def new_documents(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult | dg.SkipReason:
        found = inbox_fingerprint(platform.lake, uc)
        indexed = indexed_inbox(platform.lake, uc)
        if indexed is None:
            return dg.SkipReason(f"no index yet: run {job_name(uc, 'plan')} or `genaiops demo` first")
        if found.digest == indexed["digest"]:
            cursor = json.dumps({"schema_version": SCHEMA_VERSION, "indexed": found.digest})
            return dg.SensorResult(skip_reason=f"{found.files} files in the inbox, all indexed since {indexed['at']}", cursor=cursor)
        if abs(time.time() - found.newest) < SETTLE:  # a time in the future (another clock) must not block for ever
            return dg.SkipReason(f"{found.files} files, the newest changed less than {SETTLE:g} s ago")
        cause = digest_of([found.digest, indexed["digest"], indexed["at"]])[:24]
        own = [a for a in attempts(context.instance, purpose) if a.cause == cause]
        limit = uc.monitoring.retraining.max_attempts
        if any(a.state == "in_progress" for a in own):
            return dg.SkipReason(f"{found.files} files: the run that brings them in is under way")
        if any(a.permanent for a in own) or len(own) >= limit:
            return dg.SkipReason(
                f"{len(own)} of {limit} attempts to bring in the inbox failed; see the runs, then change a file or run {job_name(uc, 'refresh')}"
            )
        request = dg.RunRequest(run_key=f"{cause}-{len(own) + 1}", tags={PURPOSE: purpose, CAUSE: cause})
        return dg.SensorResult(run_requests=[request], cursor=context.cursor)

    return new_documents
