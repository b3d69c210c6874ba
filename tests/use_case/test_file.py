"""Mistakes in a use case file: each names its file, line, field and a way out; and presets.

Belongs here: `load_use_case` on files with one change against the starter. Does not belong here: the packaged files
(`test_use_case_packaged.py`), the list of use cases (`test_use_case_workspace.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.use_case.load import load_use_case
from tests.use_case.mistakes import Edit, line_of, only_problem

# --- presets


def test_a_preset_merges_deeply_and_leaves_the_rest(folder: Path) -> None:
    plain, smoke = load_use_case(folder), load_use_case(folder, "smoke")
    assert (smoke.alignment.steps, smoke.alignment.pairs.count, smoke.evaluation.limit_per_split) == (2, 6, 2)
    assert smoke.alignment.pairs.min_margin == plain.alignment.pairs.min_margin
    assert smoke.alignment.learning_rate == plain.alignment.learning_rate
    assert plain.preset is None and smoke.preset == "smoke"
    assert plain.config_digest() != smoke.config_digest()


def test_a_preset_replaces_lists_whole(edit: Edit) -> None:
    folder = edit("  smoke:\n", "  smoke:\n    corpus: {decontaminate: {against: [golden_answers]}}\n")
    assert load_use_case(folder, "smoke").corpus.decontaminate.against == ["golden_answers"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("people", '{approvers: ["Somebody Else"]}'),
        ("risk", "demo"),
        ("name", "another"),
        ("success_criteria", "{written_on: '2020-01-01'}"),
    ],
)
def test_a_preset_never_changes_who_decides_or_on_what(edit: Edit, field: str, value: str) -> None:
    folder = edit("  smoke:\n", f"  smoke:\n    {field}: {value}\n")
    problem = only_problem(folder)
    assert problem.field == f"presets.smoke.{field}" and problem.line == line_of(folder, f"    {field}: {value}")
    assert problem.message == "a preset may not change this"


def test_a_builder_is_no_approver_in_another_spelling(edit: Edit) -> None:
    folder = edit('approvers: ["A Colleague"]', 'approvers: ["YOUR  name"]')
    assert "four eyes need two persons" in only_problem(folder).message


def test_a_name_of_invisible_characters_is_a_mistake(edit: Edit) -> None:
    folder = edit('approvers: ["A Colleague"]', 'approvers: ["\\u200b"]')
    assert "invisible characters" in only_problem(folder).message


def test_an_empty_preset_is_the_default(edit: Edit) -> None:
    folder = edit("presets:\n", "presets:\n  small: {}\n")
    assert load_use_case(folder, "small").config_digest() == load_use_case(folder).config_digest()


def test_unknown_preset(folder: Path) -> None:
    problem = only_problem(folder, "smoek")
    assert (problem.field, problem.line) == ("presets", line_of(folder, "presets:"))
    assert problem.message == "no preset 'smoek'" and problem.hint == "did you mean 'smoke'?"


@pytest.mark.parametrize("preset", [None, "smoke"])
def test_a_mistake_in_a_preset_shows_at_every_load_with_its_own_line(edit: Edit, preset: str | None) -> None:
    folder = edit("    alignment:\n      steps: 2", "    alignment:\n      stepz: 2")
    problem = only_problem(folder, preset)
    assert problem.field == "presets.smoke.alignment.stepz" and problem.line == line_of(folder, "stepz")
    assert problem.hint == "did you mean 'steps'?"


def test_a_preset_cannot_choose_a_method_that_is_not_built(edit: Edit) -> None:
    folder = edit("    alignment:\n      steps: 2", "    alignment:\n      method: ppo")
    problem = only_problem(folder)
    assert problem.field == "presets.smoke.alignment.method" and problem.line == line_of(folder, "method: ppo")


# --- mistakes in YAML


def test_duplicate_key(edit: Edit) -> None:
    folder = edit("  top_k: 3 ", "  top_k: 5\n  top_k: 3 ")
    problem = only_problem(folder)
    first = line_of(folder, "top_k: 5")
    assert (problem.field, problem.line) == ("knowledge.top_k", first + 1)
    assert problem.message == "written twice" and f"line {first}" in problem.hint


@pytest.mark.parametrize(
    ("old", "new", "said", "hint"),
    [
        ("title: My assistant", "title: My: assistant", "not valid YAML", "colons"),
        ("title: My assistant", "title: 'My assistant", "not valid YAML", "quotes"),
        ("  batch_rows: 256", "\tbatch_rows: 256", "not valid YAML", "spaces, not tabs"),
        ("title: My assistant", "title: *other", "write the value out", ""),
        ("title: My assistant", "title: !!python/name:os.system x", "not valid YAML", ""),
        ("title: My assistant", "title: !!int abc", "not valid YAML", ""),
        ("title: My assistant", "title: \x01", "not valid YAML", ""),
        ("title: My assistant", f"title: {'[' * 5000}", "nested too deeply", ""),
    ],
)
def test_broken_yaml(edit: Edit, old: str, new: str, said: str, hint: str) -> None:
    folder = edit(old, new)
    problem = only_problem(folder)
    assert problem.file == folder / "use_case.yaml"
    assert said in problem.message and hint in problem.hint


def test_broken_yaml_names_the_line(edit: Edit) -> None:
    folder = edit("title: My assistant", "title: My: assistant")
    assert only_problem(folder).line == line_of(folder, "My: assistant")


@pytest.mark.parametrize(
    ("text", "said"), [(b"", "empty"), (b"\n\n", "empty"), (b"- a\n", "name: value"), (b"a\n\xff", "UTF-8")]
)
def test_no_use_case_at_all(folder: Path, text: bytes, said: str) -> None:
    (folder / "use_case.yaml").write_bytes(text)
    problem = only_problem(folder)
    assert said in problem.message and problem.hint


def test_missing_file_and_missing_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "nowhere", tmp_path / "empty", tmp_path / "x.yaml"):
        problem = only_problem(path)
        assert problem.message == "file not found" and "use_case.yaml" in problem.hint
