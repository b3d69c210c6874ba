"""Erasure: looked at before, done again, and finished by a rerun after a kill at any step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from genaiops_assets.corpus.schemas import RIGHTS
from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure import (
    Targets,
    erase,
    erasures,
    survey_copies,
    unfinished,
)
from genaiops_assets.governance.release import decide
from genaiops_assets.lake import Lake, problems, write_rows
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import APPROVER, OWNER, both, do
from tests.support.erasures import MARK, PLAIN, SECRET, ZH_MARK, corpus, document, files_with, life
from tests.support.lakes import V1


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    life(lake, uc)
    return lake


def test_the_survey_lists_all_and_touches_nothing(lake: Lake, uc: UseCase) -> None:
    before = {p: p.read_bytes() for p in lake.home.rglob("*") if p.is_file() and "staging" not in p.parts}
    plan = survey_copies(lake, uc, both())
    places = " ".join(row["place"] for row in plan.rows())
    for part in ("/documents", "/chunks", "/embeddings_index", "/preference_pairs", "/eval_outputs", "/interactions", "model_card", "eval_report",
                 "golden_set", "drop.jsonl", "stage file", "history", "daemon.log", "memo"):  # fmt: skip
        assert part in places, part
    assert plan.versions == {V1: "pairs"}
    assert {p: p.read_bytes() for p in before} == before


def test_a_second_erasure_goes_on_from_the_first(lake: Lake, uc: UseCase) -> None:
    do(lake, uc, Targets(documents=("secret-en",)))
    assert files_with(lake, MARK) == [] and files_with(lake, ZH_MARK)
    do(lake, uc, Targets(documents=("secret-zh",)))
    assert files_with(lake, MARK, ZH_MARK) == [] and problems(lake) == []
    assert do(lake, uc) == [] and len(erasures(lake, uc)) == 2
    corpus(
        lake,
        uc,
        [document("plain", PLAIN, "banking_kb"), document("new", "Something new that nobody has said before now.")],
        [],
    )
    assert problems(lake) == []


class Killed(Exception):
    pass


def killing(at: int) -> Callable[[str], None]:
    seen: list[str] = []

    def step(what: str) -> None:
        seen.append(what)
        if len(seen) > at:
            raise Killed(what)

    return step


def test_a_kill_before_any_step_is_finished_by_a_rerun(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    steps: list[str] = []
    template = tmp_path / "template"
    shutil.copytree(lake.home, template)
    do(lake, uc, step=steps.append)
    begins = steps.index("artifacts")
    ends = steps.index("clean up") + 1
    assert {"history", "inbox", "caches", "ledger", "clean up"} < set(steps[begins:ends])
    rewrites = [n for n in range(begins, ends) if steps[n].startswith("rewrite")]
    for at in sorted({*range(begins, ends)} - set(rewrites[1:-1])):
        again = Lake(tmp_path / f"home{at}")
        shutil.copytree(template, again.home)
        with pytest.raises(Killed):
            do(again, uc, step=killing(at))
        closed = steps[at] == "clean up"
        assert bool(unfinished(again, uc)) != closed
        if not closed:
            assert any("is unfinished; type: genaiops erase --finish -u bank_support" in p for p in problems(again))
            with pytest.raises(Refused, match="unfinished"):
                decide(again, uc, V1, name=APPROVER, decision="approved", reason="r")
        do(again, uc)
        assert files_with(again, MARK, ZH_MARK) == [], steps[at]
        assert problems(again) == [], steps[at]
        assert not list((again.home / "erasures" / "pending").glob("*"))
        assert len(erasures(again, uc)) == 1
        shutil.rmtree(again.home)


def test_a_sync_between_kill_and_rerun_is_accounted_for(lake: Lake, uc: UseCase) -> None:
    steps: list[str] = []
    with pytest.raises(Killed):

        def step(what: str) -> None:
            steps.append(what)
            if what == f"rewrite {uc.name}/filtered_corpus":
                raise Killed(what)

        do(lake, uc, step=step)
    corpus(
        lake, uc, [document("plain", PLAIN, "banking_kb"), document("secret-en", SECRET, title=f"Late {MARK} fees")], []
    )
    erase(lake, uc, Targets(), name=OWNER, reason="finish it")
    do(lake, uc)
    assert files_with(lake, MARK, ZH_MARK) == []
    assert problems(lake) == []


def test_the_rights_of_an_erased_document_go_too(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    """Its id and its file name stand there."""
    rows = [
        dict.fromkeys(RIGHTS.names, "") | {"id": i, "origin": origin, "first_seen": 1}
        for i, origin in (
            ("document:secret-en", "anna-kowalska.txt:1"),
            ("document:plain", "a.txt:1"),
            ("source:a", "a"),
        )
    ]
    write_rows(tmp_path / "rights.parquet", RIGHTS, rows)
    snapshot = lake.tables.sync(uc.key("rights"), tmp_path / "rights.parquet").snapshot
    do(lake, uc, Targets(documents=("secret-en",)))
    assert lake.tables.read(snapshot, ["id"]).to_pydict() == {"id": ["document:plain", "source:a"]}
    assert files_with(lake, "anna-kowalska") == [] and problems(lake) == []
