"""What ratings say of raters and of versions: a rater who follows the side, hurries or disagrees is found, and a
comparison rests on its plan."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.alignment.rating_report import rating_report_assets
from genaiops_assets.assets.evaluation.human_eval_report import human_eval_report_assets
from genaiops_assets.errors import Refused
from genaiops_assets.labelling import (
    Desk,
    Rating,
    agreements,
    guideline_of,
    plan_problems,
    rating_problems,
    rating_report_of,
    result_of,
    stated_plan,
    version_items,
)
from genaiops_assets.labelling.agreement import kappa
from genaiops_assets.labelling.ratings import append_line
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.label_page import desk_of
from tests.support.labels import evaluated, golden, pairs
from tests.support.lakes import V1, V2


def rated(rater: str, n: int, choice: str = "left", **changes: Any) -> Rating:
    left = n % 2
    preferred = {"left": left, "right": 1 - left}.get(choice)
    row = Rating(
        f"{rater}{n}", rater, f"2026-11-30T10:00:{n % 60:02d}+00:00", "pairs", f"item{n}", f"pair{n}", left, choice,
        preferred, ("chosen", "rejected"), n + 1, 0, "g", 8.0, 3.0,
    )  # fmt: skip
    return replace(row, **changes)


def fair(rater: str, count: int = 20) -> list[Rating]:
    """Always prefers the judge's answer, which stands left every second time."""
    return [rated(rater, n, "left" if n % 2 == 0 else "right") for n in range(count)]


# --- raters -----------------------------------------------------------------------------------------------------------


def test_fair_raters_have_no_problem() -> None:
    report = rating_report_of([*fair("Ann"), *fair("Ben")])
    assert rating_problems(report) == []
    [pair] = report["agreements"]
    assert pair["shared"] == 20 and pair["agreed"]["mean"] == 1.0 and pair["kappa"] is None  # nothing left to chance
    ann = report["raters"][0]
    assert ann["left"]["mean"] == 0.5 and ann["with_the_judge"]["mean"] == 1.0 and ann["seconds"] == 8.0


def test_a_rater_who_follows_the_side_is_found() -> None:
    problems = rating_problems(rating_report_of([*fair("Ann"), *(rated("Ben", n, "right") for n in range(20))]))
    assert "Ben prefers the right side in 100% of 20 ratings" in problems
    assert any(p.startswith("Ann and Ben agree no more than by chance on 20 items") for p in problems)
    assert rating_problems(rating_report_of([rated("Ben", n) for n in range(9)])) == []  # too few to say so


def test_a_rater_faster_than_reading_is_found() -> None:
    hasty = [replace(row, seconds=1.0) for row in fair("Ann")]
    assert rating_problems(rating_report_of(hasty)) == ["Ann gave 20 of 20 ratings faster than the texts can be read"]
    assert rating_problems(rating_report_of([*hasty[:4], *fair("Ann")[4:]])) == []


def test_skips_ties_and_edits_are_counted_apart() -> None:
    more = [rated("Ann", 30, "skip"), rated("Ann", 31, "tie"), rated("Ann", 32, "edit", preferred=0)]
    [ann] = rating_report_of([*fair("Ann"), *more])["raters"]
    assert (ann["ratings"], ann["decided"], ann["skips"], ann["ties"], ann["edits"]) == (23, 20, 1, 1, 1)


def test_kappa_of_a_published_table() -> None:
    """Cohen's kappa 0.4 of the textbook table of two readers: 20 both yes, 15 both no, 5 and 10 apart."""
    said = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(said) == pytest.approx(0.4)


def test_one_person_typed_in_two_ways_is_one_rater() -> None:
    report = rating_report_of([rated("Ann", 1), rated("ANN ", 2)])
    assert len(report["raters"]) == 1 and agreements([rated("Ann", 1), rated("ANN ", 1)]) == []


def materialized(made: list[Any], home: Path) -> Any:
    result = dg.materialize(made, resources={"platform": Platform(home=str(home))})
    assert result.success
    [check] = result.get_asset_check_evaluations()
    return result, check


def test_the_report_is_an_asset_with_a_check_that_can_fail(lake: Lake, uc: UseCase) -> None:
    _, check = materialized(rating_report_assets(uc), lake.home)
    assert check.passed and check.metadata["ratings"].value == 0
    pairs(lake, uc, [(f"Question {n}?", f"Good {n}.", f"Bad {n}.") for n in range(20)])
    desk = desk_of(lake, uc)
    while shown := desk.next():
        desk.rate(shown.item.digest, "left", 9.0)
    _, check = materialized(rating_report_assets(uc), lake.home)
    assert not check.passed and "Rita prefers the left side" in check.metadata["problems"].value
    made = lake.current(uc.key("rating_report"))
    assert (
        set(made.views()) == {"views/share of left.png", "views/seconds.png"}
        and made.json("rating_report.json")["ratings"] == 20
    )


# --- versions side by side --------------------------------------------------------------------------------------------


@pytest.fixture
def judged(lake: Lake, uc: UseCase) -> Lake:
    """Two versions with 30 answers each, five of them alike."""
    asked = golden(lake, uc, **{f"q{n:02d}": f"Question {n}?" for n in range(30)})
    evaluated(lake, uc, V1, asked, {f"q{n:02d}": f"first {n}" for n in range(30)})
    evaluated(lake, uc, V2, asked, {f"q{n:02d}": f"first {n}" if n < 5 else f"second {n}" for n in range(30)})
    return lake


def side_by_side(lake: Lake, uc: UseCase, rater: str = "Rita", size: int | None = None) -> tuple[Desk, Any]:
    items = version_items(lake, uc, V1, V2)
    plan = stated_plan(lake, uc, items, guideline_of(uc).version, size=size)
    return Desk(lake, uc, items, rater, guideline_of(uc), seed=plan.seed, size=plan.size), plan


def prefer(desk: Desk, version: str, count: int = 100) -> None:
    for _ in range(count):
        if not (shown := desk.next()):
            return
        desk.rate(shown.item.digest, "left" if shown.item.sources[shown.left] == version else "right", 9.0)


def test_the_plan_comes_first_and_does_not_change(judged: Lake, uc: UseCase) -> None:
    desk, plan = side_by_side(judged, uc, size=20)
    assert (plan.population, plan.equal, plan.size, plan.seed) == (30, 5, 20, 17)
    assert plan.detectable == {"all_decided": 0.7987, "half_decided": 0.9167}  # 15 of 20, 9 of 10
    file = judged.home / "ratings" / uc.name / desk.items.name / "plan.json"
    before = file.read_bytes()
    prefer(desk, V1, 1)
    items = version_items(judged, uc, V2, V1)  # the same comparison, named the other way round
    assert stated_plan(judged, uc, items, "g") == plan and file.read_bytes() == before
    with pytest.raises(Refused, match="a size other than planned"):
        stated_plan(judged, uc, items, "g", size=25)
    with pytest.raises(Refused, match="a seed other than planned"):
        stated_plan(judged, uc, items, "g", seed=3)
    evaluated(judged, uc, V2, golden(judged, uc, q00="Question 0?", q07="Question 7?"), {"q07": "third"})
    with pytest.raises(Refused, match="answers other than planned"):
        side_by_side(judged, uc)


def test_a_plan_after_the_first_rating_is_none(judged: Lake, uc: UseCase) -> None:
    desk, _ = side_by_side(judged, uc)
    prefer(desk, V1, 1)
    (desk.file.path.parent / "plan.json").unlink()
    with pytest.raises(Refused, match="ratings without a plan"):
        side_by_side(judged, uc)


def test_a_version_that_people_prefer_is_named(judged: Lake, uc: UseCase) -> None:
    desk, plan = side_by_side(judged, uc)
    prefer(desk, V2)
    result = result_of(plan, desk.file.in_force())
    assert result["wins"] == {V1: 0, V2: 25} and result["missing"] == 0 and result["answered_alike"] == 5
    assert result["verdict"] == f"{V2} is preferred" and result["p_value"] < 1e-6 and result["interval"]["low"] > 0
    assert plan_problems(result) == []


def test_what_was_not_rated_could_turn_the_verdict(judged: Lake, uc: UseCase) -> None:
    desk, plan = side_by_side(judged, uc)
    prefer(desk, V2, 10)
    result = result_of(plan, desk.file.in_force())
    assert result["p_value"] < 0.01 and result["bounds"] == [-0.2, 1.0]
    assert result["verdict"] == "undecided" and result["interval"]["low"] < 0
    assert plan_problems(result) == [f"{V1} and {V2}: 15 of 25 planned questions have no verdict"]


def test_a_question_counts_once_by_its_majority(judged: Lake, uc: UseCase) -> None:
    desks = [side_by_side(judged, uc, name) for name in ("Ann", "Ben", "Cleo")]
    for (desk, _), version in zip(desks, (V1, V2, V2), strict=True):
        prefer(desk, version)
    rows = [row for desk, _ in desks for row in desk.file.in_force()]
    result = result_of(desks[0][1], rows)
    assert result["wins"] == {V1: 0, V2: 25} and result["ratings"] == 75
    assert {tuple(a["raters"]): a["agreed"]["mean"] for a in result["agreements"]} == {
        ("Ann", "Ben"): 0.0, ("Ann", "Cleo"): 0.0, ("Ben", "Cleo"): 1.0
    }  # fmt: skip
    one_each = result_of(desks[0][1], [row for row in rows if row.rater != "Cleo"])
    assert one_each["ties"] == 25 and one_each["verdict"] == "undecided"


def test_the_comparison_is_an_asset_with_a_check_that_can_fail(judged: Lake, uc: UseCase) -> None:
    desk, _ = side_by_side(judged, uc)
    prefer(desk, V2)
    _, check = materialized(human_eval_report_assets(uc), judged.home)
    assert check.passed and check.metadata["comparisons"].value == 1
    made = judged.current(uc.key("human_eval_report"))
    assert set(made.views()) == {"views/net preference.png"}
    assert made.summary["tables"]["results"][0]["verdict"] == f"{V2} is preferred"
    early = replace(desk.file.in_force()[0], id="early", at="2020-01-01T00:00:00+00:00", item="other")
    append_line(desk.file.path, asdict(early))
    _, check = materialized(human_eval_report_assets(uc), judged.home)
    assert not check.passed and "1 ratings are older than the plan" in check.metadata["problems"].value
