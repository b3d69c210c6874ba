"""How things are said on the terminal: one console, and the few sentences every command shares.

Belongs here: printing safely. Text of users and files is never markup, its control characters are shown and not
obeyed, and a command we print works as it stands. Does not belong here: what is said."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

# What a terminal obeys instead of showing: C0 and C1 controls but tab and newline, and marks that turn the reading
# order around.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"(?<![\w/.-])genaiops (?=[a-z])")
MARKS = {"good": ("✓", "green"), "bad": ("✗", "red"), "note": ("!", "yellow")}


def clean(text: str) -> str:
    """The text with control characters written out (`\\x1b`), so that no title can move the cursor or forge a line."""
    return OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class Terminal(Console):
    """Rich's console, whose last door lets no control character of a text through."""

    def render(self, renderable: Any, options: Any = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not OBEYED.search(segment.text):
                yield segment
            else:
                yield Segment(clean(segment.text), segment.style)


console = Terminal(width=None if sys.stdout.isatty() else 140)


@cache
def program() -> str:
    """`genaiops` as it must be typed here: where it is not on the PATH, by its path."""
    own = Path(sys.executable).parent / "genaiops"
    found = shutil.which("genaiops")
    if found and Path(found).resolve() == own.resolve():
        return "genaiops"
    if not own.exists():
        return f"{sys.executable} -m genaiops_assets.cli"
    here = Path.cwd()
    return str(own.relative_to(here)) if own.is_relative_to(here) else str(own)


def as_typed(text: str) -> str:
    """Our commands in a text, written `genaiops …` everywhere in the code, as they work when typed."""
    return COMMAND.sub(lambda _: f"{program()} ", text)


def say(text: str, mark: str = "", style: str = "") -> None:
    """One message as it is; `mark`: good, bad or note."""
    line = Text()
    if mark:
        sign, colour = MARKS[mark]
        line.append(f"{sign} ", colour)
    line.append(clean(as_typed(text)), style or None)
    console.print(line, highlight=False, soft_wrap=True)


def stop(message: str) -> NoReturn:
    """Say what is wrong and end the command with 1."""
    say(message, "bad")
    raise typer.Exit(1)


def done(message: str) -> None:
    say(message, "good")


def note(message: str) -> None:
    say(message, "note")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table of plain texts; a cell may be a rich `Text`. `right`: columns of numbers."""
    made = Table(title=Text(clean(title)) if title else None, title_justify="left")
    if not columns:
        made.show_header, made.box = False, None
    for column in columns:
        made.add_column(column, overflow="fold", justify="right" if column in right else "left")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(clean(as_typed(str(cell)))) for cell in row))
    console.print(made)
