"""One description of a model version, loaded in one way: what is judged is what is served. Does not belong here: which
version is chosen."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch

import genaiops_assets
from genaiops_assets.models import ModelSpec, load_model, messages
from genaiops_assets.models.specs import BaseModelFiles
from tests.support.tiny_model import small_update, tiny_model

PACKAGE = Path(genaiops_assets.__file__).parent
MAY_LOAD = {
    "models/specs.py",
    "models/local.py",
    "payloads/train_model.py",
    "payloads/compare_precisions.py",
    "payloads/repeat_training.py",
    "alignment/methods/registry.py",  # what is trained further
    "alignment/methods/distil.py",  # the teacher
    "alignment/reward_model.py",
    "alignment/runs/flop.py",  # without weights
}  # all others come through ModelSpec


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_update(base, tmp_path_factory.mktemp("adapter"))


def spec(base: Path, adapter: Path | None = None, **more: object) -> ModelSpec:
    files = BaseModelFiles(ref="dir:tiny", path=str(base), digest="b" * 64)
    return ModelSpec(base=files, adapter=str(adapter) if adapter else None, **more)  # type: ignore[arg-type]


def logits(model: object) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.arange(1, 40)[None]).logits.float()  # type: ignore[operator]


def test_a_bfloat16_version_speaks_with_the_whole_of_its_update(base: Path, adapter: Path, tmp_path: Path) -> None:
    opened = spec(base, adapter, dtype="bfloat16").open(tmp_path)
    unmerged = load_model(base, dtype="bfloat16", adapter=adapter)
    assert torch.equal(logits(opened.model), logits(unmerged.eval()))
    merged = load_model(base, dtype="bfloat16", adapter=adapter).merge_and_unload()
    assert not torch.equal(logits(opened.model), logits(merged.eval()))  # what an evaluation used to judge


def test_a_float32_version_is_merged_without_losing_anything(base: Path, adapter: Path, tmp_path: Path) -> None:
    opened = spec(base, adapter).open(tmp_path)
    assert not hasattr(opened.model, "peft_config") or not opened.model.peft_config
    unmerged = logits(load_model(base, adapter=adapter).eval())
    assert torch.allclose(logits(opened.model), unmerged, atol=1e-6)
    assert not torch.allclose(logits(spec(base).open(tmp_path).model), unmerged, atol=1e-6)


def test_nobody_else_loads_or_merges_a_model() -> None:
    """A payload or room that loaded a version its own way would judge or serve another thing."""
    alone = {"load_model", "merge_and_unload", "from_pretrained"}
    found = set()
    for file in PACKAGE.rglob("*.py"):
        name = file.relative_to(PACKAGE).as_posix()
        if name.startswith(("models/", "payloads/", "serving/", "alignment/", "evaluation/")) and name not in MAY_LOAD:
            calls = (n.func for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Call))
            if alone & {getattr(f, "id", getattr(f, "attr", "")) for f in calls}:
                found.add(name)
    assert found == set()


def test_a_version_speaks(base: Path, adapter: Path, tmp_path: Path) -> None:
    generator = spec(base, adapter).open(tmp_path, batch_size=2)
    prompts = [messages(q, [], "en") for q in ("Who?", "What does a card cost?", "When?")]
    answers = generator.generate(prompts, 5)
    assert len(answers) == 3 and any(answers)
    assert [read > written for read, written in generator.tokens(prompts, answers)] == [True] * 3
