"""The list of commands: what it says is what the commands say, and nothing is imported that was not typed."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from genaiops_assets.cli import main
from genaiops_assets.errors import Missing
from tests.conftest import PROJECT

HEAVY = ("dagster", "polars", "pyarrow", "lancedb", "torch", "numpy", "sqlalchemy")


def loaded_by(home: Path, *arguments: str) -> set[str]:
    """Modules that a command imported, in a process of its own."""
    code = (
        "import sys; from genaiops_assets.cli.main import main; sys.argv[1:] = " + repr(list(arguments)) + "\n"
        "try: main()\nfinally: print('LOADED', *sys.modules, file=sys.stderr)"
    )
    env = {**os.environ, "GENAIOPS_HOME": str(home)}
    run = subprocess.run([sys.executable, "-c", code], env=env, cwd=PROJECT, capture_output=True, text=True)
    return set(run.stderr.rpartition("LOADED ")[2].split())


def test_the_help_imports_no_room_and_no_library(tmp_path: Path) -> None:
    loaded = loaded_by(tmp_path, "--help")
    assert "genaiops_assets.cli.main" in loaded
    assert not loaded & {*HEAVY, "typer", "rich", "pydantic", "genaiops_assets.lake", "genaiops_assets.use_case"}


def test_status_needs_neither_dagster_nor_arrow_once_its_card_is_made(tmp_path: Path) -> None:
    assert "dagster" in loaded_by(tmp_path, "status")
    assert not loaded_by(tmp_path, "status") & set(HEAVY)


def test_the_list_says_what_the_commands_say() -> None:
    text = main.overview()
    for name, (module, function, summary) in main.PLACES.items():
        found = getattr(importlib.import_module(f"genaiops_assets.cli.{module}"), function)
        described = found.info.help if isinstance(found, typer.Typer) else found.__doc__
        assert " ".join(described.split()).startswith(summary), name
        assert f"  {name} " in text and len(f"  {name} {summary}") < 100


def test_no_command_at_all_is_a_usage_error_with_the_list(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    for typed, code in (([], 2), (["--help"], 0)):
        monkeypatch.setattr(sys, "argv", ["genaiops", *typed])
        with pytest.raises(SystemExit) as ended:
            main.main()
        assert ended.value.code == code and capsys.readouterr().out == main.overview()


def invoked(error: Exception) -> tuple[object, str]:
    def failing() -> None:
        raise error

    app = typer.Typer()
    app.command()(main.explained(failing))
    result = CliRunner().invoke(app)
    return result.exception, click.unstyle(result.output)


def test_what_a_person_can_act_on_is_a_message_and_a_fault_of_ours_a_traceback() -> None:
    exception, said = invoked(Missing("no [/x] foo: materialize it first"))
    assert isinstance(exception, SystemExit) and said == "✗ no [/x] foo: materialize it first\n"
    exception, said = invoked(KeyError("foo"))
    assert isinstance(exception, KeyError) and said == ""
