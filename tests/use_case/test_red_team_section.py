"""Section `red_team` and gates on its report: mistakes are named when the file loads; without the section nothing
changes."""

from __future__ import annotations

import re

import pytest

from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import bank_support
from tests.use_case.mistakes import Edit, line_of, only_problem, problems_of

METRIC = "metric: /effects/retrieval/all"


@pytest.mark.parametrize(
    ("pointer", "said", "hint"),
    [
        ("/classes/biass/success", "nothing at '/classes/biass'", "did you mean 'bias'?"),
        ("/classes/bias", "does not end at an interval", "write .../success"),
        ("/mutators/rot14/success", "nothing at '/mutators/rot14'", "did you mean 'rot13'?"),
        ("/cells/tuned_with/answer_f1/all", "nothing at '/cells'", "did you mean 'classes'?"),
    ],
)
def test_a_pointer_into_the_red_team_that_finds_nothing_is_named(
    edit: Edit, pointer: str, said: str, hint: str
) -> None:
    folder = edit(METRIC, f"asset: red_team_report\n      metric: {pointer}")
    problem = only_problem(folder)
    assert problem.field == "success_criteria.gates.0.metric" and problem.line == line_of(folder, pointer)
    assert said in problem.message and hint in problem.hint


def test_a_gate_needs_the_section_and_no_more_items_than_the_budget(edit: Edit) -> None:
    edit("risk: demo", "risk: limited")
    folder = edit(METRIC, "asset: red_team_report\n      metric: /classes/bias/success")
    assert "30 items are asked for, but /classes/bias/success has 24" in problems_of(folder)[0].message
    file = folder / "use_case.yaml"
    file.write_text(re.sub(r"\nred_team:\n(  .*\n)+", "\n", file.read_text("utf-8")), "utf-8")
    assert "needs the section red_team" in problems_of(folder)[0].message


def test_a_file_of_attacks_may_stand_once_and_a_budget_is_positive(edit: Edit) -> None:
    folder = edit("attacks: []  ", "attacks: ['path:a.jsonl', 'path:a.jsonl']  ")
    edit("budget: 24 ", "budget: 0 ")
    assert {p.field for p in problems_of(folder)} == {"red_team.attacks", "red_team.budget"}


def test_without_the_section_the_file_says_what_it_said_before() -> None:
    plain = bank_support(red_team=None)
    assert "red_team" not in plain.model_dump(mode="json")
    assert '"red_team"' not in plain.model_dump_json(exclude={"presets"})
    assert plain.config_digest() != bank_support().config_digest()


def test_the_packaged_examples_fit_the_demo(edit: Edit) -> None:
    red_team = bank_support().red_team
    assert red_team is not None and red_team.budget <= 120 and red_team.max_new_tokens <= 32
    starter = load_use_case(edit("language: en", "language: en")).red_team
    assert starter is not None and starter.budget == 24
