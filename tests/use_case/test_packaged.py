"""The packaged use cases and the starter, as files: they load, and their data fit together.

Belongs here: what ships in `genaiops_assets/use_cases`. Does not belong here: mistakes (`test_use_case_file.py`), runs.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import shutil
from pathlib import Path

import pytest
import yaml

from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED, STARTER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_starter(tmp_path / "shop")
    return tmp_path / "shop"


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# --- good files
# ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
@pytest.mark.parametrize("preset", [None, "small", "smoke"])
def test_packaged_use_cases_load(tmp_path: Path, name: str, preset: str | None) -> None:
    copy = tmp_path / name
    shutil.copytree(PACKAGED / name, copy)
    golden = copy / "golden" / "questions.jsonl"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text("{}\n")
    use_case = load_use_case(copy, preset)
    assert (use_case.name, use_case.preset, use_case.folder) == (name, preset, copy.resolve())
    assert (use_case.alignment.steps == 2) == (preset == "smoke")


def test_the_starter_loads_and_names_every_field(folder: Path) -> None:
    use_case = load_use_case(folder)
    assert use_case.name == "my_use_case"
    written = yaml.safe_load((folder / "use_case.yaml").read_text(encoding="utf-8"))
    assert set(written) == set(UseCase.model_fields) - {"folder", "preset"}
    for section in (
        "purpose",
        "people",
        "corpus",
        "knowledge",
        "model",
        "alignment",
        "evaluation",
        "monitoring",
        "card",
        "data_bias",
        "data_card",
        "training_content",
    ):
        assert set(written[section]) == set(type(getattr(use_case, section)).model_fields), section


def test_starter_questions_rest_on_its_documents() -> None:
    documents = {file.stem for file in (STARTER / "documents").glob("*.md")}
    assert {name for row in rows(STARTER / "golden" / "questions.jsonl") for name in row["documents"]} == documents


def test_folder_and_file_are_the_same_use_case(folder: Path) -> None:
    assert load_use_case(folder) == load_use_case(folder / "use_case.yaml")
    assert load_use_case(folder).path("recipe.yaml") == (folder / "recipe.yaml").resolve()


def test_relative_path_gives_an_absolute_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert load_use_case(Path("shop")).folder == folder.resolve()


def test_an_unquoted_date_and_a_byte_order_mark_are_fine(folder: Path) -> None:
    file = folder / "use_case.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b'"2026-11-24"', b"2026-11-24"))
    assert load_use_case(folder).success_criteria.written_on == "2026-11-24"


# --- the packaged Chinese example
# ----------------------------------------------------------------------------------------


def test_library_zh_has_good_and_bad_documents() -> None:
    documents = rows(PACKAGED / "library_zh" / "documents" / "library.jsonl")
    good = [d for d in documents if "bad" not in d["id"]]
    assert (len(good), len(documents)) == (40, 44)
    assert len({d["id"] for d in documents}) == 44
    assert all(80 <= len(d["text"]) <= 250 for d in good)
    assert len({d["text"] for d in good}) == 40
    assert next(d for d in documents if d["id"] == "lib-bad-duplicate")["text"] in {d["text"] for d in good}


def test_library_zh_questions_rest_on_its_documents() -> None:
    questions = rows(PACKAGED / "library_zh" / "golden" / "questions.jsonl")
    good = {d["id"] for d in rows(PACKAGED / "library_zh" / "documents" / "library.jsonl") if "bad" not in d["id"]}
    assert [q["split"] for q in questions].count("dev") == [q["split"] for q in questions].count("held_out") == 12
    assert all(set(q) == {"id", "question", "answer", "documents", "split"} for q in questions)
    assert all(q["documents"] and set(q["documents"]) <= good for q in questions)


def test_library_zh_replay_never_repeats_a_question() -> None:
    on, off = (rows(PACKAGED / "library_zh" / "replay" / f"{name}_topic.jsonl") for name in ("on", "off"))
    golden = rows(PACKAGED / "library_zh" / "golden" / "questions.jsonl")
    assert len(on) == len(off) == 40
    assert len({row["question"] for row in on + off + golden}) == 104


def parameters_of(operator: str) -> set[str]:
    """What an installed Data-Juicer operator takes, read from its source without importing it."""
    spec = importlib.util.find_spec("data_juicer")
    assert spec and spec.submodule_search_locations
    kind = operator.rpartition("_")[2]
    source = Path(spec.submodule_search_locations[0], "ops", kind, f"{operator}.py").read_text(encoding="utf-8")
    starts = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
    return {argument.arg for start in starts for argument in start.args.args}


@pytest.mark.parametrize(
    "packaged", [PACKAGED / "bank_support", PACKAGED / "library_zh", STARTER], ids=lambda p: p.name
)
def test_recipes_name_operators_and_parameters_that_exist(packaged: Path) -> None:
    recipe = yaml.safe_load((packaged / "recipe.yaml").read_text(encoding="utf-8"))
    for step in recipe["process"]:
        ((operator, parameters),) = step.items()
        assert set(parameters or {}) <= parameters_of(operator), operator
