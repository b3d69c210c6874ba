"""Asset `label_noise_report`: preferences that are probably the wrong way round, ranked, with what becomes of them."""

import json
from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    LEAST,
    MOST,
    AuditInputs,
    SnapshotRef,
    audit,
    auditable,
    feedback_folder,
    noise_report,
    preference_id,
    read_feedback,
)
from genaiops_assets.lake import Artifact, Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import embedder_of
from genaiops_assets.use_case import Origin, UseCase

REPORT = "label_noise.json"


def label_noise_report_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "alignment")(
        kinds={"scikitlearn", "json"},
        reads=["preference_pairs"],
        pool=TRAINING_POOL,
        smactr="testing",
        article="article-10.3",
        description="Preferences that judges who learned from the others, and confident learning, call the wrong way "
        "round: ranked, with reasons. The next model plan leaves them out unless alignment.noise says keep.",
    )
    def label_noise_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        pairs = making.read("preference_pairs")
        snapshot = pairs.snapshot(uc.key("preference_pairs"))
        places = places_of(lake, uc, pairs)
        embedder = embedder_of(lake, uc) if uc.knowledge.embedding.route != "endpoint" else None
        settings = {"noise": uc.alignment.noise, "least": LEAST}
        judged = auditable(list(lake.tables.rows(snapshot, ["id", "origin", "chosen", "rejected"])))

        def build(place: Workplace) -> Built:
            if len(judged) < LEAST:  # nothing to compute, so no process for it
                report = noise_report(audit(judged, []), judged, snapshot.digest, {}, noise=uc.alignment.noise)
                write_json(place.staging / REPORT, report)
                return built(report)
            inputs = AuditInputs(
                pairs=SnapshotRef(**snapshot.to_dict()),
                embedder=asdict(embedder) if embedder else None,
                places=places,
            )
            making.launch(place, "audit_labels", inputs.to_json(), settings, seed=uc.alignment.seed)
            return built(json.loads((place.staging / REPORT).read_text(encoding="utf-8")))

        also = {"embedder": embedder.digest if embedder else "", "places": digest_of(places)}
        return making.produce(build, config=settings, also=also, seed=uc.alignment.seed)

    @check(
        uc,
        "label_noise_report",
        description="Fewer labels are called wrong than the report may name (a tenth): where it names as many, the "
        "preferences as a whole, or the instructions for those who give them, need a look.",
    )
    def labels_are_mostly_right(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("label_noise_report")).json(REPORT)
        most = int(report["largest_share"] * report["pairs"])
        return notice(
            not report["suspects"] or len(report["suspects"]) < most,
            suspects=len(report["suspects"]),
            at_most=most,
            pairs=report["pairs"],
            why_none=report["why_none"] or "suspects were found",
        )

    @check(
        uc,
        "label_noise_report",
        description="No person's own preference is among the suspects: a machine's doubt about a person's word is for "
        "a person to settle.",
    )
    def people_are_not_doubted(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("label_noise_report")).json(REPORT)
        doubted = [s for s in report["suspects"] if s["origin"] == Origin.HUMAN]
        return notice(
            not doubted,
            doubted=len(doubted),
            noise=report["noise"],
            first="; ".join(f"{s['place'] or s['id']} ({s['by']})" for s in doubted[:5]) or "none",
        )

    return [label_noise_report, labels_are_mostly_right, people_are_not_doubted]


def places_of(lake: Lake, uc: UseCase, pairs: Artifact) -> dict[str, list[str]]:
    """File and line of people's preferences, by pair id, as far as the feedback folder still holds them."""
    said = read_feedback(feedback_folder(lake, uc)).places
    columns = ["id", "question", "chosen", "rejected"]
    rows = lake.tables.rows(pairs.snapshot(uc.key("preference_pairs")), columns, f"origin = '{Origin.HUMAN}'")
    return {row["id"]: said[known] for row in rows if (known := preference_id(row)) in said}


def built(report: dict[str, Any]) -> Built:
    """Figures and the tables people read."""
    figures = {
        "pairs": report["pairs"],
        "suspects": len(report["suspects"]),
        "removed": len(report["removed"]),
        "noise": report["noise"],
        "why_none": report["why_none"] or "suspects were found",
        "needs_at_least": f"{report['least_pairs']} pairs; at most {MOST:.0%} of them are suspects",
    }
    heard = [{"judge": name, **facts} for name, facts in report["judges"].items()]
    return Built(figures, {"suspects": report["suspects"], "judges": heard})
