"""New ratings: once people have stopped rating for a while, their reports are made.

Belongs here: what is new since the reports. Does not belong here: preferences for training (`retraining.py`)."""

from __future__ import annotations

from datetime import datetime, timedelta

import dagster as dg

from genaiops_assets.labelling import all_ratings
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.orchestration.requests import limits_of
from genaiops_assets.use_case import UseCase
from sensors import contract
from sensors.contract import Fact, Quiet, requesting_sensor

PAUSE = timedelta(minutes=5)  # without a new rating: nobody is in the middle of it


def ratings_sensor(uc: UseCase) -> dg.SensorDefinition:
    return requesting_sensor(
        uc,
        "new_ratings",
        job="ratings",
        purpose="ratings",
        limits=limits_of("a report on ratings", uc.monitoring.sensors),
        observe=lambda _, platform: new_ratings(platform.lake, uc),
        every=60,
        description="Ratings given since the reports on them, five minutes after the last one: requests both reports.",
    )


def new_ratings(lake: Lake, uc: UseCase) -> Fact | Quiet:
    """Ratings in force that the current report was made without, or that it holds and are gone."""
    found = all_ratings(lake, uc)
    reported = lake.heads.get(uc.key("rating_report"))
    if not found and reported is None:
        return Quiet("nobody has rated yet")
    ids = sorted(rating.id for rating in found)
    known = lake.current(uc.key("rating_report")).json("rating_report.json")["ids"] if reported else ""
    if known == digest_of(ids):
        return Quiet(f"{len(found)} ratings, all in the report")
    last = max((datetime.fromisoformat(rating.at) for rating in found), default=None)
    if last and contract.now() - last < PAUSE:
        return Quiet(f"{len(found)} ratings, the last at {last.isoformat()}: somebody may be rating still")
    return Fact(f"ratings:{digest_of(ids)[:24]}", f"{len(found)} ratings that the report was made without")
