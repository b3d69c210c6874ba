"""The daemon of `genaiops up`: Dagster's own, on the shared workspace.

Belongs here: starting it. Does not belong here: sensors and schedules."""

from __future__ import annotations

import argparse

import dagster as dg
from dagster._daemon.controller import DagsterDaemonController, create_daemons_from_instance
from dagster._utils.interrupts import capture_interrupts, setup_interrupt_handlers
from dagster._utils.log import configure_loggers

from genaiops_assets.orchestration.code_server import remember_migrations
from genaiops_assets.orchestration.shared_workspace import SharedWorkspace


def run(workspace: list[str]) -> None:
    """Run until interrupted."""
    configure_loggers(handler="default", formatter="colored", log_level="WARNING")
    with (
        capture_interrupts(),
        dg.DagsterInstance.get() as instance,
        SharedWorkspace(instance, workspace) as context,
        DagsterDaemonController(context, create_daemons_from_instance(instance)) as controller,
    ):
        controller.check_daemon_loop()


def main() -> None:
    parser = argparse.ArgumentParser()
    remember_migrations()
    parser.add_argument("-w", "--workspace", action="append", required=True)
    setup_interrupt_handlers()
    try:
        run(parser.parse_args().workspace)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
