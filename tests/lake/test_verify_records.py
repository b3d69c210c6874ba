"""Verify, records: heads, memo, tombstones, and what hides among published things."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from genaiops_assets.lake import Artifact, Lake, add_tombstones, digest_of, problems, write_json

CARD = "demo/card"


def publish(lake: Lake, asset: str = CARD, content: int = 1, partition: str | None = None) -> Artifact:
    key = digest_of([asset, content])
    with lake.work(key) as place:
        write_json(place.staging / "card.json", content)
        return lake.publish(asset, partition, key, place.staging, snapshots=[], summary={}, provenance={"asset": asset})


@pytest.fixture
def card(lake: Lake) -> Artifact:
    made = publish(lake)
    assert problems(lake) == []
    return made


def test_a_link_in_place_of_a_file_is_named(lake: Lake, card: Artifact, tmp_path: Path) -> None:
    """Same bytes, but they lie elsewhere and may change."""
    shutil.move(card.local("card.json"), tmp_path / "elsewhere")
    card.local("card.json").symlink_to(tmp_path / "elsewhere")
    assert problems(lake) == [f"{card.key}/card.json: a link in place of a file"]


def test_a_link_in_place_of_a_whole_artifact_is_named(lake: Lake, card: Artifact, tmp_path: Path) -> None:
    shutil.move(card.local(), tmp_path / "elsewhere")
    Path(str(card.local()).rstrip("/")).symlink_to(tmp_path / "elsewhere")
    assert f"{card.key}: a link in place of a file or folder" in problems(lake)


def test_an_artifact_that_the_ledger_never_saw_is_named(lake: Lake, card: Artifact) -> None:
    other = Lake(lake.home.parent / "other")
    foreign = publish(other, content=2)
    shutil.copytree(foreign.local(), lake.store.local(foreign.key))
    assert problems(lake) == [f"{foreign.key}: the ledger never recorded it; nothing uses it: remove it"]


def test_a_digest_taken_beforehand_does_not_become_the_publication(lake: Lake, card: Artifact) -> None:
    """Somebody puts a forged summary under a digest that is about to be made."""
    forged = publish(Lake(lake.home.parent / "other"), content=2)
    place = lake.store.local(forged.key)
    shutil.copytree(forged.local(), place)
    write_json(place / "manifest.json", {**forged.manifest, "summary": {"f1": 1.0}})
    made = publish(lake, content=2)
    assert made.digest == forged.digest and made.summary == {} and problems(lake) == []


def test_an_artifact_under_another_name_is_named(lake: Lake, card: Artifact) -> None:
    shutil.copytree(card.local(), lake.store.local(f"artifacts/demo/other/{card.digest}"))
    assert f"artifacts/demo/other/{card.digest}/manifest.json: is an artifact of {CARD}" in problems(lake)


@pytest.mark.parametrize("place", ["artifacts/.x", "artifacts/demo/.x", f"artifacts/{CARD}/.x", "heads/demo/.x", "ledger/.x", "memo/.x", "production/.x.json", "erasures/.x"])  # fmt: skip
def test_a_hidden_name_is_named(lake: Lake, card: Artifact, place: str) -> None:
    path = lake.home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    assert problems(lake) == [f"{place}: a hidden name; nothing of the platform is called so"]


def test_what_a_kill_leaves_of_a_file_is_none(lake: Lake, card: Artifact) -> None:
    for name in ("ledger/.00000002-abc.json.4711.0a1b2c3d", "heads/demo/card/._.json.4711.0a1b2c3d.tmp"):
        (lake.home / name).write_text("{")
    assert problems(lake) == []


# --- heads


def test_a_missing_head_is_named(lake: Lake, card: Artifact) -> None:
    (lake.home / f"heads/{CARD}/_.json").unlink()
    assert problems(lake) == [f"heads/{CARD}/_.json: missing; the ledger's last output is {card.digest[:12]}"]


def test_a_head_set_back_to_an_older_output_is_named(lake: Lake, card: Artifact) -> None:
    before = (lake.home / f"heads/{CARD}/_.json").read_bytes()
    newer = publish(lake, content=2)
    assert problems(lake) == []
    (lake.home / f"heads/{CARD}/_.json").write_bytes(before)
    assert problems(lake) == [
        f"heads/{CARD}/_.json: points at {card.digest[:12]}, and the ledger's last output is {newer.digest[:12]}"
    ]
    lake.point(CARD, None, newer, digest_of([CARD, 2]))
    assert problems(lake) == []  # the advice works: the asset runs again and finds its memo


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "not a head"),
        ('{"digest": 1}', "not a head"),
        ("{", "not a head"),
        ('{"asset": "demo/other", "partition": null, "digest": "d"}', "is the head of demo/other"),
        ('{"asset": "demo/card", "partition": null, "digest": "dddd", "manifest": "m"}', "points at dddd"),
    ],
)
def test_a_head_that_is_none_or_points_nowhere_is_named(lake: Lake, card: Artifact, content: str, said: str) -> None:
    (lake.home / f"heads/{CARD}/_.json").write_text(content)
    assert problems(lake)[0].startswith(f"heads/{CARD}/_.json: {said}")


def test_a_head_of_its_own_for_a_partition_is_known_by_its_output(lake: Lake, card: Artifact) -> None:
    """A plan is frozen so: made without a partition, kept under the version's name."""
    head = lake.heads.get(CARD)
    assert head is not None
    lake.heads.put(CARD, "mv-0123456789ab", {**head, "partition": "mv-0123456789ab"})
    assert problems(lake) == []


def test_a_note_that_was_once_a_head_is_none(lake: Lake, card: Artifact) -> None:
    lake.heads.put("demo/inbox_read", None, {"digest": "state"})
    assert problems(lake) == []


# --- memo


def memo_file(lake: Lake, content: int = 1) -> Path:
    key = digest_of([CARD, content])
    return lake.home / "memo" / key[:2] / f"{key}.json"


def test_a_memo_that_names_another_output_is_named_and_not_believed(lake: Lake, card: Artifact) -> None:
    other = publish(lake, content=2)
    record = json.loads(memo_file(lake).read_text())
    write_json(memo_file(lake), {**record, "digest": other.digest})
    assert lake.remembered(CARD, digest_of([CARD, 1])) is None
    for entry in ({}, {"entry": json.loads(memo_file(lake, 2).read_text())["entry"]}):
        kept = {k: v for k, v in record.items() if k != "entry"}
        write_json(memo_file(lake), {**kept, **entry, "digest": other.digest})
        assert lake.remembered(CARD, digest_of([CARD, 1])) is None
        assert "which the ledger does not know for this key" in problems(lake)[0]


def test_a_memo_of_an_earlier_version_is_proven_by_the_whole_ledger(lake: Lake, card: Artifact) -> None:
    record = json.loads(memo_file(lake).read_text())
    del record["entry"]
    write_json(memo_file(lake), record)
    assert lake.remembered(CARD, digest_of([CARD, 1])) == card and problems(lake) == []


def test_a_memo_hit_needs_the_manifest_that_was_recorded(lake: Lake, card: Artifact) -> None:
    assert lake.remembered(CARD, digest_of([CARD, 1])) == card
    write_json(card.local("manifest.json"), {**card.manifest, "summary": {"f1": 1.0}})
    assert lake.remembered(CARD, digest_of([CARD, 1])) is None


def test_an_entry_altered_by_hand_proves_nothing(lake: Lake, card: Artifact) -> None:
    (entry,) = (lake.home / "ledger").iterdir()
    entry.write_text(entry.read_text().replace(f'"{digest_of([CARD, 1])}"', f'"{digest_of([CARD, 9])}"'))
    memo_file(lake, 9).parent.mkdir(exist_ok=True)
    record = json.loads(memo_file(lake).read_text())
    write_json(memo_file(lake, 9), {**record, "key": digest_of([CARD, 9])})
    assert lake.remembered(CARD, digest_of([CARD, 9])) is None


def test_the_same_output_from_other_inputs_is_remembered_too(lake: Lake, card: Artifact) -> None:
    key = digest_of("other inputs")
    with lake.work(key) as place:
        write_json(place.staging / "card.json", 1)
        same = lake.publish(CARD, None, key, place.staging, snapshots=[], summary={}, provenance={})
    assert same == card and lake.remembered(CARD, key) == card and problems(lake) == []


# --- tombstones


def test_a_tombstone_that_was_taken_out_is_named(lake: Lake, card: Artifact) -> None:
    add_tombstones(lake.store, "demo", documents=["a", "b"])
    body = {"use_case": "demo", "documents": ["a", "b"], "name": "Olga", "begun": "x", "proof": "y", "tables": []}
    begun = lake.ledger.append("erasure_begun", body)
    proof = {"schema_version": 1, "tables": [], "redacted": [], "manifests": []}
    digest = digest_of(proof)
    write_json(lake.home / f"erasures/proof/{digest}.json", proof)
    lake.ledger.append("erased", {**body, "begun": begun.hash, "proof": digest})
    assert problems(lake) == []
    stones = json.loads((lake.home / "erasures/demo.json").read_text())
    write_json(lake.home / "erasures/demo.json", {**stones, "documents": stones["documents"][:1]})
    assert problems(lake) == ["erasures/demo.json: 1 erased documents are no longer kept out"]
    (lake.home / "erasures/demo.json").unlink()
    assert problems(lake) == ["erasures/demo.json: 2 erased documents are no longer kept out"]


def test_a_run_under_way_is_no_finding(lake: Lake, card: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the artifact and its head, another process runs verify."""
    seen: list[list[str]] = []
    put = lake.heads.put

    def looked_at(*arguments):
        seen.append(problems(lake))
        return put(*arguments)

    monkeypatch.setattr(lake.heads, "put", looked_at)
    publish(lake, content=2)
    publish(lake, "demo/another")
    assert seen == [[], []] and not [p for p in os.listdir(lake.home / "staging") if p.startswith("publishing")]
