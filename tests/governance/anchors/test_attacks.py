"""What anchors are for: a ledger that was cut, forked, edited, written anew, reordered or backdated shows, by the right
name, although every hash in it fits. The attacker may write everything in the home, and not where the anchors are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.governance.anchors import Place, anchor_to, compare
from genaiops_assets.lake import Lake, digest_of, pretty_json
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, candidate

GENESIS = "0" * 64


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "anchors.jsonl"


@pytest.fixture
def lake(lake: Lake, uc: UseCase, outside: Path) -> Lake:
    """A ledger with a life, anchored after its third entry and at its end."""
    for n in range(3):
        lake.ledger.append("noted", {"n": n})
    anchor_to(lake, [Place("file", outside)])
    candidate(lake, uc, V1)
    lake.ledger.append("approval", {"use_case": uc.name, "model_version": "none", "decision": "rejected", "name": "A"})
    anchor_to(lake, [Place("file", outside)])
    return lake


def contents(lake: Lake) -> list[dict[str, Any]]:
    return [json.loads((lake.home / "ledger" / name).read_text()) for name in lake.store.list("ledger")]


def written_anew(lake: Lake, entries: list[dict[str, Any]]) -> None:
    """The ledger as an attacker leaves it: all hashes fit, the file names too, and the mark beside it."""
    folder = lake.home / "ledger"
    shutil.rmtree(folder)
    folder.mkdir()
    before = GENESIS
    for seq, content in enumerate(entries, start=1):
        stated = {**content, "seq": seq, "prev": before}
        stated.pop("hash")
        before = digest_of(stated)
        (folder / f"{seq:08d}-{stated['prev'][:16]}.json").write_bytes(pretty_json({**stated, "hash": before}))
    mark = {"seq": len(entries), "hash": before, "at": entries[-1]["at"]}
    (lake.home / "ledger_marks" / "highest.json").write_bytes(pretty_json(mark))


def found(lake: Lake, outside: Path) -> list[str]:
    return compare(lake, files=[outside]).problems


def test_an_untouched_ledger_has_no_problem_and_grows_on(lake: Lake, outside: Path) -> None:
    assert found(lake, outside) == [] and lake.ledger.problems() == []
    lake.ledger.append("noted", {"n": 4})
    assert found(lake, outside) == [] and compare(lake, files=[outside]).anchors == 2


def test_a_truncated_ledger_is_called_truncated_with_how_many_are_missing(lake: Lake, outside: Path) -> None:
    kept, last = contents(lake)[:-3], len(contents(lake))
    written_anew(lake, kept)
    assert lake.ledger.problems() == []
    (problem,) = found(lake, outside)
    assert f"ends with entry {last - 3}" in problem and "it was truncated, 2 entries are missing" in problem


def test_a_rehashed_edit_is_placed_between_two_anchors(lake: Lake, outside: Path) -> None:
    entries = contents(lake)
    place = next(n for n, e in enumerate(entries) if e["kind"] == "approval")
    entries[place]["body"]["decision"] = "approved"
    written_anew(lake, entries)
    assert lake.ledger.problems() == []
    problems = " ".join(found(lake, outside))
    assert "was forked or edited after entry 4, and hashed again" in problems and "truncated" not in problems


def test_a_wholly_rewritten_ledger_is_called_written_anew(lake: Lake, outside: Path) -> None:
    entries = contents(lake)
    for entry in entries:
        entry["body"] = {**entry["body"], "forged": True}
    written_anew(lake, entries)
    assert lake.ledger.problems() == []
    problems = found(lake, outside)
    assert any("no earlier anchor agrees: the ledger was written anew, from entry 1" in p for p in problems)


def test_a_rewritten_ledger_under_another_id_and_key_is_named(lake: Lake, outside: Path) -> None:
    entries = [{**e, "home": "f" * 32} for e in contents(lake) if e["kind"] != "signing_key"]
    written_anew(lake, entries)
    (lake.home / "lake.json").write_bytes(pretty_json({"schema_version": 1, "id": "f" * 32}))
    assert lake.ledger.problems() == []
    problems = " ".join(found(lake, outside))
    assert "another lake, or one whose ledger was written anew" in problems
    assert "signed with a key" in problems and "that the ledger does not name" in problems


def test_a_forked_ledger_is_named_by_its_own_anchors_and_by_both(lake: Lake, outside: Path, tmp_path: Path) -> None:
    """One home copied, both lived on: each anchors, and somebody puts the anchors side by side."""
    fork = tmp_path / "fork"
    shutil.copytree(lake.home, fork)
    for home, word in ((lake, "here"), (Lake(fork), "there")):
        home.ledger.append("noted", {"where": word})
        anchor_to(home, [Place("file", outside)])
        assert home.ledger.problems() == []
    for home in (lake, Lake(fork)):
        problems = " ".join(found(home, outside))
        assert "there are two ledgers, one of them was forked" in problems, problems
    # the anchors of the other one alone
    theirs = tmp_path / "theirs.jsonl"
    theirs.write_text(outside.read_text().splitlines()[-1] + "\n")
    ours = tmp_path / "ours.jsonl"
    ours.write_text("\n".join(outside.read_text().splitlines()[:2]) + "\n")
    problems = " ".join(compare(lake, files=[theirs, ours]).problems)
    assert "was forked or edited after entry" in problems


def test_reordered_entries_are_seen_by_the_chain_and_when_hashed_again_by_the_anchors(
    lake: Lake, outside: Path
) -> None:
    names = sorted(p.name for p in (lake.home / "ledger").iterdir())
    one, two = (lake.home / "ledger" / n for n in names[4:6])
    text = one.read_text()
    one.write_text(two.read_text())
    two.write_text(text)
    assert any("chain broken" in p for p in lake.ledger.problems())
    two.write_text(one.read_text())
    one.write_text(text)
    entries = contents(lake)
    entries[4], entries[5] = {**entries[5], "at": entries[4]["at"]}, {**entries[4], "at": entries[5]["at"]}
    written_anew(lake, entries)
    assert lake.ledger.problems() == []
    assert any("forked or edited after entry 4" in p for p in found(lake, outside))


def backdate_in_place(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        entry["at"] = "2020-01-01T00:00:00+00:00"


def test_a_backdated_history_is_seen(lake: Lake, outside: Path) -> None:
    entries = contents(lake)
    backdate_in_place(entries)
    written_anew(lake, entries)
    assert lake.ledger.problems() == [] and any("written anew" in p for p in found(lake, outside))


def test_an_entry_appended_with_an_earlier_time_is_called_backdated(lake: Lake, outside: Path) -> None:
    """The chain allows any time not before the entry before; the anchor knows that the entry did not exist then."""
    lines = [json.loads(line) for line in outside.read_text().splitlines()]
    later = {**lines[-1], "made_at": "2099-01-01T00:00:00+00:00"}
    later.pop("signature"), later.pop("key"), later.pop("public_key")
    outside.write_text("\n".join(json.dumps(one) for one in [*lines[:-1], later]) + "\n")
    lake.ledger.append("noted", {"n": 9})
    problems = found(lake, outside)
    assert len(problems) == 2 and all("it is backdated" in p for p in problems)  # the entry `anchored`, and this one
    assert f"ledger/{lake.ledger.head().name}" in problems[-1]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda a: {**a, "seq": a["seq"] + 1}, "the anchor's signature does not fit"),
        (lambda a: {**a, "head": "e" * 64}, "the anchor's signature does not fit"),
        (lambda a: {**a, "made_at": "2020-01-01T00:00:00+00:00"}, "the anchor's signature does not fit"),
        (lambda a: {**a, "signature": "AAAA"}, "the anchor's signature does not fit"),
        (lambda a: {**a, "kind": "note"}, "is no anchor of a ledger"),
        (lambda a: {**a, "schema_version": 2}, "is an anchor of version 2"),
        (lambda a: {**a, "seq": "four"}, "is a damaged anchor"),
        (lambda a: {**a, "more": 1}, "is a damaged anchor (unknown: more)"),
        (lambda a: [a], "is no anchor of a ledger"),
    ],
)
def test_a_changed_anchor_is_named_and_not_the_ledger(
    lake: Lake, outside: Path, change: Callable[[Any], Any], why: str
) -> None:
    lines = outside.read_text().splitlines()
    outside.write_text("\n".join([lines[0], json.dumps(change(json.loads(lines[1])))]) + "\n")
    problems = found(lake, outside)
    assert any(why in p and f"file:{outside} line 2" in p for p in problems), problems


def test_removed_anchors_are_missed_because_the_ledger_names_them(lake: Lake, outside: Path) -> None:
    outside.write_text(outside.read_text().splitlines()[0] + "\n")
    (problem,) = found(lake, outside)
    assert "was anchored there, and it is not there (1 anchors are gone)" in problem
    outside.unlink()
    assert "is not there; it should hold anchors" in found(lake, outside)[0]


def test_a_line_cut_off_by_a_kill_is_named_and_hides_no_other(lake: Lake, outside: Path) -> None:
    whole = outside.read_text()
    outside.write_text(whole[:-40])
    assert any("line 2: is no anchor" in p for p in found(lake, outside))
    outside.write_text(whole + '{"kind": "ledger_anc')
    anchor_to(lake, [Place("file", outside)])
    assert len(outside.read_text().splitlines()) == 4
    (problem,) = found(lake, outside)
    assert "line 3: is no anchor" in problem
