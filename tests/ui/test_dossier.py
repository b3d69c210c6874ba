"""The dossier in a real headless Chromium, from its file, on a wide screen and on a phone: it fits, loads nothing from
anywhere, runs nothing, and answers a stranger's five questions on its first page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from genaiops_assets.governance.dossier import Graph, build_dossier
from genaiops_assets.orchestration.claims import file_of
from tests.support.browser import keep, open_page
from tests.support.lakes import V1
from tests.trust.homes import released_home

pytestmark = [pytest.mark.ui, pytest.mark.enable_socket]
SIZES = {"wide": (1280, 900), "phone": (390, 844)}
PAGES = ("index", "life", "documents", "articles")
CHECKS = {"model_card": [{"name": "claims_hold", "passed": True, "severity": "ERROR", "blocking": True}],
          "datasheet": [{"name": "document_is_complete", "passed": False, "severity": "WARN", "blocking": False}]}  # fmt: skip
PHASES = {"documents": "corpus", "filtered_corpus": "corpus", "datasheet": "corpus", "eval_report": "evaluation",
          "use_case_scope": "scoping", "success_criteria": "scoping", "model_plan": "alignment",
          "aligned_checkpoint": "alignment"}  # fmt: skip
ARTICLES = {"datasheet": "article-10.2", "model_card": "article-13.1"}
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(e =>
  !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("dossier")
    lake, uc = released_home(folder / "home")
    found = {}
    for language in ("en", "zh"):
        found[language] = folder / language
        build_dossier(lake, uc, V1, found[language], Graph(CHECKS, PHASES, ARTICLES, file_of), language)
    return found


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as opened:
        yield opened


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_the_screen_and_loads_its_own_folder_alone(
    page: Page, dossiers: dict[str, Path], size: str, language: str
) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("console", lambda message: fetched.append(message.text))
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name in PAGES:
            page.goto((dossiers[language] / f"{name}.html").as_uri())
            if language == "en" and scheme == "light":
                keep(page, f"dossier_{name}_{width}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert page.evaluate(TOO_WIDE) == [], name
            assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none", "the stylesheet did not load"
            assert page.locator("script").count() == 0
    root = dossiers[language].as_uri()
    assert fetched and [url for url in fetched if not url.startswith(root)] == []


def test_the_first_page_answers_five_questions_and_links_lead_there_and_back(
    page: Page, dossiers: dict[str, Path]
) -> None:
    page.goto((dossiers["en"] / "index.html").as_uri())
    expect(page.locator(".answer").first).to_contain_text("Yes. Ada Approver approved it, and it is in production.")
    for number, question in enumerate(("What is it for?", "May it be used?", "What failed?", "Who decided?", "What is still open?"), 1):  # fmt: skip
        expect(page.locator("h2", has_text=f"{number} · {question}")).to_be_visible()
    expect(page.locator("table", has_text="better than the first")).to_have_count(0)  # the decision on another version
    page.get_by_role("link", name="datasheet").first.click()
    expect(page.locator("#asset-datasheet")).to_be_in_viewport()
    page.locator("#asset-datasheet").get_by_role("link", name="article-10.2").click()
    expect(page.locator("#article-10\\.2")).to_be_in_viewport()
    page.locator("#article-10\\.2").get_by_role("link", name="datasheet", exact=True).click()
    expect(page.locator("#asset-datasheet")).to_be_in_viewport()
    page.locator("#asset-datasheet").get_by_role("link", name="datasheet.html").click()
    expect(page.locator("h1")).to_have_text("Datasheet")
