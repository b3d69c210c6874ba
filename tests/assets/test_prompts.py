"""The registry of prompts: each change is a version, and what changed shows in the event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.scoping.prompts import prompt_assets
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.prompt_history import changed_parts, diff_of
from genaiops_assets.use_case import write_starter
from genaiops_assets.use_case.load import load_use_case


def made(folder: Path, home: Path) -> dict[str, Any]:
    """The metadata of one materialization."""
    uc = load_use_case(folder)
    done = dg.materialize(prompt_assets(uc), resources={"platform": Platform(home=str(home))})
    [event] = done.asset_materializations_for_node(f"{uc.name}__prompts")
    return {name: value.value for name, value in event.metadata.items()}


def test_each_change_is_a_version_and_its_diff_is_shown(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    home, own = tmp_path / "home", tmp_path / "shop" / "prompts.yaml"
    first = made(tmp_path / "shop", home)
    assert [v["version"] for v in first["versions"]] == ["1"] and "changes" not in first
    own.write_text("system: Answer briefly.\nexample: null\n", encoding="utf-8")
    second = made(tmp_path / "shop", home)
    assert second["changed_parts"] == "system, example" and second["version"] != "1"
    assert second["changes"].startswith("Since version 1") and "+Answer briefly." in second["changes"]
    own.write_text("system: 简短回答。\nexample: null\n", encoding="utf-8")
    third = made(tmp_path / "shop", home)
    assert third["changed_parts"] == "system" and "-Answer briefly.\n+简短回答。" in third["changes"]
    assert len({v["version"] for v in third["versions"]}) == 3
    own.unlink()
    back = made(tmp_path / "shop", home)
    assert back["reused"] and [v["version"] for v in back["versions"]][-1] == "1" and len(back["versions"]) == 3
    assert "-简短回答。" in back["changes"], "the version before is the one that was current until now"


def test_the_same_prompts_again_are_no_version(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    made(tmp_path / "shop", tmp_path / "home")
    again = made(tmp_path / "shop", tmp_path / "home")
    assert len(again["versions"]) == 1 and "changes" not in again


def test_parts_that_came_or_went_are_named() -> None:
    one, other = {"schema_version": 1, "system": "A", "example": {"answer": "1"}}, {"schema_version": 2, "system": "A"}
    assert [row["part"] for row in changed_parts(one, other)] == ["example"]
    assert diff_of(one, one, "before") == "Nothing is said otherwise."
    assert '-  "answer": "1"' not in diff_of(one, other, "v") and "-{" in diff_of(one, other, "v")
