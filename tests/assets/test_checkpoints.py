"""From a frozen plan to a checkpoint that loads, by real payloads on a tiny model: supervised steps first, then DPO;
or no training at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import PAIRS, build_plan, pair_row, section_of, stages_of
from genaiops_assets.assets.alignment.aligned_checkpoint import aligned_checkpoint_assets
from genaiops_assets.assets.alignment.model_plan import planned_files
from genaiops_assets.assets.alignment.precision_report import precision_report_assets
from genaiops_assets.assets.alignment.stage_checkpoints import stage_checkpoint_assets
from genaiops_assets.lake import Lake, digest_of, write_json, write_rows
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import Origin, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import publish
from tests.support.tiny_model import tiny_model

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]


def planned(uc: UseCase, lake: Lake) -> str:
    """A plan over three pairs or more: one too long, one without signal, the rest fit. Its version."""
    texts = [("It costs $1.", "Ask somebody."), ("It costs. " * 200, "Ask somebody."), ("The same.", "The same.")]
    if "reward" in stages_of(section_of(uc)):  # needs pairs to be tried on too
        texts += [(f"It costs ${n}.", "Ask somebody else.") for n in range(2, 42)]
    rows = [
        pair_row(Origin.HUMAN, "", f"What is fee {n}?", ["A fee."], (chosen, 1.0), (rejected, 0.0), "Bea")
        for n, (chosen, rejected) in enumerate(texts)
    ]
    with lake.work("pairs" * 8) as place:
        write_rows(place.scratch / "pairs.parquet", PAIRS, rows)
        snapshot = lake.tables.sync(uc.key("preference_pairs"), place.scratch / "pairs.parquet").snapshot
        write_json(place.staging / "pairs.json", {"rows": 3})
        summary: dict[str, Any] = {"figures": {}, "tables": {}}
        pairs = lake.publish(
            uc.key("preference_pairs"), None, "pairs" * 8, place.staging,
            snapshots=[snapshot], summary=summary, provenance={},
        )  # fmt: skip
    base = lake.resolve(uc.model.base, uc.folder)
    plan = build_plan(
        uc,
        base={"ref": base.ref, "digest": base.digest, "license": base.license, "record": digest_of("record")},
        pairs={"digest": pairs.digest, "rows": 3},
        corpus={"digest": digest_of("corpus"), "rows": 1},
        evaluation={},
        files=planned_files(lake, uc),
    )
    publish(lake, uc.key("model_plan"), {"plan.json": plan}, partition=plan["model_version"])
    return plan["model_version"]


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    plain = load_use_case(tmp_path / "shop")
    return plain.model_copy(
        update={"model": plain.model.model_copy(update={"base": f"dir:{tiny_model(tmp_path / 'm')}"})}
    )


def tuned(uc: UseCase, **changes: Any) -> UseCase:
    return uc.model_copy(update={"alignment": type(uc.alignment).model_validate(changes)})


def materialized(uc: UseCase, home: Path, *, raise_on_error: bool = True) -> tuple[Lake, str, Any]:
    lake = Lake(home)
    version = planned(uc, lake)
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [version])
        result = dg.materialize(
            [*stage_checkpoint_assets(uc), *aligned_checkpoint_assets(uc), *precision_report_assets(uc)],
            resources={"platform": Platform(home=str(home))},
            instance=instance,
            partition_key=version,
            raise_on_error=raise_on_error,
        )
    return lake, version, {e.check_name: e for e in result.get_asset_check_evaluations()}


def test_supervised_steps_come_first_and_the_checkpoint_reloads(uc: UseCase, tmp_path: Path) -> None:
    uc = tuned(uc, steps=2, sft={"steps": 2, "batch_size": 1}, batch_size=1)
    lake, version, checks = materialized(uc, tmp_path / "home")
    first, last = (lake.current(uc.key(name), version) for name in ("sft_checkpoint", "aligned_checkpoint"))
    logs = [artifact.json("training_log.json") for artifact in (first, last)]
    assert [log["method"] for log in logs] == ["sft", "dpo"]
    assert [log["pairs_used"] for log in logs] == [2, 1]  # SFT reads one answer: equal ones are no obstacle
    assert [log["pairs_left_out"]["without_signal"] for log in logs] == [0, 1]
    assert last.summary["figures"]["pairs_too_long"] == 1
    assert last.json("checkpoint.json")["model_version"] == version
    provenance = json.loads(last.local("provenance.json").read_text())
    assert provenance["inputs"]["start"] == first.digest
    assert logs[1]["history"][0]["loss"] == pytest.approx(0.693147, abs=1e-6)  # the reference is the SFT adapter
    assert checks["checkpoint_reloads"].passed and "sft_has_learned" in checks
    taught = checks["training_has_learned"]  # one pair, two steps, the first without effect: nothing was taught
    assert not taught.passed and "rewards_margins should have risen" in taught.metadata["problems"].value
    assert checks["merging_changes_nothing"].passed and checks["merging_changes_nothing"].metadata["merged_is_served"]
    forms = lake.current(uc.key("precision_report"), version).summary["tables"]["forms"]
    assert [row["form"] for row in forms] == ["full", "merged", "four_bit"] and all(r["ms_a_token"] > 0 for r in forms)


def test_a_training_of_enough_steps_has_learned(uc: UseCase, tmp_path: Path) -> None:
    _, _, checks = materialized(tuned(uc, steps=8, batch_size=1, learning_rate=1e-3), tmp_path / "home")
    assert checks["training_has_learned"].passed, checks["training_has_learned"].metadata


def test_without_training_the_base_model_is_the_checkpoint(uc: UseCase, tmp_path: Path) -> None:
    lake, version, checks = materialized(tuned(uc, method="none"), tmp_path / "home")
    made = lake.current(uc.key("aligned_checkpoint"), version)
    assert made.json("checkpoint.json")["method"] == "none" and not made.local("adapter").exists()
    assert set(checks) == {"checkpoint_reloads", "merging_changes_nothing", "four_bits_keep_quality"}
    assert checks["checkpoint_reloads"].metadata["problems"].value == "none"
    assert checks["merging_changes_nothing"].metadata["max_logit_difference"].value == "not measured"


def test_stages_are_carried_out_one_after_the_other(uc: UseCase, tmp_path: Path) -> None:
    stages = [{"sft": {"steps": 2, "learning_rate": 1e-3}}, {"dpo": {"steps": 3}}]
    lake, version, checks = materialized(tuned(uc, stages=stages, batch_size=1), tmp_path / "home")
    first, last = (lake.current(uc.key(name), version) for name in ("sft_checkpoint", "aligned_checkpoint"))
    assert [a.json("training_log.json")["steps"] for a in (first, last)] == [2, 3]
    provenance = json.loads(last.local("provenance.json").read_text())
    assert provenance["inputs"]["start"] == first.digest and checks["checkpoint_reloads"].passed


def adapter(folder: Path, uc: UseCase, seed: int) -> Path:
    """A LoRA adapter of the tiny model, as somebody else's script leaves it."""
    import torch
    from peft import LoraConfig, get_peft_model

    from genaiops_assets.models import load_model

    torch.manual_seed(seed)
    model = load_model(uc.model.base.removeprefix("dir:"))
    tuned_elsewhere = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM"))
    for name, parameter in tuned_elsewhere.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    tuned_elsewhere.save_pretrained(folder)
    return folder


def test_an_adapter_tuned_elsewhere_becomes_the_checkpoint(uc: UseCase, tmp_path: Path) -> None:
    folder = adapter(tmp_path / "theirs", uc, 3)
    uc = tuned(uc, method="external", external_checkpoint=f"dir:{folder}")
    lake, version, checks = materialized(uc, tmp_path / "home")
    made = lake.current(uc.key("aligned_checkpoint"), version)
    facts = made.json("checkpoint.json")["tuned_elsewhere"]
    assert facts["form"] == "adapter" and facts["digest"] == lake.resolve(f"dir:{folder}", uc.folder).digest
    assert (
        made.local("adapter/adapter_model.safetensors").read_bytes()
        == (folder / "adapter_model.safetensors").read_bytes()
    )
    assert checks["checkpoint_reloads"].passed and checks["merging_changes_nothing"].passed
    report = lake.current(uc.key("precision_report"), version).json("precision_report.json")
    assert "merged" in report["forms"]


def test_a_whole_model_tuned_elsewhere_takes_the_place_of_the_base(uc: UseCase, tmp_path: Path) -> None:
    from peft import PeftModel

    from genaiops_assets.models import BaseModelFiles, ModelSpec, load_model

    base = uc.model.base.removeprefix("dir:")
    merged = PeftModel.from_pretrained(load_model(base), str(adapter(tmp_path / "a", uc, 3))).merge_and_unload()
    merged.save_pretrained(tmp_path / "theirs")
    uc = tuned(uc, method="external", external_checkpoint=f"dir:{tmp_path / 'theirs'}")
    lake, version, checks = materialized(uc, tmp_path / "home")
    made = lake.current(uc.key("aligned_checkpoint"), version)
    assert made.json("checkpoint.json")["tuned_elsewhere"]["form"] == "model" and checks["checkpoint_reloads"].passed
    spec = ModelSpec(base=BaseModelFiles(path=base, digest="0" * 64), adapter=str(made.local("adapter")))
    answers = spec.open(tmp_path).model.state_dict()
    assert all((answers[name] == weight).all() for name, weight in merged.state_dict().items())


def rewarded(uc: UseCase, **reward: Any) -> UseCase:
    """Supervised steps, a reward model, and answers that it judges."""
    rewards = {"reward_model": 1.0, "length": 0.5}
    grpo = {"rewards": rewards, "max_completion_length": 8, "num_generations": 2}
    return tuned(uc, stages=["sft", {"reward": reward}, {"grpo": grpo}], steps=2, batch_size=2)


def test_a_reward_model_of_one_stage_judges_for_the_next(uc: UseCase, tmp_path: Path) -> None:
    uc = rewarded(uc, steps=30, batch_size=4, learning_rate=1e-2)
    lake, version, checks = materialized(uc, tmp_path / "home")
    first, judge, last = (
        lake.current(uc.key(name), version) for name in ("sft_checkpoint", "reward_model", "aligned_checkpoint")
    )
    inputs = last.provenance()["inputs"]
    assert (inputs["start"], inputs["reward"]) == (first.digest, judge.digest)
    assert judge.provenance()["inputs"]["start"] == ""  # it is trained from the base model
    log = last.json("training_log.json")
    assert log["method"] == "grpo" and all("judged_reward_model" in step for step in log["history"])
    assert checks["checkpoint_reloads"].passed and checks["reward_beats_chance"].passed


def test_a_reward_model_no_better_than_a_coin_judges_nothing(uc: UseCase, tmp_path: Path) -> None:
    lake, version, checks = materialized(rewarded(uc, learning_rate=1e-12), tmp_path / "home", raise_on_error=False)
    assert not checks["reward_beats_chance"].passed
    assert lake.heads.get(uc.key("aligned_checkpoint"), version) is None
