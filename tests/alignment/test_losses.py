"""Losses of DPO by TRL's names, and adapters that train length and direction apart (DoRA)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import torch

from genaiops_assets.alignment.methods.dpo import DpoSettings
from genaiops_assets.use_case.methods import setting_problems
from genaiops_assets.use_case.training import Alignment
from tests.support.tiny_model import tiny_model
from tests.support.trainings import trained, weights

LOSSES = get_args(DpoSettings.model_fields["loss_type"].annotation)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def usual(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    return weights(trained(base, tmp_path_factory.mktemp("usual"), steps=3).model)


def smoothed(loss: str, **more: Any) -> dict[str, Any]:
    return {"loss_type": loss, "label_smoothing": 0.1 if loss in ("robust", "exo_pair") else 0.0, **more}


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_is_accepted_and_moves_the_weights_its_own_way(
    base: Path, tmp_path: Path, usual: dict[str, torch.Tensor], loss: str
) -> None:
    """`aot` compares the sorted rewards of a batch: where these lie in the order of the pairs it is the default."""
    assert setting_problems(Alignment(settings=smoothed(loss))) == []
    made = weights(trained(base, tmp_path, steps=3, **smoothed(loss)).model)
    assert all(torch.isfinite(p).all() for p in made.values())
    if not loss.startswith("aot"):
        assert (loss == "sigmoid") == all(torch.equal(p, usual[n]) for n, p in made.items())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"label_smoothing": 0.1}, "has no effect with loss_type sigmoid"),
        ({"loss_type": "ipo", "label_smoothing": 0.1}, "has no effect with loss_type ipo"),
        ({"loss_type": "robust"}, "is the default loss while it is 0"),
        ({"loss_type": "exo_pair"}, "needs more than 0"),
    ],
)
def test_smoothing_without_effect_is_refused(settings: dict[str, Any], message: str) -> None:
    [found] = setting_problems(Alignment(settings=settings))
    assert found.field == "settings.label_smoothing" and message in found.message


def test_robust_without_smoothing_really_is_the_default(
    base: Path, tmp_path: Path, usual: dict[str, torch.Tensor]
) -> None:
    """Why it is refused."""
    for name, parameter in weights(trained(base, tmp_path, steps=3, loss_type="robust").model).items():
        torch.testing.assert_close(parameter, usual[name], atol=1e-6, rtol=1e-5)


def test_dora_trains_the_length_too_and_a_plan_without_it_does_not_name_it(base: Path, tmp_path: Path) -> None:
    lora = {"r": 4, "alpha": 8, "use_dora": True}
    made = trained(base, tmp_path, method="sft", steps=3, lora=lora)
    lengths = [name for name in weights(made.model) if "lora_magnitude_vector" in name]
    assert len(lengths) == 2 * 7
    assert "use_dora" not in Alignment().model_dump(mode="json")["lora"]
    assert Alignment.model_validate({"lora": lora}).model_dump(mode="json")["lora"]["use_dora"] is True
