"""What is loaded from files: no code of a model's own, and no library of a version that is known to run some."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import genaiops_assets

PACKAGE = Path(genaiops_assets.__file__).parent
LOADERS = {"SentenceTransformer", "CrossEncoder"}
FLOORS = {
    "torch": (2, 10), "transformers": (5,), "datasets": (4,), "jinja2": (3, 1, 6), "aiohttp": (3, 13, 3),
    "ray": (2, 52), "pypdf": (6, 6), "onnx": (1, 20), "pyyaml": (6, 0, 1), "pyarrow": (18,), "scikit-learn": (1, 5),
}  # fmt: skip


def calls() -> list[tuple[str, ast.Call]]:
    found = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and loads_a_model(node):
                found.append((f"{file.relative_to(PACKAGE)}:{node.lineno}", node))
    return found


def loads_a_model(call: ast.Call) -> bool:
    """`Auto….from_pretrained(…)` of transformers, or a model of sentence-transformers read from a folder."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "from_pretrained":
        return isinstance(call.func.value, ast.Name) and call.func.value.id.startswith("Auto")
    return isinstance(call.func, ast.Name) and call.func.id in LOADERS and bool(call.args)


def test_a_models_own_code_is_never_run() -> None:
    assert len(calls()) >= 7
    for where, call in calls():
        stated = {k.arg: getattr(k.value, "value", None) for k in call.keywords}
        assert stated.get("trust_remote_code") is False, where


@pytest.mark.parametrize("name", FLOORS)
def test_no_version_is_allowed_that_is_known_to_load_more_than_data(name: str) -> None:
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    stated = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    mine = [r for r in stated if re.match(rf"{re.escape(name)}(\[[^\]]*\])?[<>=]", r)]
    assert mine
    for requirement in mine:
        (floor,) = re.findall(r"[>=]=([\d.]+)", requirement)
        assert tuple(map(int, floor.split("."))) >= FLOORS[name], requirement
