"""States of Dagster runs, in one place: which count as unfinished, which as under way.

Belongs here: these lists. Does not belong here: what follows from them."""

from __future__ import annotations

import dagster as dg

UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
UNFINISHED = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, *UNDER_WAY]
