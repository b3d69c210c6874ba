"""The Dagster UI after a finished run, in a real headless Chromium: what a person sees, asserted and kept as
pictures."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from playwright.sync_api import Page, expect

from genaiops_assets.governance.release import approval_of
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase, load_entry
from genaiops_assets.use_case.workspace import PACKAGED
from tests.conftest import copy_home, genaiops
from tests.support.browser import answers, keep, open_page
from tests.support.faults import Up, wait_for

pytestmark = [pytest.mark.ui, pytest.mark.model, pytest.mark.timeout(1500), pytest.mark.enable_socket]
LOCATION = "genaiops_assets"


@pytest.fixture(scope="module")
def home(smoke_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished home, its use case in a folder of its own that allows decisions in the UI by code."""
    folder = tmp_path_factory.mktemp("ui")
    home = copy_home(smoke_home, folder / "home")
    shutil.copytree(PACKAGED / "bank_support", folder / "bank_support")
    file = folder / "bank_support" / "use_case.yaml"
    file.write_text(file.read_text("utf-8").replace("\npeople:\n", "\npeople:\n  decisions: ui_with_code\n"), "utf-8")
    (home / "use_cases.txt").write_text(f"{folder / 'bank_support'}#smoke\npackage:library_zh\n")
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """`genaiops up` on that home."""
    up = Up(home)
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


def test_a_run_is_launched_from_the_page(page: Page, address: str, home: Path) -> None:
    launch(page, address, "bank_support__dates_due", "")
    assert wait_for(lambda: "SUCCESS" in states(home, "bank_support__dates_due"), 120)


def test_a_person_decides_in_the_page_with_a_code_and_not_without(page: Page, address: str, home: Path) -> None:
    lake, uc = Lake(home), load_entry(home, (home / "use_cases.txt").read_text().splitlines()[0])
    assert isinstance(uc, UseCase)
    version, approver = lake.heads.partitions(uc.key("release_decision"))[0], uc.people.approvers[0]

    def decide(code: str) -> None:
        form = (
            f"model_version: {version}, name: {approver}, decision: rejected, reason: seen in the page, code: '{code}'"
        )
        config = "{ops: {bank_support__record_decision: {config: {" + form + "}}}}"
        launch(page, address, "bank_support__decide", config)

    before = len(states(home, "bank_support__decide"))
    decide("")
    assert wait_for(lambda: "FAILURE" in states(home, "bank_support__decide")[: -before or None], 120)
    assert approval_of(lake, uc, version).status != "rejected"
    keep(page, "decision_without_code")
    code = genaiops(home, "code", "--as", approver, "-u", "bank_support").stdout.split()[0]
    decide(code)
    assert wait_for(lambda: approval_of(lake, uc, version).status == "rejected", 120)
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        assert all(code not in str(run.run_config) for run in instance.get_runs())
    keep(page, "decision_with_code")


def test_a_page_of_another_origin_changes_nothing(page: Page, address: str, home: Path) -> None:
    """What any site could do that the same browser has open."""
    page.goto(address)
    before = len(states(home, "bank_support__dates_due"))
    other = address.replace("127.0.0.1", "localhost")
    page.goto(f"{other}/server_info")
    outcome = page.evaluate(
        """async address => {
            const body = JSON.stringify({query: 'mutation { setNuxSeen }'});
            const results = [];
            for (const type of ['text/plain', 'application/json']) {
                try {
                    const answer = await fetch(address + '/graphql', {
                        method: 'POST', body, headers: {'content-type': type}, credentials: 'include', mode: 'no-cors'});
                    results.push(answer.type + answer.status);
                } catch (error) { results.push('refused'); }
            }
            return results;
        }""",
        address,
    )
    assert set(outcome) <= {"refused", "opaque0"}
    assert len(states(home, "bank_support__dates_due")) == before


def launch(page: Page, address: str, job: str, config: str) -> None:
    """Fill in the launchpad and press its button, as a person does."""
    page.goto(f"{address}/locations/{LOCATION}/jobs/{job}/playground")
    button = page.get_by_role("button", name="Launch run")
    expect(button.first).to_be_visible()
    if config:
        page.locator(".CodeMirror").first.click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(config)
    expect(button.first).to_be_enabled()
    page.wait_for_timeout(1500)
    button.first.click()
    page.wait_for_url(re.compile("/runs/"), timeout=30_000)


def states(home: Path, job: str) -> list[str]:
    """States of a job's runs, newest first."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        return [run.status.value for run in instance.get_runs(dg.RunsFilter(job_name=job))]
