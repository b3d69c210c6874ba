"""Documents: one row per document of all sources and the inbox, with its rights; what cannot be read is quarantined."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.inbox import inbox_digest, inbox_fingerprint, inbox_folder, note_inbox
from genaiops_assets.assets.phases import phase, writer_pool
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.corpus import DOCUMENTS, Feed
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.quality import document_suite
from genaiops_assets.use_case import UseCase

CODE = "1"


def document_assets(uc: UseCase) -> list[Any]:
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

    return [documents, *expectation_checks(uc, "documents", document_suite(DOCUMENTS), shift=True)]


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


def rights_of(uc: UseCase, feeds: list[Feed]) -> list[dict[str, Any]]:
    """The feeds without their local paths, which differ from machine to machine, but with the reference a reader can follow."""
    refs = {s.name: s.ref for s in uc.sources}
    return [{**{k: v for k, v in asdict(f).items() if k != "path"}, "ref": refs.get(f.name, "inbox folder")} for f in feeds]
