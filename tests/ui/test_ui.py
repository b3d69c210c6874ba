"""The Dagster UI after a finished run, in a real headless Chromium: what a person sees, asserted and kept as
pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import copy_home
from tests.support.browser import answers, keep, open_page
from tests.support.faults import Up, wait_for

pytestmark = [pytest.mark.ui, pytest.mark.model, pytest.mark.timeout(1500), pytest.mark.enable_socket]
LOCATION = "genaiops_assets"


@pytest.fixture(scope="module")
def address(smoke_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`genaiops up` on a copy of the finished home."""
    up = Up(copy_home(smoke_home, tmp_path_factory.mktemp("ui") / "home"))
    try:
        assert wait_for(lambda: answers(up.port), 120), "the UI did not start"
        yield up.address
    finally:
        up.stop()


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    with open_page() as opened:
        yield opened


def test_the_graph_reads_by_phase(page: Page, address: str) -> None:
    page.goto(f"{address}/asset-groups")
    for phase in ("scoping", "corpus", "knowledge", "alignment", "evaluation", "release", "monitoring"):
        for use_case in ("bank_support", "library_zh"):
            expect(page.get_by_text(f"{use_case}__{phase}", exact=True).first).to_be_visible()
    keep(page, "graph")


def test_groups_are_the_phases(page: Page, address: str) -> None:
    page.goto(f"{address}/locations/{LOCATION}/asset-groups/bank_support__alignment")
    for name in ("base_model", "preference_pairs", "model_plan", "aligned_checkpoint"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    keep(page, "alignment")


def test_an_asset_page_shows_description_owner_and_plot(page: Page, address: str) -> None:
    page.goto(f"{address}/assets/bank_support/filtered_corpus?view=overview")
    expect(page.get_by_text("The documents after the Data-Juicer recipe", exact=False).first).to_be_visible()
    expect(page.get_by_text("olga-owner", exact=False).first).to_be_visible()
    page.goto(f"{address}/assets/bank_support/filtered_corpus?view=events")
    expect(page.get_by_text("what became of the rows").first).to_be_visible()
    expect(page.get_by_text("processed_now").first).to_be_visible()
    keep(page, "asset")
    page.get_by_text("Show Markdown").first.click()
    plot = page.locator("img[src^='data:image/png']").first
    expect(plot).to_be_visible()
    assert plot.evaluate("i => i.naturalWidth") > 300
    keep(page, "plot")


def test_the_checks_tab_shows_every_expectation(page: Page, address: str) -> None:
    page.goto(f"{address}/assets/bank_support/filtered_corpus?view=checks")
    for name in ("every_row_accounted_for", "gx_id_values_to_be_unique", "gx_text_values_to_not_be_null"):
        expect(page.get_by_text(name).first).to_be_visible()
    keep(page, "checks")


def test_the_decision_waits_for_a_person(page: Page, address: str) -> None:
    page.goto(f"{address}/assets/bank_support/release_decision?view=checks")
    expect(page.get_by_text("human_approval").first).to_be_visible()
    expect(page.get_by_text(re.compile("named approver")).first).to_be_visible()
    keep(page, "decision")


def test_the_launchpad_offers_a_decision_form(page: Page, address: str) -> None:
    page.goto(f"{address}/locations/{LOCATION}/jobs/bank_support__decide/playground")
    expect(page.get_by_text("record_decision").first).to_be_visible()
    keep(page, "decide")
