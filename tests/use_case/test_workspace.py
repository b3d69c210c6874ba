"""The use cases of a workspace: discovery, registration and the starter folder.

Belongs here: which use cases are found, under which names, and what is written to disk. Does not belong here: mistakes
inside a file (`test_use_case_file.py`).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from genaiops_assets.use_case import BrokenUseCase, UseCase, discover, register, write_starter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GENAIOPS_USE_CASES", raising=False)
    (tmp_path / ".genaiops").mkdir()
    return tmp_path / ".genaiops"


def renamed(folder: Path, copy: Path, name: str) -> Path:
    shutil.copytree(folder, copy)
    file = copy / "use_case.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("name: my_use_case", f"name: {name}"), encoding="utf-8")
    return copy


# --- discovery
# -----------------------------------------------------------------------------------------------------------


def test_without_a_list_the_packaged_examples_are_there(home: Path) -> None:
    assert [case.name for case in discover(home)] == ["bank_support", "library_zh"]


def test_the_list_with_comments_relative_folders_and_presets(home: Path, folder: Path) -> None:
    (home / "use_cases.txt").write_text(
        "# mine\n\nshop#smoke  # beside the home\npackage:library_zh\n", encoding="utf-8"
    )
    first, second = discover(home)
    assert isinstance(first, UseCase) and isinstance(second, UseCase)
    assert (first.name, first.preset, first.folder) == ("my_use_case", "smoke", folder.resolve())
    assert (second.name, second.preset) == ("library_zh", None)


def test_an_empty_list_means_no_use_case(home: Path) -> None:
    (home / "use_cases.txt").write_text("# nothing yet\n")
    assert discover(home) == []


@pytest.mark.parametrize("separator", [",", ", ", ":"])
def test_the_variable_goes_before_the_list(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, separator: str
) -> None:
    (home / "use_cases.txt").write_text("package:bank_support\n")
    monkeypatch.setenv("GENAIOPS_USE_CASES", separator.join(["package:library_zh#smoke", str(folder)]))
    monkeypatch.setattr("os.pathsep", ":")
    assert [case.name for case in discover(home)] == ["library_zh", "my_use_case"]
    monkeypatch.setenv("GENAIOPS_USE_CASES", " ")
    assert [case.name for case in discover(home)] == ["bank_support"]


def test_a_broken_use_case_never_hides_the_others(home: Path, folder: Path) -> None:
    renamed(folder, folder.parent / "bad-case 1", "Bad Name")
    (home / "use_cases.txt").write_text("bad-case 1\nnowhere\nshop\npackage:libary_zh\n", encoding="utf-8")
    bad, nowhere, good, package = discover(home)
    assert isinstance(good, UseCase) and good.name == "my_use_case"
    assert isinstance(bad, BrokenUseCase) and bad.name == "bad_case_1" and "use_case.yaml:" in bad.error
    assert isinstance(nowhere, BrokenUseCase) and "file not found" in nowhere.error
    assert isinstance(package, BrokenUseCase) and "did you mean 'library_zh'?" in package.error


def test_packaged_names_never_leave_the_package(home: Path) -> None:
    (home / "use_cases.txt").write_text("package:../..\npackage:_starter\npackage:\n")
    assert [type(case) for case in discover(home)] == [BrokenUseCase] * 3


def test_the_second_use_case_of_a_name_is_broken_under_another_name(home: Path, folder: Path) -> None:
    renamed(folder, folder.parent / "copies" / "my_use_case", "my_use_case")
    (home / "use_cases.txt").write_text("shop\ncopies/my_use_case\nshop#smoke\n")
    first, second, third = discover(home)
    assert isinstance(first, UseCase) and isinstance(second, BrokenUseCase) and isinstance(third, BrokenUseCase)
    assert "a use case named 'my_use_case' is already loaded" in second.error
    assert len({first.name, second.name, third.name}) == 3


def test_broken_names_are_valid_and_distinct(home: Path) -> None:
    (home / "use_cases.txt").write_text("图书\n图书馆\na/x\nb/x\n", encoding="utf-8")
    names = [case.name for case in discover(home)]
    assert names == ["use_case", "use_case_2", "x", "x_2"]


# --- registration
# --------------------------------------------------------------------------------------------------------


def test_register_adds_to_what_was_there(home: Path) -> None:
    file = register(home, "shop")
    assert file.read_text().splitlines() == ["package:bank_support", "package:library_zh", "shop"]
    assert list(home.iterdir()) == [file]


def test_register_replaces_the_same_use_case_in_its_place(home: Path, folder: Path) -> None:
    (home / "use_cases.txt").write_text("# mine\nshop  # old\npackage:bank_support\nshop#smoke\n")
    register(home, f"{folder}#smoke")
    register(home, "package:bank_support#small")
    assert (home / "use_cases.txt").read_text().splitlines() == [
        "# mine",
        f"{folder}#smoke",
        "package:bank_support#small",
    ]


def test_register_makes_the_home_and_refuses_more_than_a_line(tmp_path: Path) -> None:
    register(tmp_path / "new" / "home", "package:library_zh#smoke")
    assert "package:library_zh#smoke" in (tmp_path / "new" / "home" / "use_cases.txt").read_text().splitlines()
    for entry in ("", "a\nb"):
        with pytest.raises(ValueError, match="one line"):
            register(tmp_path, entry)


def test_a_failed_register_leaves_the_list_as_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = register(home, "shop")
    before = file.read_text()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        register(home, "other")
    assert file.read_text() == before


# --- starter
# -------------------------------------------------------------------------------------------------------------


def test_the_starter_is_complete(tmp_path: Path) -> None:
    written = write_starter(tmp_path / "new")
    assert all(path.is_file() for path in written)
    assert {str(p.relative_to(tmp_path / "new")) for p in written} >= {"use_case.yaml", "recipe.yaml", "README.md"}
    assert len(list((tmp_path / "new" / "documents").glob("*.md"))) == 3
    assert len((tmp_path / "new" / "golden" / "questions.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def test_the_starter_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("mine")
    with pytest.raises(FileExistsError, match=r"nothing written.*recipe\.yaml"):
        write_starter(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["recipe.yaml"]
    assert (tmp_path / "recipe.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["shop #1", "a#b", "#new", "q#smoke"])
def test_a_folder_with_a_hash_in_its_name_is_found_again(home: Path, tmp_path: Path, name: str) -> None:
    write_starter(tmp_path / name)
    register(home, str(tmp_path / name))
    register(home, str(tmp_path / name))
    found = discover(home)[-1]
    assert isinstance(found, UseCase) and found.folder == tmp_path / name and len(discover(home)) == 3
    file = home / "use_cases.txt"
    file.write_text(f"{tmp_path / name}#quick\n{tmp_path / 'nowhere'} # a comment\n")
    with_preset, nowhere = discover(home)
    assert "no preset 'quick'" in str(getattr(with_preset, "error", "")) or isinstance(with_preset, UseCase)
    assert getattr(nowhere, "path", None) == tmp_path / "nowhere"
