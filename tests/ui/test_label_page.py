"""The labelling page in a real headless Chromium: a person rates by keyboard, in both languages, on a wide and on a
narrow screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from genaiops_assets.alignment import feedback_folder, read_feedback
from genaiops_assets.labelling import Desk, all_ratings, guideline_of, version_items
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.browser import keep, open_page
from tests.support.label_page import Served, desk_of, served
from tests.support.labels import evaluated, golden, pairs
from tests.support.lakes import V1, V2, bank_support

pytestmark = [pytest.mark.ui, pytest.mark.enable_socket]

ASKED = [
    (
        "How long may a customer dispute a charge on a credit card?",
        "60 days from the date the statement was sent. Ask for the statement date first.",
        "At any time, there is no limit. Write to ann@example.com.",
    ),
    ("What does Error 903 mean?", "The closure was blocked. Wait 48 hours.", "The app is offline."),
    ("Which fee applies?", "45 dollars, charged when the order is accepted.", "<b>30</b><img src=x onerror=alert(1)>"),
    ("May a minor open an account?", "Yes, with a parent as joint owner.", "No."),
]
CHINESE = [
    ("借书证丢了怎么办？", "请携带身份证到服务台办理挂失，补办费用为十元。", "丢了就不能再借书了。"),
    ("可以续借几次？", "每本书可以续借一次，期限为三十天。", "可以一直续借，没有次数限制。"),
]


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


@pytest.fixture
def page() -> Iterator[Page]:
    with open_page() as opened:
        opened.set_viewport_size({"width": 1280, "height": 860})
        opened.set_default_timeout(8000)
        yield opened


@pytest.fixture
def address(lake: Lake, uc: UseCase) -> Iterator[Served]:
    pairs(lake, uc, ASKED)
    with served(desk_of(lake, uc)) as found:
        yield found


def begin(page: Page, address: Served, progress: str = "1 of 4") -> None:
    """Open the page and read the guideline, as one does the first time."""
    page.goto(address.url)
    page.get_by_role("button", name="Understood").or_(page.get_by_role("button", name="明白了")).click()
    expect(page.locator("#progress")).to_contain_text(progress)
    page.wait_for_timeout(450)


def press(page: Page, key: str, progress: str) -> None:
    page.keyboard.press(key)
    expect(page.locator("#progress")).to_contain_text(progress)
    page.wait_for_timeout(450)  # a key does not count at once: nobody has seen the new item


def ratings(lake: Lake, uc: UseCase) -> list[Any]:
    return all_ratings(lake, uc, "pairs")


def test_a_person_rates_by_keyboard_and_the_preferences_are_feedback(
    page: Page, address: Served, lake: Lake, uc: UseCase
) -> None:
    page.goto(address.url)
    expect(page.locator("#guideline")).to_contain_text("True first")
    keep(page, "label_guideline")
    page.keyboard.press("1")  # behind the guideline nothing is rated
    begin(page, address)
    keep(page, "label_pair")
    seen = []
    for key, after in (("1", "2 of 4"), ("ArrowRight", "3 of 4"), ("=", "4 of 4"), ("s", "4 of 4")):
        seen.append((page.locator("#question").inner_text(), page.locator("#left-text").inner_text()))
        press(page, key, after)
    expect(page.get_by_text("All rated. Thank you.")).to_be_visible()
    keep(page, "label_over")
    assert [r.choice for r in ratings(lake, uc)] == ["left", "right", "tie", "skip"]
    found = read_feedback(feedback_folder(lake, uc))
    assert len(found.pairs) == 2 and not found.refused
    first = next(pair for pair in found.pairs if pair["question"] == seen[0][0])
    assert first["chosen"] == seen[0][1] and first["reviewer"] == "Rita"
    assert all(0 < r.seconds < 60 for r in ratings(lake, uc))


def test_what_is_rated_stays_over_a_reload_and_is_taken_back_with_u(
    page: Page, address: Served, lake: Lake, uc: UseCase
) -> None:
    begin(page, address)
    press(page, "1", "2 of 4")
    second = page.locator("#question").inner_text()
    page.reload()
    expect(page.locator("#question")).to_have_text(second)
    expect(page.locator("#guideline")).not_to_be_visible()  # read once is read
    page.wait_for_timeout(450)
    press(page, "u", "1 of 4")
    expect(page.locator("#notice")).to_contain_text("Taken back")
    assert ratings(lake, uc) == [] and read_feedback(feedback_folder(lake, uc)).pairs == []
    page.keyboard.press("u")
    expect(page.locator("#notice")).to_contain_text("nothing to take back")


def test_two_quick_presses_rate_one_item(page: Page, address: Served, lake: Lake, uc: UseCase) -> None:
    begin(page, address)
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(page.locator("#progress")).to_contain_text("2 of 4")
    page.keyboard.press("1")
    page.wait_for_timeout(600)
    assert len(ratings(lake, uc)) == 1


def test_a_better_answer_is_written_against_the_one_it_came_from(
    page: Page, address: Served, lake: Lake, uc: UseCase
) -> None:
    begin(page, address)
    right = page.locator("#right-text").inner_text()
    page.keyboard.press("e")
    page.get_by_role("button", name="Start from answer 2").click()
    expect(page.locator("#written")).to_have_value(right)
    page.keyboard.press("s")  # a letter in the text, no skip
    page.get_by_role("button", name="Start from answer 2").click()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#editor-problem")).to_contain_text("Unchanged")
    page.locator("#written").fill("Better than both: ask bob@example.com.")
    keep(page, "label_editor")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#progress")).to_contain_text("2 of 4")
    [pair] = read_feedback(feedback_folder(lake, uc)).pairs
    assert pair["chosen"] == "Better than both: ask <EMAIL>." and pair["rejected"] == right


def test_text_is_shown_as_text_and_masked(page: Page, address: Served) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    begin(page, address)
    shown = ""
    for after in ("2 of 4", "3 of 4", "4 of 4", "4 of 4"):
        shown += page.locator("main#rating").inner_text()
        assert page.locator("main#rating img, main#rating b").count() == 0
        press(page, "s", after)
    assert "<b>30</b><img src=x onerror=alert(1)>" in shown and alerts == []
    assert "<EMAIL>" in shown and "ann@example.com" not in shown


def test_nothing_that_the_page_gets_says_who_answered(page: Page, address: Served) -> None:
    got: list[str] = []
    page.on("response", lambda answer: got.append(answer.text()) if "/api/" in answer.url else None)
    begin(page, address)
    press(page, "s", "2 of 4")
    items = [json.dumps(json.loads(one)["item"]) for one in got]
    assert len(items) == 2
    assert not any(word in one for one in items for word in ("chosen", "rejected", "judge", "score", "corpus"))
    assert set(json.loads(got[0])["item"]) == {"id", "question", "left", "right", "basis", "answerable"}


def test_chinese_by_switch_and_on_a_narrow_screen(page: Page, lake: Lake) -> None:
    uc = load_use_case(PACKAGED / "library_zh")
    pairs(lake, uc, CHINESE)
    with served(desk_of(lake, uc, "李明")) as address:
        page.set_viewport_size({"width": 390, "height": 844})
        begin(page, address, "1 of 2")
        page.get_by_role("button", name="中文").click()
        expect(page.get_by_text("有人问")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        keep(page, "label_narrow_zh")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.reload()
        expect(page.get_by_text("有人问")).to_be_visible()  # the switch is remembered
        page.wait_for_timeout(450)
        page.get_by_role("button", name="回答 2 更好").click()
        expect(page.locator("#progress")).to_contain_text("第 2 / 2 条")
        page.get_by_role("button", name="快捷键").or_(page.locator("#show-help")).first.click()
        keep(page, "label_help_zh")
    [pair] = read_feedback(feedback_folder(lake, uc)).pairs
    assert pair["reviewer"] == "李明"


def test_two_versions_side_by_side_show_what_there_is_to_judge_by(page: Page, lake: Lake, uc: UseCase) -> None:
    asked = golden(lake, uc, {"none": "Is there a notary?"}, known="How long?")
    evaluated(lake, uc, V1, asked, {"known": "60 days"}, more={"none": "Yes."})
    evaluated(lake, uc, V2, asked, {"known": "90 days"}, more={"none": "I do not know."})
    desk = Desk(lake, uc, version_items(lake, uc, V1, V2), "Rita", guideline_of(uc))
    with served(desk) as address:
        begin(page, address, "1 of 2")
        for after in ("2 of 2", "2 of 2"):
            notary = "notary" in page.locator("#question").inner_text()
            expect(page.locator("#no-answer")).to_be_visible(visible=notary)
            expect(page.get_by_text("Yes.", exact=True)).to_be_visible()  # of a version, or what a person answered
            expect(page.get_by_text("Write a better one")).not_to_be_visible()
            page.keyboard.press("e")
            expect(page.locator("#editor")).not_to_be_visible()
            keep(page, f"label_versions_{'none' if notary else 'known'}")
            assert "mv-" not in page.content()
            press(page, "1", after)
    assert len(all_ratings(lake, uc)) == 2


def test_the_browsers_language_is_taken(address: Served, page: Page) -> None:
    context = page.context.browser.new_context(locale="zh-CN")  # type: ignore[union-attr]
    chinese = context.new_page()
    chinese.goto(address.url)
    expect(chinese.get_by_text("首先要真实")).to_be_visible()
    context.close()


def test_without_the_token_nothing_is_shown(page: Page, address: Served) -> None:
    page.goto(address.address)
    expect(page.get_by_text("This page is not open")).to_be_visible()
    keep(page, "label_closed")
    assert "Error 903" not in page.content()


def test_a_rating_that_cannot_be_stored_is_said_and_can_be_given_again(
    page: Page, address: Served, tmp_path: Path, lake: Lake, uc: UseCase
) -> None:
    begin(page, address)
    page.route("**/api/rate", lambda route: route.abort())
    page.keyboard.press("2")
    expect(page.locator("#notice")).to_contain_text("Not saved")
    keep(page, "label_not_saved")
    page.unroute("**/api/rate")
    press(page, "2", "2 of 4")
    assert [r.choice for r in ratings(lake, uc)] == ["right"]
