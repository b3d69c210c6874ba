"""`genaiops coverage`: the rows by state, the view of a role, and what is owed and missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.coverage import in_words
from genaiops_assets.cli.main import app
from genaiops_assets.governance.compliance import Described, State, build_coverage
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import register
from tests.support.lakes import bank_support, publish

UC = bank_support()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a matrix in which only the scope document was made."""
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    register(tmp_path, "package:bank_support")
    graph = [Described("use_case_scope", "scoping", "scoping")]
    matrix = build_coverage(UC, graph, {"use_case_scope": State("d1")}, {}, [])
    publish(Lake(tmp_path), UC.key("coverage_matrix"), {"coverage_matrix.json": matrix})
    return tmp_path


def run(*typed: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["coverage", "--stored", *typed])
    return done.exit_code, done.output


def test_it_prints_counts_rows_and_what_is_missing_with_who_answers_for_it(home: Path) -> None:
    code, said = run()
    assert code == 0 and "62 rows: 1 verified, 0 present, 0 human gap, 56 missing, 5 not owed" in said.replace(
        "\n", " "
    )
    assert "missing: 18 Model card: model_card (Olga Owner" in said


def test_a_role_sees_its_question_and_its_rows(home: Path) -> None:
    code, said = run("--role", "authority")
    assert code == 0 and "What does the law ask of them" in said and "Emerging threats" not in said.split("missing:")[0]
    view = json.loads(run("--role", "authority", "--json")[1])
    assert view["rows"] and sum(view["counts"].values()) == len(view["rows"]) - 2  # 61 in three parts counts once
    assert run("--role", "king")[0] == 1


def test_for_machines_it_is_the_whole_matrix(home: Path) -> None:
    matrix = json.loads(run("--json")[1])
    assert len(matrix["rows"]) == 68 and matrix["counts"]["rows"]["verified"] == 1


def test_without_a_matrix_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    register(tmp_path, "package:bank_support")
    code, said = run()
    assert code == 1 and "genaiops coverage" in said


def test_counts_are_one_sentence() -> None:
    assert (
        in_words({"verified": 2, "missing": 1}) == "3 rows: 2 verified, 0 present, 0 human gap, 1 missing, 0 not owed"
    )
