"""`genaiops find`: what the home knows, by words and meaning, in ledger, documents, records and decisions.

Belongs here: options and printing. Does not belong here: searching (`governance/knowledge`), the ledger by words alone
(`ledger.py`)."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import console, done, note, say, stop


def find(
    question: Annotated[str, typer.Argument(help="What you look for, in English or Chinese.")],
    most: Annotated[int, typer.Option(min=1, max=100, help="How many hits are shown.")] = 10,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only these: ledger, page, record, decision; may be given again.")
    ] = None,
    access: Annotated[
        list[str] | None, typer.Option(help="Only what a reader of these classes may see; may be given again.")
    ] = None,
    words: Annotated[bool, typer.Option("--words", help="By words alone, without a model.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")] = False,
    use_case: UseCaseOption = None,
) -> None:
    """Find what was written and decided: ledger, documents, records, incidents, decisions."""
    from genaiops_assets.governance.knowledge import KINDS, find_knowledge

    wrong = sorted(set(kind or ()) - set(KINDS))
    if wrong:
        stop(f"--kind is one of {', '.join(KINDS)}, not {wrong[0]!r}")
    session = Session(reads=True)
    uc = session.use_case(use_case)
    with console.status("looking"):
        answer = find_knowledge(
            session.lake, uc, question, most=most, kinds=kind or (), access=access or (), words_only=words
        )
    if as_json:
        typer.echo(json.dumps([hit.to_dict() for hit in answer.hits], ensure_ascii=False, indent=1))
        raise typer.Exit(0 if answer.hits else 1)
    for place, hit in enumerate(answer.hits, start=1):
        say(f"{place}. {hit.title}  [{hit.kind}, {hit.asset}@{hit.digest[:12]}, {hit.place}]", style="bold")
        say(f"   {hit.snippet}")
    how = "words and meaning" if answer.by_meaning else "words alone"
    if not answer.hits:
        note(f"nothing found in {answer.texts} passages by {how}")
        raise typer.Exit(1)
    done(f"{len(answer.hits)} of {answer.texts} passages, by {how}; {answer.new} were new to the index")
