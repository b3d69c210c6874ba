"""The inbox: what state it is in, whatever lies there, and how files get into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genaiops_assets.corpus import arrivals, deliver, differs_in_inbox, inbox_digest, inbox_folder
from genaiops_assets.lake import Lake, digest_of, digest_of_file
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.corpus.states import odd_folder


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


def test_its_state_is_known_whatever_lies_there(tmp_path: Path, uc: UseCase) -> None:
    lake = Lake(tmp_path / "home")
    folder = inbox_folder(lake, uc)
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("Text.")
    assert inbox_digest(lake, uc) == digest_of([["a.md", digest_of_file(folder / "a.md")]])
    odd_folder(folder)
    (folder / "gone").mkdir()
    before = inbox_digest(lake, uc)
    assert inbox_digest(lake, uc) == before
    (folder.with_name("outside.md")).write_text("Nobody follows the link.")
    assert inbox_digest(lake, uc) == before
    (folder / "pipe.jsonl").unlink()
    assert inbox_digest(lake, uc) != before


def write(path: Path, text: str = "Text.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_two_files_of_one_name_both_arrive(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a/faq.md"), write(tmp_path / "b/faq.md")
    assert arrivals([first, second, first]).files == {"faq.md": first, "b/faq.md": second}
    third = write(tmp_path / "c/b/faq.md")
    with pytest.raises(ValueError, match="a file of this name in a folder of this name"):
        arrivals([first, second, third])


def test_a_folder_arrives_under_its_name_without_what_cannot_be_read(tmp_path: Path) -> None:
    good = write(tmp_path / "kb/deep/fees.md")
    write(tmp_path / "kb/picture.png")
    write(tmp_path / "kb/.hidden.md")
    (tmp_path / "kb/link.md").symlink_to(good)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/kb/caf\xe9.md")).write_text("x")
    found = arrivals([tmp_path / "kb"])
    assert found.files == {"kb/deep/fees.md": good}
    assert {name.rpartition("/")[2]: why.split(";")[0] for name, why in found.passed_over.items()} == {
        "picture.png": "unknown format",
        "link.md": "a link, or no file",
        "caf\\xe9.md": "the file's name is not UTF-8: rename it",
    }


@pytest.mark.parametrize(("name", "why"), [("nowhere.md", "no such file"), ("a.png", "unknown format"), ("empty", "no file that can be read")])  # fmt: skip
def test_what_cannot_go_in_is_named(tmp_path: Path, name: str, why: str) -> None:
    write(tmp_path / "a.png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=f"{name}: {why}"):
        arrivals([tmp_path / name])


def test_a_file_is_delivered_whole_and_another_of_its_name_is_known(tmp_path: Path) -> None:
    box, file = tmp_path / "inbox", write(tmp_path / "fees.md", "New.")
    assert not differs_in_inbox(box, "deep/fees.md", file)
    deliver(box, "deep/fees.md", file)
    assert not differs_in_inbox(box, "deep/fees.md", file)
    assert differs_in_inbox(box, "deep/fees.md", write(tmp_path / "other.md", "Newer."))
    assert [p.name for p in (box / "deep").iterdir()] == ["fees.md"]
