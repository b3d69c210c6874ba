"""Code in the memo key: an edit without a raised number, or another release of a library, is other work."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.orchestration.code import PACKAGE, digest_of_code, files, installed, version_of
from genaiops_assets.orchestration.made_by import MADE_BY
from genaiops_assets.orchestration.platform import Platform
from tests.support.lakes import bank_support

NOT_COUNTED = {  # of what makes an asset, what only looks on
    "embeddings_index": {"retrieval/search", "retrieval/passages"},  # how it is asked, when its recall is measured
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "one.py").write_text("A = 1\n")
    (tmp_path / "room" / "words.yaml").write_text("a: 1\n")
    (tmp_path / "two.py").write_text("B = 1\n")
    return tmp_path


def digest(package: Path, *modules: str) -> str:
    digest_of_code.cache_clear()
    return digest_of_code(modules, (), package)


@pytest.mark.parametrize("edited", ["room/one.py", "room/words.yaml", "two.py"])
def test_an_edit_of_any_declared_file_is_another_version(package: Path, edited: str) -> None:
    before = digest(package, "room", "two")
    (package / edited).write_text("changed\n")
    assert digest(package, "room", "two") != before


def test_an_edit_elsewhere_is_not(package: Path) -> None:
    before = digest(package, "room")
    (package / "two.py").write_text("changed\n")
    assert digest(package, "room") == before


def test_another_release_of_a_library_is_another_version(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_of_code((), ("numpy",), package)
    digest_of_code.cache_clear()
    installed.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", lambda name: "99.0")
    assert digest_of_code((), ("numpy",), package) != before
    installed.cache_clear()
    digest_of_code.cache_clear()


def test_every_asset_declares_its_code_and_every_module_is_there(tmp_path: Path) -> None:
    definitions = build_defs([bank_support()], Platform(home=str(tmp_path)))
    graph = definitions.resolve_asset_graph()
    made = {key.path[-1] for key in graph.materializable_asset_keys}
    assert made - MADE_BY.keys() == set()
    assert all(files(code.modules, PACKAGE) is not None for code in MADE_BY.values())


def imports_of(file: Path) -> set[Path]:
    """Modules of its own room that a module imports."""
    room = file.relative_to(PACKAGE).parts[0]
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"genaiops_assets.{room}"):
            place = PACKAGE.joinpath(*(node.module or "").split(".")[1:])
            found |= {place.with_suffix(".py"), *((place / name.name).with_suffix(".py") for name in node.names)}
    return {path for path in found if path.exists()}


@pytest.mark.parametrize("asset", MADE_BY)
def test_what_a_counted_module_imports_from_its_own_room_is_counted_too(asset: str) -> None:
    """So a module that is split counts as a whole."""
    counted = set(files(MADE_BY[asset].modules, PACKAGE))
    imported = {path for file in counted if file.suffix == ".py" for path in imports_of(file)}
    left_out = {path.relative_to(PACKAGE).with_suffix("").as_posix() for path in imported - counted}
    assert left_out - NOT_COUNTED.get(asset, set()) == set()


def test_dagsters_code_version_is_the_one_in_the_memo_key(tmp_path: Path) -> None:
    definitions = build_defs([bank_support()], Platform(home=str(tmp_path)))
    graph = definitions.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        number, _, code = (graph.get(key).code_version or "").partition("+")
        assert number and version_of(key.path[-1], number).endswith(code) and code, key
