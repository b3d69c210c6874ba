"""A broken use case file tells its error in the UI, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.assets.placeholder import placeholder_asset, verbatim
from genaiops_assets.use_case import BrokenUseCase

PICTURE = "![x](https://elsewhere.example/p.png)"


@pytest.mark.parametrize(
    "text",
    [
        f"line 1: name: ```\n{PICTURE}\n```",
        f"````\n{PICTURE}",
        f"{'`' * 9}\n<img src=//elsewhere.example>\n{'`' * 9}",
        f"x\r\n```\r{PICTURE}",
        f"~~~\n{PICTURE}",
    ],
)
def test_no_text_of_the_file_leaves_its_block(text: str) -> None:
    first, *inside, last = verbatim(text).splitlines()
    assert first == f"{last}text" and set(last) == {"`"}
    assert not any(line.strip().startswith(last) for line in inside)
    assert "\r" not in verbatim(text)


def test_the_error_stands_whole_in_the_description() -> None:
    error = f"use_case.yaml:3: name: found '``` {PICTURE}'"
    asset = placeholder_asset(BrokenUseCase("broken", Path("use_case.yaml"), error))
    description = next(iter(asset.specs)).description or ""
    assert error in description
    assert "````" not in error and description.count("````") == 2
