"""Payload: the judges of an evaluation, each measured on rows that people labelled.

Belongs here: opening the judges and asking them. Does not belong here: the figures
(`evaluation/judges/record.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.alignment import JudgeTools, opened_judges
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import (
    Asked,
    Judge,
    ValidationInputs,
    ValidationSettings,
    judge_scores_record,
    row_of,
    score_all,
)
from genaiops_assets.lake import write_json
from genaiops_assets.models import be_deterministic, prompts_in
from genaiops_assets.use_case import JudgeSettings

AT_ONCE = 64  # rows between two reports of progress


class Reporting:
    """A judge that says how far it is."""

    def __init__(self, judge: Judge, job: Job, total: int):
        self.judge, self.name, self.version = judge, judge.name, judge.version
        self._job, self._total = job, total

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return self.judge.score(question, answer, reference=reference, passages=passages)

    def scores(self, rows: Sequence[Asked]) -> list[float | None]:
        found: list[float | None] = []
        for start in range(0, len(rows), AT_ONCE):
            self._job.progress(f"judge {self.name}", start, self._total)
            found += score_all(self.judge, rows[start : start + AT_ONCE])
        return found


def work(job: Job) -> dict[str, Any]:
    """Inputs `ValidationInputs`, config `ValidationSettings`. Leaves `judge_validation.json`: {judges: name → record}.
    A judge that lacks something has a record that says so, and no figures. Returns the document."""
    be_deterministic(job.seed, job.cpus)
    inputs, config = ValidationInputs(**job.inputs), ValidationSettings(**job.config)
    tools = JudgeTools(
        inputs.models,
        config.settings,
        language=config.language,
        prompts=prompts_in(config.model_dump()),
        cache=job.cache,
        cpus=job.cpus,
        dtype=config.dtype,
        load_in_4bit=config.load_in_4bit,
    )
    opened = opened_judges(config.judges, tools, config.missing)
    records: dict[str, Any] = {}
    for judge in opened.judges:
        rows = [row_of(row) for row in inputs.labelled.get(judge.name, ())]
        cut = config.settings.get(judge.name, JudgeSettings()).cut
        records[judge.name] = judge_scores_record(Reporting(judge, job, len(rows)), rows, cut)
    for name, why in opened.skipped.items():
        records[name] = {"schema_version": 1, "judge": name, "version": config.judges[name], "skipped": why}
    document = {"schema_version": 1, "judges": {name: records[name] for name in config.judges}}
    write_json(job.out / "judge_validation.json", document)
    return document


if __name__ == "__main__":
    run_payload(work)
