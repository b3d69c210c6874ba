"""Forms of a checkpoint compared by the real payload on a tiny model: merged and beside its base, full precision and
four bits. The limits they are held to can be passed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import PAIRS, PrecisionInputs, four_bit_problem, merging_problem, pair_row
from genaiops_assets.alignment.inputs import SnapshotRef
from genaiops_assets.compute import Job
from genaiops_assets.lake import Lake, digest_of_folder, write_rows
from genaiops_assets.models import BaseModelFiles, ModelSpec
from genaiops_assets.use_case import Origin
from tests.support.tiny_model import small_update, tiny_model


def report(**changes: Any) -> dict[str, Any]:
    differences = {"merged": {"max_logit_difference": 1e-5}, "four_bit": {"perplexity_ratio": 1.02}}
    whole = {"load_in_4bit": True, "merged_is_served": True, "differences": differences}
    return {**whole, **changes}


def test_differences_within_the_limits_are_no_problem() -> None:
    assert merging_problem(report()) == "" and four_bit_problem(report()) == ""


@pytest.mark.parametrize("apart", [0.5, None])
def test_a_merge_that_moves_logits_is_a_problem_only_where_it_answers(apart: float | None) -> None:
    wrong = report(differences={"merged": {"max_logit_difference": apart}, "four_bit": {"perplexity_ratio": 1.0}})
    assert merging_problem(wrong).startswith(f"merging moves a logit by {apart}, more than 0.001")
    assert merging_problem({**wrong, "merged_is_served": False}) == ""
    assert merging_problem({**wrong, "differences": {"four_bit": {"perplexity_ratio": 1.0}}}) == ""


@pytest.mark.parametrize("ratio", [1.3, None])
def test_four_bits_that_cost_quality_are_a_problem_only_where_they_are_used(ratio: float | None) -> None:
    wrong = report(differences={"four_bit": {"perplexity_ratio": ratio}})
    assert f"{ratio} times that of full precision" in four_bit_problem(wrong)
    assert four_bit_problem({**wrong, "load_in_4bit": False}) == ""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def compared(base: Path, folder: Path, adapter: Path | None, pairs: int = 3, **spec: Any) -> tuple[Any, Any]:
    """What the payload returns and the report it leaves."""
    from genaiops_assets.payloads import compare_precisions

    lake = Lake(folder / "home")
    rows = [
        pair_row(Origin.HUMAN, "", f"What is fee {n}?", ["A fee."], ("It is $1.", 1.0), ("Ask.", 0.0), "Bea")
        for n in range(pairs)
    ]
    write_rows(folder / "pairs.parquet", PAIRS, rows)
    snapshot = lake.tables.sync("shop/preference_pairs", folder / "pairs.parquet").snapshot
    inputs = PrecisionInputs(
        model=ModelSpec(
            base=BaseModelFiles(path=str(base), digest=digest_of_folder(base)),
            adapter=str(adapter) if adapter else None,
            **spec,
        ),
        pairs=SnapshotRef(**snapshot.to_dict()),
        text="Questions about fees.",
    )
    out, scratch = folder / "out", folder / "scratch"
    out.mkdir()
    scratch.mkdir()
    job = Job(
        "compare_precisions", str(lake.home), str(lake.home), str(out), str(scratch), 1, 7, inputs.to_json(),
        {"language": "en"},
    )  # fmt: skip
    return compare_precisions.work(job), json.loads((out / "precision_report.json").read_text())


@pytest.mark.model
def test_a_merged_adapter_says_what_the_adapter_says_and_four_bits_are_smaller(base: Path, tmp_path: Path) -> None:
    result, found = compared(base, tmp_path, small_update(base, tmp_path / "adapter", size=5e-2))
    assert found["merged_is_served"] and merging_problem(found) == ""
    merged, four = found["differences"]["merged"], found["differences"]["four_bit"]
    assert 0 < merged["max_logit_difference"] < 1e-4 and merged["same_token"] == 1
    assert four["max_logit_difference"] > 10 * merged["max_logit_difference"]
    assert four["bytes_ratio"] < 0.7 and found["forms"]["four_bit"]["bytes"] < found["forms"]["full"]["bytes"]
    assert found["read_on"]["answers"] == 3 and found["forms"]["full"]["perplexity"] > 1
    assert set(result["ms_a_token"]) == {"full", "merged", "four_bit"} and min(result["ms_a_token"].values()) > 0


@pytest.mark.model
def test_a_merge_that_loses_the_update_is_found(base: Path, tmp_path: Path) -> None:
    """Merging into bfloat16 rounds a small update away; were that what answers, the check would say so."""
    _, found = compared(base, tmp_path, small_update(base, tmp_path / "adapter", size=5e-2), dtype="bfloat16")
    assert not found["merged_is_served"] and merging_problem(found) == ""
    assert "merging moves a logit" in merging_problem({**found, "merged_is_served": True})


@pytest.mark.model
def test_without_adapter_and_without_pairs_the_base_is_read_on_the_purpose(base: Path, tmp_path: Path) -> None:
    result, found = compared(base, tmp_path, None, pairs=0)
    assert set(found["forms"]) == {"full", "four_bit"} == set(result["ms_a_token"])
    assert found["read_on"]["answers"] == 0 and found["read_on"]["tokens"] > 3
