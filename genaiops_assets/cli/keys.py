"""Commands `keys list`, `keys add`, `keys remove`: whose keys are registered, and since when.

Belongs here: options and printing. Does not belong here: what a key is good for (`governance/keys`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.signing import KeyOption, SignatureOption, StatementOption, signer
from genaiops_assets.cli.terminal import done, note, say, stop, table

keys_app = typer.Typer(no_args_is_help=True, help="Keys of people and of the platform.")
COLUMNS = ("whose", "kind", "fingerprint", "since", "removed", "where it stands")


@keys_app.command("list")
def list_keys(use_case: UseCaseOption = None) -> None:
    """Every key of people and of the platform, with its dates."""
    from genaiops_assets.governance.keys import keys_of_people

    session = Session(reads=True)
    uc = session.use_case(use_case)
    rows = [
        (key.person, key.kind, key.fingerprint, key.since or "not recorded yet", key.removed, key.source)
        for key in keys_of_people(session.lake, uc)
    ]
    table(f"keys of {uc.name}", COLUMNS, [*rows, *platform_rows(session.lake)])
    without = [person for person in uc.people.approvers if not any(row[0] == person and not row[4] for row in rows)]
    if without:
        note(f"no key is registered for {', '.join(without)}: what they decide is unsigned")
    required = "only signed ones count" if uc.people.require_signature else "unsigned ones count too"
    say(f"decisions: {required} (people.require_signature)")


def platform_rows(lake: Any) -> list[tuple[str, ...]]:
    from genaiops_assets.governance.keys import KEY_MADE, platform_entries

    rows: dict[str, tuple[str, ...]] = {}
    for entry in platform_entries(lake):
        mark = entry.body["fingerprint"]
        if entry.kind == KEY_MADE:
            rows[mark] = ("the platform", "pem", mark, entry.at, "", "ledger")
        else:
            rows[mark] = (*rows[mark][:4], entry.at, "ledger")
    return list(rows.values())


@keys_app.command("add")
def add(
    public_key: Annotated[Path, typer.Argument(help="A public key: OpenSSH, PEM or an X.509 certificate.")],
    name: AsOption,
    reason: ReasonOption = "my key",
    person: Annotated[str, typer.Option("--for", help="Whose key it is; yours when left out.")] = "",
    use_case: UseCaseOption = None,
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Register a public key of yours or, as an owner, of somebody else."""
    from genaiops_assets.governance.keys import add_key

    session = Session()
    uc = session.use_case(use_case)
    try:
        text = public_key.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{public_key} cannot be read: {error}")
    sign = signer(key, statement, signature)
    entry = add_key(session.lake, uc, text, by=name, reason=reason, person=person, sign=sign)
    done(f"{entry.body['fingerprint']} is registered as a key of {entry.body['person']} (entry {entry.seq})")


@keys_app.command("remove")
def remove(
    fingerprint: Annotated[str, typer.Argument(help="Its fingerprint, or the beginning of it.")],
    name: AsOption,
    reason: ReasonOption,
    platform: Annotated[bool, typer.Option("--platform", help="A key of the platform; an owner removes it.")] = False,
    use_case: UseCaseOption = None,
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Remove a key: nothing is signed with it any more. What it signed as a person's key before stays signed."""
    from genaiops_assets.governance.keys import remove_key, remove_platform_key

    session = Session()
    uc = session.use_case(use_case)
    if platform:
        owner = as_owner(uc, name, reason)
        removed = remove_platform_key(session.lake, fingerprint, owner, reason)
        done(f"{removed[:16]} is no key of the platform any more")
        note("what it signed does not verify now: genaiops run signs checkpoints and bundles anew")
        return
    sign = signer(key, statement, signature)
    entry = remove_key(session.lake, uc, fingerprint, by=name, reason=reason, sign=sign)
    done(f"{entry.body['fingerprint']} is no key of {entry.body['person']} any more (entry {entry.seq})")


def as_owner(uc: Any, name: str, reason: str) -> str:
    """Raises Refused for anybody but an owner, and without a reason."""
    from genaiops_assets.errors import Refused
    from genaiops_assets.governance.people import listed_as, refuse_empty_reason

    owner = listed_as(uc.people.owners, name)
    if owner is None:
        raise Refused(f"only owners remove a key of the platform: {', '.join(uc.people.owners)}")
    refuse_empty_reason(reason, "removing a key")
    return owner
