"""Stages of a training: what a use case file may chain, what each stage is given, and what it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from genaiops_assets.alignment import ModelPlan, build_plan, checkpoints_of, inputs_of_stage, stages_of
from genaiops_assets.use_case import UseCaseError, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.methods import setting_problems
from genaiops_assets.use_case.training import Alignment

INPUTS: dict[str, Any] = {"base": {"ref": "b", "digest": "b", "record": "r"}, "pairs": {"digest": "p", "rows": 2}}
INPUTS |= {"corpus": {"digest": "c", "rows": 3}}


def chain(*stages: Any, **more: Any) -> Alignment:
    return Alignment.model_validate({"stages": list(stages), **more})


def with_alignment(folder: Path, alignment: dict[str, Any]) -> Path:
    write_starter(folder)
    file = folder / "use_case.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["alignment"] = alignment
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_chain_is_names_or_names_with_their_settings() -> None:
    section = chain({"sft": {"steps": 30, "lora": {"r": 4}}}, "dpo", steps=8, lora={"alpha": 32}).model_dump(
        mode="json"
    )
    assert section["method"] == "dpo" and stages_of(section) == ("sft", "dpo")
    assert checkpoints_of(section) == {"sft": "sft_checkpoint", "dpo": "aligned_checkpoint"}
    assert inputs_of_stage(section, "sft") == {} and inputs_of_stage(section, "dpo") == {"start": "sft"}


def test_without_stages_nothing_of_a_plan_changes(tmp_path: Path) -> None:
    uc = load_use_case(with_alignment(tmp_path / "shop", {"method": "dpo", "sft": {"steps": 3}}))
    training = build_plan(uc, **INPUTS)["training"]
    assert "stages" not in training and stages_of(training) == ("sft", "dpo")


def test_each_stage_has_a_section_of_its_own(tmp_path: Path) -> None:
    stages = [{"sft": {"steps": 30, "lora": {"r": 4}}}, {"dpo": {"beta": 0.3}}]
    uc = load_use_case(with_alignment(tmp_path / "shop", {"stages": stages, "steps": 8, "lora": {"alpha": 32}}))
    plan = ModelPlan.read(build_plan(uc, **INPUTS))
    sft, dpo = plan.training.stage("sft"), plan.training.stage("dpo")
    assert (sft["method"], sft["steps"], sft["lora"]["r"], sft["lora"]["alpha"]) == ("sft", 30, 4, 32)
    assert (dpo["method"], dpo["steps"], dpo["beta"], dpo["lora"]["r"]) == ("dpo", 8, 0.3, 8)
    assert "stages" not in sft and sft["base"] == dpo["base"] == INPUTS["base"]


@pytest.mark.parametrize(
    ("section", "field", "message"),
    [
        ({"stages": ["sft", "dpp"]}, "stages", "dpp"),
        ({"stages": ["sft", "dpo", "sft"]}, "stages.2", "sft comes twice"),
        ({"stages": ["sft", "none"]}, "stages", "trains nothing"),
        ({"stages": ["sft", "dpo"], "method": "sft"}, "method", "the last stage is dpo"),
        ({"stages": ["sft", "dpo"], "sft": {"steps": 3}}, "sft", "no effect beside stages"),
        ({"stages": ["sft"], "beta": 0.7}, "beta", "no effect under"),
        ({"stages": [{"sft": {"beta": 0.7}}, "dpo"]}, "stages.0.sft.beta", "sft has no setting named 'beta'"),
        ({"stages": [{"sft": {"steps": 1}}, "dpo"]}, "stages.0.sft.steps", "one step trains nothing"),
        ({"stages": [{"sft": {"steps": "x"}}, "dpo"]}, "stages.0.sft.steps", "valid integer"),
        ({"stages": [{"sft": {"temperatur": 1}}, "dpo"]}, "stages.0.sft.temperatur", "no setting named 'temperatur'"),
    ],
)
def test_what_is_wrong_with_a_chain_is_said_where_it_stands(section: dict[str, Any], field: str, message: str) -> None:
    problems = setting_problems(Alignment.model_validate(section))
    assert problems and problems[0].field == field and message in problems[0].message


def test_the_file_and_line_of_a_stage_are_named(tmp_path: Path) -> None:
    folder = with_alignment(tmp_path / "shop", {"stages": [{"sft": {"steps": 1}}, "dpo"]})
    with pytest.raises(UseCaseError) as caught:
        load_use_case(folder)
    [problem] = caught.value.problems
    lines = (folder / "use_case.yaml").read_text(encoding="utf-8").splitlines()
    assert problem.field == "alignment.stages.0.sft.steps" and "steps: 1" in lines[(problem.line or 0) - 1]


def test_a_chain_has_no_problem_with_the_defaults() -> None:
    assert setting_problems(chain("sft", "dpo")) == []


def test_settings_of_one_stage_do_not_reach_another() -> None:
    assert setting_problems(chain({"sft": {"lora": {"dropout": 0.1}}}, "dpo")) == []
    [problem] = setting_problems(chain("sft", {"dpo": {"lora": {"dropout": 0.1}}}))
    assert problem.field == "stages.1.dpo.lora.dropout"
