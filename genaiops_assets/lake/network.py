"""Network switches: what libraries may ask of hubs, and that none of them reports home.

Belongs here: the environment variables for payloads (`compute/`) and for this process (`ask`, `resolve`), in one list,
and the one exception: a pinned hub reference is fetched. Does not belong here: fetching (`references.py`)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HUBS_OFF = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
}
QUIET = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "WANDB_DISABLED": "true",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONHASHSEED": "0",
}
OFFLINE = {**HUBS_OFF, **QUIET}
_asked_by_user = os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE")


def network_switches(online: bool = False) -> dict[str, str]:
    """The switches as environment variables. `online`: hubs may be asked; telemetry stays off."""
    return dict(QUIET if online else OFFLINE)


def set_network_switches() -> None:
    """The switches in this process: what a payload has, `ask` has. Call it before a model library is imported; the
    hub's client is corrected where it was imported earlier."""
    os.environ.update(OFFLINE)
    if constants := _hub_constants():
        constants.HF_HUB_OFFLINE = constants.HF_HUB_DISABLE_TELEMETRY = True


@contextmanager
def hub_may_be_asked() -> Iterator[None]:
    """Within, the hub's client may fetch; telemetry stays off. Whoever started the process offline stays offline."""
    os.environ.update(QUIET)
    import huggingface_hub.constants as constants

    before, constants.HF_HUB_DISABLE_TELEMETRY = constants.HF_HUB_OFFLINE, True
    constants.HF_HUB_OFFLINE = bool(_asked_by_user)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _hub_constants() -> Any:
    return sys.modules.get("huggingface_hub.constants")
