"""Asset `monitoring_report`: a day's answers by speed, failures, rules, people's feedback, cost, energy and quality,
beside what the use case promised.

Belongs here: gathering what is measured, and opening a case where a level was missed. Does not belong here: the
measures and limits (`governance/monitoring`)."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.evaluation import TOPIC_JUDGE, topic_score
from genaiops_assets.governance.costs import costs_of_answers
from genaiops_assets.governance.monitoring import (
    Rated,
    cases_of,
    feedback_of,
    levels_of,
    open_cases,
    quality_of,
    rules_of,
    sampled,
)
from genaiops_assets.lake import Lake, Workplace, in_list, write_json
from genaiops_assets.models import prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, days_of, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import asked_on
from genaiops_assets.use_case import UseCase

NAME = "monitoring_report"
FILE = f"{NAME}.json"


def monitoring_report_assets(uc: UseCase) -> list[Any]:
    days = days_of(uc)

    @phase(uc, "monitoring")(
        kinds={"json"},
        reads=["interactions"],
        parts=["embeddings_index"],
        partitions_def=days,
        automation_condition=None,
        article="article-72.2",
        code_version="1",
        description="The day's answers beside the service levels of `monitoring.slos`: seconds, failures, rules that "
        "fired, thumbs, cost and energy per 1,000 answers, quality of a judged sample; each with its interval. A level "
        "that was missed opens a case with owner and deadline; its root cause is what its owner closes it with.",
    )
    def monitoring_report(making: Making) -> dg.MaterializeResult:
        lake, day = making.lake, making.partition
        asked = making.read("interactions", partition=day)
        ids = {r["id"] for r in lake.tables.rows(asked.snapshot(uc.key("interactions_day")), ["id"])}
        rows, said = asked_on(lake, uc, day, ids), said_of(lake, uc)
        report, levels = reported(lake, uc, day, rows, said)
        open_cases(lake, uc, day, levels, datetime.now(UTC).date())
        report["cases"] = cases_of(lake, uc, day)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, report)
            missed = [level.name for level in levels if level.missed]
            figures = {
                "answers": report["answers"],
                "missed": ", ".join(missed) or "none",
                "open_cases": sum(case["state"] == "open" for case in report["cases"]),
                "quality": report["quality"]["mean"],
                "quality_by": report["quality"]["basis"],
            }
            told = {k: v for k, v in figures.items() if v is not None}
            return Built(told, {"levels": report["levels"], "rules": report["rules"], "cases": report["cases"]})

        return making.produce(build, config=report)

    @check(uc, NAME, partitions_def=days, description="No service level of `monitoring.slos` was shown to be missed.")
    def service_levels_are_kept(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        return level_result(report_of(platform.lake, uc, context.partition_key), grave=True)

    @check(
        uc,
        "production_model",
        description="No case of a missed service level waits longer than its deadline. Asked daily.",
    )
    def no_case_is_late(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        today = datetime.now(UTC).date().isoformat()
        late = [c for c in cases_of(platform.lake, uc, today) if c["state"] == "open" and c["due"] < today]
        told = "; ".join(f"{c['id']} {c['what']}: {c['owner']}, due {c['due']}" for c in late[:10])
        return data_gate(not late, late=told or "none")

    @check(
        uc, "production_model", description="The newest day that was measured kept the service levels; no alert here."
    )
    def production_keeps_its_levels(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        """A warning: `service_levels_are_kept` is the one that alerts, once."""
        days = sorted(platform.lake.heads.partitions(uc.key(NAME)))
        if not days:
            return notice(True, state="no day was measured yet")
        return level_result(report_of(platform.lake, uc, days[-1]), grave=False)

    return [monitoring_report, service_levels_are_kept, no_case_is_late, production_keeps_its_levels]


def level_result(report: dict[str, Any], *, grave: bool) -> dg.AssetCheckResult:
    missed = [one for one in report["levels"] if one["standing"] == "missed"]
    told = "; ".join(f"{one['name']} {one['value']:.4g} {one['unit']}, limit {one['limit']:g}" for one in missed)
    about = {"day": report["day"], "missed": told or "none", "answers": report["answers"]}
    promised = sum(one["limit"] is not None for one in report["levels"])
    return (data_gate if grave else notice)(not missed, promised=promised, **about)


def report_of(lake: Lake, uc: UseCase, day: str) -> dict[str, Any]:
    return lake.current(uc.key(NAME), day).json(FILE)


def reported(lake: Lake, uc: UseCase, day: str, rows: Sequence[dict[str, Any]], said: list[dict[str, Any]]) -> Any:
    """(monitoring_report.json without its cases, the levels)"""
    slos, feedback = uc.monitoring.slos, feedback_of(rows, said)
    costs = costs_of_answers(rows, uc.prices)
    judged = judge(lake, uc, sampled(rows, said, slos.judged_sample))
    quality = quality_of(judged, resamples=uc.evaluation.resamples)
    currency = uc.prices.currency if uc.prices else "-"
    levels = levels_of(rows, slos, feedback=feedback, costs=costs, quality=quality, currency=currency)
    report = {
        "schema_version": 1,
        "kind": NAME,
        "use_case": uc.name,
        "day": day,
        "answers": len(rows),
        "slos": slos.model_dump(mode="json"),
        "levels": [level.to_dict() for level in levels],
        "rules": rules_of(rows),
        "feedback": feedback,
        "costs": costs,
        "quality": {**quality, "judge": TOPIC_JUDGE},
    }
    return report, levels


def judge(lake: Lake, uc: UseCase, sample: Iterable[tuple[Any, float | None]]) -> list[Rated]:
    """Scores of a sample by the topic judge. The log keeps no cosine, so an answer with passages counts as one that the
    corpus speaks of."""
    drawn = list(sample)
    texts = passages_of(lake, uc, [row for row, _ in drawn])
    refusal, found = prompts_of(uc).refusal, []
    for row, thumb in drawn:
        shown = [texts[i] for i in row["passages"] or () if i in texts]
        score = topic_score(row["answer"], shown, bool(shown), uc.language, refusal)
        found.append(Rated(row["id"], float(score), thumb))
    return found


def passages_of(lake: Lake, uc: UseCase, rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    """{passage: its text} of what these answers were given from, by the index that each was given from; what is gone
    from there is left out."""
    asset, found, wanted = uc.key("embeddings_index"), dict[str, str](), dict[str, set[str]]()
    for row in rows:
        if row["index_digest"] and lake.artifacts.has(asset, row["index_digest"]):
            wanted.setdefault(row["index_digest"], set()).update(row["passages"] or ())
    for digest, ids in sorted(wanted.items()):
        try:
            snapshot = lake.artifacts.get(asset, digest).snapshot(asset)
            read = lake.tables.rows(snapshot, ["id", "text"], in_list("id", sorted(ids))) if ids else ()
            found |= {r["id"]: r["text"] for r in read}
        except KeyError:  # the snapshot was erased
            continue
    return found


def said_of(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """What people said at the gateway of its answers: lines of feedback and signals that name an answer."""
    inbox = lake.home / "inbox" / uc.name
    files = [*sorted((inbox / "feedback" / "served").glob("*.jsonl")), *sorted((inbox / "signals").glob("*.jsonl"))]
    found = []
    for line in (line for file in files for line in file.read_bytes().splitlines()):
        try:
            row = json.loads(line)
        except ValueError:
            continue  # a line that a kill cut short, or that the feedback sensor reports
        if isinstance(row, dict) and isinstance(row.get("interaction"), str):
            found.append(row)
    return found
