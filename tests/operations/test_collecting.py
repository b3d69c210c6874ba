"""`gc`: what nothing refers to goes, all else stays, the ledger says what went, and a kill in the middle is made good."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.lake import COLLECTED, Lake, Snapshot, lease, problems, write_rows
from genaiops_assets.operations import collect, plan_collection
from genaiops_assets.operations import collecting as collecting_module
from genaiops_assets.use_case import UseCase
from tests.conftest import genaiops
from tests.operations.homes import lived_in
from tests.support.lakes import V1, publish

SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


@pytest.fixture
def lived(tmp_path: Path) -> tuple[Lake, UseCase]:
    """A released version; beside it a page that was written three times, the second quoted by a document that is
    current, and a table of which two states were replaced."""
    lake, uc = lived_in(tmp_path / "home")
    quoted = ""
    for n in range(3):
        page = publish(lake, uc.key("page"), {"page.json": {"n": n}})
        quoted = page.digest if n == 1 else quoted
    publish(lake, uc.key("quoting"), {"quoting.json": {"claim": {"digest": quoted}}})
    for n in range(3):
        publish_table(lake, uc, n)
    return lake, uc


def publish_table(lake: Lake, uc: UseCase, n: int) -> Snapshot:
    name = uc.key("notes")
    made = publish(lake, name, {"notes.json": {"n": n}})
    file = lake.home / f"rows{n}.parquet"
    write_rows(file, SCHEMA, [{"id": "1", "text": f"text {n} " * 50}])
    key = f"{n}" * 32
    with lake.work(key) as place:
        snapshot = lake.tables.sync(name, file).snapshot
        how = {"asset": name, "inputs": {"page": made.digest}, "code_version": "1", "config": {"n": n}, "seed": 17}
        lake.publish(name, None, key, place.staging, snapshots=[snapshot], summary={}, provenance=how)
    file.unlink()
    return snapshot


def gone(lake: Lake) -> set[str]:
    return {o["asset"].split("/")[-1] for o in plan_collection(lake, days=0).outputs}


def test_only_what_nothing_refers_to_would_go_and_nothing_has(lived: tuple[Lake, UseCase]) -> None:
    lake, uc = lived
    before = {p: p.stat().st_mtime_ns for p in lake.home.rglob("*") if p.is_file()}
    plan = plan_collection(lake, days=0)
    assert [(o["asset"], lake.artifacts.get(o["asset"], o["digest"]).json("page.json")["n"])
            for o in plan.outputs if o["asset"] == uc.key("page")] == [(uc.key("page"), 0)]  # fmt: skip
    assert {o["asset"] for o in plan.outputs} == {uc.key("page"), uc.key("notes")}
    assert not {"model_card", "eval_report", "aligned_checkpoint", "documents"} & gone(lake)
    assert {p: p.stat().st_mtime_ns for p in lake.home.rglob("*") if p.is_file()} == before
    assert plan_collection(lake, days=1).outputs == [], "all of it was made today"


def test_what_goes_is_listed_and_the_rest_is_as_published(lived: tuple[Lake, UseCase]) -> None:
    lake, uc = lived
    tables = Path(lake.tables_url) / "bank_support__notes.lance"
    size = sum(p.stat().st_size for p in tables.rglob("*") if p.is_file())
    plan = collect(lake, days=0)
    (entry,) = [e for e in lake.ledger.entries() if e.kind == COLLECTED]
    assert {(o["asset"], o["digest"]) for o in entry.body["outputs"]} == {
        (o["asset"], o["digest"]) for o in plan.outputs
    }
    assert all(not lake.artifacts.has(o["asset"], o["digest"]) for o in plan.outputs)
    assert sum(p.stat().st_size for p in tables.rglob("*") if p.is_file()) < size
    assert problems(lake) == [] and not plan_collection(lake, days=0)
    rows = lake.tables.read(lake.current(uc.key("notes")).snapshot(uc.key("notes"))).to_pylist()
    assert rows[0]["text"].startswith("text 2")


def test_what_was_collected_is_made_again_when_it_is_asked_for(lived: tuple[Lake, UseCase]) -> None:
    lake, uc = lived
    collect(lake, days=0)
    again = publish(lake, uc.key("page"), {"page.json": {"n": 0}})
    assert lake.current(uc.key("page")).digest == again.digest and problems(lake) == []


def test_what_is_missing_without_having_been_collected_still_shows(lived: tuple[Lake, UseCase]) -> None:
    import shutil

    lake, uc = lived
    collect(lake, days=0)
    shutil.rmtree(Path(lake.current(uc.key("page")).uri))
    assert any("recorded in the ledger but gone" in problem for problem in problems(lake))
    with pytest.raises(Refused, match="not as published"):
        collect(lake, days=0)


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_a_kill_in_the_middle_is_made_good(
    lived: tuple[Lake, UseCase], monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    """After the entry, and after one or two removals."""
    lake, _ = lived
    removed, really = [], collecting_module.remove_output

    def killed(lake: Lake, asset: str, digest: str) -> None:
        if len(removed) == survived:
            raise KeyboardInterrupt
        removed.append(digest)
        really(lake, asset, digest)

    with monkeypatch.context() as patched:
        patched.setattr(collecting_module, "remove_output", killed)
        with pytest.raises(KeyboardInterrupt):
            collect(lake, days=0)
    assert problems(lake) == []
    assert plan_collection(lake, days=0).unfinished
    collect(lake, days=0)
    assert problems(lake) == [] and not plan_collection(lake, days=0)


def test_work_that_begins_while_the_home_is_tidied_waits(
    lived: tuple[Lake, UseCase], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, _ = lived
    order: list[str] = []

    def work() -> None:
        with lake.work("e" * 64, on_wait=lambda: order.append("waits")):
            order.append("works")

    worker = threading.Thread(target=work)

    def while_it_removes(asked: Lake) -> None:
        worker.start()
        deadline = time.monotonic() + 3
        while not order and time.monotonic() < deadline:
            time.sleep(0.02)
        finish(asked)
        order.append("tidied")

    finish = collecting_module.finish
    monkeypatch.setattr(collecting_module, "finish", while_it_removes)
    collect(lake, days=0)
    worker.join(10)
    assert order == ["waits", "tidied", "works"]


def test_works_go_on_beside_each_other_and_two_collections_do_not(lived: tuple[Lake, UseCase]) -> None:
    lake, _ = lived
    with lake.work("e" * 64), lake.work("f" * 64), pytest.raises(Refused, match="work is under way"):
        collect(lake, days=0)
    with lease(lake.tidying, timeout=0), pytest.raises(Refused, match="another collection"):
        collect(lake, days=0)
    assert collect(lake, days=0).outputs


def test_nothing_is_collected_while_work_is_under_way(lived: tuple[Lake, UseCase]) -> None:
    lake, _ = lived
    with lake.work("a" * 32), pytest.raises(Refused, match="work is under way"):
        collect(lake, days=0)


@pytest.mark.parametrize("decided", [True, False])
def test_what_was_replaced_stays_just_where_a_decision_names_it(tmp_path: Path, decided: bool) -> None:
    """The card that was approved and released, after card and decision were made anew and nothing current cites it."""
    lake, uc = lived_in(tmp_path / "home", released=decided)
    card = lake.current(uc.key("model_card"), V1).digest
    for name, file in (("model_card", "model_card.json"), ("release_decision", "decision.json")):
        publish(lake, uc.key(name), {file: {"made": "again"}}, partition=V1)
    going = {o["digest"] for o in plan_collection(lake, days=0).outputs}
    assert (card in going) is not decided
    collect(lake, days=0)
    assert lake.artifacts.has(uc.key("model_card"), card) is decided and problems(lake) == []


def test_the_command_shows_first_and_removes_when_told(lived: tuple[Lake, UseCase]) -> None:
    lake, _ = lived
    shown = " ".join(genaiops(lake.home, "gc", "--days", "0").stdout.split())
    assert "would go; nothing was changed" in shown and "gc --apply" in shown and "stays:" in shown
    assert plan_collection(lake, days=0).outputs
    assert "the ledger lists them" in genaiops(lake.home, "gc", "--days", "0", "--apply").stdout
    assert "nothing to collect" in genaiops(lake.home, "gc", "--days", "0").stdout
    assert "as published" in genaiops(lake.home, "verify").stdout
