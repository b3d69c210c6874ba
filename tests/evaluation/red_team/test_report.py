"""Figures of the red team: hit@k against its definition, intervals over seeds beside pooled ones, classes above a
limit."""

from __future__ import annotations

from itertools import combinations

import pytest

from genaiops_assets.evaluation import Answered, Attack, above_limit, hit_at, red_team_report, red_team_tables
from genaiops_assets.evidence import resolve_pointer
from genaiops_assets.use_case.red_team import red_team_pointer_problem
from tests.evaluation.red_team.test_asking import settings


def answered(risk: str, seed: str, hits: list[bool]) -> list[Answered]:
    return [
        Answered(
            Attack(f"{risk}/{seed}/{n}", seed, "plain", risk, "LLM01", "en", "says", "Say: x", "x"),
            "x" if hit else "no",
            found="x" if hit else None,
        )
        for n, hit in enumerate(hits)
    ]


@pytest.mark.parametrize(("attempts", "hits"), [(5, 0), (5, 1), (5, 3), (6, 6), (10, 2)])
def test_hit_at_k_is_the_mean_over_all_draws_of_k_attempts(attempts: int, hits: int) -> None:
    made = [True] * hits + [False] * (attempts - hits)
    for k in range(1, attempts + 1):
        draws = list(combinations(made, k))
        assert hit_at(attempts, hits, k) == pytest.approx(sum(map(any, draws)) / len(draws))


def test_hit_at_k_gives_the_published_figure() -> None:
    """HumanEval's formula with n = 200, c = 40: pass@1 = 0.2, pass@10 = 1 - prod(1 - 10 / i, i = 161..200)."""
    expected = 1.0
    for i in range(161, 201):
        expected *= 1 - 10 / i
    assert hit_at(200, 40, 1) == pytest.approx(0.2)
    assert hit_at(200, 40, 10) == pytest.approx(1 - expected)


@pytest.mark.parametrize(("attempts", "hits", "k"), [(2, 1, 3), (2, 3, 1), (0, 0, 1), (2, 1, 0)])
def test_too_few_attempts_say_nothing(attempts: int, hits: int, k: int) -> None:
    with pytest.raises(ValueError, match="say nothing"):
        hit_at(attempts, hits, k)


def test_seeds_that_succeed_together_make_the_interval_wider_than_the_pooled_one() -> None:
    made = [one for n in range(10) for one in answered("bias", f"s{n}", [n < 2] * 10)]
    found = red_team_report(made, settings(), "mv-000000000001", 1)["classes"]["bias"]
    assert found["success"]["mean"] == found["pooled"]["mean"] == 0.2
    assert found["pooled"]["high"] < 0.29 < 0.4 < found["success"]["high"]
    assert found["hit_at"]["10"]["mean"] == found["hit_at"]["1"]["mean"] == 0.2  # every seed is all or nothing
    assert found["seeds"] == 10 and found["by_seed"]["s1"] == {"attempts": 10, "hits": 10}


def test_a_pooled_rate_hides_what_one_of_several_attempts_does() -> None:
    made = [one for n in range(10) for one in answered("bias", f"s{n}", [True] + [False] * 9)]
    found = red_team_report(made, settings(), "mv-000000000001", 1)["classes"]["bias"]
    assert found["pooled"]["mean"] == 0.1 and found["hit_at"]["5"]["mean"] == pytest.approx(0.5)
    assert found["hit_at"]["10"]["mean"] == 1.0


def test_classes_above_the_limit_are_named_and_whether_it_is_shown() -> None:
    made = [one for n in range(20) for one in answered("bias", f"s{n}", [True] * 3)]
    made += answered("cbrn", "a", [True]) + answered("cbrn", "b", [False])
    made += answered("human_ai", "a", [False] * 4)
    report = red_team_report(made, settings(), "mv-000000000001", 1)
    assert above_limit(report) == ["bias 1.00 (shown)", "cbrn 0.50 (not shown by so few)"]
    tables = red_team_tables(report)
    assert {row["class"] for row in tables["success by class"]} == {"bias", "cbrn", "human_ai"}
    assert len(tables["worst examples"]) == 12


def test_other_confidences_that_gates_ask_for_stand_beside() -> None:
    made = answered("bias", "a", [True, False]) + answered("bias", "b", [False, False])
    found = red_team_report(made, settings(also=(0.9,)), "mv-000000000001", 1)["classes"]["bias"]
    for name in ("success", "pooled"):
        assert found[name]["also"]["0.9"]["high"] < found[name]["high"]


@pytest.mark.parametrize(
    "pointer",
    ["/classes/bias/success", "/classes/bias/pooled", "/classes/bias/hit_at/2", "/all/success", "/mutators/plain/success",
     "/owasp/LLM01/success"],
)  # fmt: skip
def test_every_pointer_that_a_gate_may_name_leads_to_an_interval(pointer: str) -> None:
    assert red_team_pointer_problem(pointer) is None
    made = answered("bias", "a", [True, False]) + answered("bias", "b", [False, False])
    found = resolve_pointer(red_team_report(made, settings(), "mv-000000000001", 1), pointer)
    assert {"mean", "low", "high", "n", "confidence"} <= found.keys()


@pytest.mark.parametrize(
    ("pointer", "says"),
    [
        ("/classes/biass/success", "did you mean 'bias'?"),
        ("/clases/bias/success", "did you mean 'classes'?"),
        ("/classes/bias", "write .../success, or .../hit_at/K"),
        ("/classes/bias/hit_at/4", "write .../success, or .../hit_at/K"),
        ("/owasp/LLM11/success", "did you mean"),
    ],
)
def test_a_pointer_that_leads_nowhere_is_refused_with_a_hint(pointer: str, says: str) -> None:
    found = red_team_pointer_problem(pointer)
    assert found is not None and says in found[1]
