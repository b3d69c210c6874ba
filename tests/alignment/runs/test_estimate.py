"""What a training will need, said before it starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from genaiops_assets.alignment import estimate_problem, off_by
from genaiops_assets.alignment.runs import around
from genaiops_assets.alignment.runs.estimate import (
    MIB,
    Sizes,
    batches_of,
    memory_estimate,
    refuse_what_cannot_fit,
    seen,
    sizes_of,
    ways_out,
)
from genaiops_assets.alignment.runs.lengths import Reading, Row
from genaiops_assets.alignment.runs.probe import time_estimate
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Lake
from genaiops_assets.models import load_model
from tests.support.tiny_model import tiny_model
from tests.support.training_jobs import trained_by_payload
from tests.support.trainings import SECTION

SIZES = Sizes(
    layers=30, width=576, inner=1536, vocabulary=49152, weights=4 * 134e6, trainable=4_884_480, dtype="float32",
    seen=2000, learned=160,
)  # fmt: skip
CONFIG = {"batch_size": 4, "max_length": 512, "lora": {"r": 16}, "load_in_4bit": False}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def reading(shared: int = 80, own: int = 20, rows: int = 6, **more: Any) -> Reading:
    """Rows that begin alike and end each in its own way."""
    prompt = list(range(shared))
    made = [Row(prompt, [[*prompt, *[100 + n] * own]]) for n in range(rows)]
    return Reading(made, 8, **{"has_reference": False, **more})


def test_what_rows_share_is_read_once() -> None:
    assert seen([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 11]]) == 11
    assert seen([[1, 2, 3], [4, 5]]) == 6, "with nothing to share, rows are padded to the longest"
    found = batches_of(reading(), 4)
    assert all(80 < batch.tokens <= 80 + 4 * 20 for batch in found) and found == batches_of(reading(), 4)


def test_memory_grows_with_what_it_depends_on() -> None:
    one = memory_estimate(SIZES, held=0)["peak_rss_bytes"]
    for more in (replace(SIZES, seen=4000), replace(SIZES, learned=320), replace(SIZES, trainable=10**7)):
        assert memory_estimate(more, held=0)["peak_rss_bytes"] > one
    assert memory_estimate(SIZES, held=7)["peak_rss_bytes"] == one + 7


def test_sizes_come_from_config_rows_and_precision(base: Path) -> None:
    compute = {"P_total": 100_000, "P_trainable": 3_000}
    config = {"batch_size": 2, "dtype": "float32", "load_in_4bit": False}
    full = sizes_of(base, compute, reading(), config)
    assert (full.layers, full.width, full.inner, full.weights) == (2, 64, 128, 400_000)
    assert full.learned == 40 and 100 <= full.seen <= 120
    assert sizes_of(base, compute, reading(), {**config, "dtype": "bfloat16"}).weights == 200_000
    assert sizes_of(base, compute, reading(), {**config, "load_in_4bit": True}).weights < 400_000
    writes = sizes_of(base, compute, reading(generated=(4, 50)), config)
    assert (writes.seen, writes.learned) == (2 * 4 * (80 + 50), 2 * 4 * 50)


def test_what_cannot_fit_is_refused_with_the_settings_to_lower() -> None:
    needed = sum(SIZES.parts().values())
    refuse_what_cannot_fit(SIZES, int(needed) + 1, CONFIG)
    with pytest.raises(PayloadError) as refused:
        refuse_what_cannot_fit(SIZES, int(needed * 0.9), CONFIG)
    message = str(refused.value)
    assert f"needs about {needed / MIB:,.0f} MB more memory" in message
    for setting in (
        "alignment.batch_size (to 1:",
        "alignment.max_length (to ",
        "model.load_in_4bit (to true:",
        "alignment.lora.r (to 4:",
    ):
        assert setting in message, setting
    assert "enough" in message


def test_advice_that_is_not_enough_is_not_said_to_be() -> None:
    with pytest.raises(PayloadError) as refused:
        refuse_what_cannot_fit(SIZES, 10 * MIB, CONFIG)
    assert "enough" not in str(refused.value)
    smallest = replace(SIZES, seen=10, trainable=1000)
    with pytest.raises(PayloadError, match=r"choose a smaller model\.base"):
        refuse_what_cannot_fit(smallest, 1, {"batch_size": 1, "load_in_4bit": True, "lora": {"r": 4}})


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ({"peak_rss_bytes": 100, "estimate": {"peak_rss_bytes": 120}}, ""),
        ({"peak_rss_bytes": 100, "estimate": {"peak_rss_bytes": 70}}, "memory: -30%"),
        ({"peak_rss_bytes": 100, "estimate": {"peak_rss_bytes": 70}, "processes": 2}, ""),
        ({"peak_rss_bytes": 1, "training_seconds": 100, "estimate": {"seconds": 60}}, ""),
        (
            {"peak_rss_bytes": 1, "training_seconds": 100, "training_cpu_seconds": 200,
             "estimate": {"seconds": 60, "cpu_seconds": 120}}, "time: -40%",
        ),
        (  # other work took a part of the machine
            {"peak_rss_bytes": 1, "training_seconds": 100, "training_cpu_seconds": 125,
             "estimate": {"seconds": 60, "cpu_seconds": 120}}, "",
        ),
        ({"peak_rss_bytes": 1, "training_seconds": 8, "estimate": {"seconds": 2}}, ""),  # mostly setting up
        ({"peak_rss_bytes": 1, "peak_gpu_bytes": 5, "training_seconds": 90, "estimate": {"seconds": 50}}, "time: -44%"),
        ({"peak_rss_bytes": 1}, ""),
    ],
)  # fmt: skip
def test_an_estimate_is_held_to_a_quarter(run: dict[str, Any], words: str) -> None:
    found = estimate_problem(run)
    assert (words in found) if words else found == ""
    assert off_by(120, 100) == 0.2 and off_by(None, 100) is None


def test_trying_a_few_layers_touches_neither_model_nor_random_numbers(base: Path) -> None:
    whole = load_model(base)
    whole.base_model.layers.append(whole.base_model.layers[0])  # a third one to try
    before = {n: p.detach().clone() for n, p in whole.named_parameters()}
    torch.manual_seed(5)
    found = time_estimate(whole, reading(has_reference=True), {**SECTION, "steps": 4, "batch_size": 2})
    torch.manual_seed(5)
    drawn = torch.rand(3)
    torch.manual_seed(5)
    time_estimate(whole, reading(), {**SECTION, "steps": 4, "batch_size": 2})
    assert torch.equal(torch.rand(3), drawn)
    assert found["seconds"] > 0 and found["cpu_seconds"] > 0 and found["reference_seconds"] > 0
    after = dict(whole.named_parameters())
    assert before.keys() == after.keys() and all(torch.equal(before[n], p) for n, p in after.items())
    assert len(whole.base_model.layers) == 3 and all(p.requires_grad and p.grad is None for p in after.values())


def test_where_time_cannot_be_tried_the_reason_is_said(base: Path) -> None:
    model = load_model(base)
    writes = time_estimate(model, reading(generated=(4, 50)), SECTION)
    assert writes["seconds"] is None and "writes its own answers" in writes["why"]
    assert "no list of layers" in time_estimate(model, reading(), SECTION)["why"]  # two layers, three are tried


def test_a_training_is_refused_before_anything_is_loaded(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(around, "free_memory_bytes", lambda: 1000)
    monkeypatch.setattr("genaiops_assets.payloads.train_model.open_model", lambda *_, **__: pytest.fail("loaded"))
    with pytest.raises(PayloadError, match="the machine has 0 MB free: lower"):
        trained_by_payload(Lake(tmp_path), base, "a", method="sft")


def test_no_training_fails_by_its_estimate(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(*_: Any) -> Any:
        raise KeyError("hidden_size")

    monkeypatch.setattr(around, "sizes_of", odd)
    monkeypatch.setattr(around, "time_estimate", odd)
    _, made = trained_by_payload(Lake(tmp_path), base, "a", method="sft")
    assert made["run"]["estimate"]["peak_rss_bytes"] is None and "cannot be tried" in made["run"]["estimate"]["why"]
    assert estimate_problem(made["run"]) == ""


def test_the_estimate_stands_beside_what_was_measured(base: Path, tmp_path: Path) -> None:
    """Of a tiny model nearly all memory is the libraries': the estimate starts from what the process holds."""
    _, made = trained_by_payload(Lake(tmp_path), base, "a", method="dpo", steps=3)
    run = made["run"]
    assert abs(off_by(run["estimate"]["peak_rss_bytes"], run["peak_rss_bytes"]) or 0) < 0.25
    assert run["training_seconds"] > 0 and run["training_cpu_seconds"] > 0 and run["processes"] == 1


def test_four_bits_save_nothing_of_embedding_and_head() -> None:
    with_head = replace(SIZES, in_full=49152 * 576)
    saved = {name: bytes_saved for name, _, bytes_saved in ways_out(with_head, {})}
    rounded = 134e6 - 49152 * 576
    assert saved["model.load_in_4bit"] == pytest.approx(rounded * (4 - 0.5625))
