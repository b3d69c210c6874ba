"""The model plan: its version follows everything that determines the weights, and nothing else.

Belongs here: what changes a version. Does not belong here: training.
"""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.alignment import build_plan, plan
from genaiops_assets.alignment.plan import version_of
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case

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
    assert leaves(starter.alignment.model_dump(exclude={"pairs", "external_checkpoint"})) == set(ALIGNMENT)


@pytest.mark.parametrize(("path", "value"), [*((f"alignment.{k}", v) for k, v in ALIGNMENT.items()), *OTHER.items()])
def test_each_training_field_changes_the_version(starter: UseCase, path: str, value: Any) -> None:
    assert version(changed(starter, path, value)) != version(starter)


@pytest.mark.parametrize("name", INPUTS)
def test_each_training_input_changes_the_version(starter: UseCase, name: str) -> None:
    assert version(starter, **{name: {"digest": "another"}}) != version(starter)


@pytest.mark.parametrize("name", ["PROMPT_VERSION", "TRAINING_CODE"])
def test_other_prompts_or_code_are_another_version(
    starter: UseCase, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = version(starter)
    monkeypatch.setattr(plan, name, "another")
    assert version(starter) != before


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
