"""The checks of the assets of alignment can fail: a base model that cannot work, a plan that is none, a loss that is no
number. Real payloads on a tiny model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import build_plan
from genaiops_assets.assets.alignment.base_model import base_model_assets
from genaiops_assets.assets.alignment.model_plan import model_plan_assets
from genaiops_assets.assets.alignment.stage_checkpoints import stage_checkpoint_assets
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import publish
from tests.support.tiny_model import tiny_model

PINNED = {
    "base": {"ref": "r", "digest": "b", "license": "MIT", "record": "x"},
    "pairs": {"digest": "p", "rows": 3},
    "corpus": {"digest": "c", "rows": 4},
}


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


def with_section(uc: UseCase, name: str, **changes: Any) -> UseCase:
    return uc.model_copy(update={name: getattr(uc, name).model_copy(update=changes)})


def judged(uc: UseCase, home: Path, made: list[Any], version: str | None = None, *, registered: bool = True) -> Any:
    """The outcomes of the checks alone, on what the lake holds: in place of each asset stands one that does nothing."""
    checks = [m for m in made if isinstance(m, dg.AssetChecksDefinition)]
    partitions = next((c.partitions_def for c in checks if c.partitions_def), None)

    @dg.asset(key=checks[0].check_key.asset_key, partitions_def=partitions)
    def nothing() -> None: ...

    with dg.DagsterInstance.ephemeral() as instance:
        if version and registered:
            instance.add_dynamic_partitions(f"{uc.name}__model_version", [version])
        result = dg.materialize(
            [nothing, *checks],
            resources={"platform": Platform(home=str(home))},
            instance=instance,
            partition_key=version if partitions else None,
            raise_on_error=False,
        )
    return result.get_asset_check_evaluations()


def checks_of(evaluations: Any) -> tuple[Any, Any]:
    """`base_model_works`, then `base_files_are_those_recorded`."""
    found = {e.check_name: e for e in evaluations}
    return found["base_model_works"], found["base_files_are_those_recorded"]


# --- base_model -------------------------------------------------------------------------------------------------------


def materialized(uc: UseCase, home: Path) -> Any:
    return dg.materialize(base_model_assets(uc), resources={"platform": Platform(home=str(home))}, raise_on_error=False)


@pytest.mark.model
def test_a_base_model_with_a_stated_licence_works(uc: UseCase, tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    uc = with_section(uc, "model", base=f"dir:{folder}", license="LicenseRef-House")
    result = materialized(uc, tmp_path / "home")
    assert result.success
    record = Lake(tmp_path / "home").current(uc.key("base_model")).json("base_model.json")
    assert record["license"] == "LicenseRef-House" and record["architecture"] == "LlamaForCausalLM"
    check, files = checks_of(result.get_asset_check_evaluations())
    assert check.passed and check.metadata["problems"].value == "none"
    assert files.passed and files.metadata["files"].value == len(list(folder.iterdir()))
    wrong = with_section(uc, "alignment", max_length=9999)
    wrong = with_section(wrong, "alignment", lora=uc.alignment.lora.model_copy(update={"target_modules": ["c_attn"]}))
    check, _ = checks_of(judged(wrong, tmp_path / "home", base_model_assets(wrong)))
    assert not check.passed
    assert "alignment.lora.target_modules" in check.metadata["problems"].value
    assert "max_length 9999 is more than its context of 4096" in check.metadata["problems"].value


@pytest.mark.model
def test_a_file_of_the_base_model_that_changed_is_named(uc: UseCase, tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    uc = with_section(uc, "model", base=f"dir:{folder}")
    materialized(uc, tmp_path / "home")
    (folder / "generation_config.json").write_text("{}")
    (folder / "notes.txt").write_text("new")
    _, files = checks_of(judged(uc, tmp_path / "home", base_model_assets(uc)))
    assert not files.passed and files.metadata["list_has_the_recorded_digest"].value
    assert files.metadata["changed"].value == "generation_config.json, notes.txt"


@pytest.mark.model
def test_a_base_model_that_cannot_end_an_answer_is_refused_before_any_pair(uc: UseCase, tmp_path: Path) -> None:
    uc = with_section(uc, "model", base=f"dir:{tiny_model(tmp_path / 'model', eos=None)}")
    result = materialized(uc, tmp_path / "home")
    [failure] = [e for e in result.all_node_events if e.is_step_failure]
    assert "no end token" in str(failure.event_specific_data)


# --- model_plan -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "registered", "problem"),
    [
        ({}, True, "none"),
        ({}, False, "its version is not registered: materialize model_plan again"),
        ({"pairs": {"digest": "p", "rows": 0}}, True, "there is no preference pair to learn from"),
        ({"broken": True}, True, "but its training is mv-"),
    ],
)
def test_a_plan_is_whole_or_says_what_is_wrong(
    uc: UseCase, tmp_path: Path, changes: dict[str, Any], registered: bool, problem: str
) -> None:
    broken = changes.pop("broken", False)
    plan = build_plan(uc, **{**PINNED, **changes}, evaluation={})
    if broken:
        plan["training"]["steps"] += 1
    home = tmp_path / "home"
    publish(Lake(home), uc.key("model_plan"), {"plan.json": plan})
    [check] = judged(uc, home, model_plan_assets(uc), plan["model_version"], registered=registered)
    assert check.passed == (problem == "none")
    assert problem in check.metadata["problem"].value


# --- sft_checkpoint ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("losses", "passed"), [([2.0, 1.5], True), ([2.0, 1.0, 2.0, 2.0], False), ([2.0], False), ([], False)]
)
def test_supervised_steps_that_taught_nothing_are_seen(
    uc: UseCase, tmp_path: Path, losses: list[float], passed: bool
) -> None:
    uc = with_section(uc, "alignment", sft=uc.alignment.sft.model_copy(update={"steps": 2}))
    history = [{"step": n, "loss": loss} for n, loss in enumerate(losses, start=1)]
    version = "mv-000000000001"
    log = {"training_log.json": {"history": history}}
    publish(Lake(tmp_path / "home"), uc.key("sft_checkpoint"), log, partition=version)
    [check] = judged(uc, tmp_path / "home", stage_checkpoint_assets(uc), version)
    assert check.passed == passed and check.severity == dg.AssetCheckSeverity.WARN


def test_a_training_that_diverged_is_refused_with_the_way_out() -> None:
    from genaiops_assets.payloads.train_model import refuse_not_finite

    refuse_not_finite([{"step": 1, "loss": 0.5}])
    with pytest.raises(PayloadError, match=r"loss is nan at step 2: .*Lower alignment.learning_rate"):
        refuse_not_finite([{"step": 1, "loss": 0.5}, {"step": 2, "loss": float("nan")}])
