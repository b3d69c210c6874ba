"""Asset `preference_report`: what there is to know of the preference pairs before anything learns from them."""

import json
from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.alignment import PreferenceInputs, SnapshotRef, can_be_told, feedback_folder, read_feedback
from genaiops_assets.alignment import preference_report as pairs_report
from genaiops_assets.evidence import draw_histogram, draw_intervals
from genaiops_assets.lake import Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import embedder_of
from genaiops_assets.use_case import UseCase

REPORT = "preference_report.json"
MOST_SPARE = 0.05  # share of rows that repeat another
LONGER = 0.65  # share above which, for certain, the length tells the label
LEAST_AGREEMENT = 0.4  # alpha; Krippendorff asks for 0.667 before tentative conclusions, preferences seldom reach it


def preference_report_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "alignment")(
        kinds={"scikitlearn", "json"},
        reads=["preference_pairs"],
        pool=TRAINING_POOL,
        smactr="testing",
        article="article-10.3",
        description="The preference pairs looked at: duplicates, bias by length and place, agreement of reviewers, a "
        "held-out part that shares no question and no document with the rest, and how well its labels can be told.",
    )
    def preference_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        pairs = making.read("preference_pairs")
        feedback = read_feedback(feedback_folder(lake, uc))
        embedder = embedder_of(lake, uc) if uc.knowledge.embedding.route != "endpoint" else None
        snapshot = pairs.snapshot(uc.key("preference_pairs"))

        def build(place: Workplace) -> Built:
            columns = ["id", "origin", "doc_id", "question", "chosen", "rejected"]
            rows = sorted(lake.tables.rows(snapshot, columns), key=lambda row: row["id"])
            if can_be_told(rows):
                inputs = PreferenceInputs(
                    pairs=SnapshotRef(**snapshot.to_dict()),
                    embedder=asdict(embedder) if embedder else None,
                    votes=feedback.votes,
                    shown=feedback.shown,
                )
                making.launch(place, "report_preferences", inputs.to_json(), {}, seed=uc.alignment.seed)
            else:  # little to compute, so no process for it
                write_json(place.staging / REPORT, pairs_report(rows, feedback.votes, feedback.shown))
            report = json.loads((place.staging / REPORT).read_text(encoding="utf-8"))
            draw(place, report, rows)
            return built(report)

        also = {"embedder": embedder.digest if embedder else "", "voices": digest_of([feedback.votes, feedback.shown])}
        return making.produce(build, config={}, also=also, seed=uc.alignment.seed)

    def report_of(platform: Platform) -> dict[str, Any]:
        return platform.lake.current(uc.key("preference_report")).json(REPORT)

    @check(
        uc,
        "preference_report",
        description="At most 5 % of the rows repeat another, and no two rows prefer the same answers both ways.",
    )
    def pairs_are_not_repeated(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = report_of(platform)
        found = report["duplicates"]
        share = found["spare_rows"] / max(1, report["rows"])
        return notice(
            share <= MOST_SPARE and not found["opposite"],
            share=share,
            spare_rows=found["spare_rows"],
            opposite=len(found["opposite"]),
            first="; ".join(", ".join(g) for g in (found["opposite"] + found["exact"] + found["near"])[:3]) or "none",
        )

    @check(
        uc,
        "preference_report",
        description="Neither the longer answer nor the one shown first is chosen so often (above 65 %, with its "
        "interval) that a model could learn that instead of what is better.",
    )
    def labels_need_reading(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = report_of(platform)
        biases = {
            "longer_is_chosen": report["length"]["longer_is_chosen"],
            "first_is_chosen": report["place"]["first_is_chosen"],
        }
        told = [n for n, b in biases.items() if b["n"] and (b["low"] > LONGER or b["high"] < 1 - LONGER)]
        figures = {n: said(b["mean"]) for n, b in biases.items()}
        return notice(not told, told_by=", ".join(told) or "none", **figures)

    @check(
        uc,
        "preference_report",
        description="Where two reviewers judged the same answers, Krippendorff's alpha is not below 0.4 with its whole "
        "interval.",
    )
    def reviewers_agree(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = report_of(platform)["agreement"]
        return notice(
            found["high"] is None or found["high"] >= LEAST_AGREEMENT,
            alpha=said(found["alpha"]),
            low=said(found["low"]),
            high=said(found["high"]),
            compared_twice=found["units"],
        )

    return [preference_report, pairs_are_not_repeated, labels_need_reading, reviewers_agree]


def said(value: float | None) -> float | str:
    return "nothing to say it from" if value is None else value


def built(report: dict[str, Any]) -> Built:
    """Figures and the tables people read."""
    figures = {
        "rows": report["rows"],
        "pairs": report["pairs"],
        "spare_rows": report["duplicates"]["spare_rows"],
        "opposite": len(report["duplicates"]["opposite"]),
        "longer_is_chosen": said(report["length"]["longer_is_chosen"]["mean"]),
        "first_is_chosen": said(report["place"]["first_is_chosen"]["mean"]),
        "alpha_of_reviewers": said(report["agreement"]["alpha"]),
        "held_out": report["split"]["held_out"],
    }
    told = [{"told_by": name, **facts} for name, facts in report["held_out_accuracy"].items()]
    kinds = ("exact", "near", "opposite")
    repeats = [{"kind": k, "ids": ", ".join(g)} for k in kinds for g in report["duplicates"][k]]
    languages = [{"language": name, "rows": n} for name, n in report["languages"].items()]
    return Built(figures, {"held-out accuracy": told, "repeated": repeats, "languages": languages})


def draw(place: Workplace, report: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Lengths of both kinds of answers, and what can be told without reading."""
    pairs = [row for row in rows if row["chosen"] and row["rejected"]]
    draw_histogram(
        place.staging / "views/lengths.png",
        "Characters of chosen and rejected answers",
        {"rejected": [len(p["rejected"]) for p in pairs], "chosen": [len(p["chosen"]) for p in pairs]},
        xlabel="characters",
    )
    told = {f"held out: {name}": facts for name, facts in report["held_out_accuracy"].items()}
    bias = {
        "all: the longer is chosen": report["length"]["longer_is_chosen"],
        "all: the first shown is chosen": report["place"]["first_is_chosen"],
    }
    draw_intervals(place.staging / "views/told without reading.png", "Shares with 95 % intervals", bias | told)
