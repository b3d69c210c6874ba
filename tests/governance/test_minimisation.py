"""Columns and fields that are not needed are not stored: each has a stated purpose, and what has none is named."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest

from genaiops_assets.alignment import PAIRS
from genaiops_assets.assets.corpus.privacy_record import privacy_record_assets
from genaiops_assets.corpus.schemas import DOCUMENTS, FILTERED, QUARANTINE, RIGHTS, ROW_LEDGER
from genaiops_assets.evaluation import OUTPUTS, RED_TEAM_OUTPUTS, REGRESSIONS
from genaiops_assets.governance.documents import stated_columns, without_purpose
from genaiops_assets.lake import Lake, write_rows
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.retrieval.search import index_schema
from genaiops_assets.serving.interactions.log import DAY, INTERACTIONS
from genaiops_assets.use_case import UseCase
from tests.corpus.states import feed, state_of, write

TABLES = {
    "documents": DOCUMENTS, "quarantine": QUARANTINE, "rights": RIGHTS, "filtered_corpus": FILTERED,
    "row_ledger": ROW_LEDGER, "embeddings_index": index_schema(3), "preference_pairs": PAIRS, "eval_outputs": OUTPUTS,
    "red_team_outputs": RED_TEAM_OUTPUTS, "red_team_regressions": REGRESSIONS, "interactions": INTERACTIONS, "interactions_day": DAY,
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_column_we_store_has_one_purpose_and_every_stated_one_is_stored(table: str) -> None:
    columns = [*TABLES[table].names, "row_hash"]
    assert without_purpose({table: columns}) == [], "state what it is for in stored_columns.yaml, or do not store it"
    stated = [column for by in stated_columns()[table].values() for column in by]
    assert sorted(stated) == sorted(columns)


def test_a_column_without_a_purpose_is_named() -> None:
    assert without_purpose({"documents": ["id", "birthday"], "diary": ["id"]}) == ["diary.id", "documents.birthday"]


def test_a_field_that_nobody_asked_for_is_not_stored(tmp_path: Path) -> None:
    row = {"id": "a", "text": "A transfer costs $25.", "birthday": "1990-01-01", "ssn": "078-05-1120"}
    path = write(tmp_path / "a.jsonl", row, {"id": "b", "ssn": "078-05-1120"})
    state = state_of([feed(path)])
    kept = json.dumps([state.documents, [str(problem) for problem in state.quarantine]])
    assert len(state.documents) == 1 and len(state.quarantine) == 1
    assert "1990" not in kept and "078-05" not in kept


def test_the_check_looks_at_what_is_stored(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    checks = [m for m in privacy_record_assets(uc) if isinstance(m, dg.AssetChecksDefinition)]
    [check] = [c for c in checks if c.check_key.name == "only_needed_columns_are_stored"]

    @dg.asset(key=check.check_key.asset_key)
    def nothing() -> None: ...

    def store(name: str, schema: pa.Schema) -> dg.AssetCheckEvaluation:
        write_rows(tmp_path / "rows.parquet", schema, [dict.fromkeys(schema.names, "a")])
        lake.tables.sync(uc.key(name), tmp_path / "rows.parquet")
        result = dg.materialize([nothing, check], resources={"platform": Platform(home=str(lake.home))})
        [found] = result.get_asset_check_evaluations()
        return found

    text = pa.string()
    assert store("documents", pa.schema([("id", text), ("text", text)])).passed
    found = store("quarantine", pa.schema([("id", text), ("password", text)]))
    assert not found.passed and found.metadata["without_purpose"].value == "quarantine.password"
