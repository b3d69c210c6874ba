"""An adapter in the last layers alone: what it trains, and that nothing is computed backward below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

from genaiops_assets.errors import PayloadError
from genaiops_assets.use_case.training import Alignment
from tests.support.tiny_model import tiny_model
from tests.support.trainings import trained, weights


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_the_last_layers_alone_are_adapted_and_nothing_flows_below_them(
    base: Path, tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[bool] = []
    forward = LlamaDecoderLayer.forward

    def watched(layer: Any, hidden_states: Any, *args: Any, **more: Any) -> Any:
        reached.append(hidden_states.requires_grad)
        return forward(layer, hidden_states, *args, **more)

    monkeypatch.setattr(LlamaDecoderLayer, "forward", watched)
    lora = {"r": 4, "alpha": 8, "last_layers": 1}
    made = trained(base, tmp_path, method=method, steps=3, lora=lora)
    adapted = {name.split(".layers.")[1].split(".")[0] for name in weights(made.model)}
    assert adapted == {"1"} and len(weights(made.model)) == 2 * 7
    assert not any(reached)  # the first layer's input and the second's: no gradient is computed below the adapter
    assert "last_layers" not in Alignment().model_dump(mode="json")["lora"]
    assert Alignment.model_validate({"lora": lora}).model_dump(mode="json")["lora"]["last_layers"] == 1


def test_more_layers_than_there_are_cannot_be_adapted(base: Path, tmp_path: Path) -> None:
    with pytest.raises(PayloadError, match=r"alignment\.lora\.last_layers is 3, the base model has 2 layers"):
        trained(base, tmp_path, method="sft", steps=3, lora={"r": 4, "alpha": 8, "last_layers": 3})
