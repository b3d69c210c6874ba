"""What reaches the terminal: text of users as text, no control characters, commands that work."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import typer
from rich.progress import Progress, TextColumn
from rich.text import Text

from genaiops_assets.cli import terminal

FORGED = "fee\x1b[2J\x1b]0;owned\x07\r\x9b31mred \u202eexe"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a terminal of 400 columns is sent."""
    out = io.StringIO()
    monkeypatch.setattr(terminal, "console", terminal.Terminal(file=out, width=400))
    monkeypatch.setattr(terminal, "program", lambda: ".venv/bin/genaiops")
    return out


@pytest.mark.parametrize(
    "text", ["pip install 'genaiops-assets[train]'", "a [/x] b", "[bold red]x", "[link=x]y[/link]"]
)
def test_brackets_are_text_and_end_no_command(screen: io.StringIO, text: str) -> None:
    terminal.done(text)
    terminal.note(text)
    with pytest.raises(typer.Exit):
        terminal.stop(text)
    terminal.table(text, ("what",), [[text]])
    assert screen.getvalue().count(text) == 5


def test_control_characters_are_shown_and_never_sent(screen: io.StringIO) -> None:
    terminal.say(FORGED)
    terminal.table(FORGED, ("what", FORGED), [[FORGED, Text(FORGED)]])
    terminal.console.print(FORGED, markup=False)
    terminal.console.print(Text(FORGED))
    with Progress(TextColumn("{task.description}", markup=False), console=terminal.console) as progress:
        progress.add_task(FORGED, total=1)
    sent = screen.getvalue()
    assert not terminal.OBEYED.search(sent), sent
    assert sent.count("\\x1b[2J") >= 6 and "\\u202eexe" in sent


def test_colours_of_our_own_still_reach_a_terminal() -> None:
    out = io.StringIO()
    terminal.Terminal(file=out, force_terminal=True, width=80, color_system="standard").print(Text("bad\x1b[1m", "red"))
    assert out.getvalue() == "\x1b[31mbad\\x1b[1m\x1b[0m\n"


def test_commands_are_printed_as_they_work_here(screen: io.StringIO) -> None:
    terminal.say("waits: genaiops approve mv-1; not genaiops-assets, nor /x/genaiops up, nor genaiops")
    assert screen.getvalue() == (
        "waits: .venv/bin/genaiops approve mv-1; not genaiops-assets, nor /x/genaiops up, nor genaiops\n"
    )


def test_the_program_is_named_by_its_path_where_it_is_not_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "genaiops").write_text("#!/bin/sh\n")
    (folder / "genaiops").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.chdir(tmp_path)
    for path, named in (("/nowhere", ".venv/bin/genaiops"), (str(folder), "genaiops")):
        monkeypatch.setenv("PATH", path)
        terminal.program.cache_clear()
        assert terminal.program() == named
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("PATH", "/nowhere")
    terminal.program.cache_clear()
    assert terminal.program() == str(folder / "genaiops")
    terminal.program.cache_clear()
