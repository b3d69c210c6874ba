"""Verify: whatever is changed after publication is named, and a damaged lake never makes it crash."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from genaiops_assets.lake import Artifact, Lake, digest_of, problems, write_json, write_rows
from tests.support.damage import flip

DOCUMENTS, CARD = "demo/documents", "demo/card"


def publish(lake: Lake, asset: str, *, rows: int = 0, note: str = "") -> Artifact:
    """An artifact with a file, a view, optionally a table, and optionally the ledger's head in its summary."""
    key = digest_of([asset, rows, note])
    with lake.work(key) as place:
        write_json(place.staging / "facts.json", {"asset": asset})
        write_json(place.staging / "views/plot.png", "picture")
        snapshots = []
        if rows:
            write_rows(
                place.scratch / "rows.parquet", pa.schema([("id", pa.string())]), ({"id": str(n)} for n in range(rows))
            )
            snapshots = [lake.tables.sync(asset, place.scratch / "rows.parquet").snapshot]
        summary = {"ledger_head": note} if note else {}
        return lake.publish(
            asset, None, key, place.staging, snapshots=snapshots, summary=summary, provenance={"seed": 7}
        )


@pytest.fixture
def documents(lake: Lake) -> Artifact:
    return publish(lake, DOCUMENTS, rows=3)


def test_untouched_lake_has_no_problems(lake: Lake, documents: Artifact) -> None:
    publish(lake, CARD, note=lake.ledger.head_hash())
    publish(lake, DOCUMENTS, rows=5)
    seen: list[str] = []
    assert problems(lake, seen.append) == []
    assert len(seen) == 3 and f"{DOCUMENTS}@{documents.digest[:12]}" in seen


def test_empty_lake_has_no_problems(lake: Lake) -> None:
    assert problems(lake) == []


@pytest.mark.parametrize("name", ["facts.json", "views/plot.png", "provenance.json"])
@pytest.mark.parametrize(
    ("tamper", "said"), [(flip, "altered after publication"), (Path.unlink, "missing")], ids=["flipped", "removed"]
)
def test_changed_file_is_named(
    lake: Lake, documents: Artifact, name: str, tamper: Callable[[Path], None], said: str
) -> None:
    tamper(documents.local(name))
    assert problems(lake) == [f"{documents.key}/{name}: {said}"]


def test_added_file_is_named(lake: Lake, documents: Artifact) -> None:
    documents.local("sub").mkdir()
    documents.local("sub/extra").write_text("")
    assert problems(lake) == [f"{documents.key}/sub/extra: added after publication"]


def test_changed_summary_is_found_by_the_ledger(lake: Lake, documents: Artifact) -> None:
    write_json(documents.local("manifest.json"), {**documents.manifest, "summary": {"rows": 1_000_000}})
    assert problems(lake) == [f"{documents.key}/manifest.json: differs from what the ledger recorded"]


def test_file_changed_together_with_its_manifest_is_found(lake: Lake, documents: Artifact) -> None:
    write_json(documents.local("facts.json"), {"asset": "forged"})
    manifest = json.loads(json.dumps(documents.manifest))
    write_json(documents.local("manifest.json"), manifest | {"files": [{**manifest["files"][0], "sha256": "0" * 64}]})
    assert f"{documents.key}/manifest.json: does not match the digest in its path" in problems(lake)


def test_any_changed_byte_of_a_manifest_is_named(lake: Lake) -> None:
    card = publish(lake, CARD, note=lake.ledger.head_hash())
    path = card.local("manifest.json")
    whole = path.read_bytes()
    for position in range(len(whole)):
        flip(path, position)
        try:
            unchanged = json.loads(path.read_bytes()) == json.loads(whole)  # a blank became another
        except ValueError:
            unchanged = False
        assert unchanged or any(card.key in p for p in problems(lake)), position
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "content", ["[]", "{}", "null", '{"summary": 1}', '{"summary": {"ledger_head": "x"}, "files": 1}', ""]
)
def test_manifest_that_is_none_is_named(lake: Lake, documents: Artifact, content: str) -> None:
    documents.local("manifest.json").write_text(content)
    assert any(documents.key in p for p in problems(lake))


def test_manifest_with_a_bent_snapshot_is_named(lake: Lake, documents: Artifact) -> None:
    bent = [{**s, "version": 1, "tag": "x"} for s in documents.manifest["snapshots"]]
    write_json(documents.local("manifest.json"), {**documents.manifest, "snapshots": bent})
    assert any(f"{documents.key}/manifest.json" in p for p in problems(lake))


def test_changed_data_file_of_a_table_is_named(lake: Lake, documents: Artifact) -> None:
    (file,) = documents.snapshot(DOCUMENTS).files
    flip(Path(lake.tables.url) / file["path"], -5)
    tag = documents.snapshot(DOCUMENTS).tag
    assert problems(lake) == [f"tables/{file['path']}: altered after publication (snapshot {DOCUMENTS}@{tag})"]


def test_removed_data_file_of_a_table_is_named(lake: Lake, documents: Artifact) -> None:
    (file,) = documents.snapshot(DOCUMENTS).files
    (Path(lake.tables.url) / file["path"]).unlink()
    assert problems(lake)[0].startswith(f"tables/{file['path']}: missing")


def test_removed_tag_of_a_table_is_named(lake: Lake, documents: Artifact) -> None:
    tag = documents.snapshot(DOCUMENTS).tag
    lake.tables.open(DOCUMENTS).tags.delete(tag)
    assert problems(lake) == [f"tables/{DOCUMENTS}@{tag}: cannot be read (its tag or table is gone)"]


def test_tag_moved_to_other_rows_is_named(lake: Lake, documents: Artifact) -> None:
    tag = documents.snapshot(DOCUMENTS).tag
    lake.tables.open(DOCUMENTS).tags.update(tag, 1)
    assert problems(lake) == [
        f"tables/{DOCUMENTS}@{tag}: the file of its tag and Lance's manifest of its version changed after publication",
        f"tables/{DOCUMENTS}@{tag}: rows do not match the digest",
    ]


def test_removed_artifact_is_named(lake: Lake, documents: Artifact) -> None:
    shutil.rmtree(documents.local())
    assert problems(lake) == [f"{documents.key}: recorded in the ledger but gone"]


def test_changed_ledger_entry_is_named(lake: Lake, documents: Artifact) -> None:
    (entry,) = (lake.home / "ledger").iterdir()
    entry.write_text(entry.read_text().replace(DOCUMENTS, "demo/nonsense!"))
    assert problems(lake) == [f"ledger/{entry.name}: content does not match its hash"]


def test_truncated_ledger_shows_by_the_head_noted_in_an_artifact(lake: Lake, documents: Artifact) -> None:
    noted = lake.ledger.head_hash()
    card = publish(lake, CARD, note=noted)
    for entry in (lake.home / "ledger").iterdir():
        entry.unlink()
    found = problems(lake)
    assert f"ledger/: entry {noted[:12]} noted in {card.key} is missing: the ledger was truncated" in found
    assert f"noted in {card.key}/provenance.json is missing" in "\n".join(found)


def test_remote_change_is_found_behind_a_clean_local_copy(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", "memory://verify-remote")
    card = publish(lake, CARD)
    assert problems(lake) == []
    lake.store.write(f"{card.key}/facts.json", b"forged")
    assert problems(lake) == [f"{card.key}/facts.json: altered after publication"]
