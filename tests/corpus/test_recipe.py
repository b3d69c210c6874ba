"""Recipes: a Data-Juicer YAML as operators, and mistakes named by file and step.

Belongs here: reading. Does not belong here: running (`test_filtering.py`, `test_data_juicer.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.corpus import Operator, RecipeError, check_names, load_recipe


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
    ("process: [", "not YAML"),
    ("", "expected a list of operators under `process:`"),
    ("- text_length_filter", "expected a list of operators under `process:`"),
    ("process: []", "expected a list of operators under `process:`"),
    ("process: text_length_filter", "expected a list of operators under `process:`"),
    ("process:\n  - a_filter:\n  - 5", "process step 2: expected one operator name"),
    ("process:\n  - {a_filter: , b_filter: }", "process step 1: expected one operator name"),
    ("process:\n  - a_filter:\n  - 5: {min: 1}", "process step 2: 5 is not a mapper, filter or deduplicator"),
    ("process:\n  - video_selector:", "process step 1: video_selector is not a mapper, filter or deduplicator"),
    ("process:\n  - a_filter: 3", "process step 1: parameters of a_filter must be a mapping"),
]


@pytest.mark.parametrize(("content", "message"), MISTAKES)
def test_a_mistake_names_file_and_step(tmp_path: Path, content: str, message: str) -> None:
    path = recipe(tmp_path, content)
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_file_that_cannot_be_read_is_a_recipe_error(tmp_path: Path) -> None:
    (tmp_path / "gbk.yaml").write_bytes("process: # 配方".encode("gbk"))
    for path in (tmp_path / "gbk.yaml", tmp_path / "none.yaml"):
        with pytest.raises(RecipeError, match=f"{path.name}: cannot be read"):
            load_recipe(path)


def test_an_unknown_operator_is_named_with_the_nearest_known_one() -> None:
    operators = [Operator("text_length_filter", {}), Operator("word_num_filter", {})]
    known = {"text_length_filter", "words_num_filter"}
    message = "r.yaml: process step 2: Data-Juicer has no operator word_num_filter; did you mean words_num_filter?"
    with pytest.raises(RecipeError) as caught:
        check_names(Path("r.yaml"), operators, known)
    assert str(caught.value) == message
