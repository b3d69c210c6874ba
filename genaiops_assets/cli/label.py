"""`genaiops label`: people compare two answers on a small page of this machine, blind and by keyboard.

Belongs here: what is compared, who rates, and the address. Does not belong here: rating and the page (`labelling/`)."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import done, say, stop

HOST = "127.0.0.1"


def label(
    name: Annotated[str, typer.Option("--as", help="Your name, as it will stand beside your ratings.")],
    use_case: UseCaseOption = None,
    versions: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Compare what two model versions answered, or `base` and one; measures, never teaches."),
    ] = None,
    items: Annotated[
        int | None, typer.Option(help="So many of the questions, the same for every rater; all when left out.", min=1)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Draws questions, order and sides.", min=0)] = None,
    port: Annotated[int, typer.Option(help="Port of the page; any free one when 0.", min=0, max=65535)] = 0,
) -> None:
    """Rate answers on a local page: the preference pairs of a use case, or two model versions side by side. Blind, by
    keyboard, in English or Chinese; what you rated stands when you stop, and you go on there. Ratings of pairs become
    feedback, which the feedback sensor takes in. Ctrl-C ends it."""
    import socket

    from genaiops_assets.labelling import Desk, guideline_of, pair_items, stated_plan, version_items

    session = Session()
    uc, lake = session.use_case(use_case), session.lake
    guideline = guideline_of(uc)
    if versions:
        found = version_items(lake, uc, *versions)
        plan = stated_plan(lake, uc, found, guideline.version, size=items, seed=seed)
        items, seed = plan.size, plan.seed
        say(f"the plan, stated {plan.written_at}: {plan.in_words()}")
    else:
        found = pair_items(lake, uc)
    desk = Desk(lake, uc, found, name, guideline, seed=seed or 0, size=items)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen()  # who opens the page at once waits, and is not refused
        except OSError:
            stop(f"port {port} is taken: another --port, or none for any free one")
        serve(desk, listening)
    told = desk.progress()
    done(
        f"{told['done']} of {told['total']} rated by {name}"
        + (f", {told['skipped']} skipped" if told["skipped"] else "")
    )


def serve(desk: Any, listening: Any) -> None:
    """Until interrupted."""
    import uvicorn

    from genaiops_assets.labelling import labelling_app
    from genaiops_assets.orchestration.web.door import Door

    port = listening.getsockname()[1]
    door = Door.of(port, None, desk.lake.home)
    told = desk.progress()
    say(f"{told['total'] - told['done']} of {told['total']} to rate, as {desk.rater}. Open in a browser (Ctrl-C ends):")
    say(f"  http://{HOST}:{port}/#{door.token}")
    config = uvicorn.Config(labelling_app(desk, door), log_level="error", proxy_headers=False, server_header=False)
    with suppress(KeyboardInterrupt):  # uvicorn shuts down in order and passes it on
        uvicorn.Server(config).run(sockets=[listening])
