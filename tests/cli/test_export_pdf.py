"""`genaiops export --to pdf`: the pages of the documents that people file."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.errors import NotMaterialized
from genaiops_assets.evidence import html_page
from genaiops_assets.governance.documents import FILED, documents, file_as_pdf
from genaiops_assets.lake import Lake
from tests.support.lakes import V1, V2, bank_support

pytest.importorskip("weasyprint", reason="the extra pdf", exc_type=ImportError)
UC = bank_support()


def written(lake: Lake, name: str, version: str | None) -> None:
    """A document with a page in each language."""
    with lake.work(f"{name}{version}".encode().hex().ljust(64, "0")[:64]) as place:
        for language in ("en", "zh"):
            page = html_page(f"# {name} {version}\n", language)
            (place.staging / f"{name}.{language}.html").write_text(page, encoding="utf-8")
        facts = {"asset": UC.key(name), "inputs": {}, "code_version": "1", "config": {}, "seed": 17}
        lake.publish(UC.key(name), version, f"{name}{version}".encode().hex().ljust(64, "0")[:64], place.staging,
                     snapshots=[], summary={"figures": {}, "tables": {}}, provenance=facts)  # fmt: skip


def test_each_page_of_the_filed_documents_is_a_pdf_of_its_version(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    for name in FILED:
        for version in (V1, V2) if documents()[name].of_version else (None,):
            written(lake, name, version)
    made = file_as_pdf(lake, UC, V2, tmp_path / "filed")
    assert made == [f"{name}.{language}.pdf" for name in FILED for language in ("en", "zh")]
    assert all((tmp_path / "filed" / name).read_bytes().startswith(b"%PDF-") for name in made)


def test_a_document_that_was_not_made_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NotMaterialized, match="technical_documentation"):
        file_as_pdf(Lake(tmp_path / "home"), UC, V1, tmp_path / "filed")
    assert not (tmp_path / "filed").exists()
