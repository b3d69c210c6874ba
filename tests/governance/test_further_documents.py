"""A document that another package adds: found by its entry point, an asset with checks like every other."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.evidence import claim
from genaiops_assets.governance.documents import Check, Earlier, Finding, Plain, Source, documents
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.orchestration.phases import versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support, publish
from tests.support.plugins import distribution

MODULE = """
from genaiops_assets.evidence import claim
from genaiops_assets.governance.documents import Check, Finding, Plain


class SizeNote(Plain):
    name = "size_note"
    article = "annex-XI.1.2"
    description = "One sentence on the size of the corpus, for whoever asks for just that."
    reads = ("filtered_corpus",)
    page = "size_note.md"
    checks = (Check("is_not_empty", "The corpus holds at least one document.", blocking=True),)

    def settings(self, uc):
        return {"title": uc.title}

    def build(self, uc, sources, earlier):
        return {"title": uc.title, "instances": claim(sources["filtered_corpus"].evidence, "/instances")}

    def render(self, document):
        return f"# {document['title']}\\n\\n{document['instances']['value']} documents.\\n"

    def judge(self, check, document, sources):
        return Finding([] if document["instances"]["value"] else ["no document"])
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution on the path that adds one document, as an installed package would."""
    offered = "[genaiops.documents]\nsize_note = size_note_document:SizeNote"
    package = distribution(tmp_path / "package", "size_note", offered, module="size_note_document", code=MODULE)
    monkeypatch.syspath_prepend(str(package))
    documents.cache_clear()
    yield
    documents.cache_clear()
    sys.modules.pop("size_note_document", None)


def test_a_document_of_another_package_is_an_asset_with_checks(added: None, tmp_path: Path) -> None:
    uc, platform = bank_support(), Platform(home=str(tmp_path / "home"))
    publish(platform.lake, uc.key("filtered_corpus"), {"corpus.json": {"instances": 3}})
    definitions = build_defs([uc], platform)
    key = dg.AssetKey([uc.name, "size_note"])
    checks = {k.name for k in definitions.resolve_asset_graph().asset_check_keys if k.asset_key == key}
    assert checks == {"claims_hold", "document_is_complete", "document_is_fresh", "is_not_empty"}
    job = dg.define_asset_job("note", dg.AssetSelection.assets(key)).resolve(
        asset_graph=definitions.resolve_asset_graph()
    )
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, resources={"platform": platform})
    assert result.success and all(e.passed for e in result.get_asset_check_evaluations())
    (made,) = result.asset_materializations_for_node("bank_support__size_note")
    assert made.metadata["document"].value == f"# {uc.title}\n\n3 documents."
    assert platform.lake.current(uc.key("size_note")).local("size_note.md").exists()


class VersionNote(Plain):
    """One sentence on a model version and the corpus."""

    name = "version_note"
    phase = "release"
    article = "annex-XI.1.2"
    description = "One sentence on a model version."
    reads = ("filtered_corpus", "eval_report")
    of_version = ("eval_report",)
    page = "version_note.md"
    checks = (Check("is_good", "The figure is above a half.", blocking=True),)

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {"title": uc.title}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        figure = claim(sources["eval_report"].evidence, "/figure")
        return {"figure": figure, "instances": claim(sources["filtered_corpus"].evidence, "/instances")}

    def render(self, document: dict[str, Any]) -> str:
        return f"# A version\n\n{document['figure']['value']}\n"

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return {"version_note.zh.md": f"# 模型版本\n\n{document['figure']['value']}\n"}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        return Finding([] if document["figure"]["value"] > 0.5 else ["too low"])


def test_a_document_on_a_model_version_is_one_for_each(tmp_path: Path) -> None:
    uc, platform, document = bank_support(), Platform(home=str(tmp_path / "home")), VersionNote()
    versions = {"mv-1": 0.4, "mv-2": 0.7}
    publish(platform.lake, uc.key("filtered_corpus"), {"corpus.json": {"instances": 3}})
    for version, figure in versions.items():
        publish(platform.lake, uc.key("eval_report"), {"eval_report.json": {"figure": figure}}, partition=version)
    found: dict[str, dict[str, bool]] = {}
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(versions_of(uc).name, list(versions))
        for version in versions:
            resources = {"platform": platform}
            made = dg.materialize(
                document_assets(uc, document),
                partition_key=version,
                resources=resources,
                instance=instance,
                raise_on_error=False,
            )
            found[version] = {e.check_name: e.passed for e in made.get_asset_check_evaluations()}
    assert found == {
        "mv-1": {"claims_hold": True, "document_is_complete": True, "document_is_fresh": True, "is_good": False},
        "mv-2": {"claims_hold": True, "document_is_complete": True, "document_is_fresh": True, "is_good": True},
    }
    pages = [platform.lake.current(uc.key("version_note"), v).local("version_note.html").read_text() for v in versions]
    assert "<p>0.4</p>" in pages[0] and "<p>0.7</p>" in pages[1] and '<html lang="en">' in pages[0]
    chinese = platform.lake.current(uc.key("version_note"), "mv-1").local("version_note.zh.html").read_text("utf-8")
    assert '<html lang="zh">' in chinese
