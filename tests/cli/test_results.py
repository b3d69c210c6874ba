"""`genaiops import-results`: a file of another harness looked at, and the lines a use case needs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.use_case import ImportedResults
from tests.evaluation.imported.test_readers import DATA, PLUS_ONE, RESULTS


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def run(file: Path, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["import-results", str(file), "--suite", "foreign", "--version", "mv-1", *more])
    return done.exit_code, done.output


def test_the_lines_it_prints_are_what_a_use_case_takes() -> None:
    code, said = run(DATA / RESULTS, "--samples", str(DATA / PLUS_ONE))
    assert (
        code == 0 and "lm-evaluation-harness 0.4.13: 12 items" in said and "/suites/foreign/cells/all/acc/all" in said
    )
    [stated] = yaml.safe_load(said[said.index("evaluation:") :])["evaluation"]["imported"]
    assert ImportedResults.model_validate(stated).format == "lm_eval"


def test_a_damaged_file_is_named_and_nothing_printed_as_if_it_were_fine(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text('{"version": 1}')
    code, said = run(tmp_path / "log.json")
    assert code == 1 and "log.json: version: a log of version 1, this release reads 2" in said
    code, said = run(DATA / RESULTS)
    assert code == 1 and "samples belong to format: lm_eval, which needs them" in said
