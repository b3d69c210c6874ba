"""Asset `toxicity_probe_set` by its real payload: a recipe without the filter, and one whose filter is too lenient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.corpus.toxicity_probe_set import toxicity_probe_set_assets
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case

LENIENT = "  - flagged_words_filter:\n      lang: en\n      max_ratio: 0.9\n"


def probed(uc: UseCase, home: Path) -> tuple[dict[str, Any], Any]:
    result = dg.materialize(
        toxicity_probe_set_assets(uc),
        resources={"platform": Platform(home=str(home))},
        instance=dg.DagsterInstance.ephemeral(),
    )
    [check] = result.get_asset_check_evaluations()
    return Lake(home).current(uc.key("toxicity_probe_set")).json("toxicity.json"), check


def test_the_recipe_decides_what_is_measured_and_what_is_held_against_it(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    found, check = probed(load_use_case(tmp_path / "shop"), tmp_path / "home")
    assert not found["in_recipe"] and found["recall"]["en"]["mean"] > 0.5 and check.passed
    recipe = tmp_path / "shop" / "recipe.yaml"
    recipe.write_text(recipe.read_text() + LENIENT)
    found, check = probed(load_use_case(tmp_path / "shop"), tmp_path / "home")
    assert found["in_recipe"] and found["recall"]["en"]["mean"] == 0
    assert not check.passed and "its recall in en may be as low as 0%" in check.metadata["problems"].value
