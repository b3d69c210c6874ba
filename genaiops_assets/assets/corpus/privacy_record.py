"""`privacy_record`: how much personal data the corpus holds before and after its policy, and what may be left.

Belongs here: that asset and its gate. Does not belong here: counting (the payload), the record itself
(`governance/documents`)."""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import Evidence, draw_bars
from genaiops_assets.governance.documents import build_privacy_record, render_privacy_record, without_purpose
from genaiops_assets.lake import Workplace, tables_of, write_json
from genaiops_assets.orchestration.claims import claims_check
from genaiops_assets.orchestration.documents import write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.privacy import NAME_KINDS, RULE_KINDS, RULES_VERSION, SecondLook, action_for, residual_rate
from genaiops_assets.use_case import UseCase

CODE = "2"
SECOND_LOOK = 500  # documents of the output that the second detector reads; about 100 a second


def privacy_record_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"markdown", "json"},
        reads=["documents", "filtered_corpus", "pii_probe_set"],
        code_version=f"{CODE}.{RULES_VERSION}",
        article="article-10.5",
        description="Personal data and secrets in texts, titles and ids before and after the policy, by kind; recall "
        "and precision; an estimate of what is left, with an interval.",
    )
    def privacy_record(making: Making) -> dg.MaterializeResult:
        documents, corpus, probe = (making.read(n) for n in ("documents", "filtered_corpus", "pii_probe_set"))
        read, kept, probed = (
            Evidence(made.asset, made.digest, made.json(file))
            for made, file in ((documents, "documents.json"), (corpus, "corpus.json"), (probe, "probe.json"))
        )

        def build(place: Workplace) -> Built:
            tables = {
                "documents": documents.snapshot(uc.key("documents")).to_dict(),
                "filtered": corpus.snapshot(uc.key("filtered_corpus")).to_dict(),
                "probes": probe.local("probe.jsonl").read_text("utf-8").splitlines()
                if uc.privacy.ner != "none"
                else [],
            }
            settings = {
                "ner": uc.privacy.ner,
                "removes": uc.privacy.removes,
                "removed_kinds": removed_kinds(uc),
                "sample": SECOND_LOOK,
            }
            scan = making.launch(place, "scan_privacy", tables, settings, seed=uc.privacy.seed)
            residual = residual_of(uc, scan, probed.document)
            record = build_privacy_record(uc, read, kept, probed, scan, residual)
            write_json(place.staging / "privacy_record.json", record)
            write_pages(place, {"privacy_record.md": render_privacy_record(record)}, uc.language)
            before, after = scan["before"]["counts"], scan["after"]["counts"]
            bars = {
                f"{kind} {when}": counts.get(kind, 0)
                for kind in sorted(before)
                for when, counts in (("before", before), ("after", after))
            }
            draw_bars(
                place.staging / "views/personal data before and after.png",
                "Personal data before and after the policy",
                bars or {"found": 0},
            )
            figures = {
                "residual_rate": residual["mean"],
                "residual_upper": residual["high"],
                "names": scan["ner"]["state"],
                "second": scan["second"]["state"],
                "left_by_column": {name: sum(kinds.values()) for name, kinds in scan["after"]["by_column"].items()},
            }
            return Built(
                {**figures, "before": before, "after": after},
                {"by kind": [flat(row) for row in record["kinds"]]},
                page="privacy_record.md",
            )

        config = uc.section("privacy") | {
            "title": uc.title,
            "language": uc.language,
            "retention_days": uc.monitoring.retention_days,
            "fields": {source.name: source.fields for source in uc.sources},
        }
        return making.produce(build, config=config, seed=uc.privacy.seed)

    @check(
        uc,
        "privacy_record",
        blocking=True,
        description="The upper end of the estimated personal data left per document is within the limit; an error "
        "where the policy removes any, else a warning.",
    )
    def residual_rate_is_low(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        record = platform.lake.current(uc.key("privacy_record")).json("privacy_record.json")
        upper, unread = record["residual"]["high"], record["ner"]["state"] == "not installed"
        low = upper is None or upper <= record["max_residual_rate"]
        in_ids = sum(record.get("columns", {}).get("after", {}).get("id", {}).values())  # older records have no columns
        figures = {
            "upper": upper if upper is not None else "no documents",
            "limit": record["max_residual_rate"],
            "names": record["ner"]["state"],
            "in_ids": f"{in_ids}: rename these files or give the rows other ids" if in_ids else "none",
        }
        return data_gate(low and not unread, **figures) if uc.privacy.removes else notice(low and not unread, **figures)

    @check(
        uc,
        "privacy_record",
        description="Every stored column of every table has a stated purpose: what is not needed is not stored.",
    )
    def only_needed_columns_are_stored(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        tables = platform.lake.tables
        stored = {name.removeprefix(uc.key("")): tables.open(name).schema.names for name in tables_of(tables, uc.name)}
        left = without_purpose(stored)
        columns = sum(len(names) for names in stored.values())
        return notice(not left, without_purpose=", ".join(left) or "none", tables=len(stored), columns=columns)

    return [privacy_record, claims_check(uc, "privacy_record"), residual_rate_is_low, only_needed_columns_are_stored]


def removed_kinds(uc: UseCase) -> list[str]:
    """Searched kinds that the policy takes out; all searched kinds where it takes out nothing, to show what that
    leaves."""
    searched = RULE_KINDS if uc.privacy.ner == "none" else (*RULE_KINDS, *NAME_KINDS)
    policy = uc.privacy.model_dump()
    return [kind for kind in searched if not uc.privacy.removes or action_for(policy, kind) != "keep"]


def residual_of(uc: UseCase, scan: dict[str, Any], probe: dict[str, Any]) -> dict[str, Any]:
    kinds = removed_kinds(uc)
    searched = [kind for kind in kinds if kind not in NAME_KINDS or scan["ner"]["state"] == "installed"]
    recall = {**probe["by_kind"], **scan["names"].get("by_kind", {})}
    left = sum(scan["after"]["counts"].get(kind, 0) for kind in searched)
    second = SecondLook(scan["second"]["sampled"], scan["second"]["findings"])
    found = {kind: scan["before_in_kept"].get(kind, 0) for kind in searched}
    return residual_rate(found, left, scan["after"]["documents"], recall, second, seed=uc.privacy.seed)


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the record as scalars."""
    measured = {name: row[name]["value"]["mean"] if name in row else None for name in ("recall", "precision")}
    return {**{k: row[k] for k in ("kind", "action", "before", "after", "missed")}, **measured}
