"""Rights: what a source must state to be taken in, and the row that each source and document gets.

Belongs here: licences, reservations, retention, times. Does not belong here: reading rows (`test_documents.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.corpus import DOCUMENTS, Earlier
from genaiops_assets.corpus.last_state import Seen
from genaiops_assets.corpus.rights import refusal, retention_until, wrong_licence
from genaiops_assets.corpus.schemas import RIGHTS
from genaiops_assets.lake import Tables
from tests.corpus.states import NOW, feed, state_of, write

ROWS = (
    {"id": "a", "text": "A transfer costs $25."},
    {"id": "b", "text": "跨行转账每笔收费二元。", "url": "https://example.org/b"},
)
LATER = "2026-03-04T05:06:07+00:00"


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "mit",
        "CC0-1.0",
        "MIT OR (Apache-2.0 AND CC-BY-4.0)",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "LicenseRef-bank",
    ],
)
def test_a_licence_expression_is_accepted(expression: str) -> None:
    assert wrong_licence(expression) == ""


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("Apache 2.0", "'Apache 2.0' is no SPDX licence identifier; did you mean Apache-2.0?"),
        ("CC-BY-4", "did you mean CC-BY-4.0?"),
        ("NOASSERTION", "'NOASSERTION' is no SPDX licence identifier"),
        ("MIT OR Apache2", "'Apache2' is no SPDX licence identifier; did you mean"),
        ("MIT OR", "'MIT OR' is no SPDX licence expression"),
        ("版权所有", "'版权所有' is no SPDX licence"),
        ("LicenseRef bank", "no SPDX licence"),
    ],
)
def test_what_is_no_licence_expression_is_told_with_the_nearest(expression: str, why: str) -> None:
    assert why in wrong_licence(expression)


REFUSED = [
    ({"license": ""}, "license", "source articles refused: no licence stated; write an SPDX expression"),
    ({"license": "public domain"}, "license", "source articles refused: 'public domain' is no SPDX licence identifier"),
    ({"owner": " "}, "owner", "source articles refused: no owner stated"),
    (
        {"rights_basis": "tdm_exception", "tdm_signals": {"tdmrep": "reserved", "ai.txt": "allowed"}},
        "rights_basis",
        "tdmrep: reserved; the exc",
    ),
    (
        {"rights_basis": "tdm_exception", "robots": "disallowed"},
        "rights_basis",
        "robots: disallowed; the exception for text and data mining",
    ),
]


@pytest.mark.parametrize(("changes", "field", "why"), REFUSED)
def test_of_a_refused_source_every_row_is_quarantined_without_its_text(
    tmp_path: Path, changes: dict[str, Any], field: str, why: str
) -> None:
    write(tmp_path / "a.jsonl", *ROWS).open("a").write("\n{broken")
    good = feed(write(tmp_path / "other" / "b.jsonl", {"id": "c", "text": "Kept."}), name="other")
    result = state_of([feed(tmp_path / "a.jsonl", **changes), good])
    assert [
        (q["source"], q["line"], q["field"], q["excerpt"]) for q in sorted(result.quarantine, key=lambda q: q["line"])
    ] == [("articles", line, field, "") for line in (1, 2, 3)]
    assert all(why in q["reason"] for q in result.quarantine)
    assert [d["id"] for d in result.documents] == ["c"]
    assert why in result.result.refused["articles"] and result.result.refused.keys() == {"articles"}
    assert {r["id"]: bool(r["refused"]) for r in result.rights} == {
        "source:articles": True,
        "source:other": False,
        "document:c": False,
    }


def test_reservations_do_not_matter_where_a_licence_allows_the_use() -> None:
    assert refusal(feed(Path("x"), tdm_signals={"tdmrep": "reserved"}, robots="disallowed")) is None


def test_every_source_and_document_has_its_rights(tmp_path: Path) -> None:
    stated = {
        "lawful_access_basis": "open web page", "personal_data": "present", "personal_data_basis": "consent", "retention": "30 days",
        "tdm_signals": {"tdmrep": "allowed"}, "robots": "allowed", "origin": "https://example.org/all", "digest": "d1",
    }  # fmt: skip
    state = state_of([feed(write(tmp_path / "a.jsonl", *ROWS), **stated)])
    by_id = {r["id"]: r for r in state.rights}
    shared = {
        "source": "articles", "license": "MIT", "owner": "Bank", "rights_basis": "licence", "lawful_access_basis": "open web page",
        "personal_data": "present", "personal_data_basis": "consent", "tdm_signals": '{"robots": "allowed", "tdmrep": "allowed"}',
        "retention": "30 days", "refused": "", "retention_until": "2026-02-01", "fetched_at": NOW,
    }  # fmt: skip
    own = {
        "source:articles": ("https://example.org/all", "d1", 0),
        "document:a": ("a.jsonl:1", None, 1),
        "document:b": (ROWS[1]["url"], None, 1),
    }
    assert by_id.keys() == own.keys()
    for row_id, (origin, version, first_seen) in own.items():
        row = by_id[row_id]
        assert set(row) == {*RIGHTS.names, "row_hash"}
        assert {k: row[k] for k in shared} == shared
        assert (row["origin"], row["first_seen"]) == (origin, first_seen)
        assert row["version"] == version or (row_id.startswith("document:") and len(row["version"]) == 64)


def test_the_time_a_version_was_first_read_stays_and_no_digest_depends_on_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *ROWS)
    one = state_of([feed(path, digest="d1", retention="30 days")])
    same = state_of([feed(path, digest="d1", retention="30 days")], one.earlier, now=LATER)
    assert same.rights == one.rights
    afresh = state_of([feed(path, digest="d1", retention="30 days")], now=LATER)
    assert [r["row_hash"] for r in afresh.rights] == [r["row_hash"] for r in one.rights]
    assert {r["fetched_at"] for r in afresh.rights} == {LATER}
    write(path, ROWS[0], {"id": "b", "text": "每笔三元。"})
    changed = state_of([feed(path, digest="d2", owner="New owner", retention="60 days")], same.earlier, now=LATER)
    times = {r["id"]: (r["fetched_at"], r["retention_until"]) for r in changed.rights}
    later = (LATER, "2026-05-03")
    assert times == {"document:a": (NOW, "2026-03-03"), "document:b": later, "source:articles": later}


def test_the_rights_table_keeps_its_digest_when_only_times_differ(tmp_path: Path) -> None:
    from genaiops_assets.corpus import ingest_sources

    tables, path = Tables(tmp_path / "tables"), write(tmp_path / "a.jsonl", *ROWS)
    changes = []
    for now in (NOW, LATER):
        ingest_sources([feed(path)], tmp_path / "out", now=now)
        changes.append(tables.sync("rights", tmp_path / "out" / "rights.parquet"))
    assert changes[0].snapshot.digest == changes[1].snapshot.digest == tables.digest(changes[1].snapshot)
    assert (changes[1].added, changes[1].changed, changes[1].removed) == (0, 0, 0)
    assert {r["fetched_at"] for r in tables.rows(changes[1].snapshot)} == {NOW}


def test_retention_is_days_from_the_first_reading_or_a_day() -> None:
    assert [retention_until(r, NOW) for r in ("", "1 days", "2027-12-31", "unlimited")] == [
        "",
        "2026-01-03",
        "2027-12-31",
        "",
    ]


# --- memory of what was seen
# --------------------------------------------------------------------------------------------------


def test_seen_knows_text_and_batch_of_every_id() -> None:
    import pyarrow as pa

    from genaiops_assets.lake import digest_of_text

    rows = [{"id": f"文{n}", "text_hash": digest_of_text(str(n)), "first_seen": n % 7 + 1} for n in range(3000)]
    table = pa.Table.from_pylist(
        rows, schema=pa.schema([DOCUMENTS.field(c) for c in ("id", "text_hash", "first_seen")])
    )
    seen = Seen(table.to_batches(max_chunksize=1000))
    assert (len(seen), seen.newest) == (3000, 7)
    assert all(seen.find(r["id"], r["text_hash"]) == r["first_seen"] for r in rows)
    assert seen.find("文1", digest_of_text("other")) is None
    assert seen.find("nobody", digest_of_text("1")) is None
    assert Seen().find("文1", digest_of_text("1")) is None and Earlier().seen.newest == 0


def test_signals_are_json_people_can_read(tmp_path: Path) -> None:
    state = state_of([feed(write(tmp_path / "a.jsonl", *ROWS), tdm_signals={"声明": "unknown"})])
    assert json.loads(state.rights[0]["tdm_signals"]) == {"robots": "unknown", "声明": "unknown"}
    assert "声明" in state.rights[0]["tdm_signals"]
