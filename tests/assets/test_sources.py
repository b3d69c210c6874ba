"""Sources from the use case file to the tables: rights that may be missing, remote sources, tombstones, what the UI
shows.

Belongs here: the `documents` asset as a whole, run through Dagster. Does not belong here: formats and rights by
themselves (`tests/corpus`)."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genaiops_assets.assets.corpus.documents import document_assets
from genaiops_assets.lake import Artifact, Lake, keyed_hash
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase, UseCaseError, write_starter
from genaiops_assets.use_case.corpus import Inbox, Source
from genaiops_assets.use_case.load import load_use_case
from tests.corpus.states import odd_folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def shop(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    return load_use_case(tmp_path / "shop")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def with_sources(uc: UseCase, *sources: dict[str, Any]) -> UseCase:
    return uc.model_copy(update={"sources": [Source(**s) for s in sources]})


def source(name: str, ref: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "ref": ref, "license": "CC0-1.0", "owner": "Shop", **more}


def materialized(uc: UseCase, home: Path) -> tuple[dg.ExecuteInProcessResult, Artifact]:
    """The `documents` asset with its checks, in a home of its own."""
    (home / "staging").mkdir(parents=True, exist_ok=True)
    asset_and_own_checks = document_assets(uc)[:5]  # the others are Great Expectations'
    result = dg.materialize(
        asset_and_own_checks, resources={"platform": Platform(home=str(home))}, raise_on_error=False
    )
    assert result.get_asset_materialization_events()
    return result, Lake(home).current(uc.key("documents"))


def rows(home: Path, found: Artifact, table: str) -> list[dict[str, Any]]:
    return Lake(home).tables.read(found.snapshot(f"{found.asset.split('/')[0]}/{table}")).to_pylist()


def test_sources_of_all_kinds_become_documents_with_rights(shop: UseCase, home: Path, tmp_path: Path) -> None:
    with sqlite3.connect(shop.folder / "kb.db") as connection:
        connection.execute("CREATE TABLE articles (id TEXT, body TEXT)")
        connection.executemany("INSERT INTO articles VALUES (?, ?)", [("sql1", "A repair costs $20."), ("sql2", "")])
    hub = home / "cache/hub/datasets--acme--faq/snapshots" / COMMIT
    hub.mkdir(parents=True)
    (hub / "README.md").write_text("# not a row")
    (hub / "notes.xyz").write_text("counted")
    pq.write_table(pa.table({"text": ["营业时间是九点到五点。", "One."]}), hub / "train.parquet")
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote/page.html").write_text("<title>Page</title><p>Rent a bike for $10.</p>")
    uc = with_sources(
        shop,
        source("handbook", "path:documents"),
        source("database", "sql:sqlite:///kb.db", query="SELECT id, body AS text FROM articles ORDER BY id"),
        source("hub", f"hub-dataset:acme/faq@{COMMIT}", fields={"doc_id": "@line"}),
        source("web", f"file://{tmp_path}/remote", lawful_access_basis="open web page", retention=30, robots="allowed"),
        source("nobodys", "path:documents", license=None, owner=None),
    )
    result, found = materialized(uc, home)
    facts = found.json("documents.json")
    assert facts["counts"] == {"rows_read": 12, "documents": 7, "quarantined": 5, "superseded": 0, "erased": 0}
    assert {name: tally["documents"] for name, tally in facts["rows"].items()} == {
        "handbook": 3, "database": 1, "hub": 2, "web": 1, "nobodys": 0, "inbox": 0,
    }  # fmt: skip
    assert {r["id"] for r in rows(home, found, "documents")} >= {"sql1", "train.parquet:1", "train.parquet:2", "page"}
    reasons = {(q["source"], q["file"]): q["reason"] for q in rows(home, found, "quarantine")}
    assert "unknown format .xyz" in reasons["hub", "notes.xyz"] and reasons["database", "query.jsonl"] == "empty text"
    assert sum("no licence stated" in reason for reason in reasons.values()) == 3
    rights = {r["id"]: r for r in rows(home, found, "rights")}
    assert len(rights) == 7 + 6 and rights["document:page"]["retention"] == "30 days"
    assert rights["source:database"]["origin"] == "sql:sqlite:///kb.db"
    assert rights["source:nobodys"]["refused"].startswith("source nobodys refused")
    shown = found.summary["tables"]
    assert [s["documents"] for s in shown["sources"]] == [3, 1, 2, 1, 0, 0]
    assert shown["licences"] == [{"licence": "CC0-1.0", "documents": 7}]
    assert sum(r["rows"] for r in shown["reasons of quarantine"]) == 5
    checks = {e.check_name: e.passed for e in result.get_asset_check_evaluations()}
    assert checks == {
        "every_source_has_rights": False,
        "retention_not_passed": True,
        "few_rows_quarantined": False,
        "no_source_lost": True,
    }


def test_a_text_kept_too_long_is_reported(shop: UseCase, home: Path) -> None:
    result, _ = materialized(with_sources(shop, source("handbook", "path:documents", retention="2020-12-31")), home)
    [late] = [e for e in result.get_asset_check_evaluations() if e.check_name == "retention_not_passed"]
    assert not late.passed and late.metadata["documents_past_retention"].value == 3


def test_what_was_erased_stays_away_and_counts(shop: UseCase, home: Path) -> None:
    _, before = materialized(shop, home)
    erased = {
        "documents": ["repairs", "rental"],
        "sources": [],
        "opt_out": ["example.org"],
        "by": "more fields do no harm",
    }
    Lake(home).store.write(f"erasures/{shop.name}.json", json.dumps(erased).encode())
    _, after = materialized(shop, home)
    assert before.json("documents.json")["counts"]["documents"] == 3
    assert after.json("documents.json")["counts"] == {
        "rows_read": 3,
        "documents": 1,
        "quarantined": 0,
        "superseded": 0,
        "erased": 2,
    }
    assert [r["id"] for r in rows(home, after, "documents")] == ["opening_hours"]
    left = rows(home, after, "erased")
    assert {(r["document"], r["source"]) for r in left} == {
        (keyed_hash(Lake(home).store, i), "handbook") for i in ("repairs", "rental")
    }
    assert not any(name in json.dumps(left) for name in ("repairs", "rental"))  # nor the names of their files
    assert {r["id"] for r in rows(home, after, "rights")} == {
        "document:opening_hours",
        "source:handbook",
        "source:inbox",
    }


def test_a_second_run_reads_nothing_and_a_new_file_keeps_what_was_known(shop: UseCase, home: Path) -> None:
    _, first = materialized(shop, home)
    result, same = materialized(shop, home)
    [event] = result.asset_materializations_for_node(f"{shop.name}__documents")
    assert same.digest == first.digest and event.metadata["reused"].value is True
    times = {r["id"]: r["fetched_at"] for r in rows(home, first, "rights")}
    (home / "inbox" / shop.name / "documents" / "new.docx.partial").write_text("half")
    (home / "inbox" / shop.name / "documents" / "new.md").write_text("A helmet costs $5.")
    _, more = materialized(shop, home)
    seen = {r["id"]: r["first_seen"] for r in rows(home, more, "documents")}
    assert seen == {"opening_hours": 1, "rental": 1, "repairs": 1, "new": 2}
    assert {r["id"]: r["fetched_at"] for r in rows(home, more, "rights")}.items() >= {
        k: v for k, v in times.items() if "inbox" not in k
    }.items()


# --- what cannot be read stops nothing, and mass loss is no success
# -----------------------------------------------------------------------------------------


def test_what_lies_in_the_inbox_stops_nothing(shop: UseCase, home: Path) -> None:
    box = home / "inbox" / shop.name / "documents"
    box.mkdir(parents=True)
    odd_folder(box)
    pq.write_table(
        pa.table({"id": ["p"], "text": ["Far."], "at": pa.array([10**18], pa.timestamp("us"))}), box / "a.parquet"
    )
    result, found = materialized(shop, home)
    assert {"opening_hours", "rental", "repairs", "good", "p"} == {r["id"] for r in rows(home, found, "documents")}
    assert len(rows(home, found, "quarantine")) == 7
    checks = {e.check_name: e for e in result.get_asset_check_evaluations()}
    assert not checks["few_rows_quarantined"].passed and checks["no_source_lost"].passed
    assert checks["few_rows_quarantined"].metadata["over"].value == "inbox"


@pytest.mark.parametrize(
    ("good", "bad", "limit", "few", "lost"),
    [
        (9, 1, 0.2, True, True),
        (1, 2, 0.2, False, True),
        (0, 1, 0.2, False, False),
        (30, 10, 0.2, False, False),
        (30, 10, 0.25, True, True),
    ],
)
def test_rows_lost_of_a_source_are_a_warning_and_mass_loss_is_an_error(
    shop: UseCase, home: Path, good: int, bad: int, limit: float, few: bool, lost: bool
) -> None:
    lines = [f'{{"id": "{n}", "text": "Text {n}."}}' for n in range(good)] + ["{broken"] * bad
    (shop.folder / "rows.jsonl").write_text("\n".join(lines))
    uc = with_sources(shop, source("handbook", "path:documents"), source("rows", "path:rows.jsonl"))
    quality = uc.corpus.quality.model_copy(update={"max_quarantined_share": limit})
    uc = uc.model_copy(update={"corpus": uc.corpus.model_copy(update={"quality": quality})})
    result, _ = materialized(uc, home)
    checks = {e.check_name: e for e in result.get_asset_check_evaluations()}
    assert (checks["few_rows_quarantined"].passed, checks["no_source_lost"].passed) == (few, lost)
    assert checks["no_source_lost"].severity is dg.AssetCheckSeverity.ERROR
    assert checks["no_source_lost"].metadata["share of rows"].value == pytest.approx(bad / (good + bad), abs=1e-5)


def test_what_is_left_out_of_documents_is_shown_by_source(shop: UseCase, home: Path) -> None:
    (shop.folder / "documents" / "page.html").write_text("<p>Rent.</p><p hidden>Obey.</p>")
    _, found = materialized(with_sources(shop, source("handbook", "path:documents")), home)
    expected = [{"source": "handbook", "what": "hidden characters", "how much": 5}]
    assert found.summary["tables"]["left out of documents"] == expected
    assert found.json("documents.json")["left_out"] == {"handbook": {"hidden characters": 5}}


# --- the use case file
# --------------------------------------------------------------------------------------------------------


def edited(shop: UseCase, before: str, after: str) -> UseCase:
    file = shop.folder / "use_case.yaml"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after, 1))
    return load_use_case(shop.folder)


def test_a_source_without_licence_and_owner_loads(shop: UseCase) -> None:
    file = shop.folder / "use_case.yaml"
    at = file.read_text().index("  - name: handbook")
    block = file.read_text()[at : file.read_text().index("\n\n", at)]
    uc = edited(shop, block, '  - name: handbook\n    ref: "path:documents"\n    license:\n')
    assert (uc.sources[0].license, uc.sources[0].owner) == ("", "")


@pytest.mark.parametrize(
    ("added", "why"),
    [
        ("retention: 0", "retention in days is 1 to 36500"),
        ("retention: soon", "sources.0.retention"),
        ("robots: maybe", "expected 'allowed', 'disallowed' or 'unknown', found 'maybe'"),
        ("tdm_signals: {tdmrep: sometimes}", "expected 'reserved', 'allowed' or 'unknown'"),
        ("query: SELECT 1", "only a sql: reference has one"),
    ],
)
def test_mistakes_in_rights_are_told(shop: UseCase, added: str, why: str) -> None:
    with pytest.raises(UseCaseError) as told:
        edited(shop, "    retention: unlimited ", f"    {added} ")
    assert why in str(told.value)


def test_a_password_in_the_file_is_refused_and_not_repeated(shop: UseCase) -> None:
    with pytest.raises(UseCaseError) as told:
        edited(shop, '"path:documents"', '"https://me:hunter2@example.org/a.md"')
    assert "write {NAME} in its place" in str(told.value) and "hunter2" not in str(told.value)


def test_retention_is_days_or_a_day() -> None:
    inbox = {"license": "MIT", "owner": "Shop"}
    assert [Inbox(**inbox, retention=r).kept_until() for r in (None, 30, "2027-12-31", "unlimited")] == [
        "", "30 days", "2027-12-31", "unlimited"
    ]  # fmt: skip
