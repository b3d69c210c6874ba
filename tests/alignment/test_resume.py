"""A training that was stopped goes on from its last staged step and ends with the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import ReferenceCache, Staging
from genaiops_assets.alignment.methods import dpo
from genaiops_assets.errors import PayloadError, Preempted
from genaiops_assets.lake import Lake
from tests.support.tiny_model import small_update, tiny_model
from tests.support.trainings import PAIRS, trained, weights

STEPS = 5
SHORT = {"max_completion_length": 8, "num_generations": 2}  # answers a model writes in training


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("home")))


class Killed(Exception):
    pass


def staging(lake: Lake, folder: Path, *, every: float = 0.0, bound: str = "this job") -> Staging:
    return Staging(folder, lake.store, bound, every)


def killed_after(base: Path, folder: Path, stages: Staging, step: int, **section: Any) -> None:
    def progress(done: int, total: int) -> None:
        if done > step:
            raise Killed

    with pytest.raises(Killed):
        trained(base, folder, staging=stages, progress=progress, steps=STEPS, **section)


def steps_taken(base: Path, folder: Path, stages: Staging, **section: Any) -> tuple[Any, list[int]]:
    taken: list[int] = []
    made = trained(
        base, folder, staging=stages, progress=lambda done, total: taken.append(done), steps=STEPS, **section
    )
    return made, taken


@pytest.mark.parametrize(
    ("section", "step"),
    [
        ({"method": "dpo"}, 2),
        ({"method": "sft"}, 3),
        ({"method": "sft", "lora": {"dropout": 0.2}}, 1),
        ({"method": "kto"}, 3),
        ({"method": "reward"}, 2),
        ({"method": "grpo", **SHORT}, 3),
        ({"method": "rloo", **SHORT}, 2),
    ],
    ids=["dpo", "sft", "sft with dropout", "kto", "reward", "grpo", "rloo"],
)
def test_it_ends_with_the_bytes_of_an_undisturbed_one(
    base: Path, lake: Lake, tmp_path: Path, section: dict[str, Any], step: int
) -> None:
    whole = trained(base, tmp_path / "whole", steps=STEPS, **section)
    killed_after(base, tmp_path / "killed", staging(lake, tmp_path / "killed"), step, **section)
    made, taken = steps_taken(base, tmp_path / "killed", staging(lake, tmp_path / "killed"), **section)
    assert taken == list(range(step + 1, STEPS + 1)), "no step is taken twice"
    assert made.history == whole.history
    for name, parameter in weights(whole.model).items():
        assert torch.equal(weights(made.model)[name], parameter), name


@pytest.mark.parametrize("method", ["kto", "grpo"])
def test_a_stage_that_goes_on_from_an_adapter_is_gone_on_with(
    base: Path, lake: Lake, tmp_path: Path, method: str
) -> None:
    """Such a training holds two adapters: the one it trains and the one it is compared with."""
    more = {"method": method, "adapter": small_update(base, tmp_path / "start", size=5e-2), **SHORT}
    whole = trained(base, tmp_path / "whole", steps=STEPS, **more)
    killed_after(base, tmp_path / "killed", staging(lake, tmp_path / "killed"), 2, **more)
    made, taken = steps_taken(base, tmp_path / "killed", staging(lake, tmp_path / "killed"), **more)
    assert taken == [3, 4, 5] and made.history == whole.history
    for name, parameter in weights(whole.model).items():
        assert torch.equal(weights(made.model)[name], parameter), name


@pytest.mark.parametrize("on_policy", [False, True], ids=["by text", "on policy"])
def test_a_distillation_is_gone_on_with_and_its_teacher_writes_once(
    base: Path, lake: Lake, tmp_path: Path, on_policy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genaiops_assets.models import TransformersGenerator

    asked: list[int] = []
    generate = TransformersGenerator.generate

    def counting(self: Any, prompts: Any, most: int) -> Any:
        asked.append(len(prompts))
        return generate(self, prompts, most)

    monkeypatch.setattr(TransformersGenerator, "generate", counting)
    teacher = tiny_model(tmp_path / "teacher", hidden=96)
    more = {"method": "distil", "teacher": teacher, "on_policy": on_policy, "max_completion_length": 8}
    whole = trained(base, tmp_path / "whole", steps=STEPS, **more)
    asked.clear()
    killed_after(base, tmp_path / "killed", staging(lake, tmp_path / "killed"), 2, **more)
    made, taken = steps_taken(base, tmp_path / "killed", staging(lake, tmp_path / "killed"), **more)
    assert taken == [3, 4, 5] and made.history == whole.history
    assert asked == ([] if on_policy else [6]), "what the teacher wrote was kept"
    for name, parameter in weights(whole.model).items():
        assert torch.equal(weights(made.model)[name], parameter), name


@pytest.mark.parametrize("method", ["sft", "reward"])
def test_a_loss_that_is_no_number_ends_it_and_the_last_good_step_stays(
    base: Path, lake: Lake, tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import trl

    trainer = {"sft": trl.SFTTrainer, "reward": trl.RewardTrainer}[method]
    compute, calls = trainer.compute_loss, []

    def broken(self: Any, *given: Any, **named: Any) -> Any:
        calls.append(1)
        return compute(self, *given, **named) * (float("nan") if len(calls) == 4 else 1.0)

    monkeypatch.setattr(trainer, "compute_loss", broken)
    stages = staging(lake, tmp_path)
    with pytest.raises(PayloadError, match="loss is nan at step 4: the training has diverged"):
        trained(base, tmp_path, method=method, staging=stages, steps=STEPS)
    newest = stages.newest()
    assert newest is not None and newest.name == "checkpoint-3"


def test_asked_to_stop_it_stages_its_step_and_is_no_failure(base: Path, lake: Lake, tmp_path: Path) -> None:
    stages = staging(lake, tmp_path, every=3600)

    def progress(done: int, total: int) -> None:
        stages.stop = done == 2

    with pytest.raises(Preempted, match="after step 2 of 5; staged"):
        trained(base, tmp_path, staging=stages, progress=progress, steps=STEPS)
    assert steps_taken(base, tmp_path, staging(lake, tmp_path))[1] == [3, 4, 5]


def damage(checkpoint: Path, how: str) -> None:
    seal = checkpoint.with_name(f"{checkpoint.name}.seal.json")
    adapter = checkpoint / "adapter_model.safetensors"
    if how == "without its seal":
        seal.unlink()
    elif how == "half written":
        adapter.write_bytes(adapter.read_bytes()[: adapter.stat().st_size // 2])
    elif how == "edited":
        content = bytearray(adapter.read_bytes())
        content[-5] ^= 1
        adapter.write_bytes(content)


@pytest.mark.parametrize("how", ["without its seal", "half written", "edited"])
def test_a_step_that_is_not_whole_is_not_gone_on_from(base: Path, lake: Lake, tmp_path: Path, how: str) -> None:
    killed_after(base, tmp_path, staging(lake, tmp_path), 3)
    newest = staging(lake, tmp_path).newest()
    assert newest is not None and newest.name == "checkpoint-3"
    killed_after(base, tmp_path, staging(lake, tmp_path), 4)  # now two lie there
    damage(tmp_path / "checkpoint-4", how)
    assert steps_taken(base, tmp_path, staging(lake, tmp_path))[1] == [4, 5], "the step before is whole"


def test_a_step_of_another_job_is_not_gone_on_from(base: Path, lake: Lake, tmp_path: Path) -> None:
    killed_after(base, tmp_path, staging(lake, tmp_path), 3)
    assert staging(lake, tmp_path, bound="another").newest() is None
    assert list(tmp_path.glob("checkpoint-*")) == []


# --- the pass over the reference model --------------------------------------------------------------------------------


class Watched(ReferenceCache):
    """Keeps each pair at once and says so."""

    def __init__(self, home: Path, kept: Any = lambda pairs: None):
        self.kept = kept
        lake = Lake(str(home))
        super().__init__(lake.cache, lake.store, "base")

    def add(self, found: Any) -> None:
        super().add(found)
        self.kept(len(self.known))


@pytest.fixture
def each_pair(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pieces of one pair; how many pairs were asked of the reference is counted."""
    from trl import DPOTrainer

    asked: list[int] = []
    before = DPOTrainer.compute_ref_log_probs
    monkeypatch.setattr(dpo, "EVERY", 0.0)
    monkeypatch.setattr(
        DPOTrainer, "compute_ref_log_probs", lambda self, *given: (asked.append(1), before(self, *given))[1]
    )
    return asked


def test_a_killed_reference_pass_goes_on_where_it_was(base: Path, tmp_path: Path, each_pair: list[int]) -> None:
    whole = trained(base, tmp_path / "whole", reference=Watched(tmp_path / "other"))
    each_pair.clear()

    def kill(pairs: int) -> None:
        if pairs == 4:
            raise Killed

    with pytest.raises(Killed):
        trained(base, tmp_path / "killed", reference=Watched(tmp_path, kill))
    assert len(each_pair) == 4
    made = trained(base, tmp_path / "killed", reference=Watched(tmp_path))
    assert len(each_pair) == len(PAIRS), "no pair is asked twice"
    assert made.history == whole.history
    for name, parameter in weights(whole.model).items():
        assert torch.equal(weights(made.model)[name], parameter), name


def test_asked_to_stop_in_its_reference_pass_it_is_no_failure(
    base: Path, lake: Lake, tmp_path: Path, each_pair: list[int]
) -> None:
    stages = staging(lake, tmp_path)
    reference = Watched(tmp_path / "home", lambda pairs: setattr(stages, "stop", pairs == 2))
    with pytest.raises(Preempted, match="after 3 of 6 pairs"):
        trained(base, tmp_path, staging=stages, reference=reference)
    assert len(Watched(tmp_path / "home").known) == len(each_pair) == 3
