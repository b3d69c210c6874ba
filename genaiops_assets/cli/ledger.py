"""`genaiops ledger`: what was done, by whom and why, found by words.

Belongs here: options and printing. Does not belong here: what matches (`governance/lineage/search.py`), or checking
the ledger (`verify.py`)."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated

import typer

from genaiops_assets.cli.session import Session, done
from genaiops_assets.cli.terminal import note, table

COLUMNS = ("no.", "when", "what", "who", "about", "found")


def ledger(
    search: Annotated[
        str, typer.Option(help="Words that must all stand in an entry, or in the figures of what it made.")
    ] = "",
    asset: Annotated[str, typer.Option(help="Only entries about this asset; a part of its name will do.")] = "",
    who: Annotated[str, typer.Option(help="Only what this person, or user of the machine, did.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind: materialized, approval, release, run_failed …")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on (UTC).")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many are shown, the newest first.")] = 20,
) -> None:
    """Find earlier runs, failures and decisions by words, in the ledger and in what was made."""
    from genaiops_assets.governance.lineage import Wanted, search_ledger

    wanted = Wanted(search.split(), asset, who, kind, since.date() if since else None)
    found = list(islice(search_ledger(Session(reads=True).lake, wanted), most + 1))
    if not found:
        note("nothing in the ledger matches")
        raise typer.Exit(1)
    shown = found[:most]
    table("", COLUMNS, [(h.seq, h.at[:16], h.kind, h.actor, h.about, h.passage) for h in shown], right=("no.",))
    done(f"{len(shown)} shown{'; there are more: --most' if len(found) > most else ''}")
