"""A gain beside the noise of seeds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import Data, noise_problem, scores_of, split_by_question, stability_report
from genaiops_assets.alignment.runs.lengths import Row
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Lake
from genaiops_assets.models import load_model
from genaiops_assets.payloads import repeat_training
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support
from tests.support.tiny_model import tiny_model
from tests.support.training_jobs import training_job
from tests.support.trainings import pair


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def report(*gains: float) -> dict[str, Any]:
    return stability_report(
        [1.0, 2.0], {n: [1.0 + g, 2.0 + g] for n, g in enumerate(gains)}, data=Data.PAIRS, steps=4, learned=8
    )


def test_a_gain_that_every_seed_gives_is_larger_than_their_noise() -> None:
    made = report(0.5, 0.52, 0.48)
    assert made["gain"]["mean"] == 0.5 and made["seed_noise"] == pytest.approx(0.02)
    assert made["gain"]["low"] == pytest.approx(0.5 - 4.303 * 0.02 / 3**0.5, abs=1e-6)
    assert noise_problem(made) == ""


def test_a_gain_smaller_than_the_noise_is_shown_as_such() -> None:
    assert "is within seed noise" in noise_problem(report(0.5, -0.3, 0.1))
    assert noise_problem(report(-0.1, -0.2, -0.3)).startswith("no gain")
    assert noise_problem(report(0.5)) == "one seed shows no noise"


def test_a_question_is_on_one_side_with_all_its_rows() -> None:
    rows = [pair(n % 40) for n in range(80)]
    kept, held = split_by_question(rows)
    assert 4 <= len(held) <= 32 and not {r["question"] for r in kept} & {r["question"] for r in held}
    assert split_by_question(rows[::-1])[1] == held[::-1], "the order says nothing"


def test_scores_are_the_models_own_log_probabilities(base: Path) -> None:
    model = load_model(base)
    row = Row([5, 6, 7], [[5, 6, 7, 8, 9], [5, 6, 7, 10, 11, 12]])
    logits = model(torch.tensor([row.sequences[0]])).logits[0].log_softmax(-1)
    chosen = float(logits[2, 8] + logits[3, 9])
    assert scores_of(model, [row], Data.COMPLETIONS) == [pytest.approx(chosen / 2, abs=1e-5)]
    logits = model(torch.tensor([row.sequences[1]])).logits[0].log_softmax(-1)
    rejected = float(logits[2, 10] + logits[3, 11] + logits[4, 12])
    assert scores_of(model, [row], Data.PAIRS) == [pytest.approx(chosen - rejected, abs=1e-5)]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("home")))


def repeated(lake: Lake, base: Path, name: str, method: str, rows: int = 40, **inputs: Any) -> dict[str, Any]:
    job = training_job(lake, base, name, [pair(n) for n in range(rows)], method=method, batch_size=4)
    repeat_training.work(replace(job, inputs={**job.inputs, "seeds": [1, 2], "steps": 6, **inputs}))
    return json.loads((job.out / "seed_stability.json").read_text())


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_a_training_that_teaches_gains_on_rows_it_never_saw(lake: Lake, base: Path, method: str) -> None:
    made = repeated(lake, base, method, method)
    assert set(made["gains"]) == {"1", "2"} and all(gain > 0 for gain in made["gains"].values())
    assert made["gains"]["1"] != made["gains"]["2"], "each seed is a training of its own"
    assert made["rows_held_out"] >= 4 and made["rows_learned"] + made["rows_held_out"] == 40 and made["steps"] == 6


def test_what_one_process_scored_the_next_does_not_train_again(lake: Lake, base: Path) -> None:
    made = repeated(lake, base, "again", "sft")
    job = training_job(lake, base, "again", [pair(n) for n in range(40)], method="sft", batch_size=4)
    config = {**job.config, "steps": 6}
    kept = replace(job, config=config, inputs={k: job.inputs[k] for k in ("base", "pairs", "start")})
    assert kept.kept("seed_1") or list(job.resume.glob("seed_1.json")), "scores are kept in scratch"
    assert repeated(lake, base, "again", "sft") == made


def test_too_few_rows_are_refused_with_the_way_out(lake: Lake, base: Path) -> None:
    with pytest.raises(PayloadError, match="could be held out, 4 are needed: add pairs, or leave out stability"):
        repeated(lake, base, "few", "sft", rows=6)


def test_it_is_off_unless_asked_for_and_names_no_other_version() -> None:
    from genaiops_assets.alignment import build_plan
    from genaiops_assets.assets.alignment.seed_stability import seed_stability_assets

    uc = bank_support()
    asked = with_stability(uc, {"seeds": 3, "steps": 4})
    assert seed_stability_assets(uc) == [] and len(seed_stability_assets(asked)) == 2
    facts: dict[str, Any] = {
        "base": {"ref": "x", "digest": "b", "license": None, "record": "r"},
        "pairs": {"digest": "p", "rows": 1},
        "corpus": {"digest": "c", "rows": 1},
    }
    assert build_plan(uc, **facts)["model_version"] == build_plan(asked, **facts)["model_version"]


def with_stability(uc: UseCase, stability: dict[str, int]) -> UseCase:
    section = {**uc.alignment.model_dump(mode="json"), "stability": stability}
    return uc.model_copy(update={"alignment": type(uc.alignment).model_validate(section)})
