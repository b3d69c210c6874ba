"""`pii_probe_set`: labelled texts with personal data at known places, and how well the rules find it.

Belongs here: that asset and its check. Does not belong here: the texts (`genaiops_assets.privacy`)."""

from collections import Counter
from typing import Any

import dagster as dg

from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.privacy import (
    RULE_KINDS,
    RULES_VERSION,
    find_all,
    may_hold_names,
    measure_rules,
    names_prefilter,
    probe_set,
)
from genaiops_assets.use_case import UseCase

CODE = "1"
MIN_PROBE_RECALL = 0.9


def pii_probe_set_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"json"},
        smactr="testing",
        code_version=f"{CODE}.{RULES_VERSION}",
        article="article-10.5",
        description="Labelled synthetic texts with personal data at known places, English and Chinese, with traps; "
        "recall and precision of the rules on them.",
    )
    def pii_probe_set(making: Making) -> dg.MaterializeResult:
        config = {"items": uc.privacy.probe_items}

        def build(place: Workplace) -> Built:
            figures = measured_probes(uc, place)
            rows = [
                {
                    "kind": kind,
                    **figures["by_kind"][kind],
                    "recall": figures["recall"][kind]["mean"],
                    "precision": figures["precision"][kind]["mean"],
                }
                for kind in RULE_KINDS
            ]
            summary = {
                "texts": figures["items"],
                "recall": figures["recall"]["all"]["mean"],
                "precision": figures["precision"]["all"]["mean"],
            }
            return Built(summary, {"by kind": rows})

        return making.produce(build, config=config, seed=uc.privacy.seed)

    @check(
        uc,
        "pii_probe_set",
        description=f"The rules find at least {MIN_PROBE_RECALL:.0%} of the probe set's personal data (lower end of "
        "the interval); no kind's whole interval is below.",
    )
    def probe_recall(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        figures = platform.lake.current(uc.key("pii_probe_set")).json("probe.json")
        weak = [kind for kind in RULE_KINDS if (figures["recall"][kind]["high"] or 0) < MIN_PROBE_RECALL]
        lowest = figures["recall"]["all"]["low"] or 0.0
        return notice(lowest >= MIN_PROBE_RECALL and not weak, recall=lowest, weak_kinds=", ".join(weak) or "none")

    return [pii_probe_set, probe_recall]


def measured_probes(uc: UseCase, place: Workplace) -> dict[str, Any]:
    """`probe.jsonl` and `probe.json`: the labelled texts and what the rules find in them."""
    probes = probe_set(uc.privacy.seed, uc.privacy.probe_items)
    texts = [probe.text for probe in probes]
    figures = {
        "schema_version": 1,
        "seed": uc.privacy.seed,
        "items": len(probes),
        "languages": dict(sorted(Counter(probe.language for probe in probes).items())),
        **measure_rules(probes, find_all(texts), RULE_KINDS),
        "names_prefilter": names_prefilter(probes, [may_hold_names(text) for text in texts]),
    }
    (place.staging / "probe.jsonl").write_text("".join(f"{probe.to_json()}\n" for probe in probes), encoding="utf-8")
    write_json(place.staging / "probe.json", figures)
    drawn = {kind: value for kind, value in figures["recall"].items() if value["n"]}
    draw_intervals(place.staging / "views/recall by kind.png", "Recall of the rules on the probe set", drawn)
    return figures
