"""Notes: remembered values that are no outputs, and those that an earlier version kept as heads."""

import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.lake.notes import ONCE_HEADS


def test_a_note_is_kept_and_replaced(lake: Lake) -> None:
    assert lake.notes.get("demo", "inbox_read") is None
    for value in ({"digest": "a"}, {"digest": "b", "at": "today"}):
        lake.notes.put("demo", "inbox_read", value)
        assert Lake(lake.home).notes.get("demo", "inbox_read") == value
    assert lake.notes.get("other", "inbox_read") is None


@pytest.mark.parametrize("name", ONCE_HEADS)
def test_what_an_earlier_version_kept_as_a_head_is_read_until_it_is_written_anew(lake: Lake, name: str) -> None:
    lake.heads.put(f"demo/{name}", None, {"digest": "before", "at": "then"})
    assert lake.notes.get("demo", name) == {"digest": "before", "at": "then"}
    lake.notes.put("demo", name, {"digest": "after"})
    assert lake.notes.get("demo", name) == {"digest": "after"}


def test_a_head_of_an_asset_is_no_note(lake: Lake) -> None:
    lake.heads.put("demo/documents", None, {"digest": "d"})
    assert lake.notes.get("demo", "documents") is None


def test_a_damaged_note_is_named(lake: Lake) -> None:
    lake.store.write("notes/demo/x.json", b"{")
    with pytest.raises(ValueError, match=r"notes/demo/x\.json: not a note"):
        lake.notes.get("demo", "x")
