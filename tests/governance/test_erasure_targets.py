"""Erasure: who may erase, what may be named, and approvals that rested on what is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure import (
    BadTarget,
    Targets,
    known_names,
    read_opt_out,
    refuse_unknown,
)
from genaiops_assets.governance.release import approval_of, decide, pointer_problem, production_release, release
from genaiops_assets.lake import Lake, Tombstones, problems, read_tombstones
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import APPROVER, BUILDER, OWNER, both, do, hashes
from tests.support.damage import flip
from tests.support.erasures import MARK, ZH_MARK, files_with, life
from tests.support.lakes import V1


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    life(lake, uc)
    return lake


# --- approvals


def test_an_approval_holds_with_a_flag_and_promotion_still_works(lake: Lake, uc: UseCase) -> None:
    decide(lake, uc, V1, name=APPROVER, decision="approved", reason="read the card")
    assert approval_of(lake, uc, V1).erased_since == ()
    do(lake, uc)
    now = approval_of(lake, uc, V1)
    assert (now.status, now.changed) == ("approved", ())
    (flag,) = now.erased_since
    assert "2 documents by Olga Owner, trained on through its pairs" in flag
    release(lake, uc, V1, kind="promote", by=OWNER, reason="still good")
    released = production_release(lake, uc)
    assert released is not None and released.model_version == V1
    assert pointer_problem(lake, uc) is None and problems(lake) == []
    decide(lake, uc, V1, name=APPROVER, decision="approved", reason="knowing of the erasure")
    assert approval_of(lake, uc, V1).erased_since == ()


def test_the_check_shows_the_flag(lake: Lake, uc: UseCase) -> None:
    from genaiops_assets.orchestration.approval_checks import approval_result

    decide(lake, uc, V1, name=APPROVER, decision="approved", reason="read the card")
    do(lake, uc)
    result = approval_result(approval_of(lake, uc, V1), uc)
    assert result.passed and "2 documents" in str(result.metadata["erased_since"].value)


# --- who, what, and what is unknown


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [("Nobody", "r", "may not erase"), (BUILDER, "r", "may not erase"), (OWNER, " ", "needs a reason")],
)
def test_strangers_builders_and_the_silent_are_refused(
    lake: Lake, uc: UseCase, name: str, reason: str, said: str
) -> None:
    before = files_with(lake, MARK)
    with pytest.raises(Refused, match=said):
        do(lake, uc, name=name, reason=reason)
    assert files_with(lake, MARK) == before and read_tombstones(lake.store, uc.name) == Tombstones()


def test_a_typing_mistake_is_no_erasure(lake: Lake, uc: UseCase) -> None:
    with pytest.raises(Refused, match="document 'secret-em' is not known"):
        refuse_unknown(lake, uc, Targets(documents=("secret-em",)))
    do(lake, uc)
    refuse_unknown(lake, uc, both())  # erased is known


def test_a_lake_that_was_altered_is_not_erased_over(lake: Lake, uc: UseCase) -> None:
    flip(lake.current(uc.key("model_card"), V1).local("model_card.json"))
    with pytest.raises(Refused, match="not as published"):
        do(lake, uc)


def test_by_source_its_quarantined_lines_too(lake: Lake, uc: UseCase) -> None:
    (made,) = do(lake, uc, Targets(sources=("inbox",)))
    assert made.documents == hashes(lake, "secret-en", "secret-zh")
    assert files_with(lake, MARK, ZH_MARK) == [] and problems(lake) == []
    stones = read_tombstones(lake.store, uc.name)
    assert (
        stones.cover("anything", "inbox") and stones.cover("secret-en", "other") and not stones.cover("x", "banking_kb")
    )


def test_by_opt_out_file(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    file = tmp_path / "opt-out.txt"
    file.write_text(
        "# sent by mail\nsecret-en  # the "
        "author\nhttps://kb.example.org/accounts\ni4\nevil.example\ndocument:comes-later\n\n"
    )
    targets = read_opt_out(file, known_names(lake, uc))
    assert targets == Targets(
        ("comes-later", "secret-en"), (), ("evil.example", "https://kb.example.org/accounts"), ("i4",)
    )
    do(lake, uc, targets)
    assert problems(lake) == [] and files_with(lake, MARK, "want to be forgotten") == []
    documents = lake.current(uc.key("documents")).snapshot(uc.key("documents"))
    assert lake.tables.read(documents, ["id"]).to_pydict() == {"id": ["secret-zh"]}
    stones = read_tombstones(lake.store, uc.name)
    assert stones.cover("x", "y", "https://www.evil.example/page") and stones.cover("comes-later", "y")
    assert not stones.cover("x", "y", "https://kb.example.org/accountsbook") and not stones.cover(
        "x", "y", "drop.jsonl:1"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no such thing", "is no document"),
        ("url:nonsense", "neither a URL"),
        ("x" * 600, "longer than"),
        ("a\x00b", "control characters"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(
    lake: Lake, uc: UseCase, tmp_path: Path, line: str, said: str
) -> None:
    file = tmp_path / "opt-out.txt"
    file.write_text(f"secret-en\n{line}\n")
    with pytest.raises(BadTarget, match=re.escape(f"{file}:2: ") + f".*{said}"):
        read_opt_out(file, known_names(lake, uc))


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "names nothing"), (b"\xff\xfe", "not UTF-8"), (b"# only this\n", "names nothing")]
)
def test_an_opt_out_file_that_is_none(tmp_path: Path, lake: Lake, uc: UseCase, content: bytes, said: str) -> None:
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(BadTarget, match=said):
        read_opt_out(tmp_path / "f", known_names(lake, uc))


def test_an_opt_out_that_finds_nothing_is_recorded_and_kept_out(lake: Lake, uc: UseCase) -> None:
    assert do(lake, uc, Targets(opt_out=("nowhere.example",))) == []
    assert [e.body["targets"]["opt_out"] for e in lake.ledger.entries("kept_out")] == [["nowhere.example"]]
    assert read_tombstones(lake.store, uc.name).cover("x", "y", "https://nowhere.example/")
