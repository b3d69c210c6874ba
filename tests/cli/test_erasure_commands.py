"""`genaiops erase` as a person types it, with a real Dagster home: the list first, the question, the deed, and what
verify and the UI say after."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.governance.erasure import Targets, erase
from genaiops_assets.governance.release import approval_of, decide
from genaiops_assets.lake import Lake, problems
from genaiops_assets.orchestration.home import prepare_home
from genaiops_assets.orchestration.metadata import table_value
from genaiops_assets.use_case import register
from tests.conftest import genaiops
from tests.support.erasures import MARK, PLAIN, SECRET, ZH_MARK, files_with, life
from tests.support.lakes import V1, bank_support, publish

PERSON = ["--as", "Olga Owner", "--reason", "asked by the author"]
BOTH = ["secret-en", "secret-zh"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a life in it, and previews of the documents in Dagster's own history."""
    home = tmp_path_factory.mktemp("erase") / "home"
    lake, uc = Lake(home), bank_support()
    life(lake, uc)
    publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()})
    register(home, "package:bank_support")
    shown = [{"id": "secret-en#0", "doc_id": "secret-en", "heading": f"Late {MARK} fees"}]
    with instance_of(home) as instance:
        for key, metadata in (("chunks", {"first passages": table_value(shown)}), ("golden_set", {"answer": SECRET})):
            instance.report_runless_asset_event(dg.AssetMaterialization(dg.AssetKey([uc.name, key]), metadata=metadata))
    decide(lake, uc, V1, name="Ada Approver", decision="approved", reason="read the card")
    return home


def instance_of(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(prepare_home(home)))


def test_strangers_and_typing_mistakes_end_with_a_word_and_nothing_else(home: Path) -> None:
    for arguments, said in (
        (["secret-en", "--as", "Nobody", "--reason", "r"], "may not erase"),
        (["secret-em", *PERSON], "document 'secret-em' is not known"),
        (PERSON, "what is to be erased?"),
        (["--opt-out", str(home / "none.txt"), *PERSON], "cannot be read"),
    ):
        done = genaiops(home, "erase", *arguments, check=False)
        assert done.returncode == 1 and said in done.stdout, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
    assert "no erasure is unfinished" in genaiops(home, "erase", "--finish", *PERSON).stdout
    assert files_with(Lake(home), MARK)


def test_the_list_comes_first_and_no_means_no(home: Path) -> None:
    done = genaiops(home, "erase", *BOTH, *PERSON, check=False)  # no terminal: the question has no answer
    assert done.returncode == 1 and "2 documents of bank_support" in done.stdout
    for place in (
        "bank_support/documents",
        "bank_support/preference_pairs",
        "model_card",
        "drop.jsonl",
        f"{V1} was trained on it",
        "golden",
    ):
        assert place in done.stdout, place
    assert files_with(Lake(home), MARK)


def test_the_deed_and_what_is_said_after(home: Path) -> None:
    done = genaiops(home, "erase", *BOTH, *PERSON, "--yes")
    assert "2 documents erased and recorded" in done.stdout and "genaiops run" in done.stdout
    lake, uc = Lake(home), bank_support()
    assert files_with(lake, MARK, ZH_MARK) == []
    assert problems(lake) == []
    assert "as published" in genaiops(home, "verify").stdout
    approval = approval_of(lake, uc, V1)
    assert approval.status == "approved" and len(approval.erased_since) == 1
    with instance_of(home) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "golden_set"]))
        assert (
            event and event.asset_materialization and event.asset_materialization.metadata["answer"].value == "[erased]"
        )
        records = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            [dg.AssetCheckKey(dg.AssetKey([uc.name, "release_decision"]), "human_approval")]
        )
        (check,) = records.values()
        assert check.event and check.event.dagster_event
        assert "2 documents by Olga Owner" in str(check.event.dagster_event.event_specific_data)
    again = genaiops(home, "erase", *BOTH, *PERSON, "--yes")
    assert "nothing was left to erase" in again.stdout
    told = json.loads(genaiops(home, "status", "--json").stdout)
    assert told["erased"] == {V1: list(approval.erased_since)}


def test_verify_says_what_finishes_an_interrupted_erasure_and_that_does(home: Path) -> None:
    lake, uc = Lake(home), bank_support()

    def kill(what: str) -> None:
        if what == "rewrite bank_support/documents":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        erase(lake, uc, Targets(documents=("plain",)), name="Ada Approver", reason="asked by the bank", step=kill)
    said = genaiops(home, "verify", check=False)
    assert said.returncode == 1
    assert 'genaiops erase --finish -u bank_support --as "Ada Approver" --reason "finish it"' in said.stdout
    done = genaiops(home, "erase", "--finish", "-u", "bank_support", "--as", "Ada Approver", "--reason", "finish it")
    assert "is finished first" in done.stdout and "1 documents erased and recorded" in done.stdout
    assert problems(lake) == []
    assert [f for f in files_with(lake, PLAIN) if not f.startswith("inbox/")] == []
