"""What a training leaves behind about itself: the same record for the same plan, and what varied beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import RECORD, figures_of
from genaiops_assets.alignment.runs.record import in_words
from genaiops_assets.lake import Lake, digest_of, digest_of_folder
from tests.support.tiny_model import tiny_model
from tests.support.training_jobs import trained_by_payload


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(str(tmp_path_factory.mktemp("home")))


def record(folder: Path) -> dict[str, Any]:
    return json.loads((folder / RECORD).read_text())


def test_the_same_plan_leaves_the_same_bytes_and_times_beside_them(base: Path, lake: Lake) -> None:
    (one, first), (other, second) = (trained_by_payload(lake, base, name, method="dpo") for name in ("a", "b"))
    assert digest_of_folder(one) == digest_of_folder(other), "nothing published holds a time"
    run = first["run"]
    assert run["seconds"] > 0 and run["cpu_seconds"] > 0 and run["peak_rss_bytes"] > 2**20
    assert (
        run["energy"]["method"]
        and run["lock"]["sha256"]
        and any(p.startswith("torch==") for p in run["lock"]["packages"])
    )
    assert second["run"]["cpu_seconds"] > 0


def test_the_record_names_all_that_went_in(base: Path, lake: Lake) -> None:
    folder, result = trained_by_payload(lake, base, "c", method="sft", steps=3)
    made = record(folder)
    assert made == result["record"]
    assert made["data"]["pairs"]["digest"] and made["data"]["rows_used"] == 6
    assert made["base"]["digest"] == digest_of_folder(base)
    assert (made["seed"], made["steps"], made["machine"]["cpus"]) == (7, 3, 1)
    assert made["compute"]["epochs"] == 1.0 and made["compute"]["tokens"] > made["compute"]["answer_tokens"] > 0
    assert made["compute"]["counted"] and "peft" in made["libraries"]
    other = record(trained_by_payload(lake, base, "d", method="sft", steps=3, learning_rate=1e-4)[0])
    assert {k for k in made if made[k] != other[k]} == {"config_sha256"}


def test_dpo_reads_both_answers_and_compares_with_a_reference(base: Path, lake: Lake) -> None:
    sft = record(trained_by_payload(lake, base, "e", method="sft")[0])["compute"]
    dpo = record(trained_by_payload(lake, base, "f", method="dpo")[0])["compute"]
    assert dpo["tokens"] > 1.8 * sft["tokens"] and dpo["formula"] > 2.5 * sft["formula"]
    assert sft["upper_bound_6pd"] == pytest.approx(6 * sft["P_total"] * sft["tokens"], rel=1e-3)
    assert dpo["upper_bound_6pd"] == pytest.approx(8 * dpo["P_total"] * dpo["tokens"], rel=1e-3)


def test_a_record_binds_the_prompts(base: Path, lake: Lake) -> None:
    from genaiops_assets.models import packaged_prompts

    made = record(trained_by_payload(lake, base, "g", method="sft")[0])
    assert made["prompts"] == {"version": "1", "sha256": digest_of(packaged_prompts("en").model_dump(mode="json"))}


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        ({"method": "not measured", "kwh": None}, "not measured"),
        ({"method": "not measured", "kwh": None, "why": "killed"}, "not measured: killed"),
        ({"method": "estimated from CPU seconds", "kwh": 0.002, "watts_per_cpu": 10.0},
         "0.002 kWh (estimated from CPU seconds, 10 W a core, as stated)"),
        ({"method": "codecarbon", "kwh": 4.67e-5, "tracking_mode": "machine", "power_from": "cpu_load"},
         "4.67e-05 kWh (codecarbon, machine mode, power from cpu_load)"),
    ],
)  # fmt: skip
def test_energy_is_never_a_silent_zero(energy: dict[str, Any], words: str) -> None:
    assert in_words(energy) == words


def test_figures_are_for_people() -> None:
    compute = {"tokens": 800, "flop_direct": 1e9, "upper_bound_6pd": 2e9}
    run = {"cpu_seconds": 2.0, "tokens_per_second": 400.0, "energy": {"method": "not measured", "kwh": None}}
    assert figures_of({"compute": compute}, run)["energy"] == "not measured"
