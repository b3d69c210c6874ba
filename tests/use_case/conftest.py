"""A starter's use case file, and one change in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.use_case import write_starter
from tests.use_case.mistakes import Edit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replaces one text in the starter's file (which must be there), so that a test shows only its mistake."""

    def replace(old: str, new: str) -> Path:
        file = folder / "use_case.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return replace
