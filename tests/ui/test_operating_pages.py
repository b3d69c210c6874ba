"""The pages for deployers, operators and the public in a real headless Chromium, in both languages, on a wide screen and
on a phone: nothing runs off the side of the page, nothing is fetched, headings can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.evidence import html_page, labels
from genaiops_assets.governance.documents.operating.written import heading, render_written
from tests.governance.operating.evidence import ACCEPTED, ASKED, NAMES, build, sources
from tests.support.browser import keep, open_page
from tests.support.lakes import bank_support

pytestmark = [pytest.mark.ui, pytest.mark.enable_socket]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_pages_fit_a_phone_and_a_wide_screen(tmp_path: Path) -> None:
    uc = bank_support()
    found = sources(uc, ACCEPTED, ASKED)
    with open_page() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in NAMES:
            made = build(uc, name, found)
            for language in ("en", "zh"):
                file = tmp_path / f"{name}.{language}.html"
                file.write_text(html_page(render_written(made, language), language), encoding="utf-8")
                for width in (390, 1280):
                    page.set_viewport_size({"width": width, "height": 900})
                    page.goto(file.as_uri())
                    assert page.evaluate(OVER) <= 0, f"{name} in {language} at {width}"
                    if language == "en" and name in ("deployer_pack", "evaluation_summary"):
                        keep(page, f"{name}_{width}")
                t = labels(language)
                shown = page.locator("h2").all_inner_texts()
                assert shown == [str(t[heading(made, part)]) for part in made["parts"]]
        assert all(url.startswith("file:") for url in asked)
