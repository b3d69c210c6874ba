"""The ledger: appends from anywhere, a chain that shows every change."""

import json
import multiprocessing as mp
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.lake import Entry, digest_of, write_json
from genaiops_assets.lake.identity import known_id
from genaiops_assets.lake.ledger import GENESIS, BrokenLedger, Ledger, without_hash
from genaiops_assets.lake.store import Store

PROCESSES, APPENDS = 8, 10


def filled(root: Path, count: int = 4) -> tuple[Ledger, list[Path]]:
    ledger = Ledger(Store(root))
    for n in range(count):
        ledger.append("note", {"n": n})
    return ledger, sorted((root / "ledger").iterdir())


def test_entries_are_chained_in_order(store: Store) -> None:
    ledger = Ledger(store)
    assert ledger.head() is None and ledger.head_hash() == GENESIS
    made = [ledger.append("note" if n % 2 else "other", {"n": n}) for n in range(12)]
    assert [e.seq for e in made] == list(range(1, 13))
    assert [e.prev for e in made] == [GENESIS, *(e.hash for e in made[:-1])]
    assert list(ledger.entries()) == made
    assert [e.body["n"] for e in ledger.entries("note")] == [1, 3, 5, 7, 9, 11]
    assert ledger.head() == made[-1]
    assert ledger.problems() == []


def test_loser_of_a_race_appends_after_the_winner(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, fast = Ledger(store), Ledger(store)
    head = slow.head
    seen: list[Entry] = []

    def overtaken() -> Any:
        found = head()
        if not seen:
            seen.append(fast.append("note", {"who": "fast"}))
        return found

    monkeypatch.setattr(slow, "head", overtaken)
    entry = slow.append("note", {"who": "slow"})
    assert (entry.seq, entry.prev) == (2, seen[0].hash)
    assert slow.problems() == []


def append_many(root: str, who: int) -> None:
    ledger = Ledger(Store(root))
    for n in range(APPENDS):
        ledger.append("note", {"who": who, "n": n})


def test_concurrent_appends_are_all_kept_in_one_chain(tmp_path: Path) -> None:
    with mp.get_context("spawn").Pool(PROCESSES) as pool:
        pool.starmap(append_many, [(str(tmp_path), who) for who in range(PROCESSES)], chunksize=1)
    ledger = Ledger(Store(tmp_path))
    entries = [(e.body["who"], e.body["n"]) for e in ledger.entries()]
    assert sorted(entries) == [(who, n) for who in range(PROCESSES) for n in range(APPENDS)]
    assert [n for who, n in entries if who == 3] == list(range(APPENDS))
    assert ledger.problems() == []


def test_changed_entry_is_named(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path)
    content = json.loads(files[1].read_text())
    write_json(files[1], {**content, "body": {"n": 99}})
    assert ledger.problems() == [f"ledger/{files[1].name}: content does not match its hash"]


def test_entry_changed_with_its_hash_breaks_the_chain_after_it(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path)
    content = json.loads(files[1].read_text())
    del content["hash"]
    content["body"] = {"n": 99}
    write_json(files[1], {**content, "hash": digest_of(content)})
    assert ledger.problems() == [f"ledger/{files[2].name}: chain broken, an entry before it was removed or altered"]


def test_removed_entry_breaks_the_chain_after_it(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path)
    files[1].unlink()
    assert ledger.problems()[0] == f"ledger/{files[2].name}: chain broken, an entry before it was removed or altered"


def test_renamed_entry_is_named(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path)
    files[3].rename(files[3].with_name("00000004-0000000000000000.json"))
    assert ledger.problems() == ["ledger/00000004-0000000000000000.json: the file name does not match its content"]


def test_truncation_shows_by_a_hash_noted_elsewhere(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path)
    noted = ledger.head_hash()
    assert ledger.problems(iter([("card", noted), ("first", GENESIS)])) == []
    files[3].unlink()
    missing = f"ledger/: entry {noted[:12]} noted in {{}} is missing: the ledger was truncated"
    assert ledger.problems() == [missing.format("ledger_marks/highest.json")]
    (tmp_path / "ledger_marks/highest.json").unlink()
    assert ledger.problems() == ["ledger_marks/highest.json: missing; it says how far the ledger went"]
    marks = [("card", noted), ("the history", noted[:16])]
    assert ledger.problems(iter(marks))[1:] == [missing.format("card"), missing.format("the history")]


def test_an_entry_of_another_lake_or_from_the_past_is_named(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path / "here")
    other, _ = filled(tmp_path / "there")
    content = without_hash(json.loads(files[3].read_text()))
    foreign = {**content, "home": known_id(other.store)}
    write_json(files[3], {**foreign, "hash": digest_of(foreign)})
    assert f"ledger/{files[3].name}: written in lake {foreign['home']}" in "\n".join(ledger.problems())
    past = {**content, "at": "2020-01-01T00:00:00+00:00"}
    write_json(files[3], {**past, "hash": digest_of(past)})
    assert "its time 2020-01-01T00:00:00+00:00 is before" in "\n".join(ledger.problems())
    del past["home"], past["at"]
    past["at"] = content["at"]
    write_json(files[3], {**past, "hash": digest_of(past)})
    assert "of an earlier version, after entries of this one" in "\n".join(ledger.problems())


def test_the_clock_set_back_leaves_no_entry_in_the_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, files = filled(tmp_path)
    content = without_hash(json.loads(files[3].read_text())) | {"at": "2999-01-01T00:00:00+00:00"}
    whole = {**content, "hash": digest_of(content)}
    write_json(files[3], whole)
    write_json(tmp_path / "ledger_marks/highest.json", {"seq": 4, "hash": whole["hash"], "at": whole["at"]})
    assert ledger.append("note", {}).at == "2999-01-01T00:00:00+00:00" and ledger.problems() == []


def test_a_chain_of_an_earlier_version_is_read_and_goes_on(tmp_path: Path) -> None:
    """Its entries name no lake, and may go back in time."""
    ledger, prev = Ledger(Store(tmp_path)), GENESIS
    for seq, hour in enumerate(("10", "09"), start=1):
        content = {
            "schema_version": 1,
            "seq": seq,
            "prev": prev,
            "at": f"2026-01-01T{hour}:00:00+00:00",
            "kind": "note",
            "actor": "somebody",
            "body": {},
        }
        prev_before, prev = prev, digest_of(content)
        write_json(tmp_path / "ledger" / f"{seq:08d}-{prev_before[:16]}.json", {**content, "hash": prev})
    assert ledger.problems() == []
    assert ledger.append("note", {}).seq == 3 and ledger.problems() == []


def test_a_folder_among_the_entries_is_named(tmp_path: Path) -> None:
    ledger, _ = filled(tmp_path)
    (tmp_path / "ledger/99999999-folder").mkdir()
    assert "ledger/99999999-folder: not a ledger entry" in ledger.problems()[-1]


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b"\xff", b'{"seq": 1'])
def test_entry_that_is_none_is_named_and_stops_appending(tmp_path: Path, damage: bytes) -> None:
    ledger, files = filled(tmp_path)
    files[3].write_bytes(damage)
    assert ledger.problems()[-1].startswith(f"ledger/{files[3].name}: not a ledger entry")
    with pytest.raises(BrokenLedger, match=files[3].name):
        ledger.append("note", {})


@pytest.mark.parametrize("field", ["seq", "prev", "body"])
def test_entry_with_a_field_of_another_type_is_named(tmp_path: Path, field: str) -> None:
    ledger, files = filled(tmp_path)
    write_json(files[2], {**json.loads(files[2].read_text()), field: None})
    assert ledger.problems() == [f"ledger/{files[2].name}: not a ledger entry (a field of another type)"]


def test_changing_any_single_byte_is_found(tmp_path: Path) -> None:
    ledger, files = filled(tmp_path, 3)
    whole = files[1].read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        files[1].write_bytes(damaged)
        try:
            unchanged = json.loads(damaged) == json.loads(whole)  # a blank became another
        except ValueError:
            unchanged = False
        assert unchanged or any(files[1].name in p or files[2].name in p for p in ledger.problems()), position
