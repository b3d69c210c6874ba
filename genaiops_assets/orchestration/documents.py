"""Documents as assets: one factory makes the asset, `claims_hold`, `document_is_complete` and a document's own checks.

Belongs here: how a document becomes an asset. Does not belong here: what any document says
(`governance/documents`).
"""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import draw_bars, find_gaps, placeholders
from genaiops_assets.governance.documents import Check, Document, Earlier, Source
from genaiops_assets.lake import Artifact, Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.claims import claims_check, evidence
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def document_assets(uc: UseCase, document: Document) -> list[Any]:
    """The asset of a document with its checks."""

    @phase(uc, document.phase)(
        name=document.name,
        kinds=document.kinds,
        reads=list(document.reads),
        article=document.article,
        code_version=document.code_version,
        description=document.description,
    )
    def write_document(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        read = inputs_of(making, document)
        config = document.settings(uc)
        also: dict[str, str] = {}
        earlier, history = Earlier(), {}
        if document.keeps_history:
            history = {"basis": digest_of([*making.inputs().values(), config])}
            earlier = document_before(lake, uc, document, history["basis"])
            also = {"previous": earlier.digest}

        def build(place: Workplace) -> Built:
            sources = {name: source(uc, artifact) for name, artifact in read.items()}
            content = {**document.build(uc, sources, earlier), **history}
            write_json(place.staging / f"{document.name}.json", content)
            for name, further in document.files(content).items():
                write_json(place.staging / name, further)
            if document.page:
                (place.staging / document.page).write_text(document.render(content), encoding="utf-8")
            if shares := document.shares(content):
                draw_bars(place.staging / "views/largest shares.png", "Largest share of each kind", shares)
            gaps = find_gaps(content)
            figures = {**document.figures(content), "gaps": len(gaps)}
            return Built(
                figures, {**document.tables(content), "named gaps": [{"gap": g} for g in gaps]}, page=document.page
            )

        return making.produce(build, config=config, also=also)

    own = [own_check(uc, document, stated) for stated in document.checks]
    return [write_document, completeness_check(uc, document), claims_check(uc, document.name), *own]


def completeness_check(uc: UseCase, document: Document) -> Any:
    """A notice `document_is_complete`: no gap in the JSON and no template text on the page."""

    @check(
        uc,
        document.name,
        name="document_is_complete",
        description="No gap and no template text is left; gaps are fields of the use case file.",
    )
    def document_is_complete(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        written = platform.lake.current(uc.key(document.name))
        left = find_gaps(written.json(f"{document.name}.json"))
        if document.page:
            left += placeholders(written.local(document.page).read_text("utf-8"))
        return notice(not left, gaps=len(left), left="; ".join(left[:20]) or "nothing")

    return document_is_complete


def own_check(uc: UseCase, document: Document, stated: Check) -> Any:
    """One of the document's own checks, on the artifacts the document was built from."""

    @check(uc, document.name, name=stated.name, blocking=stated.blocking, description=stated.description)
    def judge(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        written = lake.current(uc.key(document.name))
        used = {n: d for n, d in written.provenance()["inputs"].items() if n in document.reads and d}
        sources = {name: source(uc, lake.artifacts.get(uc.key(name), digest)) for name, digest in used.items()}
        found = document.judge(stated.name, written.json(f"{document.name}.json"), sources)
        facts = {"problems": "; ".join(found.problems[:10]) or "none", **found.facts}
        return data_gate(not found.problems, **facts) if stated.blocking else notice(not found.problems, **facts)

    return judge


def inputs_of(making: Making, document: Document) -> dict[str, Artifact]:
    """The current artifacts a document reads; an optional one that is not there yet is left out."""
    found = {
        name: making.read_if_there(name) if name in document.optional else making.read(name) for name in document.reads
    }
    return {name: artifact for name, artifact in found.items() if artifact}


def source(uc: UseCase, artifact: Artifact) -> Source:
    prefix = uc.key("")
    tables = {
        name.removeprefix(prefix): {"name": s.name, "digest": s.digest, "rows": s.rows}
        for name, s in artifact.snapshots.items()
    }
    return Source(evidence(artifact), tables)


def document_before(lake: Lake, uc: UseCase, document: Document, basis: str) -> Earlier:
    """The document of this kind before the one on `basis`: making the same document again must not make it its own
    predecessor."""
    head = lake.heads.get(uc.key(document.name))
    if head is None:
        return Earlier()
    file = f"{document.name}.json"
    content = lake.artifacts.get(uc.key(document.name), head["digest"]).json(file)
    digest = content["previous"] if content["basis"] == basis else head["digest"]
    return Earlier(digest, lake.artifacts.get(uc.key(document.name), digest).json(file)) if digest else Earlier()
