"""What is made once: whole or not there, also where two make it at the same time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.lake import made_once
from genaiops_assets.lake.caches import LIST, cache_problems, digests_in, noted_caches


def folder_with(text: str, other: Path | None = None):
    def make(target: Path) -> None:
        target.mkdir()
        (target / "file").write_text(text)
        if other:
            made_once(other, folder_with("the faster one's"))

    return make


def test_it_is_made_once(tmp_path: Path) -> None:
    target = tmp_path / "cache" / "thing"
    assert made_once(target, folder_with("first")) == target
    made_once(target, folder_with("second"))
    assert (target / "file").read_text() == "first" and list(target.parent.iterdir()) == [target]


def test_the_slower_of_two_takes_what_the_faster_made(tmp_path: Path) -> None:
    target = tmp_path / "thing"
    made_once(target, folder_with("the slower one's", other=target))
    assert (target / "file").read_text() == "the faster one's" and list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [OSError("disk full"), ValueError("bad model")])
def test_what_fails_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    def fail(target: Path) -> None:
        target.write_text("half")
        raise error

    with pytest.raises(type(error), match=str(error)):
        made_once(tmp_path / "thing", fail)
    assert list(tmp_path.iterdir()) == []


def file_with(text: str):
    return lambda target: target.write_text(text)


def change_a_file(folder: Path) -> None:
    (folder / "file").write_text("forged")


def add_a_file(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text("forged")


def link_a_file(folder: Path) -> None:
    (folder.parent / "elsewhere").write_text("first")
    (folder / "file").unlink()
    (folder / "file").symlink_to(folder.parent / "elsewhere")


def drop_the_list(folder: Path) -> None:
    """As an earlier version left it."""
    (folder / LIST).unlink()


@pytest.mark.parametrize("tamper", [change_a_file, add_a_file, link_a_file, drop_the_list])
def test_what_is_not_as_it_was_made_is_made_again(tmp_path: Path, tamper) -> None:
    target = made_once(tmp_path / "models" / "thing", folder_with("first"))
    tamper(target)
    made_once(target, folder_with("again"))
    assert {p.name for p in target.iterdir()} == {"file", LIST} and (target / "file").read_text() == "again"


def test_a_single_file_too(tmp_path: Path) -> None:
    target = made_once(tmp_path / "onnx" / "x.onnx", file_with("first"))
    assert made_once(target, file_with("again")).read_text() == "first"
    target.write_text("forged")
    assert made_once(target, file_with("again")).read_text() == "again"
    assert {p.name for p in target.parent.iterdir()} == {"x.onnx", f"x.onnx{LIST}"}


def test_a_list_forged_with_its_file_differs_from_what_was_noted(tmp_path: Path) -> None:
    made_once(tmp_path / "models" / "thing", folder_with("first"))
    made_once(tmp_path / "onnx" / "x.onnx", file_with("first"))
    noted = [noted_caches(tmp_path)]
    assert len(noted[0]) == 2 and cache_problems(tmp_path, noted) == []
    (tmp_path / "models/thing/file").write_text("forged")
    assert cache_problems(tmp_path, noted) == ["cache/models/thing: altered after it was made; remove it"]
    (tmp_path / "models/thing" / LIST).write_text(json.dumps(digests_in(tmp_path / "models/thing")))
    (tmp_path / "onnx/x.onnx").write_text("forged")
    (tmp_path / f"onnx/x.onnx{LIST}").write_text(json.dumps(digests_in(tmp_path / "onnx/x.onnx")))
    assert cache_problems(tmp_path, noted) == [
        f"cache/models/thing/{LIST}: not what provenance records noted; remove cache/models/thing",
        f"cache/onnx/x.onnx{LIST}: not what provenance records noted; remove cache/onnx/x.onnx",
    ]
