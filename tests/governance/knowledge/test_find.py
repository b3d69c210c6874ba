"""`genaiops find`: what is found by words in both languages, where it says it stands, who may see it, and that the index
follows the home. By meaning, with a real model: marked so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.governance.erasure.caches import drop_copies
from genaiops_assets.governance.knowledge import FOLDER, Text, find_knowledge, gather
from genaiops_assets.lake import Lake, memo_key
from genaiops_assets.use_case import UseCase
from tests.conftest import genaiops
from tests.support.lakes import bank_support, publish

UC = bank_support()


def page(lake: Lake, uc: UseCase, asset: str, text: str, name: str = "") -> None:
    """Publish a page as the current output of an asset."""
    key = memo_key(asset=uc.key(asset), inputs={}, code_version="1", config=text, seed=1)
    with lake.work(key) as place:
        (place.staging / f"{name or asset}.md").write_text(text, "utf-8")
        lake.publish(
            uc.key(asset), None, key, place.staging, snapshots=[], summary={"figures": {}, "tables": {}}, provenance={}
        )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    found = Lake(tmp_path)
    page(
        found,
        UC,
        "incidents",
        "# Incidents\n\n## Wrong fee\n\nForty customers were told a wrong annual fee.\n\n## Other\n\nNothing.",
    )
    page(found, UC, "audit_findings", "# 审计发现\n\n逾期费的计算有误，须由负责人更正。")
    page(found, UC, "evaluation_page", "# Evaluation\n\nThe answer quoted a passage on mortgages.")
    records = [{"id": "why", "kind": "risk", "title": "Outdated fee", "text": "An old article stays in the index."}]
    publish(found, UC.key("records"), {"records.json": {"records": records}})
    found.ledger.append("approval", {"use_case": UC.name, "name": "Ada Approver", "reason": "read every gate of it"})
    found.ledger.append("approval", {"use_case": "other", "reason": "read every gate of it"})
    return found


def found(lake: Lake, question: str, uc: UseCase = UC, **more: Any) -> list[Any]:
    return find_knowledge(lake, uc, question, words_only=True, **more).hits


@pytest.mark.parametrize(
    ("question", "kind", "asset", "place"),
    [
        ("wrong annual fee", "page", "bank_support/incidents", "incidents.md#Wrong fee"),
        ("逾期费 更正", "page", "bank_support/audit_findings", "audit_findings.md#审计发现"),
        ("outdated article", "record", "bank_support/records", "records.json#/records/0"),
        ("gate read approver", "ledger", "ledger", "entry 5"),
    ],
)
def test_words_in_either_language_lead_to_the_place(
    lake: Lake, question: str, kind: str, asset: str, place: str
) -> None:
    first = found(lake, question)[0]
    assert (first.kind, first.asset, first.place) == (kind, asset, place)
    if kind != "ledger":
        assert first.digest == lake.heads.digest(asset)
    else:
        assert first.digest == next(lake.ledger.entries("approval")).hash


def test_the_snippet_shows_the_words_and_nothing_of_another_use_case_is_found(lake: Lake) -> None:
    assert "wrong annual fee" in found(lake, "annual")[0].snippet
    assert len(found(lake, "gate")) == 1
    assert found(lake, "zebra") == [] and found(lake, "  ?") == []


def test_kinds_and_classes_of_access_leave_out_what_one_may_not_see(lake: Lake) -> None:
    restricted = UC.model_copy(update={"sources": [UC.sources[0].model_copy(update={"access": "restricted"})]})
    asset = "bank_support/evaluation_page"
    assert [h.asset for h in found(lake, "mortgages", restricted)] == [asset]
    assert found(lake, "mortgages", restricted, access=["public"]) == []
    assert [h.access for h in found(lake, "mortgages", restricted, access=["public", "restricted"])] == [
        "public restricted"
    ]
    assert found(lake, "annual fee", restricted, access=["public"])[0].asset == "bank_support/incidents"
    assert {h.kind for h in found(lake, "fee article gate", kinds=["record", "ledger"])} == {"record", "ledger"}


def test_the_index_follows_the_home_and_embeds_nothing_twice(lake: Lake) -> None:
    first = find_knowledge(lake, UC, "fee", words_only=True)
    assert first.new == first.texts == 6
    assert find_knowledge(lake, UC, "fee", words_only=True).new == 0
    page(lake, UC, "incidents", "# Incidents\n\nA card was lost.")
    after = find_knowledge(lake, UC, "lost card", words_only=True)
    assert (after.new, after.texts) == (1, 5) and after.hits[0].asset == "bank_support/incidents"
    assert found(lake, "forty customers") == []


def test_a_damaged_index_is_made_again_and_an_erasure_removes_it(lake: Lake) -> None:
    found(lake, "fee")
    folder = lake.cache / FOLDER / UC.name
    for file in folder.rglob("*.lance"):
        if file.is_file():
            file.write_bytes(b"damaged")
    shutil.rmtree(next(folder.glob("*.lance")) / "_versions")
    assert found(lake, "annual fee")[0].asset == "bank_support/incidents"
    drop_copies(lake, UC, [])
    assert not folder.exists()
    assert found(lake, "annual fee")[0].asset == "bank_support/incidents"


def test_what_points_at_evidence_is_no_text_and_a_long_page_is_cut(lake: Lake) -> None:
    page(
        lake, UC, "plain_page", "# Plain\n\n" + "A sentence. " * 400 + "\n\n(`a/b@0123456789ab#/x/y`)\n\n| --- | --- |"
    )
    texts = [t for t in gather(lake, UC) if t.asset.endswith("plain_page")]
    assert len(texts) > 4 and all(isinstance(t, Text) and 0 < len(t.text) <= 900 for t in texts)
    assert not any("0123456789ab#" in t.text for t in texts)


def test_the_command_prints_places_and_json(lake: Lake) -> None:
    said = genaiops(lake.home, "find", "wrong annual fee", "--words").stdout
    assert "incidents.md#Wrong fee" in said and "by words alone" in said
    told = json.loads(genaiops(lake.home, "find", "wrong annual fee", "--words", "--json").stdout)
    assert told[0]["asset"] == "bank_support/incidents" and len(told[0]["digest"]) == 64
    assert genaiops(lake.home, "find", "zebra", "--words", check=False).returncode == 1
    wrong = genaiops(lake.home, "find", "fee", "--kind", "rumour", check=False)
    assert wrong.returncode == 1 and "ledger, page, record, decision" in wrong.stdout


@pytest.mark.model
@pytest.mark.timeout(600)
def test_meaning_finds_what_shares_no_word(lake: Lake) -> None:
    answer = find_knowledge(lake, UC, "clients received an incorrect yearly charge", most=3)
    assert answer.by_meaning and answer.hits[0].place == "incidents.md#Wrong fee"
    assert find_knowledge(lake, UC, "clients received an incorrect yearly charge").new == 0
