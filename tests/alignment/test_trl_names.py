"""The names of TRL that our methods call: an upgrade that renames, drops or adds one is caught here. Does not belong
here: what they do (`test_same_as_trl.py`, and each method's own tests)."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from typing import Any, get_args

import pytest
import trl

from genaiops_assets.alignment.methods.dpo import SMOOTHED, DpoSettings
from genaiops_assets.alignment.methods.kto import KtoSettings

COMMON = {
    "output_dir",
    "max_steps",
    "per_device_train_batch_size",
    "learning_rate",
    "lr_scheduler_type",
    "warmup_steps",
    "logging_steps",
    "logging_nan_inf_filter",
    "save_strategy",
    "report_to",
    "seed",
    "data_seed",
    "bf16",
    "use_cpu",
    "gradient_checkpointing",
    "disable_tqdm",
    "dataloader_pin_memory",
}
OFFLINE = {"max_length", "dataset_num_proc"}
ONLINE = {
    "num_generations",
    "max_completion_length",
    "temperature",
    "beta",
    "steps_per_generation",
    "num_iterations",
    "shuffle_dataset",
    "disable_dropout",
}
CONFIGS: dict[str, set[str]] = {
    "SFTConfig": {*OFFLINE, "completion_only_loss"},
    "DPOConfig": {*OFFLINE, "beta", "loss_type", "label_smoothing"},
    "KTOConfig": {*OFFLINE, "beta", "loss_type", "desirable_weight", "undesirable_weight"},
    "RewardConfig": {*OFFLINE, "center_rewards_coefficient", "disable_dropout"},
    "GRPOConfig": ONLINE,
    "RLOOConfig": ONLINE,
    "DistillationConfig": {"max_completion_length", "temperature", "beta", "shuffle_dataset", "disable_dropout"},
}
TRAINERS = {
    "SFTTrainer": set[str](),
    "DPOTrainer": set[str](),
    "KTOTrainer": set[str](),
    "RewardTrainer": set[str](),
    "GRPOTrainer": {"reward_funcs"},
    "RLOOTrainer": {"reward_funcs"},
    "DistillationTrainer": {"teacher_model"},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_what_a_config_is_told_is_known_to_it(name: str) -> None:
    known = {f.name for f in fields(getattr(trl, name))}
    assert (COMMON | CONFIGS[name]) - known == set()


@pytest.mark.parametrize("name", ["GRPOConfig", "RLOOConfig", "DistillationConfig"])
def test_what_is_left_out_of_a_config_is_still_unknown_to_it(name: str) -> None:
    assert not OFFLINE & {f.name for f in fields(getattr(trl, name))}


@pytest.mark.parametrize("name", TRAINERS)
def test_what_a_trainer_is_given_is_known_to_it(name: str) -> None:
    given = {"model", "args", "train_dataset", "processing_class", "peft_config", "callbacks", *TRAINERS[name]}
    assert given - set(inspect.signature(getattr(trl, name)).parameters) == set()


def test_none_of_our_trainers_is_experimental() -> None:
    assert all(getattr(trl, name).__module__.startswith("trl.trainer.") for name in TRAINERS)


def losses_of(name: str, ends: str) -> set[str]:
    """The losses that a config's own documentation lists, up to the setting that comes after."""
    text = str(inspect.getdoc(getattr(trl, name)))
    part = text[text.index("\nloss_type (" if "\nloss_type (" in text else "    loss_type (") :]
    return set(re.findall(r"['\"](\w+)['\"]`(?:: |,|\.)", part[: part.index(ends)]))


def choices(settings: Any, field: str) -> set[str]:
    return set(get_args(settings.model_fields[field].annotation))


def test_the_losses_of_kto_are_trls() -> None:
    assert choices(KtoSettings, "loss_type") == losses_of("KTOConfig", "beta (")


def test_the_losses_of_dpo_are_trls() -> None:
    assert choices(DpoSettings, "loss_type") == losses_of("DPOConfig", "loss_weights (")


@pytest.mark.parametrize("loss", get_args(DpoSettings.model_fields["loss_type"].annotation))
def test_smoothing_is_offered_exactly_where_trl_reads_it(loss: str) -> None:
    source = inspect.getsource(trl.DPOTrainer._compute_loss)
    part = source[source.index(f'loss_type == "{loss}"') :]
    assert ("label_smoothing" in part[: part.find("elif ") if "elif " in part else None]) == (loss in SMOOTHED)
