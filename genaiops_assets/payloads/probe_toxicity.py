"""Payload: what the flagged-words filters of a recipe drop of the labelled probe set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.corpus import flagged_words_operators, load_recipe, measure_toxicity, with_paths
from genaiops_assets.lake import write_json


def work(job: Job) -> dict[str, Any]:
    """Inputs: `recipe` (path) and `language`. No config. Leaves `toxicity.json`. Returns nothing more."""
    recipe = Path(job.inputs["recipe"])
    operators, in_recipe = flagged_words_operators(load_recipe(recipe), job.inputs["language"])
    found = measure_toxicity(with_paths(operators, recipe.parent))
    write_json(job.out / "toxicity.json", {"schema_version": 1, "in_recipe": in_recipe, **found})
    return {}


if __name__ == "__main__":
    run_payload(work)
