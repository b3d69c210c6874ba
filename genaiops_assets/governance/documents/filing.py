"""Documents that people file with an authority or hand to others, as PDF files.

Belongs here: which documents those are, and writing them into a folder. Does not belong here: how a page becomes a PDF
(`evidence/pdf.py`), what a document says."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.evidence import pdf_of
from genaiops_assets.governance.documents.content_credentials import has_c2pa, root_of, with_credential
from genaiops_assets.governance.documents.registry import documents
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

FILED = ("technical_documentation", "downstream_documentation", "copyright_record", "training_content_summary")


def file_as_pdf(lake: Lake, uc: UseCase, version: str, into: Path) -> list[str]:
    """Each page of the filed documents of a model version, and of the use case's own, as a PDF in `into`. Returns the
    names of the files, in order. Where the extra `c2pa` is installed, each holds a signed C2PA manifest, and the home's
    root certificate lies beside them. Raises NotMaterialized naming a document that was not made yet, Unusable where
    this machine cannot make PDF files."""
    pages: dict[str, str] = {}
    for name in FILED:
        written = lake.current(uc.key(name), version if documents()[name].of_version else None)
        found = sorted(written.local().glob("*.html"))
        pages |= {page.stem: page.read_text("utf-8") for page in found}
    into.mkdir(parents=True, exist_ok=True)
    for stem, page in pages.items():
        made = pdf_of(page)
        (into / f"{stem}.pdf").write_bytes(with_credential(lake, made, f"{stem}.pdf") if has_c2pa() else made)
    if has_c2pa():
        (into / "c2pa_root.pem").write_bytes(root_of(lake))
    return [f"{stem}.pdf" for stem in pages]
