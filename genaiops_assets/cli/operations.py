"""Commands of whoever runs the platform: `backup` and `restore` of a home, `gc` of what nothing refers to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import clean, console, done, note, say


def backup(
    file: Annotated[Path, typer.Argument(help="The tar to write; it must not exist yet, nor lie in the home.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the keys in too: then the file must be kept like a key.")
    ] = False,
) -> None:
    """Copy the home into one file, while the daemon and runs go on. Caches, scratch and logs are left out; the ledger
    says where the copy is, since an erasure does not reach it."""
    from genaiops_assets.operations import back_up

    session = Session()
    with console.status("copying") as line:
        made = back_up(
            session.lake, file, with_keys=with_keys, progress=lambda what: line.update(Text(f"copying {what}"))
        )
    for remark in made.notes:
        note(remark)
    done(f"{made.files} files, {made.bytes:,} bytes: {made.file}")
    say(f"  sha256 {made.sha256}, ledger entry {made.head.seq if made.head else 0}")


def restore(
    file: Annotated[Path, typer.Argument(help="What genaiops backup wrote.")],
    to_home: Annotated[Path, typer.Argument(help="The new home: a folder that is empty or does not exist.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="Folder with the keys of that home, where the backup has none.")
    ] = None,
    erased_in: Annotated[
        Path | None,
        typer.Option("--erased-in", help="A newer home of the same lake: what was erased there stays out here too."),
    ] = None,
) -> None:
    """Make a home from a backup: every digest is checked before anything gets the home's name; then all of it is
    verified."""
    from genaiops_assets.operations import restore_home

    with console.status("reading") as line:
        made = restore_home(
            file,
            to_home,
            keys=keys,
            erased_in=erased_in,
            progress=lambda what: line.update(Text(clean(f"reading {what}"))),
        )
    done(f"{len(made.manifest['files'])} files of {made.manifest['made_at']} restored into {made.home}")
    for sentence in made.erased_since:
        note(sentence)
    problems = problems_in(made.home) if not made.manifest["lake_url"] else []
    for problem in problems:
        say(problem, "bad")
    say_what_next(made)
    if problems:
        raise typer.Exit(1)


def problems_in(home: Path) -> list[str]:
    """What verify finds in a restored home."""
    from genaiops_assets.cli.verify import history_marks
    from genaiops_assets.lake import Lake
    from genaiops_assets.orchestration.verification import verify_lake
    from genaiops_assets.use_case import UseCase, discover

    lake, use_cases = Lake(home), [uc for uc in discover(home) if isinstance(uc, UseCase)]
    with console.status("verifying"):
        found = verify_lake(lake, use_cases, history_marks(home))
    if not found.problems:
        done(f"{found.artifacts} artifacts and {found.entries} ledger entries are as published")
    return found.problems


def say_what_next(made: Any) -> None:
    from genaiops_assets.lake import Lake
    from genaiops_assets.operations import erase_again
    from genaiops_assets.use_case import BrokenUseCase, discover

    lake = Lake(made.home)
    if made.manifest["lake_url"]:
        note(f"the lake is not in this backup: put {made.manifest['lake_url']} back to {made.manifest['made_at']}")
        return
    for uc in discover(made.home):
        if isinstance(uc, BrokenUseCase):
            note(f"put the folder of this use case back: {uc.error}")
        elif again := erase_again(lake, uc):
            note(f"{len(again)} documents of {uc.name} were erased once and are here again; erase them before any run:")
            say(f'  genaiops erase {" ".join(again)} -u {uc.name} --as NAME --reason "erased before the restore"')
    if "keys" in made.manifest["left_out"] and not (made.home / "keys").is_dir():
        note("the backup has no keys: put the folder keys/ back, or new ones are made and old signatures stand alone")
    if not made.erased_since:
        note("erasures that came after this backup are not known here; a newer home tells them with --erased-in HOME")
    say(f"  export GENAIOPS_HOME={made.home}     then genaiops up (runs that were under way are closed as failed)")


def gc(
    apply: Annotated[bool, typer.Option("--apply", help="Remove it; without, it is only shown.")] = False,
    days: Annotated[float, typer.Option(min=0, help="What is younger than this many days stays.")] = 90,
) -> None:
    """Show what nothing refers to any more, and remove it with --apply. What is current, was ever released, approved
    or named by a decision stays, and all that it was made from; the ledger lists what goes, and verify accepts just
    that."""
    from genaiops_assets.operations import collect, plan_collection

    session = Session()
    with console.status("looking at what refers to what"):
        plan = (collect if apply else plan_collection)(session.lake, days=days)
    for output in plan.outputs:
        say(f"  {output['asset']}@{output['digest'][:12]}  {output['bytes']:,} bytes: {output['why']}")
    for table in plan.tables:
        say(f"  table {table['table']}: {len(table['tags'])} states, {len(table['files'])} files that only they read")
    for folder, why in plan.folders:
        say(f"  {folder.relative_to(session.home)}: {why}")
    if plan.unfinished:
        note(f"{len(plan.unfinished)} outputs of a collection that was cut off")
    kept = "; ".join(f"{count} {why}" for why, count in sorted(plan.kept.items(), key=lambda kv: -kv[1]))
    say(f"stays: {kept or 'nothing'}")
    size = sum(output["bytes"] for output in plan.outputs)
    if not plan:
        done("nothing to collect")
    elif apply:
        done(f"{len(plan.outputs)} outputs removed, {size:,} bytes; the ledger lists them")
    else:
        note(f"{len(plan.outputs)} outputs, {size:,} bytes would go; nothing was changed: genaiops gc --apply")
