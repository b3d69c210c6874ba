"""The evaluation page in a real headless Chromium, on a wide screen and on a phone: nothing is cut off, nothing is
fetched, text is dark, and what is folded opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from genaiops_assets.governance.evaluation_page import build_page, render_page
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.governance.evaluation_page.test_page import sources
from tests.support.browser import keep, open_page
from tests.support.lakes import V1

pytestmark = [pytest.mark.ui, pytest.mark.enable_socket]
CASES = [("bank_support", "en"), ("library_zh", "zh")]
WIDE, PHONE = (1280, 900), (390, 844)
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(e =>
  !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90))"""
PALE = """() => [...document.querySelectorAll('p, dd, dt, td, th, li, h1, h2, h3, small, summary, .fig')].map(e => {
  const [r, g, b] = getComputedStyle(e).color.match(/[0-9.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return [1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05), e.outerHTML.slice(0, 90)];
}).filter(([contrast]) => contrast < 4.5)"""


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as opened:
        yield opened


@pytest.fixture(params=[(*case, *size) for case in CASES for size in (WIDE, PHONE)], ids=lambda p: f"{p[0]}-{p[2]}")
def shown(request: pytest.FixtureRequest, page: Page, tmp_path: Path) -> tuple[Page, list[str], str]:
    name, language, width, height = request.param
    uc = load_use_case(PACKAGED / name)
    file = tmp_path / "page.html"
    file.write_text(render_page(build_page(uc, V1, sources(uc)), language), encoding="utf-8")
    fetched: list[str] = []
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark")
    page.on("request", lambda request: fetched.append(request.url))
    page.on("console", lambda message: fetched.append(message.text))
    page.goto(file.as_uri())
    return page, fetched, f"evaluation_{name}_{width}"


def test_the_page_fits_the_screen_fetches_nothing_and_is_dark_on_light(shown: tuple[Page, list[str], str]) -> None:
    page, fetched, name = shown
    keep(page, name)
    for closed in page.locator("summary").all():
        closed.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate(PALE) == []
    assert len(fetched) == 1 and fetched[0].startswith("file://")


def test_a_wide_table_scrolls_in_its_box_and_a_link_leads_to_its_gate(shown: tuple[Page, list[str], str]) -> None:
    page, _, _ = shown
    box = page.locator("#undecided ~ .scroll").first
    assert box.evaluate("e => getComputedStyle(e).overflowX") == "auto"
    assert box.evaluate("e => e.clientWidth < e.scrollWidth || innerWidth > 600")
    page.get_by_role("link", name="tuning_helps").first.click()
    expect(page.locator("#gate-tuning_helps")).to_be_in_viewport()
    bar = page.locator("#gate-answers svg.bar .mean").bounding_box()
    drawn = page.locator("#gate-answers svg.bar").bounding_box()
    assert bar and drawn and 0.5 < (bar["x"] + bar["width"] / 2 - drawn["x"]) / drawn["width"] < 0.7  # the mean is 0.59
