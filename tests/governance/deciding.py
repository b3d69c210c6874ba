"""Decisions on a candidate as a person takes them. Holds no tests."""

from __future__ import annotations

from genaiops_assets.governance.release import Accepts, decide, release
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1

APPROVER, BUILDER, OWNER = "Ada Approver", "Ben Builder", "Olga Owner"
ACCEPTS = Accepts("a demonstration, nobody acts on its answers", "2099-12-31")


def approve(lake: Lake, uc: UseCase, name: str = APPROVER, reason: str = "read the card", version: str = V1, **more):
    return decide(lake, uc, version, name=name, decision="approved", reason=reason, **more)


def promote(lake: Lake, uc: UseCase, version: str = V1, **more):
    return release(lake, uc, version, kind="promote", by=OWNER, reason="a demonstration", **more)
