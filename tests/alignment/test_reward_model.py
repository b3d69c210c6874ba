"""A reward model: one way to write a row, the same scores after loading, and figures that say how good it is."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import method_of, save_trained
from genaiops_assets.alignment.methods.reward import apart
from genaiops_assets.alignment.reward_model import Asked, RewardModel, load, open_untrained, quality, row_ids
from genaiops_assets.errors import PayloadError
from genaiops_assets.models import load_tokenizer, packaged_prompts
from tests.support.tiny_model import tiny_model
from tests.support.trainings import PAIRS, pair, trained

ASKED = [Asked(p["question"], p["passages"], p[name]) for p in PAIRS for name in ("chosen", "rejected")]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def made(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    rows = [pair(n) for n in range(1, 13)]
    folder = tmp_path_factory.mktemp("reward")
    return trained(base, folder, rows, method="reward", steps=24, batch_size=4, learning_rate=3e-3)


def test_it_tells_answers_apart_that_it_has_not_seen(made: Any) -> None:
    facts = made.facts
    assert facts["pairs_shown"] == 10 and facts["pairs_held_out"] == 2
    assert facts["held_out"]["accuracy"]["mean"] == 1.0 and facts["held_out"]["accuracy"]["n"] == 2
    assert facts["held_out"]["log_loss"] < math.log(2) and facts["longer_is_chosen"] == 0.0
    assert made.history[-1]["loss"] < made.history[0]["loss"] and made.history[-1]["margin"] > 0


def test_what_is_published_gives_the_same_scores(base: Path, made: Any, tmp_path: Path) -> None:
    save_trained(method_of("reward"), made, tmp_path / "scratch", tmp_path / "out")
    assert sorted(f.name for f in (tmp_path / "out").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "reward.json",
    ]
    prompts = packaged_prompts("en")
    now = RewardModel(made.model, load_tokenizer(base), prompts).scores(ASKED)
    again = load(base, tmp_path / "out", prompts)
    assert again.scores(ASKED) == pytest.approx(now, abs=1e-5)
    told = json.loads((tmp_path / "out" / "reward.json").read_text())
    assert told["dtype"] == "float32"
    expected = [(score - told["centre"]) / told["spread"] for score in now]
    assert again.rewards(ASKED) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("four_bits", [False, True], ids=["bfloat16", "four bits"])
def test_one_in_less_precision_gives_the_same_scores_too(base: Path, tmp_path: Path, four_bits: bool) -> None:
    made = trained(base, tmp_path, method="reward", dtype="bfloat16", load_in_4bit=four_bits, learning_rate=1e-2)
    save_trained(method_of("reward"), made, tmp_path / "scratch", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "reward.json").read_text())
    assert told["dtype"] == "bfloat16"
    now = RewardModel(made.model, load_tokenizer(base), packaged_prompts("en")).scores(ASKED)
    again = load(base, tmp_path / "out", packaged_prompts("en")).scores(ASKED)
    assert again == pytest.approx(now, abs=0.02 * (max(now) - min(now)) + 1e-3)


def test_a_score_does_not_depend_on_what_is_asked_beside_it(base: Path, made: Any) -> None:
    model = RewardModel(made.model, load_tokenizer(base), packaged_prompts("en"))
    alone = [model.scores([one])[0] for one in ASKED]
    assert model.scores(ASKED) == pytest.approx(alone, abs=1e-5)


def test_a_row_is_closed_by_its_end_token_and_trained_as_it_is_asked(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trl import RewardTrainer

    seen: list[list[int]] = []
    compute = RewardTrainer.compute_loss

    def watched(self: Any, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True):
            seen.append(ids[mask.bool()].tolist())
        return compute(self, model, inputs, *more, **named)

    monkeypatch.setattr(RewardTrainer, "compute_loss", watched)
    trained(base, tmp_path, method="reward")
    tokenizer = load_tokenizer(base)
    written = [row_ids(tokenizer, packaged_prompts("en"), one) for one in ASKED]
    assert seen and all(ids in written and tokenizer.eos_token_id in ids[-2:] for ids in seen)


def test_the_head_is_drawn_from_the_seed(base: Path) -> None:
    heads = [open_untrained(base, dtype="float32", seed=seed).score.weight.tolist() for seed in (5, 5, 6)]
    assert heads[0] == heads[1] != heads[2]


def test_a_question_is_shown_or_held_out_as_a_whole() -> None:
    rows = [pair(n, chosen=f"It costs ${n}{x}.") for n in range(10) for x in ("", ".50")]
    shown, held_out = apart(rows, 0.2, 7)
    assert len(held_out) == 4 and not {r["question"] for r in shown} & {r["question"] for r in held_out}
    assert apart(rows[::-1], 0.2, 7)[1] == held_out[::-1], "the order of the rows has no say"
    with pytest.raises(PayloadError, match="pairs of two questions"):
        apart(rows[:2], 0.2, 7)


def test_quality_by_hand() -> None:
    found = quality([math.log(3), 0.0, 0.0], [0.0, math.log(3), 0.0])
    assert found["accuracy"]["mean"] == pytest.approx(1 / 3), "equal scores are wrong"
    assert found["brier"] == pytest.approx((0.25**2 + 0.75**2 + 0.5**2) / 3)
    assert found["log_loss"] == pytest.approx(-(math.log(0.75) + math.log(0.25) + math.log(0.5)) / 3)
    # two pairs at 0.75, one of them right; one at 0.5 that is wrong
    assert found["calibration_error"] == pytest.approx(2 / 3 * abs(0.75 - 0.5) + 1 / 3 * 0.5)
    assert found["centre"] == pytest.approx(math.log(3) / 3)


def test_scores_that_are_all_equal_have_a_scale() -> None:
    assert quality([1.0], [1.0])["spread"] == 1.0
