"""Documents of the data: what regulators, users and machines read about the corpus, rendered from JSON with claims."""

from typing import Any

import dagster as dg

from genaiops_assets.assets.corpus.corpus_profile import profile_assets
from genaiops_assets.evidence import find_gaps, placeholders, plots
from genaiops_assets.governance.documents import (
    build_bias_log,
    build_content_summary,
    build_croissant,
    build_dataset_card,
    build_datasheet,
    croissant_problems,
    digest_in,
    render_bias_log,
    render_content_summary,
    render_dataset_card,
    render_datasheet,
    summary_problems,
)
from genaiops_assets.lake import Artifact, Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.claims import claims_check, evidence
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.use_case import UseCase

SHARED = ("name", "title", "language", "purpose", "people")


def data_document_assets(uc: UseCase) -> list[Any]:
    return [
        *profile_assets(uc),
        *datasheet_assets(uc),
        *bias_assets(uc),
        *croissant_assets(uc),
        *card_assets(uc),
        *summary_assets(uc),
    ]


def datasheet_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "corpus")(
        kinds={"markdown", "json"},
        deps=["filtered_corpus", "corpus_profile"],
        article="article-10.2",
        description="The 57 questions of Datasheets for Datasets: numbers as claims on the corpus, the rest answered "
        "by people or named as a gap.",
    )
    def datasheet(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        corpus, profile = measured(platform.lake, uc)
        config = uc.section("purpose", "people", "datasheet", "card") | {"title": uc.title, "language": uc.language}

        def build(place: Workplace) -> Built:
            sheet = build_datasheet(uc, evidence(corpus), evidence(profile))
            written(place, "datasheet", sheet, render_datasheet(sheet))
            missing = find_gaps(sheet)
            answered = sum(len(s["answers"]) for s in sheet["sections"]) - len(missing)
            return Built({"questions_answered": answered, "gaps": len(missing)}, {"named gaps": gap_rows(missing)})

        return produce(
            context,
            platform,
            uc,
            "datasheet",
            inputs={"filtered_corpus": corpus.digest, "corpus_profile": profile.digest},
            config=config,
            code_version="2",
            build=build,
        )

    @check(
        uc, "datasheet", description="Questions that only a person can answer have been answered in the use case file."
    )
    def no_gaps(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        missing = find_gaps(platform.lake.current(uc.key("datasheet")).json("datasheet.json"))
        return notice(not missing, gaps=len(missing), fields=", ".join(missing[:20]))

    return [datasheet, no_gaps, claims_check(uc, "datasheet", "datasheet.json")]


def bias_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "corpus")(
        kinds={"markdown", "json"},
        deps=["filtered_corpus", "corpus_profile"],
        article="article-10.2.f",
        description="Shares of languages, topics, sources and groups of people against thresholds, people's notes, "
        "and what changed since the log before.",
    )
    def data_bias_log(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        corpus, profile = measured(lake, uc)
        config = {**uc.section("data_bias"), "language": uc.language, "title": uc.title}
        basis = digest_of([corpus.digest, profile.digest, config])
        before = earlier_log(lake, uc, basis)

        def build(place: Workplace) -> Built:
            previous = (
                lake.artifacts.get(uc.key("data_bias_log"), before).json("data_bias_log.json") if before else None
            )
            log = {**build_bias_log(uc, evidence(corpus), evidence(profile), previous, before), "basis": basis}
            written(place, "data_bias_log", log, render_bias_log(log))
            shares = {e["id"]: e["share"] for e in log["entries"] if e["n"]}
            plots.bars(place.staging / "views/largest shares.png", "Largest share of each kind", shares)
            rows = [{k: e[k] for k in ("id", "largest", "share", "threshold", "status", "n")} for e in log["entries"]]
            figures = {"outside": len(log["outside"]), "changes": len(log["changes"]), "notes": len(log["notes"])}
            return Built(figures, {"entries": rows, "notes": log["notes"], "changes": log["changes"]})

        inputs = {"filtered_corpus": corpus.digest, "corpus_profile": profile.digest, "previous": before}
        return produce(
            context, platform, uc, "data_bias_log", inputs=inputs, config=config, code_version="1", build=build
        )

    @check(
        uc, "data_bias_log", description="No measured share lies above its threshold; a person looks at those that do."
    )
    def shares_within_thresholds(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        outside = platform.lake.current(uc.key("data_bias_log")).json("data_bias_log.json")["outside"]
        return notice(not outside, outside=", ".join(outside) or "none")

    return [data_bias_log, shares_within_thresholds, claims_check(uc, "data_bias_log", "data_bias_log.json")]


def croissant_assets(uc: UseCase) -> list[Any]:
    table = uc.key("filtered_corpus")

    @phase(uc, "corpus")(
        kinds={"json"},
        deps=["filtered_corpus", "data_bias_log"],
        article="annex-XI.1.2",
        description="Croissant 1.1 with the RAI vocabulary: the corpus as JSON-LD for machines. What nobody stated "
        "is a named gap and is left out.",
    )
    def croissant_metadata(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        corpus, bias = lake.current(table), lake.current(uc.key("data_bias_log"))
        config = uc.section(*SHARED, "data_card", "datasheet", "sources", "inbox")

        def build(place: Workplace) -> Built:
            snapshot = corpus.snapshot(table)
            about = {"name": snapshot.name, "digest": snapshot.digest, "rows": snapshot.rows}
            made = build_croissant(uc, evidence(corpus), about, evidence(bias))
            write_json(place.staging / "croissant.json", made["jsonld"])
            write_json(place.staging / "croissant_metadata.json", made)
            missing = find_gaps(made)
            return Built({"fields": len(made["jsonld"]), "gaps": len(missing)}, {"named gaps": gap_rows(missing)})

        inputs = {"filtered_corpus": corpus.digest, "data_bias_log": bias.digest}
        return produce(
            context, platform, uc, "croissant_metadata", inputs=inputs, config=config, code_version="1", build=build
        )

    @check(
        uc,
        "croissant_metadata",
        blocking=True,
        description="The JSON-LD follows our schema of Croissant 1.1 and RAI 1.0, named gaps apart, and names the "
        "snapshot of the corpus.",
    )
    def croissant_is_valid(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key("croissant_metadata")).json("croissant_metadata.json")
        left_out = {"data_card.url": "url", "data_card.date_published": "datePublished"}
        found = croissant_problems(made["jsonld"], tuple(left_out[g] for g in find_gaps(made) if g in left_out))
        corpus = platform.lake.artifacts.get(table, made["corpus"]["digest"])
        same = digest_in(made["jsonld"]) == corpus.snapshot(table).digest
        return data_gate(not found and same, problems="; ".join(found[:10]) or "none", names_the_snapshot=same)

    claims = claims_check(uc, "croissant_metadata", "croissant_metadata.json")
    return [
        croissant_metadata,
        croissant_is_valid,
        complete(uc, "croissant_metadata", "croissant_metadata.json"),
        claims,
    ]


def card_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "corpus")(
        kinds={"markdown", "huggingface"},
        deps=["filtered_corpus", "corpus_profile", "datasheet", "data_bias_log", "croissant_metadata"],
        article="annex-XI.1.2",
        description="The Hugging Face dataset card: front matter the hub understands, figures as claims, and the "
        "digests of the other documents.",
    )
    def dataset_card(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        corpus, profile = measured(lake, uc)
        others = {n: lake.current(uc.key(n)).digest for n in ("datasheet", "data_bias_log", "croissant_metadata")}
        config = uc.section(*SHARED, "data_card", "card", "sources", "inbox")

        def build(place: Workplace) -> Built:
            card = build_dataset_card(uc, evidence(corpus), evidence(profile), others)
            written(place, "dataset_card", card, render_dataset_card(card), "README.md")
            missing = find_gaps(card)
            shown = {k: card["metadata"][k] for k in ("language", "license", "size_categories", "source_datasets")}
            return Built({**shown, "gaps": len(missing)}, {"named gaps": gap_rows(missing)})

        inputs = {"filtered_corpus": corpus.digest, "corpus_profile": profile.digest, **others}
        return produce(
            context, platform, uc, "dataset_card", inputs=inputs, config=config, code_version="1", build=build
        )

    check_complete = complete(uc, "dataset_card", "dataset_card.json", "README.md")
    return [dataset_card, check_complete, claims_check(uc, "dataset_card", "dataset_card.json")]


def summary_assets(uc: UseCase) -> list[Any]:
    name, file = "training_content_summary", "training_content_summary.json"

    @phase(uc, "corpus")(
        kinds={"markdown", "json"},
        deps=["filtered_corpus", "corpus_profile", "preference_pairs"],
        article="article-53.1.d",
        description="The public summary of training content after the AI Office's template: every source in one "
        "class, size class, domains.",
    )
    def training_content_summary(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        corpus, profile = measured(lake, uc)
        pairs = lake.current(uc.key("preference_pairs")) if lake.heads.get(uc.key("preference_pairs")) else None
        config = uc.section("name", "title", "language", "sources", "inbox", "model", "training_content")

        def build(place: Workplace) -> Built:
            summary = build_content_summary(uc, evidence(corpus), evidence(profile), evidence(pairs) if pairs else None)
            written(place, name, summary, render_content_summary(summary))
            missing = find_gaps(summary)
            rows = [
                {
                    "source": s["name"],
                    "section": part["id"],
                    "class": part["class"],
                    "why": s["rule"],
                    "documents": s["documents"]["value"],
                }
                for part in summary["sections"]
                for s in part["sources"]
            ]
            return Built(
                {"size": summary["size"]["text"], "gaps": len(missing)},
                {"sources": rows, "named gaps": gap_rows(missing)},
            )

        inputs = {
            "filtered_corpus": corpus.digest,
            "corpus_profile": profile.digest,
            "preference_pairs": pairs.digest if pairs else "",
        }
        return produce(context, platform, uc, name, inputs=inputs, config=config, code_version="1", build=build)

    @check(
        uc,
        name,
        blocking=True,
        description="Every source stands in exactly one section, and the size class follows from the corpus.",
    )
    def every_source_classified_once(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        summary = platform.lake.current(uc.key(name)).json(file)
        corpus = platform.lake.artifacts.get(uc.key("filtered_corpus"), summary["corpus"]["digest"])
        found = summary_problems(summary, corpus.json("corpus.json"))
        return data_gate(not found, problems="; ".join(found[:10]) or "none")

    return [
        training_content_summary,
        every_source_classified_once,
        complete(uc, name, file, f"{name}.md"),
        claims_check(uc, name, file),
    ]


def complete(uc: UseCase, asset: str, file: str, page: str | None = None) -> Any:
    """A notice `document_is_complete`: no gap in the JSON and no template text on the page."""

    @check(
        uc,
        asset,
        name="document_is_complete",
        description="No gap and no template text is left; gaps are fields of the use case file.",
    )
    def document_is_complete(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key(asset))
        left = find_gaps(made.json(file)) + (placeholders(made.local(page).read_text("utf-8")) if page else [])
        return notice(not left, left="; ".join(left[:20]) or "nothing")

    return document_is_complete


def measured(lake: Lake, uc: UseCase) -> tuple[Artifact, Artifact]:
    """The corpus and its profile, both current."""
    return lake.current(uc.key("filtered_corpus")), lake.current(uc.key("corpus_profile"))


def earlier_log(lake: Lake, uc: UseCase, basis: str) -> str:
    """Digest of the bias log before this one, "" when there is none: making the same log again must not make it its
    own predecessor."""
    head = lake.heads.get(uc.key("data_bias_log"))
    if head is None:
        return ""
    log = lake.artifacts.get(uc.key("data_bias_log"), head["digest"]).json("data_bias_log.json")
    return log["previous"] if log["basis"] == basis else head["digest"]


def written(place: Workplace, name: str, document: dict[str, Any], page: str, page_name: str | None = None) -> None:
    """A document as JSON and as the page people read."""
    write_json(place.staging / f"{name}.json", document)
    (place.staging / (page_name or f"{name}.md")).write_text(page, encoding="utf-8")


def gap_rows(missing: list[str]) -> list[dict[str, str]]:
    return [{"gap": g} for g in missing]
