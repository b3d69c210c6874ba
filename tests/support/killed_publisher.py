"""`python -m tests.support.killed_publisher ASSET N …`: the command line, which kills itself (SIGKILL) just before the
Nth file operation of publishing ASSET. Python's audit events name every file operation beforehand, so each point can
be hit, none by luck."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

PLACE = {
    "open": 0,
    "os.remove": 0,
    "os.mkdir": 0,
    "os.rmdir": 0,
    "os.rename": 1,
    "os.link": 1,
}  # event → argument that is the path


def arm(asset: str, nth: int, home: str, die: Callable[[], Any] = lambda: os.kill(os.getpid(), signal.SIGKILL)) -> None:
    """Count from the moment when the asset's provenance is put into its staging folder; at the Nth operation in
    `home`, die."""
    state = {"counting": False, "seen": 0, "busy": False}

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in PLACE or state["busy"]:
            return
        path = str(arguments[PLACE[event]])
        if not path.startswith(home) or path.startswith(f"{home}/dagster"):
            return
        if not state["counting"] and event == "os.rename" and path.endswith("/provenance.json"):
            state["busy"] = True
            with open(arguments[0]) as f:
                state["counting"] = json.load(f).get("asset") == asset
            state["busy"] = False
        if state["counting"]:
            state["seen"] += 1
            if state["seen"] == nth:
                die()

    sys.addaudithook(watch)


def main() -> None:
    asset, nth = sys.argv[1], int(sys.argv[2])
    sys.argv[1:3] = []
    use_case = sys.argv[sys.argv.index("--use-case") + 1]
    arm(f"{use_case}/{asset}", nth, os.environ["GENAIOPS_HOME"])
    from genaiops_assets.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
