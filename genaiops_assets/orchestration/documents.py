"""Documents as assets: one factory makes the asset, `claims_hold`, `document_is_complete` and a document's own checks.

Belongs here: how a document becomes an asset. Does not belong here: what any document says
(`governance/documents`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg

from genaiops_assets.alignment import plan_of
from genaiops_assets.evidence import draw_bars, find_gaps, html_page, placeholders
from genaiops_assets.governance.documents import Check, Document, Earlier, Source
from genaiops_assets.lake import Artifact, Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.claims import claims_check, evidence
from genaiops_assets.orchestration.freshness import freshness_check
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

LANGUAGES = ("en", "zh")


def document_assets(uc: UseCase, document: Document) -> list[Any]:
    """The asset of a document with its checks; partitioned by model version where it reads what each version has."""
    versions = partitions_of(uc, document)
    more: dict[str, Any] = (
        {"partitions_def": versions, "automation_condition": when_version_is_new()} if versions else {}
    )
    if document.of_newest:  # a policy would wait for versions that never had that asset: the jobs make it
        more["automation_condition"] = None

    @phase(uc, document.phase)(
        name=document.name,
        **more,
        kinds=document.kinds,
        reads=reads_of(uc, document),
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
                pages = {document.page: document.render(content), **document.further_pages(content)}
                write_pages(place, pages, uc.language)
            if shares := document.shares(content):
                draw_bars(place.staging / "views/largest shares.png", "Largest share of each kind", shares)
            gaps = find_gaps(content)
            figures = {**document.figures(content), "gaps": len(gaps)}
            return Built(
                figures, {**document.tables(content), "named gaps": [{"gap": g} for g in gaps]}, page=document.page
            )

        return making.produce(build, config=config, also=also)

    own = [own_check(uc, document, stated) for stated in document.checks]
    return [
        write_document,
        completeness_check(uc, document),
        claims_check(uc, document.name, partitions_of(uc, document)),
        freshness_check(uc, document.name, of_version=bool(document.of_version)),
        *own,
    ]


def reads_of(uc: UseCase, document: Document) -> list[str]:
    """The assets a document reads in this use case."""
    absent = document.not_there(uc)
    return [name for name in document.reads if name not in absent]


def partitions_of(uc: UseCase, document: Document) -> Any:
    """The model versions of a document that each of them has; None for a document of the use case."""
    return versions_of(uc) if document.of_version else None


def partition_of(context: dg.AssetCheckExecutionContext, document: Document) -> str | None:
    return context.partition_key if document.of_version else None


def write_pages(place: Workplace, pages: Mapping[str, str], language: str) -> None:
    """Each page as Markdown, and beside it as one HTML file that loads nothing. `NAME.zh.md` is in Chinese; a name
    without a language is in the use case's."""
    for name, text in pages.items():
        file = place.staging / name
        file.write_text(text, encoding="utf-8")
        stated = name.split(".")[-2]
        html = html_page(text, stated if stated in LANGUAGES else language)
        file.with_suffix(".html").write_text(html, encoding="utf-8")


def both_languages(uc: UseCase, name: str, render: Callable[[str], str]) -> dict[str, str]:
    """`NAME.md` in the use case's language and `NAME.LANGUAGE.md` in the other one, as `render(language)` writes it."""
    other = next(language for language in LANGUAGES if language != uc.language)
    return {f"{name}.md": render(uc.language), f"{name}.{other}.md": render(other)}


def completeness_check(uc: UseCase, document: Document) -> Any:
    """A notice `document_is_complete`: no gap in the JSON and no template text on the page."""

    @check(
        uc,
        document.name,
        partitions_def=partitions_of(uc, document),
        name="document_is_complete",
        description="No gap and no template text is left; gaps are fields of the use case file.",
    )
    def document_is_complete(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        written = platform.lake.current(uc.key(document.name), partition_of(context, document))
        left = find_gaps(written.json(f"{document.name}.json"))
        if document.page:
            left += placeholders(written.local(document.page).read_text("utf-8"))
        return notice(not left, gaps=len(left), left="; ".join(left[:20]) or "nothing")

    return document_is_complete


def own_check(uc: UseCase, document: Document, stated: Check) -> Any:
    """One of the document's own checks, on the artifacts the document was built from."""

    @check(
        uc,
        document.name,
        partitions_def=partitions_of(uc, document),
        name=stated.name,
        blocking=stated.blocking,
        description=stated.description,
    )
    def judge(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        written = lake.current(uc.key(document.name), partition_of(context, document))
        used = {n: d for n, d in written.provenance()["inputs"].items() if n in document.reads and d}
        sources = {name: source(uc, lake.artifacts.get(uc.key(name), digest)) for name, digest in used.items()}
        found = document.judge(stated.name, written.json(f"{document.name}.json"), sources)
        facts = {"problems": "; ".join(found.problems[:10]) or "none", **found.facts}
        return data_gate(not found.problems, **facts) if stated.blocking else notice(not found.problems, **facts)

    return judge


def inputs_of(making: Making, document: Document) -> dict[str, Artifact]:
    """The current artifacts a document reads, of its model version where each has its own; an optional one that is not
    there yet is left out."""
    found = {name: _input(making, document, name) for name in reads_of(making.uc, document)}
    return {name: artifact for name, artifact in found.items() if artifact}


def _input(making: Making, document: Document, name: str) -> Artifact | None:
    optional = name in document.optional
    if name in document.pinned and (digest := frozen(making, name)):
        return making.read(name, digest)
    if name in document.of_newest:
        return making.read_of_newest(name)
    if name in document.of_version:
        return making.read_of_version(name) if optional else making.read(name, partition=making.partition)
    return making.read_if_there(name) if optional else making.read(name)


def frozen(making: Making, name: str) -> str:
    """The digest that the plan of this run's version froze; "" where plans do not name such an asset."""
    artifact, plan = plan_of(making.lake, making.uc, making.partition)
    training = plan.training
    if name == "documents":
        corpus = making.lake.artifacts.get(making.uc.key("filtered_corpus"), training.corpus.digest)
        return str(corpus.provenance()["inputs"].get("documents", ""))
    return {
        "model_plan": artifact.digest,
        "base_model": training.base.record,
        "filtered_corpus": training.corpus.digest,
        "preference_pairs": training.pairs.digest,
    }.get(name, "")


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
