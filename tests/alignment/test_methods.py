"""Training methods: what a use case file may name, which settings act under each, and one from another distribution."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from genaiops_assets.alignment import PAIRS, Data, Method, build_plan, checkpoints_of, method_of, section_of
from genaiops_assets.alignment.methods.registry import stages_of
from genaiops_assets.compute import Job
from genaiops_assets.lake import Lake, write_rows
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import METHODS, REWARD_MODEL, UseCaseError, makes, write_starter
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.methods import setting_problems
from genaiops_assets.use_case.training import Alignment
from tests.support.plugins import distribution
from tests.support.tiny_model import tiny_model

OURS = ["dpo", "sft", "none", "external", "kto", "reward", "grpo", "rloo", "distil"]
NEEDED: dict[str, dict[str, Any]] = {  # what a method cannot be named without
    "external": {"external_checkpoint": "dir:tuned"},
    "distil": {"settings": {"teacher": "dir:teacher"}},
}


def test_ours_are_methods_and_say_what_they_read() -> None:
    assert METHODS.names() == OURS
    assert all(isinstance(method_of(name), Method) and method_of(name).name == name for name in OURS)
    reads = [Data.PAIRS, Data.COMPLETIONS, Data.NOTHING, Data.NOTHING, Data.UNPAIRED, Data.PAIRS]
    assert [method_of(name).data for name in OURS] == [*reads, *[Data.PROMPTS] * 3]
    assert [name for name in OURS if makes(method_of(name)) == REWARD_MODEL] == ["reward"]


@pytest.mark.parametrize("method", OURS)
def test_the_defaults_have_no_problem(method: str) -> None:
    assert problems_of(Alignment(method=method, **NEEDED.get(method, {}))) == []


def problems_of(alignment: Alignment) -> list[Any]:
    """Problems of the settings; that a reward model alone answers nobody is another matter."""
    return [p for p in setting_problems(alignment) if "makes a model that scores" not in p.message]


def test_a_reward_model_alone_answers_nobody() -> None:
    [problem] = setting_problems(Alignment(method="reward"))
    assert problem.field == "method" and "write stages: [reward, grpo]" in problem.hint


def test_a_reward_model_that_nobody_trained_cannot_be_asked() -> None:
    asked = {"rewards": {"reward_model": 1.0}}
    [alone] = setting_problems(Alignment(method="grpo", settings=asked))
    assert alone.field == "settings.rewards" and "write stages: [reward, grpo]" in alone.hint
    chain = [{"method": "sft"}, {"method": "reward"}, {"method": "grpo", "settings": asked}]
    assert setting_problems(Alignment.model_validate({"stages": chain})) == []
    [early] = setting_problems(Alignment.model_validate({"stages": [chain[0], chain[2]]}))
    assert "no stage before it trains one" in early.message
    [unused] = setting_problems(Alignment.model_validate({"stages": ["reward", "grpo"]}))
    assert "no later stage asks the model that reward trains" in unused.message


# Every field of section `alignment`, and the methods under which it changes nothing.
NOTHING_TRAINED = {"none", "external"}
WITHOUT_EFFECT = {
    "steps": (50, NOTHING_TRAINED),
    "batch_size": (8, NOTHING_TRAINED),
    "learning_rate": (1e-5, NOTHING_TRAINED),
    "beta": (0.3, {"sft", "reward", "distil", *NOTHING_TRAINED}),
    "max_length": (256, NOTHING_TRAINED),
    "lora.r": (16, NOTHING_TRAINED),
    "lora.alpha": (32, NOTHING_TRAINED),
    "lora.dropout": (0.1, {"dpo", "kto", "reward", "grpo", "rloo", *NOTHING_TRAINED}),
    "lora.target_modules": (["q_proj"], NOTHING_TRAINED),
    "sft.steps": (10, set(OURS) - {"dpo"}),
    "sft.learning_rate": (1e-4, set(OURS)),
    "sft.batch_size": (8, set(OURS)),
}


def section(field: str, value: Any, **more: Any) -> Alignment:
    outer, _, inner = field.partition(".")
    return Alignment.model_validate({outer: {inner: value} if inner else value, **more})


def leaves(content: dict[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in content.items():
        found |= leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_every_setting_of_a_training_is_judged_here() -> None:
    apart = {"pairs", "external_checkpoint", "seed", "method", "settings", "stages"}
    assert leaves(Alignment().model_dump(exclude=apart)) == set(WITHOUT_EFFECT)


@pytest.mark.parametrize("method", OURS)
@pytest.mark.parametrize("field", WITHOUT_EFFECT)
def test_a_setting_is_refused_exactly_where_it_has_no_effect(method: str, field: str) -> None:
    value, under = WITHOUT_EFFECT[field]
    found = problems_of(section(field, value, method=method, **NEEDED.get(method, {})))
    assert [p.field for p in found] == ([field] if method in under else [])
    assert all("no effect" in p.message for p in found)


def test_settings_of_supervised_steps_act_once_there_are_steps() -> None:
    sft = {"steps": 10, "learning_rate": 1e-4, "batch_size": 8}
    assert setting_problems(Alignment.model_validate({"sft": sft, "lora": {"dropout": 0.1}})) == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("steps", 1, "one step trains nothing: the learning rate starts at 0"),
        ("sft.steps", 1, "one step trains nothing"),
        ("lora.target_modules", ["q_proj", "lm_head"], "an adapter on lm_head is never trained"),
        ("lora.target_modules", [], "no module is named"),
    ],
)
def test_what_would_train_nothing_is_refused(field: str, value: Any, message: str) -> None:
    [problem] = setting_problems(section(field, value))
    assert problem.field == field and problem.message.startswith(message)


def edited(folder: Path, **alignment: Any) -> Path:
    write_starter(folder)
    file = folder / "use_case.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["alignment"] |= alignment
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def problem(folder: Path) -> Any:
    with pytest.raises(UseCaseError) as caught:
        load_use_case(folder)
    return caught.value.problems[0]


def test_dropout_under_dpo_is_refused_with_the_reason(tmp_path: Path) -> None:
    found = problem(edited(tmp_path / "shop", lora={"dropout": 0.1}))
    assert found.field == "alignment.lora.dropout" and "TRL switches it off" in found.message


def test_an_unknown_method_is_refused_with_those_there_are(tmp_path: Path) -> None:
    found = problem(edited(tmp_path / "shop", method="dpp"))
    assert found.field == "alignment.method" and f"known: {', '.join(OURS)}" in found.message
    assert found.hint == "did you mean 'dpo'?"


def test_our_methods_have_no_settings_of_their_own(tmp_path: Path) -> None:
    found = problem(edited(tmp_path / "shop", settings={"temperature": 0.5}))
    assert found.field.startswith("alignment.settings") and "dpo has no setting of its own" in found.message


def test_supervised_steps_are_a_stage_of_dpo_only() -> None:
    dpo = Alignment.model_validate({"sft": {"steps": 4}}).model_dump(mode="json")
    assert stages_of(dpo) == ("sft", "dpo")
    assert stages_of({**dpo, "method": "sft"}) == ("sft",) and stages_of({**dpo, "method": "none"}) == ("none",)


# --- a method of another distribution
# ----------------------------------------------------------------------------------

ACME = '''
from pydantic import Field
from genaiops_assets.alignment import Data, Settings, Trained


class AcmeSettings(Settings):
    steps: int
    temperature: float = Field(gt=0, lt=2)


class Acme:
    """Adds noise of a stated size: enough to be told apart."""

    name, label, data, settings = "acme", "ACME", Data.PROMPTS, AcmeSettings
    curves, relation, code_version = ("loss",), "adapter", "7"

    def stages(self, settings):
        return ("acme",)

    def problems(self, settings):
        return []

    def train(self, task):
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(task.seed)
        model = get_peft_model(task.model, LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM"))
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=task.settings.temperature)
        history = [{"step": n + 1, "loss": 1.0 / (n + 1)} for n in range(task.settings.steps)]
        return Trained(model, history)
'''


def methods(folder: Path, name: str, entry_point: str, code: str = ACME) -> Path:
    return distribution(folder, name, f"[genaiops.methods]\n{entry_point}", module="acme_methods", code=code)


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = methods(tmp_path / "site", "acme", "acme = acme_methods:Acme")
    monkeypatch.syspath_prepend(str(found))
    monkeypatch.delitem(sys.modules, "acme_methods", raising=False)
    return found


def test_a_use_case_may_name_a_method_of_another_distribution(acme: Path, tmp_path: Path) -> None:
    assert METHODS.names() == [*OURS, "acme"]
    uc = load_use_case(edited(tmp_path / "shop", method="acme", settings={"temperature": 0.5}))
    assert checkpoints_of(section_of(uc)) == {"acme": "aligned_checkpoint"}
    inputs = {"base": {"digest": "b"}, "pairs": {"digest": "p"}, "corpus": {"digest": "c"}}
    training = build_plan(uc, **inputs, evaluation={})["training"]
    assert training["settings"] == {"temperature": 0.5} and training["code_version"] == "1+acme-7"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"settings": {"temperature": 3}}, "alignment.settings.temperature", "less than 2"),
        ({"settings": {}}, "alignment.settings", "required"),
        ({"settings": {"temperatur": 0.5}}, "alignment.settings", "no setting of its own named 'temperatur'"),
        ({"settings": {"temperature": 0.5}, "beta": 0.7}, "alignment.beta", "no effect under method acme"),
    ],
)
def test_its_settings_are_checked_when_the_file_loads(
    acme: Path, tmp_path: Path, changes: dict[str, Any], field: str, message: str
) -> None:
    found = problem(edited(tmp_path / "shop", method="acme", **changes))
    assert found.field.startswith(field) and message in found.message


def test_the_training_payload_carries_it_out(acme: Path, tmp_path: Path) -> None:
    from genaiops_assets.payloads.train_model import work

    lake = Lake(tmp_path / "home")
    row = {"id": "1", "origin": "human", "doc_id": "", "question": "Who?", "passages": ["Ann."]}
    row |= {"chosen": "Ann.", "rejected": "Bob.", "score_chosen": 1.0, "score_rejected": 0.0, "by": "Bea"}
    write_rows(tmp_path / "pairs.parquet", PAIRS, [row])
    snapshot = lake.tables.sync("shop/preference_pairs", tmp_path / "pairs.parquet").snapshot
    base = {"path": str(tiny_model(tmp_path / "model")), "digest": "0" * 64}
    config = {"method": "acme", "steps": 3, "settings": {"temperature": 0.5}, "language": "en", "max_length": 512}
    config |= {"dtype": "float32", "load_in_4bit": False}
    for name in ("out", "scratch"):
        (tmp_path / name).mkdir()
    inputs = {"base": base, "pairs": snapshot.to_dict(), "start": None}
    places = (str(tmp_path / "home"), lake.url, str(tmp_path / "out"), str(tmp_path / "scratch"))
    done = work(Job("train_model", *places, 1, 17, inputs, config))
    log = json.loads((tmp_path / "out/training_log.json").read_text())
    assert log == done["log"] and (log["method"], log["steps"], log["pairs_used"]) == ("acme", 3, 1)
    assert log["pairs_left_out"] == {"too_long": 0, "without_signal": 0}
    assert (tmp_path / "out/adapter/adapter_model.safetensors").stat().st_size > 1000


def test_a_name_of_ours_cannot_be_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(methods(tmp_path / "site", "acme", "dpo = acme_methods:Acme")))
    with pytest.raises(PluginError, match=r"acme offers the training method 'dpo', a name of this package"):
        method_of("dpo")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("acme_methods:Nothing", "of acme cannot be loaded: AttributeError"),
        ("acme_methods:AcmeSettings", "of acme cannot be loaded|is no training method"),
        ("json:JSONDecoder", "is no training method: it lacks code_version, curves, data"),
    ],
)
def test_what_is_no_method_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, message: str
) -> None:
    monkeypatch.syspath_prepend(str(methods(tmp_path / "site", "acme", f"acme = {entry}")))
    monkeypatch.delitem(sys.modules, "acme_methods", raising=False)
    with pytest.raises(PluginError, match=message):
        method_of("acme")
