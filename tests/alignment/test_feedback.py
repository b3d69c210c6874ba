"""Feedback files: which lines are preferences, what two reviewers say of one thing, and which of it is new."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import new_feedback, note_feedback, read_feedback
from genaiops_assets.alignment.feedback import feedback_folder, preference_id
from genaiops_assets.lake import Lake
from tests.support.lakes import bank_support

GOOD = {"question": "Who helps?", "chosen": "Ann does.", "rejected": "Nobody.", "reviewer": "Bea"}


def feedback(folder: Path, *lines: Any) -> Any:
    raw = [x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines]
    (folder / "a.jsonl").write_bytes(b"\n".join(raw))
    return read_feedback(folder)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "broken JSON"),
        (b'{"question": "\xff"}', "broken JSON"),
        (b"[" * 100_000, "broken JSON"),
        ([1], "expected an object"),
        ({**GOOD, "question": " "}, "question: expected text"),
        ({**GOOD, "chosen": 3}, "chosen: expected text"),
        ({k: v for k, v in GOOD.items() if k != "rejected"}, "rejected: expected text"),
        ({**GOOD, "reviewer": None}, "reviewer: expected text"),
        ({**GOOD, "chosen": "\ud83d"}, "chosen: half of a surrogate pair"),
        ({**GOOD, "rejected": " Ann does. "}, "chosen and rejected are equal"),
        ({**GOOD, "chosen": "Mail a@example.com", "rejected": "Mail b@example.com"}, "chosen and rejected are equal"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_place_and_reason(
    tmp_path: Path, line: Any, reason: str
) -> None:
    found = feedback(tmp_path, GOOD, b"", line)
    assert found.pairs == [GOOD]
    [refused] = found.refused
    assert (refused["file"], refused["line"]) == ("a.jsonl", 3)
    assert refused["reason"].startswith(reason)


def test_personal_data_is_masked_and_the_reviewer_stays(tmp_path: Path) -> None:
    line = {
        **GOOD,
        "question": "I am ann@example.com",
        "chosen": "Call +86 13812345678",
        "rejected": "Call 13987654321 now",
    }
    [pair] = feedback(tmp_path, line).pairs
    assert pair == {
        "question": "I am <EMAIL>",
        "chosen": "Call <PHONE>",
        "rejected": "Call <PHONE> now",
        "reviewer": "Bea",
    }


def test_files_are_read_in_order_and_no_folder_is_no_feedback(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (tmp_path / name).write_text(json.dumps({**GOOD, "question": name}))
    assert [p["question"] for p in read_feedback(tmp_path).pairs] == ["a.jsonl", "b.jsonl"]
    assert read_feedback(tmp_path / "none").pairs == []


# --- which files ------------------------------------------------------------------------------------------------------


def write(file: Path, *lines: Any, start: bytes = b"") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(start + b"".join(json.dumps(x).encode() + b"\n" for x in lines))


def asked(question: str, **more: str) -> dict[str, str]:
    return {**GOOD, "question": question, **more}


def test_every_jsonl_file_is_read_wherever_it_lies_and_however_it_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.JSONL", asked("1"), start=b"\xef\xbb\xbf")  # as Windows editors begin a file
    write(tmp_path / "team" / "week 1" / "b.jsonl", asked("2"))
    found = read_feedback(tmp_path)
    assert [p["question"] for p in found.pairs] == ["1", "2"] and found.refused == []


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", asked("1"), {"question": "2"})
    write(tmp_path / "old.json", asked("3"))
    write(tmp_path / "elsewhere.txt", asked("4"))
    (tmp_path / ".hidden").touch()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "a.jsonl")
    found = read_feedback(tmp_path)
    assert [p["question"] for p in found.pairs] == ["1"]
    assert [(r["file"], r["line"], r["reason"].split(":")[0]) for r in found.refused] == [
        ("a.jsonl", 2, "chosen"),
        ("elsewhere.txt", 0, "not read"),
        ("link.jsonl", 0, "a link is not followed"),
        ("old.json", 0, "not read"),
    ]


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    write(tmp_path / "outside" / "a.jsonl", asked("1"))
    (tmp_path / "feedback").mkdir()
    (tmp_path / "feedback" / "more").symlink_to(tmp_path / "outside")
    found = read_feedback(tmp_path / "feedback")
    assert found.pairs == [] and [r["file"] for r in found.refused] == ["more"]


# --- what people say of one thing
# ---------------------------------------------------------------------------------------


def test_reviewers_who_contradict_each_other_are_set_aside_and_named(tmp_path: Path) -> None:
    opposite = {**GOOD, "chosen": GOOD["rejected"], "rejected": GOOD["chosen"], "reviewer": "Cleo"}
    write(tmp_path / "a.jsonl", GOOD, asked("Another?"))
    write(tmp_path / "b.jsonl", opposite)
    found = read_feedback(tmp_path)
    assert found.pairs == [asked("Another?")]
    assert [(r["file"], r["line"], r["reason"]) for r in found.refused] == [
        ("a.jsonl", 1, "Bea is contradicted by Cleo at b.jsonl:1: set aside"),
        ("b.jsonl", 1, "Cleo is contradicted by Bea at a.jsonl:1: set aside"),
    ]


def test_all_who_agree_are_named_once(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", GOOD, {**GOOD, "reviewer": "Cleo"}, GOOD)
    assert read_feedback(tmp_path).pairs == [{**GOOD, "reviewer": "Bea, Cleo"}]


def test_invisible_characters_make_no_other_preference(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", GOOD, {**GOOD, "chosen": "Ann\u200b  does.\ufeff", "reviewer": "Cleo"})
    write(tmp_path / "b.jsonl", asked("Other?", chosen="Yes\u2060.", rejected="Yes."), asked("\u200b"))
    found = read_feedback(tmp_path)
    assert found.pairs == [{**GOOD, "reviewer": "Bea, Cleo"}]
    assert [r["reason"] for r in found.refused] == ["chosen and rejected are equal", "question: expected text"]


def test_a_visible_difference_stays_one(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", asked("How large?", chosen="10\u00b2 m", rejected="102 m"))
    assert len(read_feedback(tmp_path).pairs) == 1


# --- what is new ------------------------------------------------------------------------------------------------------


def test_new_is_what_the_pairs_were_made_without(lake: Lake) -> None:
    uc = bank_support()
    folder = feedback_folder(lake, uc)
    write(folder / "a.jsonl", *(asked(f"first {n}") for n in range(16)))
    note_feedback(lake, uc, read_feedback(folder).ids())
    assert new_feedback(lake, uc) == []
    write(folder / "copy.jsonl", *(asked(f"first {n}", reviewer="Cleo") for n in range(16)))
    assert new_feedback(lake, uc) == []  # a copy is nothing new
    (folder / "copy.jsonl").unlink()
    write(folder / "a.jsonl", *(asked(f"second {n}") for n in range(16)))
    assert len(new_feedback(lake, uc)) == 16  # as many lines as before, and all of them new
    (folder / "a.jsonl").unlink()
    assert new_feedback(lake, uc) == []


def test_an_id_is_the_content_and_nothing_else() -> None:
    assert preference_id(GOOD) == preference_id({**GOOD, "reviewer": "Cleo", "chosen": "Ann \u200bdoes. "})
    swapped = {**GOOD, "chosen": GOOD["rejected"], "rejected": GOOD["chosen"]}
    assert len({preference_id(GOOD), preference_id(swapped), preference_id(asked("Other?"))}) == 3
