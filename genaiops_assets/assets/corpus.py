"""Corpus: documents with their rights, the filtered corpus with a reason for every row, and the datasheet that says so."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets import plots
from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.phases import check, data_gate, notice, phase, writer_pool
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.corpus import Feed, describe, files_of, funnel, load_recipe
from genaiops_assets.governance import Evidence, build_datasheet, gaps, render_datasheet
from genaiops_assets.lake import Artifact, Lake, Workplace, digest_of, digest_of_file, write_json
from genaiops_assets.use_case import UseCase

CODE = "1"


def inbox_folder(lake: Lake, uc: UseCase) -> Path:
    """Where people drop documents: `GENAIOPS_HOME/inbox/USE_CASE/documents`."""
    return lake.home / "inbox" / uc.name / "documents"


def inbox_digest(lake: Lake, uc: UseCase) -> str:
    folder = inbox_folder(lake, uc)
    files = files_of(folder) if folder.is_dir() else []
    return digest_of([[p.relative_to(folder).as_posix(), digest_of_file(p)] for p in files])


@dataclass(frozen=True)
class Inbox:
    """The inbox folder by names, sizes and times: cheap to take, for sensors."""

    digest: str
    files: int
    newest: float


def inbox_fingerprint(lake: Lake, uc: UseCase) -> Inbox:
    folder = inbox_folder(lake, uc)
    states = [(p, p.stat()) for p in (files_of(folder) if folder.is_dir() else [])]
    listed = [[p.relative_to(folder).as_posix(), s.st_size, s.st_mtime_ns] for p, s in states]
    return Inbox(digest_of(listed), len(states), max((s.st_mtime for _, s in states), default=0.0))


def note_inbox(lake: Lake, uc: UseCase, name: str, digest: str) -> None:
    """Remember which state of the inbox went through an asset: `documents` notes it first, the index last."""
    lake.heads.put(key_of(uc, f"inbox_{name}"), None, {"digest": digest, "at": datetime.now(UTC).isoformat(timespec="seconds")})


def indexed_inbox(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """The inbox state the index was built from: {digest, at}, or None before the first index."""
    return lake.heads.get(key_of(uc, "inbox_indexed"))


def feeds_of(lake: Lake, uc: UseCase) -> tuple[list[Feed], dict[str, str]]:
    """Sources and inbox as local paths with rights, and the digest of each. Raises UnresolvedReference."""
    feeds, digests = [], {}
    for source in uc.sources:
        found = lake.resolve(source.ref, uc.folder, source.license)
        rights = source.model_dump(include={"name", "format", "fields", "license", "owner", "rights_basis", "personal_data", "limit"})
        feeds.append(Feed(path=found.path, **rights))
        digests[source.name] = found.digest
    inbox = inbox_folder(lake, uc)
    inbox.mkdir(parents=True, exist_ok=True)
    feeds.append(Feed(name="inbox", path=str(inbox), format="auto", fields={}, inbox=True, **uc.inbox.model_dump()))
    digests["inbox"] = inbox_digest(lake, uc)
    return feeds, digests


def corpus_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"lance"},
        pool=writer_pool(uc),
        deps=["use_case_scope"],
        article="article-10.2",
        description="One row per document of all sources and the inbox, with licence, owner and first_seen. What cannot be read lies in `quarantine` with its reason.",
    )
    def documents(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        inbox = inbox_fingerprint(lake, uc)
        feeds, digests = feeds_of(lake, uc)
        rights = rights_of(uc, feeds)

        def build(place: Workplace) -> Built:
            head = lake.heads.get(key_of(uc, "documents"))
            previous = lake.current(key_of(uc, "documents")).snapshot(key_of(uc, "documents")).to_dict() if head else None
            inputs = {"feeds": [asdict(f) for f in feeds], "previous": previous}
            counts = platform.launch(context, uc, place, "ingest_documents", inputs, {}, online=any("://" in s.ref for s in uc.sources))
            rows = lake.tables.sync(key_of(uc, "documents"), place.scratch / "documents.parquet")
            quarantine = lake.tables.sync(key_of(uc, "quarantine"), place.scratch / "quarantine.parquet")
            write_json(place.staging / "documents.json", {"sources": rights, "counts": counts})
            refused = [
                {"file": r["file"], "line": r["line"], "field": r["field"], "reason": r["reason"]}
                for r in lake.tables.rows(quarantine.snapshot)
            ]
            shown = {
                "sources": [{k: f[k] for k in ("name", "license", "owner", "rights_basis", "personal_data")} for f in rights],
                "quarantine": refused,
            }
            changes = {"added": rows.added, "changed": rows.changed, "removed": rows.removed}
            return Built({**counts, **changes}, shown, (rows.snapshot, quarantine.snapshot))

        result = produce(context, platform, uc, "documents", inputs=digests, config=rights, code_version=CODE, build=build)
        note_inbox(lake, uc, "read", inbox.digest)
        return result

    @asset(
        kinds={"lance", "datajuicer"},
        pool=writer_pool(uc),
        deps=["documents"],
        article="article-10.3",
        description="The documents after the Data-Juicer recipe. `row_ledger` says for every input row what became of it, by which operator, value and threshold.",
    )
    def filtered_corpus(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        source = lake.current(key_of(uc, "documents"))
        recipe = uc.path(uc.corpus.recipe)
        operators = [asdict(o) for o in load_recipe(recipe)]

        def build(place: Workplace) -> Built:
            inputs = {
                "documents": source.snapshot(key_of(uc, "documents")).to_dict(),
                "quarantine": source.snapshot(key_of(uc, "quarantine")).to_dict(),
                "previous": earlier_filtering(lake, uc, operators),
                "recipe": str(recipe),
            }
            counts = platform.launch(context, uc, place, "filter_corpus", inputs, {"batch_rows": uc.corpus.batch_rows})
            kept = lake.tables.sync(key_of(uc, "filtered_corpus"), place.scratch / "filtered.parquet")
            ledger = lake.tables.sync(key_of(uc, "row_ledger"), place.scratch / "row_ledger.parquet")
            figures = corpus_figures(lake, uc, place, source, kept.snapshot, ledger.snapshot, operators)
            dropped = [
                {k: r[k] for k in ("id", "outcome", "operator", "statistic", "value", "threshold", "duplicate_of")}
                for r in lake.tables.read(ledger.snapshot).to_pylist()
                if r["outcome"] not in ("kept", "changed")
            ]
            shown = {"processed_now": counts["processed"], "reused_rows": counts["reused"], **figures["outcomes"]}
            return Built({**shown, "languages": figures["languages"]}, {"dropped": dropped}, (kept.snapshot, ledger.snapshot))

        return produce(
            context,
            platform,
            uc,
            "filtered_corpus",
            inputs={"documents": source.digest},
            config=operators,
            code_version=CODE,
            build=build,
        )

    @check(
        uc,
        "filtered_corpus",
        blocking=True,
        description="Every row read ends as exactly one of kept, changed, rejected, duplicate or quarantined.",
    )
    def every_row_accounted_for(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        source = lake.current(key_of(uc, "documents"))
        filtered = lake.current(key_of(uc, "filtered_corpus"))
        read = {r["id"] for name in ("documents", "quarantine") for r in lake.tables.rows(source.snapshot(key_of(uc, name)), ["id"])}
        ledger = list(lake.tables.rows(filtered.snapshot(key_of(uc, "row_ledger")), ["id", "outcome"]))
        kept = {r["id"] for r in lake.tables.rows(filtered.snapshot(key_of(uc, "filtered_corpus")), ["id"])}
        told = {r["id"] for r in ledger if r["outcome"] in ("kept", "changed")}
        counts = source.json("documents.json")["counts"]
        adds_up = counts["rows_read"] == counts["documents"] + counts["quarantined"] + counts["superseded"]
        same = read == {r["id"] for r in ledger} and len(ledger) == len(read) and kept == told
        return data_gate(same and adds_up, rows_read=counts["rows_read"], rows_in_ledger=len(ledger), kept=len(kept))

    @asset(
        kinds={"markdown", "json"},
        deps=["filtered_corpus"],
        article="article-10.2",
        description="The 57 questions of Datasheets for Datasets: numbers as claims on the corpus, the rest answered by people or named as a gap.",
    )
    def datasheet(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        corpus = platform.lake.current(key_of(uc, "filtered_corpus"))
        config = uc.section("purpose", "people", "datasheet", "card") | {"title": uc.title, "language": uc.language}

        def build(place: Workplace) -> Built:
            sheet = build_datasheet(uc, Evidence(corpus.asset, corpus.digest, corpus.json("corpus.json")))
            write_json(place.staging / "datasheet.json", sheet)
            (place.staging / "datasheet.md").write_text(render_datasheet(sheet), encoding="utf-8")
            missing = gaps(sheet)
            answered = sum(len(s["answers"]) for s in sheet["sections"]) - len(missing)
            return Built({"questions_answered": answered, "gaps": len(missing)}, {"named gaps": [{"gap": g} for g in missing]})

        return produce(
            context,
            platform,
            uc,
            "datasheet",
            inputs={"filtered_corpus": corpus.digest},
            config=config,
            code_version="1",
            build=build,
        )

    @check(uc, "datasheet", description="Questions that only a person can answer have been answered in the use case file.")
    def no_gaps(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        missing = gaps(platform.lake.current(key_of(uc, "datasheet")).json("datasheet.json"))
        return notice(not missing, gaps=len(missing), fields=", ".join(missing[:20]))

    return [
        documents,
        filtered_corpus,
        every_row_accounted_for,
        datasheet,
        no_gaps,
        *expectation_checks(uc, "documents", DOCUMENT_SUITE),
        *expectation_checks(uc, "filtered_corpus", CORPUS_SUITE),
    ]


TEXT_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToNotBeNull", {"column": "id"}),
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToNotBeNull", {"column": "text"}),
    ("ExpectColumnValueLengthsToBeBetween", {"column": "text", "min_value": 1, "max_value": 2_000_000}),
    ("ExpectColumnValuesToMatchRegex", {"column": "license", "regex": r"^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$"}),
    ("ExpectColumnValuesToBeBetween", {"column": "first_seen", "min_value": 1}),
]
DOCUMENT_SUITE = [*TEXT_SUITE, ("ExpectColumnValuesToNotBeNull", {"column": "owner"})]
CORPUS_SUITE = [
    *TEXT_SUITE,
    ("ExpectColumnValuesToBeUnique", {"column": "text_hash"}),
    ("ExpectTableRowCountToBeBetween", {"min_value": 1}),
]


def rights_of(uc: UseCase, feeds: list[Feed]) -> list[dict[str, Any]]:
    """The feeds without their local paths, which differ from machine to machine, but with the reference a reader can follow."""
    refs = {s.name: s.ref for s in uc.sources}
    return [{**{k: v for k, v in asdict(f).items() if k != "path"}, "ref": refs.get(f.name, "inbox folder")} for f in feeds]


def earlier_filtering(lake: Lake, uc: UseCase, operators: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Snapshots of the last filtering when it used the same recipe: its findings on unchanged rows hold."""
    if lake.heads.get(key_of(uc, "filtered_corpus")) is None:
        return None
    last = lake.current(key_of(uc, "filtered_corpus"))
    facts = last.json("corpus.json")
    if facts["recipe"] != operators or facts["code_version"] != CODE:
        return None
    return {
        "filtered": last.snapshot(key_of(uc, "filtered_corpus")).to_dict(),
        "ledger": last.snapshot(key_of(uc, "row_ledger")).to_dict(),
    }


def corpus_figures(
    lake: Lake, uc: UseCase, place: Workplace, source: Artifact, kept: Any, ledger: Any, operators: list[dict[str, Any]]
) -> dict[str, Any]:
    """`corpus.json` and the plots: what the datasheet and the model card cite."""
    columns = ["id", "source", "language", "license", "first_seen", "text"]
    texts = lake.tables.read(kept, columns).to_pylist()
    before = [len(r["text"]) for r in lake.tables.rows(source.snapshot(key_of(uc, "documents")), ["text"])]
    facts = source.json("documents.json")
    steps = funnel(lake.tables.rows(ledger, ["outcome", "operator"]))
    described = describe(texts)
    by_source = described["documents_by_source"]
    figures = {
        **described,
        **steps,
        "recipe": operators,
        "operators": [o["name"] for o in operators],
        "code_version": CODE,
        "counts": facts["counts"],
        "sources": [{**s, "documents": by_source.get(s["name"], 0)} for s in facts["sources"]],
    }
    write_json(place.staging / "corpus.json", figures)
    plots.bars(place.staging / "views/what became of the rows.png", "What became of the rows", steps["outcomes"])
    lengths = {"before": before, "after": [len(r["text"]) for r in texts]}
    plots.histogram(place.staging / "views/document length.png", "Document length before and after", lengths, xlabel="characters")
    return figures
