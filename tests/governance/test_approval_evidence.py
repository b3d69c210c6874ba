"""Approvals rest on what was published: what was altered since, or was not made from each other, is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Lake, write_json
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import approve, promote
from tests.support.damage import flip
from tests.support.lakes import V1, candidate, publish


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    """A lake with one candidate whose gates say go."""
    candidate(lake, uc, V1)
    return lake


# --- altered after publication ----------------------------------------------------------------------------------------


FILES = {
    "model_plan": "plan.json",
    "aligned_checkpoint": "training_log.json",
    "eval_report": "eval_report.json",
    "model_card": "model_card.json",
    "release_decision": "decision.json",
    "success_criteria": "criteria.json",
}


def refused(lake: Lake, uc: UseCase, name: str) -> None:
    """Approving and promoting are both refused, and both name the file."""
    for attempt in (approve, promote):
        with pytest.raises(Refused, match="altered after publication") as error:
            attempt(lake, uc)
        assert name in str(error.value)


@pytest.mark.parametrize("asset", FILES)
@pytest.mark.parametrize("file", ["", "manifest.json", "provenance.json"])
def test_one_changed_byte_in_any_file_is_refused_by_name(lake: Lake, uc: UseCase, asset: str, file: str) -> None:
    approve(lake, uc)
    path = lake.current(uc.key(asset), None if asset == "success_criteria" else V1).local(file or FILES[asset])
    flip(path, -5)
    refused(lake, uc, f"{asset}/{path.parent.name}/{path.name}")


def test_a_changed_summary_is_refused_by_name(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    report = lake.current(uc.key("eval_report"), V1)
    write_json(
        report.local("manifest.json"), {**report.manifest, "summary": {"figures": {"score": 0.99}, "tables": {}}}
    )
    refused(lake, uc, "manifest.json")


def test_an_output_put_there_behind_the_ledgers_back_is_refused(lake: Lake, uc: UseCase) -> None:
    with lake.work("forged") as place:
        write_json(place.staging / "decision.json", {"verdict": "go"})
        forged = lake.artifacts.publish(
            uc.key("release_decision"), place.staging, summary={"figures": {}, "tables": {}}
        )
    lake.heads.put(uc.key("release_decision"), V1, {"digest": forged.digest})
    with pytest.raises(Refused, match=f"{forged.key}: the ledger never recorded it"):
        approve(lake, uc)


def test_a_changed_data_file_of_a_table_is_refused_by_name(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    (file,) = lake.current(uc.key("eval_report"), V1).snapshot(uc.key("eval_outputs")).files
    flip(Path(lake.tables.url) / file["path"], -5)
    refused(lake, uc, file["path"])


def test_a_removed_and_an_added_file_are_refused_by_name(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    card = lake.current(uc.key("model_card"), V1)
    card.local("note.txt").write_text("x")
    refused(lake, uc, "note.txt")
    card.local("note.txt").unlink()
    card.local("model_card.json").unlink()
    refused(lake, uc, "model_card.json: missing")


def test_a_changed_ledger_is_refused_by_name(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    first = sorted((lake.home / "ledger").iterdir())[0]
    first.write_text(first.read_text().replace("use_case_scope", "other_scope"))
    refused(lake, uc, first.name)


def test_a_decision_cut_off_the_end_of_the_ledger_is_refused(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    promote(lake, uc)
    last = sorted((lake.home / "ledger").iterdir())[-1]
    assert json.loads(last.read_text())["kind"] == "release"
    last.unlink()
    with pytest.raises(Refused, match="the ledger was truncated"):
        promote(lake, uc)


# --- what was made from what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"checkpoint": "c" * 64}, "eval_report of .* was made from another aligned_checkpoint"),
        ({"evaluation": "c" * 64}, "model_card of .* was made from another eval_report"),
        ({"training": "c" * 64}, "model_card of .* was made from another aligned_checkpoint"),
        ({"plan": "c" * 64}, "model_card of .* was made from another model_plan"),
        ({"pairs": "c" * 64}, "aligned_checkpoint of .* was trained from other pairs"),
        ({"base": "c" * 64}, "aligned_checkpoint of .* was trained from other base"),
    ],
)
def test_artifacts_that_were_not_made_from_each_other_are_not_approved(
    tmp_path: Path, uc: UseCase, changed: dict[str, str], why: str
) -> None:
    lake = Lake(tmp_path)
    candidate(lake, uc, V1, **changed)
    with pytest.raises(Refused, match=why):
        approve(lake, uc)


def test_a_checkpoint_that_was_never_evaluated_is_not_approved(lake: Lake, uc: UseCase) -> None:
    publish(
        lake,
        uc.key("aligned_checkpoint"),
        {"training_log.json": {"trained": "again"}},
        partition=V1,
        inputs={"base": "b" * 64, "pairs": "a" * 64, "start": ""},
    )
    with pytest.raises(Refused, match="made from another aligned_checkpoint"):
        approve(lake, uc)


def test_a_memo_that_does_not_hash_to_its_key_proves_nothing(lake: Lake, uc: UseCase) -> None:
    head = lake.heads.get(uc.key("eval_report"), V1)
    assert head is not None
    file = lake.home / f"memo/{head['memo'][:2]}/{head['memo']}.json"
    file.write_text(file.read_text().replace('"seed": 17', '"seed": 18'))
    with pytest.raises(Refused):
        approve(lake, uc)
