"""Erasures as a person asks for them. Holds no tests."""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.erasure import (
    Targets,
    erase,
)
from genaiops_assets.lake import Lake, keyed_hash
from genaiops_assets.use_case import UseCase

OWNER, APPROVER, BUILDER = "Olga Owner", "Ada Approver", "Ben Builder"


def both() -> Targets:
    return Targets(documents=("secret-en", "secret-zh"))


def do(lake: Lake, uc: UseCase, targets: Targets | None = None, **more: Any) -> Any:
    return erase(
        lake,
        uc,
        targets or both(),
        name=more.pop("name", OWNER),
        reason=more.pop("reason", "asked by the author"),
        **more,
    )


def hashes(lake: Lake, *ids: str) -> list[str]:
    return sorted(keyed_hash(lake.store, i) for i in ids)
