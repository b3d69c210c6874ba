"""An artifact in the UI: its page, its figures as a person compares them, its tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.lake import Lake, write_json
from genaiops_assets.orchestration.metadata import metadata_of


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def shown(lake: Lake, figures: dict, page: str = "", **files: str) -> dict:
    with lake.work("key") as place:
        write_json(place.staging / "facts.json", {})
        for name, text in files.items():
            (place.staging / f"{name}.md").write_text(text)
        summary = {"figures": figures, "tables": {}, **({"page": page} if page else {})}
        return metadata_of(
            lake.publish("demo/card", None, "key", place.staging, snapshots=[], summary=summary, provenance={})
        )


def test_numbers_have_four_digits_and_counts_stay_whole(lake: Lake) -> None:
    found = shown(
        lake, {"share": 0.35153721, "tiny": 7.631680175622188e-05, "rows": 1234567, "state": "off", "all": True}
    )
    assert {name: found[name] for name in ("share", "tiny", "rows", "state", "all")} == {
        "share": 0.3515, "tiny": 7.632e-05, "rows": 1234567, "state": "off", "all": True,
    }  # fmt: skip


def test_a_page_is_shown_whole_without_what_is_for_machines(lake: Lake) -> None:
    found = shown(lake, {"gaps": 0}, "card.md", card="---\nlicense: mit\n---\n# Card\n\nAll of it.\n")
    assert found["document"].value == "# Card\n\nAll of it."
    assert list(found)[:2] == ["gaps", "document"]  # the figures one decides by stand above


def test_what_has_no_page_shows_none(lake: Lake) -> None:
    assert "document" not in shown(lake, {"gaps": 0}, card="# Card")
