"""`genaiops recipe explain`: what runs where, what a recipe may not do, and nothing asked of any host.

Belongs here: its words and exit codes. Does not belong here: the allow-list (`tests/corpus/test_allowed.py`)."""

from __future__ import annotations

import socket
from pathlib import Path

import click
import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app


@pytest.fixture
def explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`explain(steps)`: (exit code, what was printed); a look for a host fails the test."""
    home = tmp_path / "home"
    for name, value in (("GENAIOPS_HOME", str(home)), ("DAGSTER_HOME", str(home / "dagster")), ("COLUMNS", "250")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATA_JUICER_CACHE_HOME", str(home / "cache" / "data_juicer"))

    def refuse(*asked: object, **more: object) -> None:
        pytest.fail(f"asked for the host {asked[0]}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    def invoke(steps: str) -> tuple[int, str]:
        (tmp_path / "recipe.yaml").write_text(f"process:\n{steps}", encoding="utf-8")
        result = CliRunner().invoke(app, ["recipe", "explain", str(tmp_path / "recipe.yaml")])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, click.unstyle(result.output)

    return invoke


def test_each_operator_is_shown_with_where_it_runs(explain) -> None:
    code, text = explain("  - clean_email_mapper:\n  - text_length_filter:\n  - document_deduplicator:\n")
    assert code == 0 and "3 of 3 operators compiled" in text


@pytest.mark.parametrize("step", ["document_line_deduplicator", "python_lambda_mapper", "text_length_filter: {mx: 3}"])
def test_what_cannot_run_is_no_success(explain, step: str) -> None:
    code, text = explain(f"  - clean_html_mapper:\n  - {step}\n")
    assert code == 1 and "process step 2" in text and "compiled" not in text


def test_a_word_list_that_is_missing_is_asked_of_the_person_not_of_a_host(explain) -> None:
    code, text = explain("  - stopwords_filter: {lang: en}\n")
    assert code == 1 and "stopwords_dir: FOLDER" in text


def test_a_repeated_filter_is_pointed_out(explain) -> None:
    steps = "  - text_length_filter:\n  - clean_html_mapper:\n  - text_length_filter:\n"
    code, text = explain(steps)
    assert code == 0 and "step 3 text_length_filter: again: judges the text as it is here" in text
