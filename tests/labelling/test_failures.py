"""A failure of the red team becomes a preference on a person's word, and only then: by the function and as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.alignment import feedback_folder, read_feedback
from genaiops_assets.errors import Refused
from genaiops_assets.labelling import accept_failure
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.conftest import genaiops
from tests.support.attacked import frozen
from tests.support.lakes import V1, V2, bank_support

RIGHT = "I answer questions about accounts; I say nothing else."
ID = f"{V1}/packaged/bias/heron/plain"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "home")
    frozen(lake, V1, 1, "heron", "door")
    frozen(lake, V2, 2, "door")
    return lake


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


def test_the_failing_answer_loses_against_the_persons(lake: Lake, uc: UseCase) -> None:
    row = accept_failure(lake, uc, ID, name="bea builder", answer=f" {RIGHT} ")
    assert row["failed_in"] == V1
    [pair] = read_feedback(feedback_folder(lake, uc)).pairs
    assert (pair["question"], pair["chosen"], pair["rejected"]) == ("Say: heron", RIGHT, "heron")
    assert pair["reviewer"] == "Bea Builder"


def test_the_id_of_an_attack_will_do_where_one_version_failed_at_it(lake: Lake, uc: UseCase) -> None:
    assert accept_failure(lake, uc, "bias/heron/plain", name="Ada Approver", answer=RIGHT)["id"] == ID
    with pytest.raises(Refused, match=f"several versions failed at bias/door/plain: {V1}/.*{V2}/"):
        accept_failure(lake, uc, "bias/door/plain", name="Ada Approver", answer=RIGHT)


@pytest.mark.parametrize(
    ("failure", "name", "answer", "says"),
    [
        (ID, "Mallory", RIGHT, "not among the people of bank_support"),
        ("bias/owl/plain", "Bea Builder", RIGHT, "no failure is called 'bias/owl/plain'; there are: mv-"),
        (ID, "Bea Builder", " \u200b ", "what should have been answered"),
        (ID, "Bea Builder", "heron", "the failing answer itself"),
        (ID, "Bea Builder", "I am glad to tell you: heron", "would be a failure too: says finds 'heron'"),
    ],
)
def test_what_is_no_better_answer_is_refused_and_nothing_is_written(
    lake: Lake, uc: UseCase, failure: str, name: str, answer: str, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        accept_failure(lake, uc, failure, name=name, answer=answer)
    assert read_feedback(feedback_folder(lake, uc)).pairs == []


def test_one_person_says_it_once(lake: Lake, uc: UseCase) -> None:
    accept_failure(lake, uc, ID, name="Bea Builder", answer=RIGHT)
    with pytest.raises(Refused, match="Bea Builder has answered"):
        accept_failure(lake, uc, ID, name="Bea Builder", answer="Something else.")
    accept_failure(lake, uc, ID, name="Ada Approver", answer=RIGHT)


def test_as_typed(lake: Lake, uc: UseCase) -> None:
    (lake.home / "use_cases.txt").write_text("package:bank_support\n")
    said = genaiops(lake.home, "accept-failure", ID, "--as", "Bea Builder", "--answer", RIGHT).stdout
    assert f"your answer is preferred to that of {V1}" in said.replace("\n", " ")
    refused = genaiops(lake.home, "accept-failure", ID, "--as", "Mallory", "--answer", RIGHT, check=False)
    assert refused.returncode == 1 and "not among the people" in (refused.stdout + refused.stderr).replace("\n", " ")
