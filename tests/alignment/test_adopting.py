"""A checkpoint tuned elsewhere: what does not belong to the base model is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from safetensors.numpy import save_file

from genaiops_assets.alignment import adopt

BASE = {"model.layers.0.self_attn.q_proj.weight": (8, 4), "model.embed_tokens.weight": (16, 4)}
Q = "base_model.model.model.layers.0.self_attn.q_proj.lora_"


def saved(folder: Path, shapes: dict[str, tuple[int, ...]], name: str = "model.safetensors") -> Path:
    folder.mkdir(exist_ok=True)
    save_file({key: numpy.zeros(shape, dtype="float32") for key, shape in shapes.items()}, str(folder / name))
    return folder


def adapter(folder: Path, shapes: dict[str, tuple[int, ...]], **config: Any) -> Path:
    saved(folder, shapes, "adapter_model.safetensors")
    content = {"peft_type": "LORA", "r": 2, "base_model_name_or_path": "/home/somebody/model"} | config
    (folder / "adapter_config.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return saved(tmp_path / "base", BASE)


def refused(source: Path, base: Path, tmp_path: Path) -> str:
    with pytest.raises(ValueError) as caught:
        adopt(source, base, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    return str(caught.value)


def test_an_adapter_that_fits_is_taken_without_the_place_it_came_from(base: Path, tmp_path: Path) -> None:
    source = adapter(tmp_path / "a", {f"{Q}A.weight": (2, 4), f"{Q}B.weight": (8, 2)})
    assert adopt(source, base, tmp_path / "out") == {"form": "adapter", "tensors": 2, "parameters": 24}
    assert json.loads((tmp_path / "out/adapter_config.json").read_text())["base_model_name_or_path"] is None
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({f"{Q}A.weight": (2, 5), f"{Q}B.weight": (8, 2)}, "does not fit model.layers.0.self_attn.q_proj.weight"),
        ({Q.replace("layers.0", "layers.7") + "A.weight": (2, 4)}, "has no place in the base model"),
        ({"base_model.model.score.weight": (2, 4)}, "is no LoRA weight"),
    ],
)
def test_an_adapter_of_another_model_is_refused(
    base: Path, tmp_path: Path, shapes: dict[str, tuple[int, ...]], message: str
) -> None:
    assert message in refused(adapter(tmp_path / "a", shapes), base, tmp_path)


def test_other_kinds_and_pickles_are_refused(base: Path, tmp_path: Path) -> None:
    other = adapter(tmp_path / "a", {f"{Q}A.weight": (2, 4)}, peft_type="IA3")
    assert "of type IA3" in refused(other, base, tmp_path)
    (tmp_path / "p").mkdir()
    (tmp_path / "p/pytorch_model.bin").write_bytes(b"")
    assert "pytorch_model.bin is a pickle" in refused(tmp_path / "p", base, tmp_path)
    assert "is no folder" in refused(tmp_path / "nowhere", base, tmp_path)


def test_a_whole_model_has_the_same_tensors(base: Path, tmp_path: Path) -> None:
    assert adopt(saved(tmp_path / "m", BASE), base, tmp_path / "out")["form"] == "model"


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({**BASE, "model.embed_tokens.weight": (17, 4)}, "is (17, 4) in the tuned model and (16, 4) in the base"),
        ({**BASE, "model.layers.1.weight": (4, 4)}, "model.layers.1.weight is in the tuned model only"),
        ({"model.embed_tokens.weight": (16, 4)}, "q_proj.weight is in the base model only"),
    ],
)
def test_another_model_is_refused(base: Path, tmp_path: Path, shapes: dict[str, tuple[int, ...]], message: str) -> None:
    assert message in refused(saved(tmp_path / "m", shapes), base, tmp_path)
