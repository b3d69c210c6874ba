"""Leases: at most one worker for one memo key, held by an open file and so gone with its holders.

Belongs here: the lock and its hand-over to a child process. The kernel releases it when the last process that
inherited the file ends: a payload that outlives its parent for a moment still keeps others out. Whoever works may do so
beside others, whoever tidies is alone (`alone=False`, `alone=True` on one file). Does not belong here: pools
(Dagster's)."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from genaiops_assets.errors import GenaiopsError


class LeaseTimeout(GenaiopsError, TimeoutError):
    """Another worker holds the lease for longer than the caller wants to wait."""


@contextmanager
def lease(
    path: Path, *, timeout: float = 3600.0, on_wait: Callable[[], None] | None = None, alone: bool = True
) -> Iterator[int]:
    """Hold the lease at `path`; yields the file descriptor to pass on to a child. `alone=False`: together with others
    who say so too, and never beside one who is alone. Raises LeaseTimeout after `timeout` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + timeout
    announced = False
    try:
        while True:
            try:
                fcntl.flock(fd, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if on_wait and not announced:
                    on_wait()
                    announced = True
                if time.monotonic() > deadline:
                    raise LeaseTimeout(f"{path.name}: another worker has held it for {timeout:.0f} s") from None
                time.sleep(0.2)
        yield fd
    finally:
        os.close(fd)
