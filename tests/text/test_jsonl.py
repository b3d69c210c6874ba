"""JSON lines: numbered, whatever ends a line, and a reason for each that is none."""

from __future__ import annotations

import pytest

from genaiops_assets.text import json_lines


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_blank_lines_count_and_are_left_out(end: bytes) -> None:
    raw = b"\xef\xbb\xbf" + end.join([b'{"a": 1}', b"  ", b'{"b": 2}', b""])
    assert [(line.number, line.row) for line in json_lines(raw)] == [(1, {"a": 1}), (3, {"b": 2})]


def test_only_ends_of_lines_end_a_line() -> None:
    [line] = json_lines('{"a": "第一行\u2028第二行\x85\u2029"}'.encode())
    assert line.row == {"a": "第一行\u2028第二行\x85\u2029"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "broken JSON: Expecting property name"),
        (b'{"a": "\xff"}', "broken JSON: 'utf-8' codec"),
        (b"[" * 100_000, "broken JSON: maximum recursion depth"),
        (b'{"a": ' + b"9" * 5000 + b"}", "broken JSON: Exceeds the limit"),
        (b"[1]", "expected an object"),
        (b"null", "expected an object"),
    ],
)
def test_a_line_that_is_no_object_is_named_and_the_others_are_read(line: bytes, problem: str) -> None:
    first, second, third = json_lines(b'{"n": 1}\n' + line + b'\n{"n": 3}')
    assert (first.row, third.row, third.number) == ({"n": 1}, {"n": 3}, 3)
    assert (second.number, second.row) == (2, {}) and second.problem.startswith(problem)
