"""The two processes that `serve.py` asks: a server of answers that answers at once, and the gateway before it. Each
prints its port. Holds no benchmark."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

from genaiops_assets.cli.serve import door_of
from genaiops_assets.lake import Lake
from genaiops_assets.models import packaged_prompts
from genaiops_assets.orchestration.web.front import Front
from genaiops_assets.retrieval import Passage
from genaiops_assets.serving import Gateway, Journal, Signer, Switch, gateway_app
from genaiops_assets.serving.gateway.guarding import Guards
from genaiops_assets.serving.gateway.released import Released
from genaiops_assets.serving.gateway.upstream_engine import UpstreamEngine
from genaiops_assets.use_case import Gateway as Settings
from genaiops_assets.use_case import GatewayLimits, Serving, Upstream
from tests.support.lakes import bank_support
from tests.support.upstream import streamed

ANSWER = streamed("Late return of the blue card costs 95 dollars each quarter. It is charged once. Call us for more.")
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(ANSWER)}\r\n\r\n".encode()
PASSAGE = Passage("fee#0", "fee", "Fees", "", "Late return of the blue card costs 95 dollars each quarter.", 0.9)


async def answer_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Every request on this connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            writer.write(HEAD + ANSWER)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def upstream() -> None:
    server = await asyncio.start_server(answer_at_once, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def gateway(home: Path, behind: int) -> None:
    import uvicorn

    there = Upstream(url=f"http://127.0.0.1:{behind}/v1", model="behind")
    settings = Settings(upstream=there, limits=GatewayLimits(at_once=64, waiting=64))
    uc = bank_support(serving=Serving(guards=["question_length", "personal_data_masked"], gateway=settings))
    lake, prompts = Lake(home), packaged_prompts("en")
    switch = Switch(lake, lambda: uc)
    switch.current = Released(
        uc=uc, version="mv-000000000001", bundle_digest="b" * 64, index_digest="i" * 64, index_seen="", warning="",
        prompts=prompts, guards=Guards(uc.serving.guards, "en", prompts.refusal), most=40, engine=UpstreamEngine(there),
        weights="", assistant=SimpleNamespace(retrieve=lambda questions, only: [[PASSAGE]]),
    )  # fmt: skip

    async def nothing_changes() -> None:
        await asyncio.Event().wait()

    switch.follow = nothing_changes  # type: ignore[method-assign]
    made = Gateway(lake, uc, switch, True, Signer(lake), Journal(lake, uc))
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    front = Front(gateway_app(made), door_of("127.0.0.1", listening.getsockname()[1], ()))
    config = uvicorn.Config(front, log_level="error", access_log=False, lifespan="on")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    if sys.argv[1] == "upstream":
        asyncio.run(upstream())
    else:
        gateway(Path(sys.argv[2]), int(sys.argv[3]))
