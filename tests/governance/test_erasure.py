"""Erasure: after it the text stands in no file of the home, old snapshots open without it, and verify is green. The
lake is real: tables, artifacts, ledger; only the models are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pyarrow.parquet as pq
import pytest

from genaiops_assets.governance.erasure import (
    Targets,
    refuse_unknown,
)
from genaiops_assets.lake import Lake, accepted, problems, read_tombstones
from genaiops_assets.serving import day_rows, log_interactions
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import both, do, hashes
from tests.support.damage import flip
from tests.support.erasures import MARK, PLAIN, ZH_MARK, data_files, files_with, life
from tests.support.lakes import V1

erasure_module = import_module("genaiops_assets.governance.erasure.erasure")
survey_module = import_module("genaiops_assets.governance.erasure.survey")
tombstone_module = import_module("genaiops_assets.lake.tombstones")
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    life(lake, uc)
    return lake


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
