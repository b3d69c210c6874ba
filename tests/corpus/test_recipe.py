"""Recipes: a Data-Juicer YAML as operators, and mistakes named by file and step.

Belongs here: reading. Does not belong here: running (`test_filtering.py`, `test_data_juicer.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.corpus import RecipeError, load_recipe


def recipe(folder: Path, content: str) -> Path:
    (folder / "recipe.yaml").write_text(content, encoding="utf-8")
    return folder / "recipe.yaml"


def test_operators_come_in_order_with_their_parameters(tmp_path: Path) -> None:
    path = recipe(
        tmp_path, "process:\n  - fix_unicode_mapper:\n  - text_length_filter: {min_len: 5}\n  - document_deduplicator\n"
    )
    operators = load_recipe(path)
    assert [(o.name, o.kind) for o in operators] == [
        ("fix_unicode_mapper", "mapper"),
        ("text_length_filter", "filter"),
        ("document_deduplicator", "deduplicator"),
    ]
    assert [o.threshold for o in operators] == ["{}", '{"min_len": 5}', "{}"]


MISTAKES = [
    ("process: [", 1, "is not valid YAML"),
    ("", 1, "the file is empty"),
    ("- text_length_filter", 1, "expected 'name: value' lines"),
    ("name: x", 1, "expected a list of operators under `process:`"),
    ("name: x\nprocess: []", 2, "expected a list of operators under `process:`"),
    ("process: text_length_filter", 1, "expected a list of operators under `process:`"),
    ("process:\n  - clean_html_mapper:\n  - 5", 3, "process step 2: expected one operator name"),
    ("process:\n  - {clean_html_mapper: , b_filter: }", 2, "process step 1: expected one operator name"),
    ("process:\n  - 5: {min: 1}", 2, "process step 1: 5 cannot be part of a corpus recipe: it is not a mapper"),
    ("process:\n  - video_selector:", 2, "process step 1: video_selector cannot be part of a corpus recipe"),
    ("process:\n  - clean_html_mapper: 3", 2, "process step 1: parameters of clean_html_mapper must be a mapping"),
    ("text_keys: body\nprocess:\n  - clean_html_mapper", 1, "text_keys: the operators of a corpus recipe work on"),
    ("custom_operator_paths: [a.py]\nprocess:\n  - clean_html_mapper", 1, "custom_operator_paths: a recipe may load"),
    ("process: &a\n  - clean_html_mapper\nother: *a", 3, "is not valid YAML: aliases (*name) are not read here"),
    ("process:\n  - clean_html_mapper\nprocess: []", 3, "process: written twice"),
    ("process:\n  - text_length_filter: {min_len: 1, min_len: 2}", 2, "process.0.text_length_filter.min_len: written"),
    ("process: " + "[" * 3000, 1, "is nested too deeply"),
]


@pytest.mark.parametrize(("content", "line", "message"), MISTAKES)
def test_a_mistake_names_file_line_and_step(tmp_path: Path, content: str, line: int, message: str) -> None:
    path = recipe(tmp_path, content)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert str(caught.value).startswith(f"{path}:{line}: {message}")


def test_settings_of_data_juicers_own_runner_are_left_to_it(tmp_path: Path) -> None:
    head = "project_name: x\ndataset_path: /data/in.jsonl\nnp: 4\ntext_keys: text\n"
    assert len(load_recipe(recipe(tmp_path, head + "process:\n  - clean_html_mapper\n"))) == 1


def test_a_file_that_cannot_be_read_is_a_recipe_error(tmp_path: Path) -> None:
    (tmp_path / "gbk.yaml").write_bytes("process: # 配方".encode("gbk"))
    with pytest.raises(RecipeError, match=r"gbk\.yaml:1: is not UTF-8 text"):
        load_recipe(tmp_path / "gbk.yaml")
    with pytest.raises(RecipeError, match=r"none\.yaml:1: file not found"):
        load_recipe(tmp_path / "none.yaml")
