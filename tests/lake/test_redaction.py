"""Redaction: texts are replaced, everything else of a file stays as it was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.lake import ERASED_TEXT, edited

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


class Marker:
    """Replaces texts with `秘` or `secret` in them."""

    def text(self, text: str) -> str:
        return ERASED_TEXT if "秘" in text or "secret" in text else text

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        return row


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.jsonl", '{"t": "秘密"}\n\n{"t": "x"}\n', '{"t":"[erased]"}\n\n{"t":"x"}\n'),
        ("a.md", "# T\n\n- **secret** one\n  > 秘\n| secret | x |\n", "# T\n\n- [erased]\n  > [erased]\n| [erased]\n"),
        (
            "a.html",
            "<p class='secret'>se&#99;ret</p><b>ok &amp; fine</b>",
            "<p class='secret'>[erased]</p><b>ok &amp; fine</b>",
        ),
        ("broken.json", "{not json\nsecret\n", "{not json\n[erased]\n"),
        ("log", "a\nsecret\nb", "a\n[erased]\nb"),
    ],
)
def test_each_kind_of_file(name: str, before: str, after: str) -> None:
    assert edited(before.encode(), name, Marker()).decode() == after


def test_json_keeps_its_structure_and_names_of_fields_count_too() -> None:
    before = {"a": ["a secret", 1, {"secret": None}], "b": {"c": "秘"}}
    after = json.loads(edited(json.dumps(before).encode(), "x.json", Marker()))
    assert after == {"a": [ERASED_TEXT, 1, {ERASED_TEXT: None}], "b": {"c": ERASED_TEXT}}


@pytest.mark.parametrize(
    ("name", "data"), [("w.safetensors", b"secret"), ("x", b"\0secret"), ("latin.txt", b"secret \xff")]
)
def test_what_is_no_text_is_left_alone(name: str, data: bytes) -> None:
    assert edited(data, name, Marker()) is data


@given(JSON_VALUES, st.sampled_from(["x.json", "x.jsonl", "x.html", "x.md"]))
def test_a_file_without_such_texts_keeps_every_byte_and_none_is_left_in_any(value: Any, name: str) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    if "秘" not in data.decode() and "secret" not in data.decode():
        assert edited(data, name, Marker()) == data
    assert b"secret" not in edited(data, name, Marker()).replace(b"<", b"")
