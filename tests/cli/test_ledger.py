"""`genaiops ledger`: what it finds, what it leaves out, and what it says when there is nothing."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import click
import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.governance.lineage import Wanted, search_ledger
from genaiops_assets.lake import Lake
from tests.support.lakes import bank_support, publish


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two outputs, an approval with a reason, and a failed run."""
    found, uc = Lake(tmp_path), bank_support()
    for name, figures in {"eval_report": {"answer_f1": 0.41}, "datasheet": {"questions_answered": 40}}.items():
        publish(found, uc.key(name), {f"{name}.json": {"of": name}}, summary=figures)
    approval = {"use_case": uc.name, "model_version": "mv-1", "by": "Ada Approver", "reason": "Die Gebühr stimmt 年费"}
    found.ledger.append("approval", approval)
    found.ledger.append("run_failed", {"use_case": uc.name, "why": "out of memory while training"})
    return found


def kinds(lake: Lake, **wanted: object) -> list[str]:
    return [hit.kind for hit in search_ledger(lake, Wanted(**wanted))]  # type: ignore[arg-type]


def test_words_are_found_in_entries_in_any_case_and_script(lake: Lake) -> None:
    assert kinds(lake, words=["MEMORY"]) == ["run_failed"]
    assert kinds(lake, words=["gebühr", "年费"]) == ["approval"]
    assert kinds(lake, words=["memory", "gebühr"]) == []


def test_an_output_is_found_by_its_figures(lake: Lake) -> None:
    [hit] = search_ledger(lake, Wanted(["answer_f1"]))
    assert hit.about == "bank_support/eval_report" and "0.41" in hit.passage


def test_asset_person_kind_and_day_narrow_the_search(lake: Lake) -> None:
    assert kinds(lake, asset="datasheet") == ["materialized"]
    assert kinds(lake, who="ada") == ["approval"]
    assert kinds(lake, kind="run_failed") == ["run_failed"]
    assert len(kinds(lake)) == 4
    assert kinds(lake, since=date(2999, 1, 1)) == []


def test_an_output_that_is_gone_is_no_error(lake: Lake) -> None:
    shutil.rmtree(lake.home / "artifacts")
    assert kinds(lake, words=["answer_f1"]) == [] and kinds(lake, words=["memory"]) == ["run_failed"]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["--search", "memory"], 0, "out of memory"),
        (["--most", "1"], 0, "1 shown; there are more: --most"),
        (["--search", "nowhere"], 1, "nothing in the ledger matches"),
    ],
)
def test_the_command_says_what_it_found(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, typed: list[str], code: int, said: str
) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(lake.home))
    monkeypatch.setenv("COLUMNS", "250")
    result = CliRunner().invoke(app, ["ledger", *typed])
    assert result.exit_code == code and said in click.unstyle(result.output), result.output
