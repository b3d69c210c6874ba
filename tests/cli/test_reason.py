"""`genaiops reason`: a verdict with the sentences it rests on, or the questions that would decide."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, value in (("GENAIOPS_HOME", str(tmp_path)), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)

    def invoke(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, click.unstyle(result.output) + str(result.exception or "")

    return invoke


def test_a_verdict_quotes_the_policy(run) -> None:
    text = "It went on for weeks."
    code, said = run("reason", "home_insurance", "--claim", "covered", "--text", text, "--use-case", "bank_support")
    assert code == 0 and "refuted" in said and "gradually over weeks" in said


def test_what_is_missing_is_asked_and_facts_can_be_stated(run) -> None:
    command = ("reason", "card_fees", "--claim", "monthly_fee == 0", "--use-case", "bank_support")
    assert "How old is the holder?" in run(*command)[1]
    found = json.loads(run(*command, "--fact", "age=20", "--json")[1])
    assert (found["verdict"], found["rules"]) == ("proven", ["young_holder"])


def test_an_unknown_policy_names_those_there_are(run) -> None:
    code, said = run("reason", "fees", "--claim", "x", "--use-case", "bank_support")
    assert code != 0 and "card_fees, home_insurance" in " ".join(said.split())
