"""How a person signs at the command line: the options, and the signer they lead to.

Belongs here: `--key`, `--statement`, `--signature`. Does not belong here: what is signed and by whose key
(`governance/keys`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.terminal import done, say, stop

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="Sign with this key: your private one, or the public one of a key in your agent."),
]
StatementOption = Annotated[
    Path | None,
    typer.Option("--statement", help="Write what has to be signed into this file, and decide nothing yet."),
]
SignatureOption = Annotated[
    Path | None, typer.Option("--signature", help="A signature of that statement, made elsewhere.")
]


def signer(key: Path | None, statement: Path | None = None, signature: Path | None = None) -> Any:
    """The function that signs a statement; None where nobody asked for a signature. With `statement` it writes the file
    and ends the command."""
    if sum(option is not None for option in (key, statement, signature)) > 1:
        stop("give one of --key, --statement and --signature")
    if statement is not None:
        return lambda content: _hand_out(content, statement)
    if signature is not None:
        try:
            made = signature.read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            stop(f"{signature} cannot be read: {error}")
        return lambda content: made
    if key is not None:
        from genaiops_assets.governance.keys import sign_with

        return lambda content: sign_with(key, content)
    return None


def _hand_out(content: bytes, file: Path) -> str:
    file.write_bytes(content)
    done(f"{file} holds what has to be signed; nothing was decided yet")
    say(f"  ssh-keygen -Y sign -n genaiops -f KEY {file}")
    say(f"  then the same command with --signature {file}.sig instead of --statement")
    raise typer.Exit(0)
