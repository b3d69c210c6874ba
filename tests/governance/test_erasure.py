"""Erasure: after it the text stands in no file of the home, old snapshots open without it, verify is green, and a kill
at any step is finished by a rerun. The lake is real: tables, artifacts, ledger; only the models are left out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from genaiops_assets.corpus.schemas import RIGHTS
from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure import (
    BadTarget,
    Targets,
    erase,
    erasures,
    known_names,
    read_opt_out,
    refuse_unknown,
    survey_copies,
    unfinished,
)
from genaiops_assets.governance.release import approval_of, decide, pointer_problem, production_release, release
from genaiops_assets.lake import Lake, Tombstones, accepted, keyed_hash, problems, read_tombstones, write_rows
from genaiops_assets.serving import day_rows, log_interactions
from genaiops_assets.use_case import UseCase
from tests.support.erasures import MARK, PLAIN, SECRET, ZH_MARK, corpus, data_files, document, files_with, life
from tests.support.lakes import V1

erasure_module = import_module("genaiops_assets.governance.erasure.erasure")
survey_module = import_module("genaiops_assets.governance.erasure.survey")
tombstone_module = import_module("genaiops_assets.lake.tombstones")
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
OWNER, APPROVER, BUILDER = "Olga Owner", "Ada Approver", "Ben Builder"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    life(lake, uc)
    return lake


def both() -> Targets:
    return Targets(documents=("secret-en", "secret-zh"))


def do(lake: Lake, uc: UseCase, targets: Targets | None = None, **more: Any) -> Any:
    return erase(
        lake,
        uc,
        targets or both(),
        name=more.pop("name", OWNER),
        reason=more.pop("reason", "asked by the author"),
        **more,
    )


def hashes(lake: Lake, *ids: str) -> list[str]:
    return sorted(keyed_hash(lake.store, i) for i in ids)


def test_the_marks_are_there_before(lake: Lake) -> None:
    """The search below can find them: in every kind of place."""
    found = files_with(lake, MARK, ZH_MARK)
    for part in (
        "tables/",
        "artifacts/",
        "memo/",
        "inbox/",
        "cache/",
        "scratch/",
        "staging/",
        "logs/",
        "dagster/",
        "@",
    ):
        assert any(part in f for f in found), part
    assert problems(lake) == []


def test_the_text_leaves_every_file_and_verify_stays_green(lake: Lake, uc: UseCase) -> None:
    before = data_files(lake)
    (made,) = do(lake, uc)
    assert files_with(lake, MARK, ZH_MARK) == []
    rewritten = {t["table"].replace("/", "__") for t in made.tables}
    assert not {f for f in before if f.split("/")[1].removesuffix(".lance") in rewritten} & data_files(lake)
    assert problems(lake) == []
    assert made.documents == hashes(lake, "secret-en", "secret-zh") and made.versions == {V1: "pairs"}
    assert {t["table"].rpartition("/")[2]: t["rows"] for t in made.tables} == {
        "documents": 2, "quarantine": 1, "filtered_corpus": 2, "chunks": 2, "embeddings_index": 2, "preference_pairs": 3,
        "eval_outputs": 1, "interactions": 2, "interactions_day": 2,
    }  # fmt: skip
    assert any("g2" in s for s in made.standing)


def test_an_erased_interaction_stays_out_of_later_imports(lake: Lake, uc: UseCase) -> None:
    """Both the one that was named and those that repeated an erased document."""
    erased = {"i1", "i3", "i4"}
    again = [
        {"id": i, "question": "Is it free?", "answer": "Yes.", "channel": "import", "at": AT}
        for i in [*sorted(erased), "i2", "i9"]
    ]
    do(lake, uc, both() | Targets(interactions=("i4",)))
    assert read_tombstones(lake.store, uc.name).interactions == set(hashes(lake, *erased))
    digest = read_tombstones(lake.store, uc.name).digest
    log_interactions(lake, uc, again, now=AT)
    there = {r["id"].partition("~")[0] for r in day_rows(lake, uc, AT.date().isoformat())}  # `~`: other content
    assert there == {"i2", "i9"}
    do(lake, uc, Targets(interactions=("i9",)))
    assert read_tombstones(lake.store, uc.name).interactions == set(hashes(lake, *erased, "i9"))
    assert read_tombstones(lake.store, uc.name).digest == digest  # no document is read anew for it


def test_what_does_not_derive_from_it_stays(lake: Lake, uc: UseCase) -> None:
    do(lake, uc)
    head = lambda asset, partition=None: lake.current(uc.key(asset), partition)  # noqa: E731
    left = {
        name: lake.tables.read(head(asset, partition).snapshot(uc.key(name)), ["id"]).to_pydict()["id"]
        for asset, name, partition in (
            ("documents", "documents", None),
            ("embeddings_index", "embeddings_index", None),
            ("filtered_corpus", "row_ledger", None),
            ("preference_pairs", "preference_pairs", None),
            ("eval_report", "eval_outputs", V1),
            ("interactions", "interactions_day", "2026-01-05"),
        )
    }
    assert left == {
        "documents": ["plain"],
        "embeddings_index": ["plain#0"],
        "row_ledger": ["plain", "secret-en", "secret-zh"],
        "preference_pairs": ["p3"],
        "eval_outputs": ["g1/base_with", "g2/base_without"],
        "interactions_day": ["i2", "i4"],
    }
    golden = head("golden_set").json("golden.json")["items"]
    assert (
        golden[0]["answer"] == "Yes, it is."
        and golden[1]["answer"] == "[erased]"
        and golden[1]["documents"] == ["secret-en"]
    )
    card = head("model_card", V1)
    assert card.local("README.md").read_text() == "# Card\n\n- [erased]\n- Answer: [erased]\n- Limits: small\n" or (
        "- Limits: small" in card.local("README.md").read_text()
    )
    assert "kept &amp; fine" in card.local("page.html").read_text()
    inbox = lake.home / "inbox" / uc.name / "documents"
    assert sorted(p.name for p in inbox.rglob("*") if p.is_file()) == [
        "drop.jsonl",
        "list.json",
        "packed.jsonl.gz",
        "rows.parquet",
        "table.csv",
    ]
    assert (inbox / "drop.jsonl").read_text().split("\n")[1].startswith('{"id": "other"')
    assert (inbox / "table.csv").read_text() == f"doc_id,text\n\n\nother,{PLAIN}\n"
    assert pq.read_table(lake.cache / "corpus" / uc.name / "ingest" / "a.parquet").column("id").to_pylist() == ["plain"]
    assert (lake.home / "logs" / "daemon.log").read_text() == "started\n[erased]\nended\n"
    assert len((inbox.parent / "feedback" / "f.jsonl").read_text().split()) > 0


def test_old_snapshots_open_without_the_rows_and_say_so(lake: Lake, uc: UseCase) -> None:
    name = uc.key("documents")
    artifacts = [lake.artifacts.get(name, d) for d in lake.artifacts.digests(name)]
    do(lake, uc)
    states = accepted(lake)
    told = {}
    for artifact in artifacts:
        snapshot = artifact.snapshot(name)
        assert lake.tables.read(snapshot, ["id"]).to_pydict() == {"id": ["plain"]}
        told[snapshot.rows] = states.state_of(name, snapshot.digest)
    assert told == {2: "erased(1)", 3: "erased(2)"}
    closing = next(e for e in lake.ledger.entries("erased"))
    assert {s["state"] for t in closing.body["tables"] if t["table"] == name for s in t["snapshots"]} == {
        "erased(1)",
        "erased(2)",
    }


def test_no_ledger_entry_and_no_proof_holds_text(lake: Lake, uc: UseCase) -> None:
    do(lake, uc)
    for folder in ("ledger", "erasures"):
        said = " ".join(p.read_text() for p in (lake.home / folder).rglob("*.json"))
        assert "blue card" not in said and "费用" not in said
    assert not list((lake.home / "erasures" / "pending").glob("*"))


def test_no_record_of_an_erasure_holds_an_id_or_a_file_name(lake: Lake, uc: UseCase) -> None:
    """Ids often are file names, and those often name people."""
    targets = Targets(
        documents=("secret-en", "anna-kowalska-complaint"), interactions=("i4",), quarantined=("drop.jsonl:2",)
    )
    do(lake, uc, targets)
    do(lake, uc, Targets(documents=("never-there",)))
    for folder in ("ledger", "erasures"):
        said = " ".join(p.read_text() for p in (lake.home / folder).rglob("*.json"))
        for name in ("secret-en", "anna-kowalska", "drop.jsonl", '"i4"', "never-there"):
            assert name not in said, (folder, name)
    stones = read_tombstones(lake.store, uc.name)
    assert stones.has_document("anna-kowalska-complaint") and stones.cover("never-there", "x")
    assert not stones.has_document("anna") and problems(lake) == []
    refuse_unknown(lake, uc, Targets(documents=("never-there",)))


def test_tombstones_and_proofs_of_an_earlier_version_are_still_read(
    lake: Lake, uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain ids everywhere, pairs in the proof, no digest of what stayed."""
    plain = erasure_module.find

    def without_rest(*arguments: Any, **more: Any) -> Any:
        return replace(plain(*arguments, **more), remaining={})

    with monkeypatch.context() as earlier:
        for module in (erasure_module, survey_module):
            earlier.setattr(module, "find", without_rest)
        earlier.setattr(erasure_module, "keyed_hash", lambda store, text: text)
        earlier.setattr(erasure_module, "hidden", lambda lake, content: content)
        earlier.setattr(tombstone_module, "keyed_hash", lambda store, text: text)
        earlier.setattr(erasure_module, "rewritten", as_before(erasure_module.rewritten))
        (made,) = do(lake, uc, Targets(documents=("secret-en",)))
    assert made.documents == ["secret-en"] and problems(lake) == []
    assert read_tombstones(lake.store, uc.name).documents == {"secret-en"}
    (later,) = do(lake, uc, Targets(documents=("secret-zh",)))
    assert later.documents == hashes(lake, "secret-zh") and problems(lake) == []
    stones = read_tombstones(lake.store, uc.name)
    assert stones.has_document("secret-en") and stones.has_document("secret-zh")


def as_before(rewritten: Any) -> Any:
    def without(*arguments: Any) -> dict[str, Any]:
        return {k: v for k, v in rewritten(*arguments).items() if k != "remaining"}

    return without


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_whatever_is_altered_after_an_erasure_is_named(lake: Lake, uc: UseCase) -> None:
    do(lake, uc)
    proof = next((lake.home / "erasures" / "proof").iterdir())
    table = next((lake.home / "tables" / f"{uc.name}__documents.lance" / "data").iterdir())
    card = lake.current(uc.key("model_card"), V1).local("README.md")
    for path, said in (
        (proof, "proof of an erasure"),
        (table, "altered after publication"),
        (card, "altered after publication"),
    ):
        whole = path.read_bytes()
        flip(path)
        found = problems(lake)
        assert any(path.name in f and said in f for f in found), (path, found)
        path.write_bytes(whole)
    assert problems(lake) == []


def test_the_unredacted_file_is_not_accepted_again(lake: Lake, uc: UseCase) -> None:
    card = lake.current(uc.key("model_card"), V1).local("README.md")
    whole = card.read_bytes()
    do(lake, uc)
    card.write_bytes(whole)
    assert [f for f in problems(lake) if "README.md: altered" in f]


def test_a_row_deleted_without_an_erasure_is_still_found(lake: Lake, uc: UseCase) -> None:
    do(lake, uc)
    name = uc.key("documents")
    snapshot = lake.current(name).snapshot(name)
    table = lake.tables.open(name)
    table.delete("id = 'plain'")
    table.tags.update(snapshot.tag, table.version)
    assert any(f"{name}@{snapshot.tag}: rows do not match" in f for f in problems(lake))


# --- approvals
# ------------------------------------------------------------------------------------------------------------


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
# ---------------------------------------------------------------------------------------


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


# --- before, again and interrupted
# ----------------------------------------------------------------------------------------


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
