"""Canonical content: equal values give equal bytes, whatever their order in memory or on disk."""

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.lake import canonical

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES))
def test_digest_ignores_the_order_of_keys(value: dict[str, object]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical.digest_of(value) == canonical.digest_of(backwards)


@given(VALUES, VALUES)
def test_digests_are_equal_exactly_when_the_json_is(one: object, other: object) -> None:
    same = canonical.canonical_json(one) == canonical.canonical_json(other)
    assert (canonical.digest_of(one) == canonical.digest_of(other)) == same


def test_digest_is_the_sha256_of_compact_utf8() -> None:
    assert canonical.canonical_json({"b": "é", "a": [1, 2.5]}) == '{"a":[1,2.5],"b":"é"}'.encode()
    assert canonical.digest_of_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"x": float("-inf")}])
def test_what_json_has_no_number_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical.digest_of(value)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        canonical.digest_of({1, 2})


def test_folder_digest_depends_on_names_and_bytes_not_on_creation_order(tmp_path: Path) -> None:
    for folder, names in (("one", ["b/x", "a"]), ("two", ["a", "b/x"])):
        for name in names:
            canonical.write_atomically(tmp_path / folder / name, name.encode())
    whole = canonical.digest_of_folder(tmp_path / "one")
    assert whole == canonical.digest_of_folder(tmp_path / "two")
    (tmp_path / "two/a").rename(tmp_path / "two/c")
    assert whole != canonical.digest_of_folder(tmp_path / "two")
    (tmp_path / "two/c").rename(tmp_path / "two/a")
    (tmp_path / "two/a").write_text("other")
    assert whole != canonical.digest_of_folder(tmp_path / "two")


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    canonical.write_json(tmp_path / "x.json", {"a": 1})
    with pytest.raises(TypeError):
        canonical.write_json(tmp_path / "x.json", {"a": object()})
    assert (tmp_path / "x.json").read_text() == '{\n "a": 1\n}\n'


def test_threads_writing_one_file_leave_one_of_their_values_and_no_other_file(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def write(value: int) -> None:
        try:
            for _ in range(20):
                canonical.write_json(tmp_path / "x.json", [value] * 1000)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    assert len(set(json.loads((tmp_path / "x.json").read_text()))) == 1


def test_json_lines_come_back_as_written(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "line\nbreak"}, {"id": "ü"}]
    assert canonical.write_json_lines(tmp_path / "deep/x.jsonl", rows) == 2
    assert canonical.read_json_lines(tmp_path / "deep/x.jsonl") == rows


def test_a_list_of_files_leads_to_the_digest_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, content in {"b.txt": "b", "a.txt": "a", "in/c.txt": "c"}.items():
        (tmp_path / name).write_text(content)
    files = canonical.list_files(tmp_path)
    assert [(f["path"], f["bytes"]) for f in files] == [("a.txt", 1), ("b.txt", 1), ("in/c.txt", 1)]
    assert canonical.digest_of_list(files, is_folder=True) == canonical.digest_of_folder(tmp_path)
    (tmp_path / "b.txt").write_text("B")
    assert canonical.digest_of_list(files, is_folder=True) != canonical.digest_of_folder(tmp_path)
    one = canonical.list_files(tmp_path / "a.txt")
    assert canonical.digest_of_list(one, is_folder=False) == canonical.digest_of_file(tmp_path / "a.txt")
