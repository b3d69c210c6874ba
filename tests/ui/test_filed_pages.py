"""The pages of the documents for authorities in a real headless Chromium, on a wide screen and on a phone: nothing runs
off the side of the page, and nothing is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.evidence import html_page
from genaiops_assets.governance.documents import documents
from genaiops_assets.governance.documents.copyright_record import MEASURES, build_copyright_record
from genaiops_assets.governance.documents.technical_documentation import build_technical_documentation
from tests.governance.filed_evidence import all_sections, in_folder, sources
from tests.support.browser import open_page

pytestmark = [pytest.mark.ui, pytest.mark.enable_socket]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_pages_fit_a_phone_and_a_wide_screen(tmp_path: Path) -> None:
    texts = dict.fromkeys(MEASURES.values(), "A policy in a sentence or two, as people write it.")
    uc = in_folder(tmp_path, technical_documentation=all_sections(), copyright_record=texts)
    made = {
        "technical_documentation": build_technical_documentation(uc, sources()),
        "copyright_record": build_copyright_record(uc, sources()),
    }
    pages: dict[str, str] = {}
    for name, document in made.items():
        pages |= {f"{name}.md": documents()[name].render(document), **documents()[name].further_pages(document)}
    with open_page() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name, text in pages.items():
            file = tmp_path / f"{name}.html"
            file.write_text(html_page(text, "zh" if ".zh." in name else "en"), encoding="utf-8")
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(file.as_uri())
                assert page.evaluate(OVER) <= 0, f"{name} at {width}"
        assert len(pages) == 10 and all(url.startswith("file:") for url in asked)
