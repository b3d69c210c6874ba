"""A rater's desk: order and sides, what is stored, undo, two at once, and what a kill leaves."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path

import pytest

from genaiops_assets.alignment import feedback_folder, new_feedback, note_feedback, read_feedback
from genaiops_assets.errors import Missing, Unusable
from genaiops_assets.labelling import AlreadyRated, Desk, all_ratings, guideline_of, pair_items
from genaiops_assets.labelling.items import compared
from genaiops_assets.labelling.order import order_for, sample
from genaiops_assets.labelling.ratings import append_line, file_name, read_rows
from genaiops_assets.lake import Lake
from genaiops_assets.text import UnusableName
from genaiops_assets.use_case import Origin, UseCase
from tests.support.label_page import desk_of
from tests.support.labels import pairs

ROWS = [(f"Question {n}?", f"Good answer {n}.", f"Bad answer {n}.") for n in range(40)]


@pytest.fixture
def lake(tmp_path: Path, uc: UseCase) -> Lake:
    found = Lake(tmp_path / "home")
    pairs(found, uc, ROWS)
    return found


def rate(desk: Desk, choice: str = "left", **more: str) -> None:
    shown = desk.next()
    assert shown
    desk.rate(shown.item.digest, choice, 3.0, **more)


def test_the_order_follows_from_seed_and_rater_and_sides_are_balanced(lake: Lake, uc: UseCase) -> None:
    items = pair_items(lake, uc).items
    ann = order_for("ann", items, 1)
    assert ann == order_for("ann", tuple(reversed(items)), 1)
    ben, other_seed = order_for("ben", items, 1), order_for("ann", items, 2)
    assert len({tuple(s.item.digest for s in order) for order in (ann, ben, other_seed)}) == 3
    assert Counter(s.left for s in ann) == {0: 20, 1: 20}
    chosen_left = sum(s.item.sources[s.left] == "chosen" for s in ann)
    assert 8 <= chosen_left <= 32  # the side says nothing about who gave the answer
    assert sorted(i.digest for i in sample(items, 10, 3)) == sorted(i.digest for i in sample(items[::-1], 10, 3))


def test_a_rating_is_a_row_and_a_preference_that_the_sensor_sees(lake: Lake, uc: UseCase) -> None:
    note_feedback(lake, uc, [])
    desk = desk_of(lake, uc, seed=5)
    shown = desk.next()
    assert shown
    rating = desk.rate(shown.item.digest, "right", 4.2)
    assert (rating.left, rating.preferred, rating.place, rating.seed) == (shown.left, 1 - shown.left, 1, 5)
    assert rating.guideline == guideline_of(uc).version and rating.seconds == 4.2 and rating.least > 0
    assert rating.origin == shown.item.origin and rating.at.endswith("+00:00")
    [pair] = read_feedback(feedback_folder(lake, uc)).pairs
    assert pair == {
        "question": shown.item.question, "chosen": shown.texts[1], "rejected": shown.texts[0], "reviewer": "Rita"
    }  # fmt: skip
    assert len(new_feedback(lake, uc)) == 1
    text = next((lake.home / "ratings").rglob("*.jsonl")).read_text()
    assert not any(part in text for part in (shown.item.question, *shown.texts))  # erasure has nothing to find here


def test_ties_and_skips_are_kept_and_prefer_nothing(lake: Lake, uc: UseCase) -> None:
    desk = desk_of(lake, uc)
    rate(desk, "tie")
    rate(desk, "skip")
    assert [r.preferred for r in all_ratings(lake, uc)] == [None, None]
    assert read_feedback(feedback_folder(lake, uc)).pairs == []
    assert desk.progress() == {"done": 2, "total": 40, "skipped": 1, "seconds_left": 114}


def test_an_edit_is_preferred_to_what_it_came_from_and_masked(lake: Lake, uc: UseCase) -> None:
    desk = desk_of(lake, uc)
    shown = desk.next()
    assert shown
    for written, improved in (("", "left"), (shown.texts[0] + "\u200b ", "left"), ("New", ""), ("\ud83d", "left")):
        with pytest.raises(Unusable):
            desk.rate(shown.item.digest, "edit", 1, written, improved)
    assert all_ratings(lake, uc) == []
    desk.rate(shown.item.digest, "edit", 1, "Write to ann@example.com", "right")
    [line] = next((feedback_folder(lake, uc) / "labelled").glob("*.jsonl")).read_text().splitlines()
    assert json.loads(line)["chosen"] == "Write to <EMAIL>" and json.loads(line)["rejected"] == shown.texts[1]


def test_nothing_is_rated_twice_and_reopening_goes_on(lake: Lake, uc: UseCase) -> None:
    desk, again = desk_of(lake, uc), desk_of(lake, uc)
    shown = desk.next()
    assert shown
    rate(desk)
    with pytest.raises(AlreadyRated):
        again.rate(shown.item.digest, "right", 1)  # another tab, opened before
    reopened = desk_of(lake, uc)
    assert reopened.next() == desk.order[1]
    assert desk_of(lake, uc, " RITA ").progress()["done"] == 1  # the same person, typed otherwise
    assert desk_of(lake, uc, "Ben").progress()["done"] == 0
    pairs(lake, uc, [(q, r, c) for q, c, r in ROWS])  # made anew, judged the other way round: still the same items
    assert desk_of(lake, uc).progress()["done"] == 1


def test_undo_takes_back_the_last_one_and_its_preference(lake: Lake, uc: UseCase) -> None:
    desk = desk_of(lake, uc)
    rate(desk)
    rate(desk, "right")
    assert desk.undo() and desk.next() == desk.order[1]
    assert len(read_feedback(feedback_folder(lake, uc)).pairs) == 1
    rate(desk, "tie")
    assert [r.choice for r in all_ratings(lake, uc)] == ["left", "tie"]
    assert len(read_rows(desk.file.path)) == 4  # nothing is rewritten
    assert desk.undo() and desk.undo() and desk.undo() is None
    assert read_feedback(feedback_folder(lake, uc)).pairs == []


def test_a_kill_loses_only_what_was_not_acknowledged(lake: Lake, uc: UseCase) -> None:
    desk = desk_of(lake, uc)
    rate(desk)
    assert desk.preferences
    append_line(
        desk.preferences.path, {"question": "q", "chosen": "c", "rejected": "r", "reviewer": "Rita", "rating": "x"}
    )
    with desk.file.path.open("ab") as file:
        file.write(b'{"id": "cut sho')
    with desk.preferences.path.open("ab") as file:
        file.write(b'{"question": "cut sho')
    reopened = desk_of(lake, uc)
    assert reopened.progress()["done"] == 1
    rate(reopened)
    found = read_feedback(feedback_folder(lake, uc))
    assert len(found.pairs) == 2 and found.refused == []
    assert [r.choice for r in all_ratings(lake, uc)] == ["left", "left"]


def test_two_raters_and_two_windows_of_one_at_once(lake: Lake, uc: UseCase) -> None:
    desks = [desk_of(lake, uc, name) for name in ("Ann", "Ben", "Ben", "Ben")]

    def work(desk: Desk) -> None:
        while shown := desk.next():
            try:
                desk.rate(shown.item.digest, "left", 1)
            except AlreadyRated:
                continue

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = all_ratings(lake, uc)
    assert Counter(r.rater for r in found) == {"Ann": 40, "Ben": 40}
    assert len({(r.rater, r.item) for r in found}) == 80


def test_erasing_a_line_of_feedback_is_not_undone(lake: Lake, uc: UseCase) -> None:
    desk = desk_of(lake, uc)
    rate(desk)
    assert desk.preferences
    desk.preferences.path.write_bytes(b"\n")
    rate(desk_of(lake, uc))
    assert len(read_feedback(feedback_folder(lake, uc)).pairs) == 1


def test_what_cannot_be_compared_is_left_out_or_said(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    assert compared("x", "Q?", ("a", "Same  text."), ("b", "Same text.\u200b")) is None
    assert compared("x", "Q?", ("a", "Mail a@example.com"), ("b", "Mail b@example.com")) is None
    pairs(lake, uc, [*ROWS[:2], ("Other?", "One answer.", ""), ("Same?", "So.", "So. ")])
    found = pair_items(lake, uc)
    assert (len(found.items), found.equal) == (2, 1)
    empty = Lake(tmp_path / "other")
    with pytest.raises(Missing, match="no preference pairs yet"):
        pair_items(empty, uc)
    pairs(empty, uc, [("Other?", "One answer.", "")], Origin.DEMONSTRATION)
    with pytest.raises(Missing, match="1 have one answer only"):
        pair_items(empty, uc)
    pairs(empty, uc, ROWS[:1], Origin.HUMAN)
    with pytest.raises(Missing, match="1 are people's own"):
        pair_items(empty, uc)


def test_unknown_items_choices_and_names_are_refused(lake: Lake, uc: UseCase) -> None:
    desk = desk_of(lake, uc)
    with pytest.raises(Unusable, match="no such item"):
        desk.rate("../../etc/passwd", "left", 1)
    with pytest.raises(Unusable, match="no choice"):
        desk.rate(desk.order[0].item.digest, "both", 1)
    for name in ("", "  ", "Аnn", "a\u200bb"):
        with pytest.raises(UnusableName):
            desk_of(lake, uc, name)
    assert "/" not in file_name("../../Ann Example") and file_name("李明") != file_name("李月")
    assert file_name("ANN  example") == file_name("Ann Example")


def test_a_guideline_of_the_use_case_goes_before_the_packaged_one(uc: UseCase, tmp_path: Path) -> None:
    packaged = guideline_of(uc)
    assert not packaged.own and "True first" in packaged.texts["en"] and "真实" in packaged.texts["zh"]
    (tmp_path / "labelling").mkdir()
    (tmp_path / "labelling" / "guideline.zh.md").write_text("只看真实。", "utf-8")
    own = guideline_of(uc.model_copy(update={"folder": tmp_path}))
    assert own.own and own.texts == {"zh": "只看真实。", "en": "只看真实。"} and own.version != packaged.version
    (tmp_path / "labelling" / "guideline.en.md").write_bytes(b"\xff")
    with pytest.raises(Unusable, match=r"guideline\.en\.md: not UTF-8"):
        guideline_of(uc.model_copy(update={"folder": tmp_path}))
