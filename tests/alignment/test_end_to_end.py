"""Every method through the training payload, as a stage is carried out: pairs and thumbs in, published files and log
out. A reward model is handed to the stage that asks for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import PAIRS as SCHEMA
from genaiops_assets.alignment import learned, method_of, pair_row
from genaiops_assets.compute import Job
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Lake, Snapshot, digest_of_folder, write_rows
from genaiops_assets.payloads.train_model import work
from genaiops_assets.use_case import Origin
from tests.support.plugins import distribution
from tests.support.tiny_model import tiny_model
from tests.support.trainings import SECTION, pair, trained

SHORT = {"max_completion_length": 8, "num_generations": 2}
SETTINGS: dict[str, dict[str, Any]] = {
    "sft": {},
    "dpo": {"loss_type": "robust", "label_smoothing": 0.1},
    "kto": {},
    "reward": {"held_out": 0.25},
    "grpo": SHORT,
    "rloo": SHORT,
    "distil": {"teacher": "dir:teacher", "max_completion_length": 8},
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def pairs(lake: Lake) -> Snapshot:
    """Six pairs, a thumb up and a thumb down."""
    rows = [pair(n) for n in range(1, 7)]
    rows += [pair(7, rejected=""), pair(8, chosen="")]
    written = [
        pair_row(Origin.HUMAN, "", r["question"], r["passages"], (r["chosen"], 1.0), (r["rejected"], 0.0), "Ann")
        for r in rows
    ]
    write_rows(lake.home / "pairs.parquet", SCHEMA, sorted(written, key=lambda row: row["id"]))
    return lake.tables.sync("bank__preference_pairs", lake.home / "pairs.parquet").snapshot


def carried_out(lake: Lake, base: Path, pairs: Snapshot, folder: Path, method: str, **more: Any) -> dict[str, Any]:
    for name in ("out", "scratch"):
        (folder / name).mkdir(parents=True)
    config = {**SECTION, "method": method, "steps": 4, "dtype": "float32", "load_in_4bit": False, "language": "en"}
    config |= {"prompts": "1", "settings": more.pop("settings", SETTINGS[method])}
    inputs = {"base": {"path": str(base), "digest": digest_of_folder(base)}, "pairs": pairs.to_dict(), **more}
    places = (str(lake.home), lake.url, str(folder / "out"), str(folder / "scratch"))
    done = work(Job("train_model", *places, 1, 7, inputs, config))
    assert json.loads((folder / "out/training_log.json").read_text()) == done["log"]
    return done["log"]


@pytest.mark.parametrize(
    ("method", "rows"),
    [("sft", 7), ("dpo", 6), ("kto", 14), ("reward", 6), ("grpo", 8), ("rloo", 8), ("distil", 8)],
)
def test_each_method(lake: Lake, base: Path, pairs: Snapshot, tmp_path: Path, method: str, rows: int) -> None:
    more = {}
    if method == "distil":
        teacher = tiny_model(tmp_path / "teacher", hidden=96)
        more = {"teacher": {"path": str(teacher), "digest": digest_of_folder(teacher)}}
    log = carried_out(lake, base, pairs, tmp_path, method, **more)
    assert (log["method"], log["steps"], log["pairs_used"]) == (method, 4, rows)
    for name in method_of(method).curves:
        assert all(name in step for step in log["history"]), name
    learned(log["history"], method_of(method).curves)
    published = {f.name for f in (tmp_path / "out/adapter").iterdir()}
    whole = {"adapter_config.json", "adapter_model.safetensors"}
    assert published == (whole | {"reward.json"} if method == "reward" else whole)
    assert ("facts" in log) == (method not in ("sft", "dpo"))


@pytest.mark.parametrize("method", ["grpo", "rloo"])
def test_a_reward_model_judges_for_the_stage_after_it(
    lake: Lake, base: Path, pairs: Snapshot, tmp_path: Path, method: str
) -> None:
    settings = {**SHORT, "rewards": {"reward_model": 1.0, "format": 0.5}}
    with pytest.raises(PayloadError, match="trained by a stage 'reward' before this one"):
        carried_out(lake, base, pairs, tmp_path / "alone", method, settings=settings)
    carried_out(lake, base, pairs, tmp_path / "reward", "reward")
    carried_out(lake, base, pairs, tmp_path / "sft", "sft")
    start, reward = (str(tmp_path / stage / "out/adapter") for stage in ("sft", "reward"))
    log = carried_out(lake, base, pairs, tmp_path / "after", method, settings=settings, start=start, reward=reward)
    assert {"judged_reward_model", "judged_format", "reward", "kl"} <= set(log["history"][0])
    assert log["facts"]["rewards"] == settings["rewards"]


def test_a_teacher_of_another_vocabulary_is_refused_on_policy_only(
    lake: Lake, base: Path, pairs: Snapshot, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    teacher = tiny_model(tmp_path / "teacher")
    tokenizer = AutoTokenizer.from_pretrained(teacher)
    words = json.loads((teacher / "tokenizer.json").read_text())
    vocabulary = words["model"]["vocab"]
    first, last = list(vocabulary)[-2:]
    vocabulary[first], vocabulary[last] = vocabulary[last], vocabulary[first]
    (teacher / "tokenizer.json").write_text(json.dumps(words))
    assert len(AutoTokenizer.from_pretrained(teacher)) == len(tokenizer), "as many tokens, which is all TRL looks at"
    more = {"teacher": {"path": str(teacher), "digest": digest_of_folder(teacher)}}
    with pytest.raises(PayloadError, match="on_policy needs a teacher with the student's vocabulary: 2 tokens differ"):
        carried_out(
            lake, base, pairs, tmp_path / "a", "distil", settings={**SETTINGS["distil"], "on_policy": True}, **more
        )
    carried_out(lake, base, pairs, tmp_path / "b", "distil", **more)


def outspoken(folder: Path) -> Path:
    """A tiny model whose next tokens differ in their probability, as a trained model's do."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model(folder))
    model.lm_head.weight.data *= 10
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("method", ["grpo", "rloo"])
def test_answers_move_towards_what_is_rewarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    code = (
        "def small(question, passages, answer, expected):\n"
        "    return sum(c.islower() for c in answer) / max(1, len(answer))\n"
    )
    entry = "[genaiops.rewards]\nsmall = acme_small:small"
    monkeypatch.syspath_prepend(str(distribution(tmp_path / "site", "acme", entry, module="acme_small", code=code)))
    more = {"rewards": {"small": 1.0}, "num_generations": 8, "max_completion_length": 8, "beta": 0.01}
    base = outspoken(tmp_path / "model")
    made = trained(base, tmp_path / "run", method=method, steps=12, learning_rate=1e-2, **more)
    assert made.facts["reward_of_last_quarter"] > made.facts["reward_of_first_quarter"] + 0.2
    assert made.facts["kl_of_last_quarter"] > 0
    assert learned(made.history, method_of(method).curves).problems == []
