"""What the gateway adds to a server of answers behind it: the same requests asked directly and through the gateway, in
one run.

    make bench-serve

Belongs here: the load and the figures. Does not belong here: the processes that are asked (`serve_parts.py`). 200
requests a second in open loop (each is sent when it is due, whoever still waits) over 64 kept connections; time is taken
from when a request was due, so that a stall counts for all who waited in it (coordinated omission). The gateway does all
it does for an answer, rules, log on the disk, signature; only search is left out: it answers with one known passage. The
load tool's own share of a core is stated, and so is what the disk below the log takes to keep a line: the acknowledged
answer waits for it. `BENCH_SECONDS` is how long, `TMPDIR` which disk."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.benchmarks.harness import Figure, report

RATE, CLIENTS = 200, 64
SECONDS = float(os.environ.get("BENCH_SECONDS", "12"))
PARTS = "tests.benchmarks.serve_parts"
BODY = json.dumps(
    {"model": "bank_support", "messages": [{"role": "user", "content": "What does late return of the card cost?"}]}
).encode()


@dataclass
class Load:
    """Seconds from when each request was due to the end of its answer, and what went wrong."""

    taken: list[float] = field(default_factory=list)
    errors: int = 0

    def ms(self, share: float) -> float:
        ordered = sorted(self.taken)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_of(port: int) -> bytes:
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    return head.encode() + BODY


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bool:
    """One request on a kept connection; whether it was answered with 200."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    if lengths:
        await reader.readexactly(int(lengths[0].partition(b":")[2]))
    else:  # chunked
        await reader.readuntil(b"0\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200")


async def load(port: int, seconds: float) -> Load:
    found, due, request = Load(), asyncio.Queue[float](), request_of(port)

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (when := await due.get()) > 0:
            try:
                found.errors += not await asked(reader, writer, request)
                found.taken.append(time.perf_counter() - when)
            except (OSError, asyncio.IncompleteReadError):
                found.errors += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for n in range(int(RATE * seconds)):
        when = began + n / RATE
        if (left := when - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        due.put_nowait(when)
    for _ in clients:
        due.put_nowait(0.0)
    await asyncio.gather(*clients)
    return found


async def crowd(port: int, each: int) -> Load:
    """All clients at once, each asking again as soon as it is answered."""
    found, request = Load(), request_of(port)

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(each):
            began = time.perf_counter()
            found.errors += not await asked(reader, writer, request)
            found.taken.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return found


def started(*arguments: str) -> tuple[subprocess.Popen[str], int]:
    """A process of `serve_parts` and the port it says it listens at."""
    process = subprocess.Popen([sys.executable, "-m", PARTS, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def flush_p99(folder: Path) -> float:
    """Seconds that the disk takes to keep one line, for 99 of 100: what no log can be faster than."""
    taken = []
    with open(folder / "flush", "wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 1500)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[197]


def main() -> None:
    with TemporaryDirectory() as home:
        flush = flush_p99(Path(home))
        upstream, behind = started("upstream")
        gateway, front = started("gateway", str(Path(home)), str(behind))
        seen = psutil.Process(gateway.pid)
        try:
            asyncio.run(load(front, 3))  # until caches are filled
            direct = asyncio.run(load(behind, SECONDS))
            before, own, used = seen.memory_info().rss, time.process_time(), sum(seen.cpu_times()[:2])
            through = asyncio.run(load(front, SECONDS))
            own, used = (time.process_time() - own) / SECONDS, (sum(seen.cpu_times()[:2]) - used) / SECONDS
            many = asyncio.run(crowd(front, 20))
            grown = (seen.memory_info().rss - before) / 2**20
        finally:
            for process in (gateway, upstream):
                process.terminate()
                process.wait(30)
    busy = os.getloadavg()[0]
    report(
        "serve",
        [
            Figure("answers asked directly, p50", direct.ms(0.5), "ms"),
            Figure("answers asked directly, p99", direct.ms(0.99), "ms"),
            Figure("through the gateway, p50", through.ms(0.5), "ms"),
            Figure("through the gateway, p99", through.ms(0.99), "ms"),
            Figure("added at p50", through.ms(0.5) - direct.ms(0.5), "ms"),
            Figure("added at p99", through.ms(0.99) - direct.ms(0.99), "ms", at_most=10),
            Figure("errors at 200 a second", through.errors, "", at_most=0),
            Figure(f"errors of {CLIENTS} clients at once", many.errors, "", at_most=0),
            Figure(f"answers a second, {CLIENTS} clients at once", CLIENTS / (sum(many.taken) / len(many.taken)), ""),
            Figure("memory of the gateway grew by", grown, "MiB", at_most=32),
            Figure("processor time of the gateway, an answer", 1000 * used / RATE, "ms"),
            Figure("flush of the disk below the log, p99", 1000 * flush, "ms"),
            Figure("a core's share that the load tool took", own, ""),
            Figure("load of the machine, last minute", busy, ""),
        ],
    )


if __name__ == "__main__":
    main()
