"""The stakeholder map is the one place of who owns, builds, approves and oversees."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from genaiops_assets.use_case import People, Stakeholder, UseCase, map_problems
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED, STARTER
from tests.use_case.mistakes import Edit, only_problem

LISTS = """  owners: ["Your Name"]
  builders: ["Your Name"]
  approvers: ["A Colleague"]
"""
MAP = """  stakeholders:
    - {name: Olga, raci: {scoping: A/R, oversight: A}}
    - {name: Ben, raci: {alignment: R}}
    - {name: Ada, raci: {release: A}}
    - {name: agents, kind: group, raci: {oversight: R}}
"""


def mapped(edit: Edit, text: str = MAP, lists: str = "") -> Path:
    edit(LISTS, lists)
    return edit("  stakeholders: []\n", text)


def test_owners_builders_approvers_and_overseers_are_read_from_the_map(edit: Edit) -> None:
    people = load_use_case(mapped(edit)).people
    assert (people.owners, people.builders, people.approvers) == (["Olga"], ["Ben"], ["Ada"])
    assert people.oversight == ["Olga", "agents"]
    assert people.everybody == ["Olga", "Ben", "Ada"], "a group decides nothing"
    assert (people.answering_for("scoping"), people.answering_for("release")) == (["Olga"], ["Ada"])
    assert people.answering_for("corpus") == ["Olga"], "where the map names nobody, the owners answer"


def test_without_a_map_the_lists_stay_and_what_is_dumped_knows_no_map(edit: Edit) -> None:
    people = load_use_case(edit("  decisions: cli", "  decisions: cli")).people
    assert people.owners == people.oversight == ["Your Name"]
    assert "stakeholders" not in people.model_dump(), "digests of use cases without a map stay"


def test_a_list_that_says_something_else_than_the_map_is_a_mistake(edit: Edit) -> None:
    problem = only_problem(mapped(edit, lists='  approvers: ["Somebody Else"]\n'))
    assert problem.message == "approvers differs from the stakeholder map (Ada): leave approvers out"


def test_what_was_read_from_a_map_can_be_read_again() -> None:
    whole = load_use_case(PACKAGED / "bank_support")
    assert UseCase.model_validate(whole.model_dump(mode="json")).people == whole.people


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("release: A", "release: C", "nobody in stakeholders has A for release: these are the approvers"),
        ("name: Ada, raci: {release: A}", "name: Ben, raci: {release: A}", "cannot be both builder and approver"),
        ("kind: group, raci: {oversight: R}", "kind: group, raci: {release: R}", "agents is a group: name the person"),
        ("alignment: R", "alignment: X", "expected 'R', 'A', 'C', 'I' or 'A/R'"),
        ("alignment: R", "training: R", "expected 'scoping'"),
    ],
)
def test_a_mistake_in_the_map_is_one_message_with_its_place(edit: Edit, old: str, new: str, said: str) -> None:
    assert old in MAP
    problem = only_problem(mapped(edit, MAP.replace(old, new)))
    assert said in problem.message and problem.field.startswith("people")


def test_a_map_needs_somebody_for_each_activity_and_somebody_outside() -> None:
    whole = dict.fromkeys(
        ("scoping", "corpus", "knowledge", "alignment", "evaluation", "release", "monitoring", "oversight"), "A/R"
    )
    olga = {"name": "Olga", "concern": "answers for it"}
    alone = [Stakeholder.model_validate({**olga, "raci": whole})]
    assert map_problems(alone) == ["nobody outside the team is named: who uses it, who is affected?"]
    users = Stakeholder(name="users", kind="group")
    assert map_problems([*alone, users]) == ["users: concern is empty"]
    less = Stakeholder.model_validate({**olga, "raci": {**whole, "oversight": "A", "corpus": "C"}})
    assert map_problems([less, users.model_copy(update={"concern": "use it"})]) == [
        "corpus: nobody is accountable (A)",
        "corpus: nobody does it (R)",
        "oversight: nobody does it (R)",
    ]


def test_the_map_in_the_starters_page_can_be_used_as_it_stands() -> None:
    text = (STARTER / "README.md").read_text("utf-8").split("```yaml\n")[2].split("```")[0]
    people = People.model_validate(yaml.safe_load(text)["people"])
    assert map_problems(people.stakeholders) == [] and people.approvers == ["A Colleague"]


def test_names_are_text_in_yaml_also_the_name_on(edit: Edit) -> None:
    note = "{about: topic, note: Says nothing on electric bicycles., by: Your Name, on: 2026-11-24}"
    found = load_use_case(edit("  notes: []", f"  notes:\n    - {note}"))
    assert found.data_bias.notes[0].on == "2026-11-24"
