"""`genaiops serve-key`: keys that open the gateway.

Belongs here: asking and printing. Does not belong here: what a key is (`serving/gateway/keys.py`)."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import console, done, table

serve_key = typer.Typer(help="Keys that open the gateway of genaiops serve.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Whose key it is: a program or a team; it stands in the log.")]


@serve_key.command()
def add(
    name: Name,
    access: Annotated[
        list[str] | None, typer.Option(help="A class of access whose sources it may search; public unless given.")
    ] = None,
    requests: Annotated[int, typer.Option(help="Requests a minute; 0 for no limit of its own.", min=0)] = 0,
    tokens: Annotated[int, typer.Option(help="Tokens read and written a minute; 0 for none.", min=0)] = 0,
    use_case: UseCaseOption = None,
) -> None:
    """Make a key. It is shown once: only its hash is kept."""
    from genaiops_assets.serving import add_key

    session = Session()
    uc = session.use_case(use_case)
    key = add_key(session.lake, uc, name, access=access or ["public"], requests=requests, tokens=tokens)
    console.print(key, highlight=False, markup=False, soft_wrap=True)
    done(f"the key of {name} for {uc.name}, shown this once; a running gateway takes it at once")


@serve_key.command("list")
def list_keys(use_case: UseCaseOption = None) -> None:
    """Names, classes of access and limits; never a key."""
    from genaiops_assets.serving import KeyRing

    session = Session(reads=True)
    uc = session.use_case(use_case)
    rows = [
        (key.name, ", ".join(key.access), str(key.requests or "-"), str(key.tokens or "-"), key.made_at[:10])
        for key in KeyRing(session.home, uc.name).named()
    ]
    table(f"keys of {uc.name}", ("name", "access", "requests a minute", "tokens a minute", "made on"), rows)


@serve_key.command()
def remove(name: Name, use_case: UseCaseOption = None) -> None:
    """From the next request on it opens nothing."""
    from genaiops_assets.serving import remove_key

    session = Session()
    uc = session.use_case(use_case)
    remove_key(session.lake, uc, name)
    done(f"{name} opens {uc.name} no more")
