"""Whether documents of the data can be traced: sources with licence, date and digest, all about one corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.corpus.schemas import RIGHTS
from genaiops_assets.definitions import build_defs
from genaiops_assets.governance.documents import origins_of, other_corpora, sources_of, untraced
from genaiops_assets.lake import Artifact, Lake, memo_key, write_json, write_rows
from genaiops_assets.orchestration.platform import Platform
from tests.support.lakes import bank_support, publish

UC = bank_support()
NAMES = sorted(
    (
        *("datasheet", "data_bias_log", "croissant_metadata", "dataset_card", "plain_page"),
        *("training_content_summary", "privacy_record", "data_risks"),
    )
)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(home=str(tmp_path / "home"))


@pytest.fixture
def lake(platform: Platform) -> Lake:
    return platform.lake


def row(name: str, **changes: Any) -> dict[str, Any]:
    stated = {"source": "faq", "license": "MIT", "version": "a" * 64, "fetched_at": "2026-11-01T10:00:00+00:00"}
    return {**dict.fromkeys(RIGHTS.names, ""), "id": name, "first_seen": 0, **stated, **changes}


def corpus_with(lake: Lake, *rights: dict[str, Any]) -> Artifact:
    """A corpus with one source `faq` that gave documents and one `lost` that gave none, made from these rights."""
    key = memo_key(asset=UC.key("documents"), inputs={}, code_version="1", config=len(rights), seed=1)
    with lake.work(key) as place:
        write_json(place.staging / "documents.json", {"rows": len(rights)})
        write_rows(place.scratch / "rights.parquet", RIGHTS, rights)
        rows = lake.tables.sync(UC.key("rights"), place.scratch / "rights.parquet").snapshot
        read = lake.publish(UC.key("documents"), None, key, place.staging, snapshots=[rows], summary={}, provenance={})
    sources = [{"name": "faq", "documents": 1}, {"name": "lost", "documents": 0}]
    content = {"corpus.json": {"sources": sources, "of": read.digest}}
    return publish(lake, UC.key("filtered_corpus"), content, inputs={"documents": read.digest})


def lacking(lake: Lake, *rights: dict[str, Any]) -> dict[str, str]:
    corpus = corpus_with(lake, *rights)
    return untraced(origins_of(lake, UC, corpus), sources_of(corpus))


def test_a_source_with_licence_date_and_digest_is_traced(lake: Lake) -> None:
    assert lacking(lake, row("source:faq"), row("document:1")) == {}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"license": " "}, "no licence"),
        ({"version": ""}, "no digest"),
        ({"fetched_at": ""}, "no date"),
        ({"fetched_at": "soon"}, "no date"),
    ],
)
@pytest.mark.parametrize("where", ["source:faq", "document:1"])
def test_what_a_source_or_a_document_of_it_lacks_is_named(
    lake: Lake, where: str, change: dict[str, str], what: str
) -> None:
    rights = [row(name, **(change if name == where else {})) for name in ("source:faq", "document:1")]
    assert lacking(lake, *rights) == {where: what}


def test_a_source_without_a_row_is_named_and_one_that_gave_nothing_does_not_count(lake: Lake) -> None:
    assert lacking(lake, row("source:lost", source="lost", license="")) == {"source:faq": "no rights row"}


# --- one corpus
# ---------------------------------------------------------------------------------------------------------


def written(lake: Lake, name: str, read: str, stated: str | None) -> None:
    content = {"of": name} if stated is None else {"of": name, "corpus": {"digest": stated}}
    publish(lake, UC.key(name), {f"{name}.json": content}, inputs={"filtered_corpus": read})


def test_documents_of_the_same_corpus_agree(lake: Lake) -> None:
    for name in NAMES:
        written(lake, name, "c" * 64, None if name == "croissant_metadata" else "c" * 64)
    assert other_corpora(lake, UC, "c" * 64) == {}


def test_each_that_speaks_of_another_corpus_is_named_with_the_reason(lake: Lake) -> None:
    for name in NAMES:
        written(lake, name, "c" * 64, "c" * 64)
    written(lake, "datasheet", "d" * 64, "d" * 64)
    written(lake, "data_bias_log", "c" * 64, "e" * 64)
    assert other_corpora(lake, UC, "c" * 64) == {
        "datasheet": "speaks of corpus dddddddddddd",
        "data_bias_log": "names corpus eeeeeeeeeeee and was made from cccccccccccc",
    }


def test_a_document_that_was_never_written_is_named(lake: Lake) -> None:
    assert other_corpora(lake, UC, "c" * 64) == dict.fromkeys(NAMES, "was never written")


# --- the checks
# ---------------------------------------------------------------------------------------------------------


def judged(platform: Platform) -> dict[str, bool]:
    """The verdicts of both checks, run as Dagster runs them."""
    definitions = build_defs([UC], platform)
    graph = definitions.resolve_asset_graph()
    keys = [k for k in graph.asset_check_keys if k.name in ("every_source_is_traced", "documents_are_of_this_corpus")]
    job = dg.define_asset_job("both", dg.AssetSelection.checks(*keys)).resolve(asset_graph=graph)
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance, resources={"platform": platform})
    return {found.check_name: found.passed for found in done.get_asset_check_evaluations()}


def test_both_checks_are_green_where_all_is_traced_and_red_where_it_is_not(platform: Platform) -> None:
    lake = platform.lake
    corpus = corpus_with(lake, row("source:faq"))
    for name in NAMES:
        written(lake, name, corpus.digest, corpus.digest)
    plan = {"training": {"corpus": {"digest": corpus.digest}}}
    publish(lake, UC.key("model_plan"), {"plan.json": plan})
    assert judged(platform) == {"every_source_is_traced": True, "documents_are_of_this_corpus": True}
    newer = corpus_with(lake, row("source:faq", license=""), row("document:1"))
    written(lake, "datasheet", newer.digest, newer.digest)
    assert judged(platform) == {"every_source_is_traced": False, "documents_are_of_this_corpus": False}
