"""An id that was erased once: what else comes under it is kept out, but seen, until a person lets the id in again; what
was erased stays out by its text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.assets.corpus.documents import document_assets
from genaiops_assets.assets.corpus.kept_out import kept_out_checks
from genaiops_assets.corpus import inbox_folder
from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure import Targets, erase, readmit
from genaiops_assets.lake import Lake, keyed_hash, let_in_again, problems, read_tombstones, write_json
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import day_rows, log_interactions
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.conftest import genaiops
from tests.support.erasure_rows import Row

ERASED, ANOTHER = "The fee of Mrs. Abel is $95.\n", "A helmet costs $5 a day.\n"
PERSON = {"name": "Olga Owner", "reason": "another document of that name"}

AT_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def said(row_id: str, question: str, answer: str = "Yes.") -> Row:
    """An exchange as an import brings it."""
    return {"id": row_id, "question": question, "answer": answer, "channel": "import", "at": AT_NOON}


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    found = load_use_case(tmp_path / "shop")
    people = found.people.model_copy(update={"owners": ["Olga Owner"]})
    return found.model_copy(update={"people": people})


@pytest.fixture
def lake(tmp_path: Path, uc: UseCase) -> Lake:
    """A document of the inbox was erased; its name is free."""
    made = Lake(tmp_path / "home")
    put(made, uc, ERASED)
    assert ingested(made, uc) == (True, {"note", "opening_hours", "rental", "repairs"})
    erase(made, uc, Targets(documents=("note",)), **PERSON)
    assert "note" not in ingested(made, uc)[1] and problems(made) == []
    return made


def put(lake: Lake, uc: UseCase, text: str, name: str = "note.md") -> None:
    (folder := inbox_folder(lake, uc)).mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def ingested(lake: Lake, uc: UseCase) -> tuple[bool, set[str]]:
    """(whether the check says that nothing else is hidden, ids of the documents there are)"""
    (lake.home / "staging").mkdir(parents=True, exist_ok=True)
    made = [document_assets(uc)[0], *kept_out_checks(uc)]
    result = dg.materialize(made, resources={"platform": Platform(home=str(lake.home))})
    (check,) = result.get_asset_check_evaluations()
    assert check.severity == dg.AssetCheckSeverity.WARN
    snapshot = lake.current(uc.key("documents")).snapshot(uc.key("documents"))
    return check.passed, {r["id"] for r in lake.tables.rows(snapshot, ["id"])}


def test_another_document_of_an_erased_name_is_kept_out_and_seen(lake: Lake, uc: UseCase) -> None:
    put(lake, uc, ERASED)
    assert ingested(lake, uc) == (True, {"opening_hours", "rental", "repairs"}), "the erased text itself is no surprise"
    put(lake, uc, ANOTHER)
    seen, there = ingested(lake, uc)
    assert (seen, "note" in there) == (False, False)


def test_a_person_lets_the_name_in_and_what_was_erased_stays_out(lake: Lake, uc: UseCase) -> None:
    put(lake, uc, ANOTHER)
    readmit(lake, uc, ["note"], **PERSON)
    assert ingested(lake, uc) == (True, {"note", "opening_hours", "rental", "repairs"})
    (entry,) = lake.ledger.entries("readmitted")
    assert entry.body == {"use_case": uc.name, "names": [keyed_hash(lake.store, "note")], **PERSON}
    assert problems(lake) == []
    put(lake, uc, ERASED)
    assert "note" not in ingested(lake, uc)[1], "by its text"


def test_erased_once_more_it_stays_out_again(lake: Lake, uc: UseCase) -> None:
    readmit(lake, uc, ["note"], **PERSON)
    put(lake, uc, ANOTHER)
    ingested(lake, uc)
    erase(lake, uc, Targets(documents=("note",)), **PERSON)
    put(lake, uc, "Something else again.")
    assert "note" not in ingested(lake, uc)[1] and problems(lake) == []


@pytest.mark.parametrize(
    ("names", "name", "reason", "why"),
    [
        (["never"], "Olga Owner", "why", "'never' is kept out of"),
        ([], "Olga Owner", "why", "nothing is kept out of"),
        (["note"], "Nobody Known", "why", "may not erase"),
        (["note"], "Olga Owner", " ", "needs a reason"),
    ],
)
def test_only_who_may_erase_lets_in_and_only_what_is_kept_out(
    lake: Lake, uc: UseCase, names: list[str], name: str, reason: str, why: str
) -> None:
    before = read_tombstones(lake.store, uc.name)
    with pytest.raises(Refused, match=why):
        readmit(lake, uc, names, name=name, reason=reason)
    assert read_tombstones(lake.store, uc.name) == before and not list(lake.ledger.entries("readmitted"))


def test_a_name_let_in_behind_the_ledgers_back_is_named(lake: Lake, uc: UseCase) -> None:
    readmit(lake, uc, ["note"], **PERSON)
    assert problems(lake) == []
    erase(lake, uc, Targets(documents=("note",)), **PERSON)
    let_in_again(lake.store, uc.name, ["note"])
    assert any("lets 1 names in again that no person did" in found for found in problems(lake))


def test_an_interaction_of_an_erased_id_comes_in_once_a_person_says_so(lake: Lake, uc: UseCase) -> None:
    log_interactions(lake, uc, [said("i1", "Is Mrs. Abel's fee $95?")], now=AT_NOON)
    erase(lake, uc, Targets(interactions=("i1",)), **PERSON)
    other = said("i1", "What does a helmet cost?")
    kept_out = log_interactions(lake, uc, [other], now=AT_NOON)
    assert (kept_out.written, kept_out.erased) == (0, 1)
    readmit(lake, uc, ["i1"], **PERSON)
    assert log_interactions(lake, uc, [other], now=AT_NOON).written == 1
    assert [r["question"] for r in day_rows(lake, uc, AT_NOON.date().isoformat())] == ["What does a helmet cost?"]


def test_from_the_command_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake(home)
    lake.store.write(
        "erasures/bank_support.json",
        b'{"documents": ["note"], "sources": [], "opt_out": []}',  # as an earlier version wrote it
    )
    person = ("--as", PERSON["name"], "--reason", PERSON["reason"])
    done = genaiops(home, "readmit", "note", *person)
    assert "✓ 1 ids may be used again" in done.stdout
    assert not read_tombstones(lake.store, "bank_support").cover("note", "inbox")
    again = genaiops(home, "readmit", "note", *person, check=False)
    assert again.returncode == 1 and "'note' is kept out of" in again.stdout


def test_an_opt_out_that_was_taken_out_is_named(lake: Lake, uc: UseCase) -> None:
    erase(lake, uc, Targets(sources=("blog",), opt_out=("https://blog.example/",)), **PERSON)
    assert problems(lake) == []
    path = lake.home / f"erasures/{uc.name}.json"
    write_json(path, {**json.loads(path.read_text()), "sources": [], "opt_out": []})
    assert [p.partition(": ")[2] for p in problems(lake)] == [
        "1 erased opt_out are no longer kept out",
        "1 erased sources are no longer kept out",
    ]
