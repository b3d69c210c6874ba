"""Documents: one row per document of all sources and the inbox, with its rights; what cannot be read is quarantined."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.corpus import (
    DOCUMENTS,
    Feed,
    inbox_digest,
    inbox_fingerprint,
    inbox_folder,
    note_inbox,
    note_sources,
    states_of,
)
from genaiops_assets.lake import Lake, Workplace, read_tombstones, write_json
from genaiops_assets.orchestration.expectations import expectation_checks
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase, writer_pool
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.quality import document_suite
from genaiops_assets.use_case import Rights, UseCase

CODE = "3"
TABLES = ("documents", "quarantine", "erased", "rights")
FEW_ROWS = 10  # quarantined rows of a source that warn only
SHOWN_RIGHTS = ("name", "license", "owner", "rights_basis", "lawful_access_basis", "personal_data", "retention")


def document_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"lance"},
        pool=writer_pool(uc),
        gates=["use_case_scope"],
        code_version=CODE,
        article="article-10.2",
        description="One row per document of all sources and the inbox, with licence, owner and first_seen. What "
        "cannot be read, or stands "
        "in a source without licence or owner, lies in `quarantine` with its reason; `rights` has a row per source "
        "and document.",
    )
    def documents(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        inbox, states = (
            inbox_fingerprint(lake, uc),
            states_of(uc),
        )  # before anything is read: a change in between is seen again
        feeds, digests = feeds_of(lake, uc)
        erased = read_tombstones(lake.store, uc.name)
        rights = rights_of(feeds)

        def build(place: Workplace) -> Built:
            inputs = {"feeds": [asdict(f) for f in feeds], "erased": erased.lists(), **previous_of(lake, uc)}
            found = making.launch(place, "ingest_documents", inputs, {})
            changes = {name: lake.tables.sync(uc.key(name), place.scratch / f"{name}.parquet") for name in TABLES}
            sources = [{**r, "refused": found["refused"].get(r["name"], "")} for r in rights]
            facts = {name: found[name] for name in ("counts", "licenses", "reasons")}
            facts |= {name: found[name] for name in ("left_out", "another_text") if found[name]}
            write_json(place.staging / "documents.json", {**facts, "sources": sources, "rows": found["sources"]})
            shown = {
                "sources": [
                    {**{k: s[k] for k in SHOWN_RIGHTS}, **found["sources"][s["name"]], "refused": s["refused"]}
                    for s in sources
                ],
                "licences": [{"licence": name, "documents": rows} for name, rows in found["licenses"].items()],
                "reasons of quarantine": [{"reason": kind, "rows": rows} for kind, rows in found["reasons"].items()],
                "quarantine": found["examples"],
                "left out of documents": [
                    {"source": name, "what": what, "how much": count}
                    for name, tally in found["left_out"].items()
                    for what, count in tally.items()
                ],
            }
            rows = changes["documents"]
            figures = {**found["counts"], "added": rows.added, "changed": rows.changed, "removed": rows.removed}
            return Built(figures, shown, tuple(c.snapshot for c in changes.values()))

        also = {**digests, **({"erasures": erased.digest} if erased.digest else {})}
        result = making.produce(build, config=rights, also=also)
        note_inbox(lake, uc, "read", inbox.digest)
        note_sources(lake, uc, "read", states)
        return result

    @check(
        uc,
        "documents",
        description="No source was refused for its licence, its owner or a reservation against text and data mining.",
    )
    def every_source_has_rights(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        sources = platform.lake.current(uc.key("documents")).json("documents.json")["sources"]
        refused = {s["name"]: s["refused"] for s in sources if s["refused"]}
        return notice(not refused, sources=len(sources), **refused)

    @check(uc, "documents", description="No document is kept longer than the retention its source allows.")
    def retention_not_passed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, today = platform.lake, datetime.now(UTC).date().isoformat()
        snapshot = lake.current(uc.key("documents")).snapshot(uc.key("rights"))
        where = f"id LIKE 'document:%' AND retention_until <> '' AND retention_until < '{today}'"
        passed = sum(batch.num_rows for batch in lake.tables.batches(snapshot, ["id"], where))
        return notice(passed == 0, documents_past_retention=passed, today=today)

    @check(
        uc,
        "documents",
        description="Of each source and of the inbox, the share of rows that could not be taken in is at most what "
        "`corpus.quality.max_quarantined_share` allows. Sources refused for their rights do not count here.",
    )
    def few_rows_quarantined(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        over, shares = losses_of(platform.lake, uc)
        return notice(not over, limit=uc.corpus.quality.max_quarantined_share, over=", ".join(over) or "none", **shares)

    @check(
        uc,
        "documents",
        blocking=True,
        description=f"No source lost more rows than allowed where that is the whole source or {FEW_ROWS} rows and "
        "more: "
        "what lies downstream stays as it was until the source is mended, or the share is raised in the use case file. "
        "The inbox stops nothing: see `few_rows_quarantined`.",
    )
    def no_source_lost(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        over, shares = losses_of(platform.lake, uc)
        lost = [name for name, tally in over.items() if name != "inbox" and is_heavy(tally)]
        return data_gate(
            not lost, limit=uc.corpus.quality.max_quarantined_share, lost=", ".join(lost) or "none", **shares
        )

    suite = expectation_checks(uc, "documents", document_suite(DOCUMENTS), shift=True)
    return [documents, every_source_has_rights, retention_not_passed, few_rows_quarantined, no_source_lost, *suite]


def losses_of(lake: Lake, uc: UseCase) -> tuple[dict[str, dict[str, int]], dict[str, float]]:
    """Rows by outcome of the sources of which more was quarantined than allowed, and the share of each source."""
    facts = lake.current(uc.key("documents")).json("documents.json")
    refused = {s["name"] for s in facts["sources"] if s["refused"]}
    rows = {name: tally for name, tally in facts["rows"].items() if name not in refused and tally["rows_read"]}
    shares = {name: round(tally["quarantined"] / tally["rows_read"], 6) for name, tally in rows.items()}
    over = {name: rows[name] for name, share in shares.items() if share > uc.corpus.quality.max_quarantined_share}
    return over, {f"share of {name}": share for name, share in shares.items()}


def is_heavy(tally: dict[str, int]) -> bool:
    """Whether a loss may stop the run: one broken file among a few may not."""
    return tally["quarantined"] >= FEW_ROWS or tally["quarantined"] == tally["rows_read"]


def feeds_of(lake: Lake, uc: UseCase) -> tuple[list[Feed], dict[str, str]]:
    """Sources and inbox as local paths with rights, and the digest of each. Raises UnresolvedReference."""
    feeds, digests = [], {}
    for source in uc.sources:
        found = lake.resolve(source.ref, uc.folder, source.license, source.query)
        stated = source.model_dump(include={"name", "format", "fields", "license", "owner", "limit"})
        is_data_set = source.ref.startswith("hub-dataset:")
        feeds.append(
            Feed(
                path=found.path,
                origin=source.ref,
                digest=found.digest,
                data_set=is_data_set,
                **stated,
                **common_rights(source),
            )
        )
        digests[source.name] = found.digest
    inbox = inbox_folder(lake, uc)
    inbox.mkdir(parents=True, exist_ok=True)
    digests["inbox"] = inbox_digest(lake, uc)
    rights = {**uc.inbox.model_dump(include={"license", "owner"}), **common_rights(uc.inbox)}
    feeds.append(
        Feed("inbox", str(inbox), "auto", {}, **rights, inbox=True, origin="inbox folder", digest=digests["inbox"])
    )
    return feeds, digests


def common_rights(stated: Rights) -> dict[str, Any]:
    """The fields that sources and inbox share, as the payload takes them."""
    return {**stated.model_dump(include=set(Rights.model_fields)), "retention": stated.kept_until()}


def rights_of(feeds: list[Feed]) -> list[dict[str, Any]]:
    """The feeds without their local paths, which differ from machine to machine, but with the reference a reader can
    follow. A feed's digest is among the inputs already."""
    return [
        {**{k: v for k, v in asdict(f).items() if k not in ("path", "digest", "origin")}, "ref": f.origin}
        for f in feeds
    ]


def previous_of(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """Snapshots of the last documents and rights, {previous, rights}; None where there is none."""
    name = uc.key("documents")
    held = lake.current(name).snapshots if lake.heads.get(name) else {}
    found = {"previous": held.get(name), "rights": held.get(uc.key("rights"))}
    return {word: snapshot.to_dict() if snapshot else None for word, snapshot in found.items()}
