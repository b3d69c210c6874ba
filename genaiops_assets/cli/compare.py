"""`genaiops compare`: model versions side by side.

Belongs here: printing. Does not belong here: what is compared (`alignment/versions.py`)."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.text import Text

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import say, stop, table

LONGEST = 60  # characters of a value in a cell
SWEEP = (
    "version", "stages", "steps", "learning_rate", "pairs", "answer_f1", "answer_f1_held_out", "tuning_effect",
    "verdict", "seconds",
)  # fmt: skip


def compare(
    versions: Annotated[list[str] | None, typer.Argument(help="Two model versions: before, and after.")] = None,
    use_case: UseCaseOption = None,
    everything: Annotated[bool, typer.Option("--all", help="A row for each version of the use case.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Two model versions side by side: what their plans say otherwise, their scores, the effect with its interval, and
    the questions won and lost; with --all a row for each version."""
    from genaiops_assets.alignment import compare_versions, version_rows
    from genaiops_assets.governance.release import production_release

    session = Session(reads=True)
    uc, lake = session.use_case(use_case), session.lake
    if not everything and len(versions or []) != 2:
        stop("name two model versions, or use --all")
    if everything:
        released = production_release(lake, uc)
        found: Any = version_rows(lake, uc, released.model_version if released else "")
    else:
        found = compare_versions(lake, uc, *(versions or []))
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    elif everything:
        show_all(uc, found)
    else:
        show_two(found)


def show_all(uc: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        stop(f"{uc.name} has no model version yet: materialize model_plan")
    cells = [[_marked(row) if c == "version" else _short(row[c]) for c in SWEEP] for row in rows]
    table(f"{uc.title}: model versions", [c.replace("_", " ") for c in SWEEP], cells)


def show_two(found: dict[str, Any]) -> None:
    before, after = found["versions"]
    say(f"{before} → {after}", style="bold")
    for title, part in (("Data", "data"), ("Settings", "settings"), ("Training", "training")):
        rows = [(name, _short(one), _short(other)) for name, (one, other) in found[part].items()]
        if rows:
            table(title, ("", before, after), rows, right=(before, after))
        elif part != "training":
            say(f"{title}: no difference")
    rows = [(name, _interval(one), _interval(other)) for name, (one, other) in found["scores"].items()]
    table("Scores", ("", before, after), rows)
    table("Effect on answer F1, the same questions", ("questions", "after − before", "n", ""), _effects(found))
    items = found["items"]
    say(f"{items['items']} questions both were asked: {items['won']} won, {items['lost']} lost, {items['even']} even")
    for title, part in (("Won", "won"), ("Lost", "lost")):
        if found[part]:
            show_items(title, found[part])


def show_items(title: str, rows: list[dict[str, Any]]) -> None:
    cells = [
        (row["item"], _short(row["question"]), f"{row['before']:.3f}", f"{row['after']:.3f}", f"{row['moved']:+.3f}")
        for row in rows
    ]
    numbers = ("before", "after", "moved")
    table(title, ("item", "question", *numbers), cells, right=numbers)


def _effects(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(split, _interval(e), e["n"], _verdict(e)) for split, e in found["effect"].items()]


def _verdict(effect: dict[str, Any]) -> Text:
    """Whether the interval leaves zero behind."""
    if effect["low"] is None:
        return Text("not enough questions", "yellow")
    if effect["low"] > 0:
        return Text("better", "green")
    return Text("worse", "red") if effect["high"] < 0 else Text("no difference shown", "yellow")


def _interval(value: Any) -> str:
    if not isinstance(value, dict) or value.get("mean") is None:
        return "–"
    if value.get("low") is None:
        return f"{value['mean']:.3f}"
    return f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"


def _marked(row: dict[str, Any]) -> str:
    return f"{row['version']}{' (production)' if row['in_production'] else ''}"


def _short(value: Any) -> str:
    text = "–" if value in (None, "") else f"{value:,.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
