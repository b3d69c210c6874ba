"""A document that another package adds: found by its entry point, an asset with checks like every other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.governance.documents import documents
from genaiops_assets.orchestration.platform import Platform
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
    assert checks == {"claims_hold", "document_is_complete", "is_not_empty"}
    job = dg.define_asset_job("note", dg.AssetSelection.assets(key)).resolve(
        asset_graph=definitions.resolve_asset_graph()
    )
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, resources={"platform": platform})
    assert result.success and all(e.passed for e in result.get_asset_check_evaluations())
    (made,) = result.asset_materializations_for_node("bank_support__size_note")
    assert made.metadata["document"].value == f"# {uc.title}\n\n3 documents."
    assert platform.lake.current(uc.key("size_note")).local("size_note.md").exists()
