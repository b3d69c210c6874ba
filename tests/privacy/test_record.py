"""The probe set and the privacy record as assets: really run, on small tables, with the payload in its own process."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest

from genaiops_assets.assets.corpus.pii_probe_set import pii_probe_set_assets
from genaiops_assets.assets.corpus.privacy_record import privacy_record_assets
from genaiops_assets.evidence import verify_claims
from genaiops_assets.lake import Lake, digest_of, write_json, write_rows
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.corpus import Privacy
from tests.support.lakes import bank_support

SCHEMA = pa.schema([("id", pa.string()), ("title", pa.string()), ("text", pa.string())])
BEFORE = {
    "a": "Write to anna@example.org.\nCall 415-555-2671.",
    "b": "年费为九十五元。",
    "c": "Rejected: mail bob@example.org.",
}
CLEAN = {"a": "Write to <EMAIL>.\nCall <PHONE>.", "b": "年费为九十五元。"}
SOURCES = [{"name": "knowledge_base", "personal_data": "none"}]


def table(
    lake: Lake, uc: UseCase, name: str, rows: dict[str, str], file: str, facts: dict, titles: dict[str, str]
) -> None:
    """A table and the artifact that stands for it, as the assets before leave them."""
    with lake.work(digest_of([name, rows])) as place:
        write_rows(
            place.scratch / "rows.parquet",
            SCHEMA,
            ({"id": i, "title": titles.get(i, ""), "text": t} for i, t in rows.items()),
        )
        snapshot = lake.tables.sync(uc.key(name), place.scratch / "rows.parquet").snapshot
        write_json(place.staging / file, facts)
        key = digest_of([name, rows])
        made = lake.publish(
            uc.key(name),
            None,
            key,
            place.staging,
            snapshots=[snapshot],
            summary={"figures": {}, "tables": {}},
            provenance={},
        )
    lake.point(uc.key(name), None, made, key)


def run(
    home: Path, after: dict[str, str], titles: dict[str, str] | None = None, **privacy: object
) -> tuple[dict, str, dict[str, dg.AssetCheckEvaluation]]:
    uc = bank_support(privacy=Privacy.model_validate({"probe_items": 1000} | privacy))
    platform = Platform(home=str(home))
    table(
        platform.lake,
        uc,
        "documents",
        BEFORE,
        "documents.json",
        {"counts": {"documents": len(BEFORE)}, "sources": SOURCES},
        titles or {},
    )
    table(platform.lake, uc, "filtered_corpus", after, "corpus.json", {"instances": len(after)}, titles or {})
    made = [*pii_probe_set_assets(uc), *privacy_record_assets(uc)]
    checks = [m for m in made if isinstance(m, dg.AssetChecksDefinition)]
    result = dg.materialize(
        [m for m in made if m not in checks] + checks,
        resources={"platform": platform},
        instance=dg.DagsterInstance.ephemeral(),
        raise_on_error=False,
    )
    record = platform.lake.current(uc.key("privacy_record"))
    found = {e.check_name: e for e in result.get_asset_check_evaluations()}
    gate = found["residual_rate_is_low"]
    assert result.success == (gate.passed or gate.severity == dg.AssetCheckSeverity.WARN)
    content = record.json("privacy_record.json")
    files = {"documents": "documents.json", "filtered_corpus": "corpus.json", "pii_probe_set": "probe.json"}
    assert verify_claims(content, lambda a, d: platform.lake.artifacts.get(a, d).json(files[a.split("/")[-1]])) == []
    assert "anna@" not in str(content)
    page = record.local("privacy_record.md").read_text("utf-8")
    (event,) = result.asset_materializations_for_node(f"{uc.name}__privacy_record")
    assert event.metadata["document"].value == page.strip()  # a reader opens no path on a server
    return content, page, found


def test_a_policy_that_keeps_everything_is_told_what_that_leaves(tmp_path: Path) -> None:
    record, text, checks = run(tmp_path, {k: BEFORE[k] for k in "ab"})
    rows = {row["kind"]: row for row in record["kinds"]}
    assert (rows["EMAIL"]["before"], rows["EMAIL"]["after"], rows["PHONE"]["after"]) == (2, 1, 1)
    assert record["residual"]["low"] >= 1  # two findings left in two documents
    gate = checks["residual_rate_is_low"]
    assert (gate.passed, gate.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert checks["probe_recall"].passed
    assert "### Documents as they were read (`documents`)\n\n- to find a row again and to erase it: id, origin" in text
    assert "None of the kinds" not in text
    assert "| E-mail address | keep | 2 | 1 |" in text and "off: names and places are not searched" in text


def test_a_policy_that_masks_is_a_gate(tmp_path: Path) -> None:
    record, _, checks = run(tmp_path, CLEAN, default="mask", max_residual_rate=0.5)
    assert {row["kind"]: row["after"] for row in record["kinds"] if row["before"]} == {"EMAIL": 0, "PHONE": 0}
    assert 0 < record["residual"]["mean"] < record["residual"]["high"] < 0.5
    assert record["second"]["state"] in ("presidio patterns", "not installed")
    assert (
        checks["residual_rate_is_low"].passed and checks["residual_rate_is_low"].severity == dg.AssetCheckSeverity.ERROR
    )


def test_personal_data_that_came_through_fails_the_gate(tmp_path: Path) -> None:
    _, _, checks = run(tmp_path, {**CLEAN, "a": BEFORE["a"]}, default="mask", max_residual_rate=0.5)
    gate = checks["residual_rate_is_low"]
    assert (gate.passed, gate.severity, gate.blocking) == (False, dg.AssetCheckSeverity.ERROR, True)


@pytest.mark.parametrize(
    ("after", "titles", "column"),
    [
        (CLEAN, {"b": "Complaint of anna@example.org"}, "title"),
        ({**CLEAN, "mail-of-anna@example.org": "The fee is 95 dollars."}, {}, "id"),
    ],
)
def test_personal_data_in_a_title_or_an_id_is_counted_and_fails_the_gate(
    tmp_path: Path, after: dict[str, str], titles: dict[str, str], column: str
) -> None:
    record, _, checks = run(tmp_path, after, titles, default="mask", max_residual_rate=0.2, probe_items=2000)
    assert record["columns"]["after"][column] == {"EMAIL": 1} and record["columns"]["after"]["text"] == {}
    assert record["residual"]["mean"] > 0.3
    gate = checks["residual_rate_is_low"]
    assert not gate.passed and ("rename" in str(gate.metadata["in_ids"].value)) == (column == "id")


def test_names_are_counted_and_measured_where_a_model_is_installed(tmp_path: Path) -> None:
    after = {**CLEAN, "a": "We spoke with Anna Kowalska about the fee."}
    record, text, _ = run(tmp_path, after, default="mask", ner="presidio", probe_items=200, max_residual_rate=1)
    rows = {row["kind"]: row for row in record["kinds"]}
    assert record["ner"]["state"] == "installed" and rows["PERSON"]["after"] == 1
    assert 0 < rows["PERSON"]["recall"]["value"]["mean"] < 1 and rows["PERSON"]["recall"]["value"]["n"] > 10
    assert record["residual"]["low"] >= 0.5  # one name left in two documents
    assert "presidio, installed" in text


def test_names_asked_for_but_not_installed_fail_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder first on the payload's path whose `presidio_analyzer` nobody can find: as if the extra were not
    there."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nthere = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name == 'presidio_analyzer' else there(name, package)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    record, text, checks = run(tmp_path / "home", CLEAN, default="mask", ner="presidio", max_residual_rate=1)
    assert (
        record["ner"] == {"engine": "presidio", "state": "not installed"}
        and record["second"]["state"] == "not installed"
    )
    assert "names and places were NOT searched" in text
    assert not checks["residual_rate_is_low"].passed


def test_a_chinese_record_is_chinese(tmp_path: Path) -> None:
    from genaiops_assets.evidence import Evidence
    from genaiops_assets.governance.documents import build_privacy_record, render_privacy_record

    nothing = {"documents": 0, "with_findings": 0, "counts": {}}
    scan = {"before": nothing, "after": nothing, "ner": {"engine": "none", "state": "off"}, "names": {}}
    scan["second"] = {"state": "not installed", "sampled": 0, "findings": 0, "counts": {}}
    share = {"mean": 0.97, "low": 0.95, "high": 0.98, "n": 100, "confidence": 0.95}
    probe = {"items": 100, "recall": {"all": share, "EMAIL": share}, "precision": {"all": share, "EMAIL": share}}
    probe |= {"by_kind": {"EMAIL": {}}, "names_prefilter": {"recall": share}}
    told = [
        Evidence("bank_support/documents", "d" * 64, {"counts": {"documents": 2}, "sources": SOURCES}),
        Evidence("bank_support/filtered_corpus", "c" * 64, {"instances": 2}),
        Evidence("bank_support/pii_probe_set", "p" * 64, probe),
    ]
    residual = {"mean": None, "low": None, "high": None, "n": 0, "confidence": 0.95, "method": "none", "missed": {}}
    text = render_privacy_record(build_privacy_record(bank_support(language="zh"), *told, scan, residual))
    assert "# 隐私记录" in text and "未启用：不检索姓名与地点" in text and "未安装（附加组件 `ner`）" in text
    assert "Policy" not in text and "文档中未发现下列任何一类信息" in text and "| 电子邮箱 |" in text
