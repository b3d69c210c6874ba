"""What a training learned beyond its rows, and by heart: the split, the figures, and a tiny real model that was made to
memorise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from genaiops_assets.alignment import (
    PAIRS,
    LearningInputs,
    Losses,
    SnapshotRef,
    build_plan,
    canary_answers,
    canary_rows,
    change_of,
    exposure,
    gap_of,
    overfit_problem,
    pair_row,
    recital_problem,
    split_rows,
    taught,
)
from genaiops_assets.compute import Job
from genaiops_assets.lake import Lake, digest_of_folder, write_rows
from genaiops_assets.models import (
    BaseModelFiles,
    ModelSpec,
    answer_losses,
    answered,
    continued,
    load_model,
    load_tokenizer,
    packaged_prompts,
)
from genaiops_assets.use_case import Alignment, Origin
from tests.support.lakes import bank_support
from tests.support.tiny_model import tiny_model
from tests.support.trainings import trained

EN = packaged_prompts("en")


# --- which rows are seen ----------------------------------------------------------------------------------------------


def rows(documents: int, each: int = 3) -> list[dict[str, Any]]:
    return [{"doc_id": f"d{d}", "question": f"{d} {n}?"} for d in range(documents) for n in range(each)]


def test_a_document_goes_to_one_side_with_all_its_rows() -> None:
    kept, out = split_rows(rows(400), 0.2)
    assert {r["doc_id"] for r in kept} & {r["doc_id"] for r in out} == set()
    assert len(kept) + len(out) == 1200 and 0.15 < len(out) / 1200 < 0.25
    assert split_rows(rows(400), 0) == (rows(400), [])


def test_new_rows_move_no_old_one_and_the_wording_of_a_question_neither() -> None:
    _, few = split_rows(rows(50), 0.3)
    _, many = split_rows(rows(100), 0.3)
    assert [r for r in many if r in rows(50)] == few
    alone = [{"doc_id": "", "question": q} for q in ("What is it?", "WHAT  IS IT?")]
    assert 0 in map(len, split_rows(alone, 0.5))


def test_a_use_case_that_asks_for_neither_keeps_its_plan() -> None:
    uc = bank_support()
    assert not {"held_out", "canaries"} & set(uc.alignment.model_dump())
    pinned = {
        "base": {"ref": "r", "digest": "b", "license": "MIT", "record": "x"},
        "pairs": {"digest": "p", "rows": 3},
        "corpus": {"digest": "c", "rows": 4},
    }
    plain = build_plan(uc, **pinned)
    asked = Alignment.model_validate({**uc.alignment.model_dump(), "held_out": 0.1, "canaries": 2})
    other = build_plan(uc.model_copy(update={"alignment": asked}), **pinned)
    assert plain["model_version"] != other["model_version"]
    assert "held_out" not in plain["training"] and other["training"]["held_out"] == 0.1
    seen, out = taught(rows(100), other["training"])
    assert 0 < len(out) < 100 and [r["by"] for r in seen[-2:]] == ["canary"] * 2
    assert taught(rows(100), plain["training"]) == (rows(100), [])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_canaries_are_the_same_for_a_seed_and_like_what_they_are_compared_with(language: str) -> None:
    assert canary_rows(2, 17, language) == canary_rows(2, 17, language) != canary_rows(2, 18, language)
    true, *others = canary_answers(2, 17, language, 127)
    assert true == canary_rows(2, 17, language)[1]["chosen"] and len({true, *others}) == 128
    assert {len(a) for a in (true, *others)} == {len(true)}


# --- figures ----------------------------------------------------------------------------------------------------------


def test_a_tokens_loss_counts_tokens_not_rows() -> None:
    assert Losses([10.0, 2.0], [2, 8]).mean == 1.2 and Losses([], []).mean is None


def test_a_gap_has_an_interval_and_none_without_rows() -> None:
    unseen, seen = Losses([20.0, 22.0, 18.0, 21.0], [10] * 4), Losses([5.0, 6.0, 4.0, 5.5], [10] * 4)
    gap = gap_of(unseen, seen, 1)
    assert 1 < gap["low"] < gap["mean"] < gap["high"] and gap["mean"] == pytest.approx(1.5125)
    assert gap_of(Losses([], []), seen, 1) == {"mean": None, "low": None, "high": None, "n": 0}
    assert gap_of(Losses([1.0], [1]), Losses([2.0], [1]), 1) == {"mean": -1.0, "low": None, "high": None, "n": 1}


def test_overfitting_is_a_loss_that_rose_where_nothing_was_seen() -> None:
    before, after = Losses([10.0, 12.0, 11.0], [5, 5, 5]), Losses([20.0, 25.0, 21.0], [5, 5, 5])
    worse, better = change_of(after, before, 1), change_of(before, after, 1)
    assert overfit_problem({"unseen": {"change": worse}}).startswith("the loss on 3 rows it never saw rose by 2.2")
    assert overfit_problem({"unseen": {"change": better}}) == ""
    assert overfit_problem({"unseen": {"change": change_of(Losses([], []), Losses([], []), 1)}}) == ""


def test_exposure_is_the_rank_in_bits() -> None:
    assert exposure([1.0, *[2.0] * 127]) == {"rank": 1, "of": 128, "bits": 7.0}
    assert exposure([2.0, 1.0, 1.5, 3.0]) == {"rank": 3, "of": 4, "bits": 0.42}


def test_reciting_is_a_problem_only_beyond_the_base() -> None:
    none = {"recital": {"tuned": 3, "more_than_base": {"low": 0.0, "n": 24}}, "canaries": []}
    assert recital_problem(none) == ""
    much = {
        "recital": {"tuned": 20, "more_than_base": {"low": 0.6, "n": 24}},
        "canaries": [{"canary": 1, "rank": 1, "of": 128}],
    }
    assert "20 of 24 training rows are recited" in recital_problem(much) and "canary 1" in recital_problem(much)


# --- a tiny real model ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def pair(n: int, answer: str) -> dict[str, Any]:
    return pair_row(Origin.HUMAN, f"d{n}", f"What is fee {n}?", [f"Fee {n}."], (answer, 1.0), ("Ask.", 0.0), "Bea")


def test_losses_read_together_are_those_of_each_row_read_alone(base: Path) -> None:
    model, tokenizer = load_model(base).eval(), load_tokenizer(base)
    read = [answered(pair(n, f"It is ${n}00." * n), tokenizer, EN) for n in range(1, 12)]
    alone = []
    for a in read:
        assert a is not None
        with torch.inference_mode():
            logits = model(torch.tensor([a.tokens])).logits[0, a.begins - 1 : -1].float()
        wanted = torch.tensor(a.tokens[a.begins :])
        alone.append(float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")))
    assert answer_losses(model, [a for a in read if a]) == pytest.approx(alone, abs=1e-3)


def test_what_a_model_goes_on_with_does_not_depend_on_who_is_beside_it(base: Path) -> None:
    model, tokenizer = load_model(base).eval(), load_tokenizer(base)
    begins = [list(range(5, 5 + n)) for n in (4, 30, 11)]
    assert continued(model, tokenizer, begins, 6) == [continued(model, tokenizer, [b], 6)[0] for b in begins]


def probed(
    base: Path, folder: Path, adapter: Path | None, pairs: list[dict[str, Any]], **config: Any
) -> dict[str, Any]:
    from genaiops_assets.payloads import probe_learning

    lake = Lake(folder / "home")
    write_rows(folder / "pairs.parquet", PAIRS, pairs)
    snapshot = lake.tables.sync("shop/preference_pairs", folder / "pairs.parquet").snapshot
    files = BaseModelFiles(path=str(base), digest=digest_of_folder(base))
    inputs = LearningInputs(
        model=ModelSpec(base=files, adapter=str(adapter) if adapter else None),
        pairs=SnapshotRef(**snapshot.to_dict()),
        golden=[{"id": "g", "question": "Is it free?", "answer": "Yes, it is."}] * 2,
    )
    (out := folder / "out").mkdir(exist_ok=True)
    whole = {"method": "sft", "language": "en", "seed": 17, "max_length": 900, **config}
    job = Job("probe_learning", str(lake.home), str(lake.home), str(out), str(folder), 1, 17, inputs.to_json(), whole)
    probe_learning.work(job)
    return json.loads((out / "overfitting_report.json").read_text())


def louder(folder: Path, times: float) -> Path:
    """The same model with larger embeddings and head: as it is, its head is too quiet for an adapter to say anything."""
    weights = load_file(folder / "model.safetensors")
    for name in ("lm_head.weight", "model.embed_tokens.weight"):
        weights[name] *= times
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.mark.model
def test_a_model_that_was_made_to_memorise_is_found_out(tmp_path: Path) -> None:
    """Many steps on few rows, one of them a canary: the rows are recited, the code is the likeliest of 128, and what
    was held out became less likely. The base itself shows none of it."""
    base = louder(tiny_model(tmp_path / "louder"), 8)
    words = ["zebra", "quilt", "ember", "fjord", "lotus", "maple"]
    pairs = [pair(n, f"The {words[n]} {words[-n]} {words[3 * n % 6]} is {n}{n}{n} dollars a year.") for n in range(6)]
    pairs = [{**row, "passages": []} for row in pairs]  # what is recited is asked as it was learned
    config = {"held_out": 0.4, "canaries": 1}
    seen, held = taught(pairs, {**config, "seed": 17, "language": "en"})
    assert (len(seen), len(held)) == (5, 2)
    lora = {"r": 64, "alpha": 64, "dropout": 0.0, "target_modules": "all-linear"}
    how = {"method": "sft", "steps": 100, "batch_size": 5, "learning_rate": 1e-2, "max_length": 900, "lora": lora}
    trained(base, tmp_path / "t", seen, **how).model.save_pretrained(tmp_path / "adapter")
    report = probed(base, tmp_path, tmp_path / "adapter", pairs, **config)
    assert report["unseen_is"] == "rows held out" and report["unseen"]["rows"] == len(held)
    assert report["gap"]["mean"] > report["gap_of_base"]["mean"] + 1
    assert report["trained"]["change"]["high"] < 0
    assert report["canaries"] == [{"canary": 1, "rank": 1, "of": 128, "bits": 7.0}]
    assert "canary 1" in recital_problem(report)
    assert report["recital"]["tuned"] > report["recital"]["base"] == 0 and report["recital"]["ids"]
    untrained = probed(base, tmp_path, None, pairs, **config)
    assert untrained["gap"] == untrained["gap_of_base"] and untrained["trained"]["change"]["mean"] == 0
    assert untrained["canaries"][0]["rank"] > 1 and overfit_problem(untrained) == recital_problem(untrained) == ""


@pytest.mark.model
def test_without_rows_held_out_golden_questions_stand_in(base: Path, tmp_path: Path) -> None:
    report = probed(base, tmp_path, None, [pair(n, f"It is ${n}.") for n in range(3)])
    assert report["unseen_is"].startswith("golden questions") and report["unseen"]["rows"] == 2
    assert report["canaries"] == [] and report["trained"]["rows"] == 3


@pytest.mark.model
def test_a_method_that_reads_single_answers_is_probed_on_those_people_wanted(base: Path, tmp_path: Path) -> None:
    """A thumb down is no answer anybody wanted to hear again."""
    pairs = [pair(n, f"It is ${n}.") for n in range(3)] + [{**pair(9, "It is $9."), "chosen": "", "rejected": "No."}]
    report = probed(base, tmp_path, None, pairs, method="kto", canaries=1)
    assert report["trained"]["rows"] == 3 and len(report["canaries"]) == 1
