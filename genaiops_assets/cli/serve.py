"""`genaiops serve`: the gateway of a use case, until it is stopped.

Belongs here: address, door and server process. Does not belong here: the gateway (`serving/gateway`)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import done, say, stop

LOOPBACK = ("127.0.0.1", "::1", "localhost")
BACKLOG = 512


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen at; any but this machine's own asks for keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; any free one when 0.", min=0, max=65535)] = 8080,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A name by which clients reach it (Host), as answers.example.org; may be given again."),
    ] = None,
    use_case: UseCaseOption = None,
) -> None:
    """Answer over HTTP, as OpenAI's chat API, with the release in production: its bundle verified, guarded, marked as
    AI output, logged. A new release takes over without a request that is dropped. Ctrl-C or SIGTERM lets the answers in
    the making finish."""
    from genaiops_assets.lake import set_network_switches

    set_network_switches()  # before the model libraries are imported
    session = Session()
    uc = session.use_case(use_case)
    listening = listen(host, port)
    gateway = gateway_of(session, uc, loopback=host in LOOPBACK)
    bound = listening.getsockname()[1]
    address = f"http://{f'[{host}]' if ':' in host else host}:{bound}"
    done(f"{address}/v1   answers with {gateway.switch.current.version}")
    say(f"  status    {address}/status, {address}/healthz, {address}/metrics")
    keys = (
        "asked for (genaiops serve-key)"
        if gateway.asks_for_keys
        else "none asked for: this machine alone, public sources"
    )
    say(f"  API keys  {keys}")
    run(gateway, door_of(host, bound, name or ()), listening)


def listen(host: str, port: int) -> socket.socket:
    """Bound, so that a port that is taken is said before a model is loaded."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        stop(f"{host}:{port}: {error.strerror}: another --port, or 0 for any free one")
    return listening


def gateway_of(session: Session, uc: Any, *, loopback: bool) -> Any:
    """The gateway with the release in production loaded. Ends the command with the reason where nothing may answer."""
    from genaiops_assets.governance.serving_stop import refuse_stopped
    from genaiops_assets.serving import Gateway, Journal, Signer, Switch, refuse_without_release

    refuse_stopped(session.lake, uc)
    switch = Switch(session.lake, reader(session, uc))
    asyncio.run(switch.look())
    refuse_without_release(switch)
    return Gateway(session.lake, uc, switch, loopback, Signer(session.lake), Journal(session.lake, uc))


def reader(session: Session, uc: Any) -> Callable[[], Any]:
    """The use case as its file is now, the same object while the file is the same. Raises Unusable where it does not
    load."""
    from genaiops_assets.errors import Unusable
    from genaiops_assets.use_case import UseCase, definition_stamps, discover

    known: list[Any] = [definition_stamps(session.home), uc]

    def read() -> Any:
        stamps = definition_stamps(session.home)
        if stamps != known[0]:
            found = next((u for u in discover(session.home) if u.name == uc.name), None)
            if not isinstance(found, UseCase):
                raise Unusable(getattr(found, "error", f"{uc.name} is no use case of this home any more"))
            known[:] = [stamps, found if found != known[1] else known[1]]
        return known[1]

    return read


def door_of(host: str, port: int, names: Any) -> Any:
    """Hosts that are answered: this machine's own names with the port, and those that were told."""
    from genaiops_assets.orchestration.web.door import Door

    own = {f"{n}:{port}" for n in ("127.0.0.1", "localhost", "[::1]", host)}
    told = {n.lower() for n in names} | {f"{n.lower()}:{port}" for n in names if ":" not in n}
    return Door({n: f"http://{n}" for n in own | told}, f"genaiops_gateway_{port}")


def run(gateway: Any, door: Any, listening: socket.socket) -> None:
    """Until interrupted; answers in the making are finished first."""
    import uvicorn

    from genaiops_assets.orchestration.web.front import Front
    from genaiops_assets.serving import gateway_app

    seconds = int(gateway.uc.serving.gateway.limits.seconds) + 1
    config = uvicorn.Config(
        Front(gateway_app(gateway), door), log_level="error", access_log=False, proxy_headers=False,
        server_header=False, backlog=BACKLOG, timeout_graceful_shutdown=seconds, lifespan="on",
    )  # fmt: skip
    server = uvicorn.Server(config)

    def drain(*signal: Any) -> None:
        """Asked twice, answers in the making are given up."""
        server.force_exit, server.should_exit = gateway.draining, True
        gateway.draining = True

    server.handle_exit = drain  # type: ignore[method-assign, assignment]
    server.run(sockets=[listening])
