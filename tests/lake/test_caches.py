"""What is made once: whole or not there, also where two make it at the same time."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.lake import made_once


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
