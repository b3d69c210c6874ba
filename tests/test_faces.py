"""Faces: every name a room offers is there, and none hides a module of the room."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import genaiops_assets

ROOT = Path(genaiops_assets.__file__).parent
FACES = sorted(ROOT.rglob("__init__.pyi"))


def names_of(face: Path) -> list[str]:
    return re.findall(r"import (\w+) as", face.read_text())


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.parent.relative_to(ROOT).as_posix())
def test_each_name_of_a_face_is_there_once_and_is_no_module(face: Path) -> None:
    names = names_of(face)
    room = import_module(".".join(["genaiops_assets", *face.parent.relative_to(ROOT).parts]))
    modules = {path.stem for path in face.parent.glob("*.py")} | {p.name for p in face.parent.iterdir() if p.is_dir()}
    assert sorted(names) == sorted(set(names))
    assert set(names) & modules == set(), "a lazy face cannot tell them apart"
    assert [name for name in names if not hasattr(room, name)] == []
