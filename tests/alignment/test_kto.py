"""KTO: rows of single answers, in an order of ours, with weights and margins that are what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import Data, learned_from
from genaiops_assets.alignment.methods.kto import in_order, weights_of, with_margin
from genaiops_assets.errors import PayloadError
from genaiops_assets.use_case.methods import setting_problems
from genaiops_assets.use_case.training import Alignment
from tests.support.tiny_model import tiny_model
from tests.support.trainings import PAIRS, pair, trained


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


def test_a_pair_gives_two_rows_and_a_thumb_one() -> None:
    rows = [pair(1), pair(2, rejected=""), pair(3, chosen="")]
    found = learned_from(rows, Data.UNPAIRED)
    assert [(row["answer"], row["desirable"]) for row in found] == [
        ("It costs $1.", True),
        ("Ask somebody else, please.", False),
        ("It costs $2.", True),
        ("Ask somebody else, please.", False),
    ]
    assert set(found[0]) == {"question", "passages", "answer", "desirable"}


def test_thumbs_are_no_pairs_and_only_thumbs_up_are_imitated() -> None:
    rows = [pair(1), pair(2, rejected=""), pair(3, chosen="")]
    assert learned_from(rows, Data.PAIRS) == rows[:1]
    assert learned_from(rows, Data.COMPLETIONS) == rows[:2]
    assert learned_from(rows, Data.PROMPTS) == rows


def thumbs(wanted: int, unwanted: int) -> list[dict[str, Any]]:
    return [{"n": n, "desirable": n < wanted} for n in range(wanted + unwanted)]


def test_both_sides_are_mixed_in_every_batch() -> None:
    found = in_order(thumbs(6, 6), 24, 7)
    for start in range(0, 24, 2):
        assert {row["desirable"] for row in found[start : start + 2]} == {True, False}
    assert sorted(row["n"] for row in found[:12]) == list(range(12)), "a round holds each row once"
    assert [row["n"] for row in found[:12]] != [row["n"] for row in found[12:]], "each round is another"
    assert found == in_order(thumbs(6, 6), 24, 7) != in_order(thumbs(6, 6), 24, 8)


def test_a_rare_side_is_spread_evenly() -> None:
    found = in_order(thumbs(9, 3), 12, 7)
    assert [sum(not row["desirable"] for row in found[n : n + 4]) for n in (0, 4, 8)] == [1, 1, 1]


def settings(**more: Any) -> Any:
    from genaiops_assets.alignment.methods.kto import KtoSettings
    from tests.support.trainings import SECTION

    return KtoSettings.model_validate({**SECTION, **more})


def test_the_rarer_side_weighs_as_much_more_as_it_is_rarer() -> None:
    assert weights_of(9, 3, settings()) == {"desirable_weight": 1.0, "undesirable_weight": 3.0}
    assert weights_of(9, 3, settings(undesirable_weight=1.5))["undesirable_weight"] == 1.5
    with pytest.raises(PayloadError, match="there is no unwanted one"):
        weights_of(9, 0, settings())


def test_a_margin_is_of_the_step_it_stands_in() -> None:
    assert with_margin({"rewards_chosen": 0.3, "rewards_rejected": 0.1, "rewards_margins": 9.0}) == {
        "rewards_chosen": 0.3,
        "rewards_rejected": 0.1,
        "rewards_margins": 0.2,
    }
    assert "rewards_margins" not in with_margin({"rewards_chosen": 0.3, "rewards_margins": 9.0})


def test_one_row_a_batch_is_refused_with_the_reason_unless_the_loss_needs_no_kl() -> None:
    [found] = setting_problems(Alignment(method="kto", batch_size=1))
    assert found.field == "batch_size" and "no KL term" in found.message
    assert setting_problems(Alignment(method="kto", batch_size=1, settings={"loss_type": "apo_zero_unpaired"})) == []
    with_other = setting_problems(Alignment(method="kto", settings={"loss_type": "hinge"}))
    assert with_other[0].field == "settings.loss_type"


@pytest.mark.parametrize("loss", ["kto", "apo_zero_unpaired"])
def test_it_learns_what_people_want(base: Path, tmp_path: Path, loss: str) -> None:
    made = trained(base, tmp_path, method="kto", steps=16, batch_size=4, learning_rate=3e-3, loss_type=loss)
    first, last = made.history[0], made.history[-1]
    assert first["loss"] == pytest.approx(0.5, abs=1e-3), "policy and reference are one at first"
    assert last["loss"] < first["loss"] - 0.01
    assert last["rewards_chosen"] > 0 > last["rewards_rejected"]
    assert last["rewards_margins"] == pytest.approx(last["rewards_chosen"] - last["rewards_rejected"], abs=2e-6)
    assert made.facts["desirable"] == made.facts["undesirable"] == len(PAIRS)
