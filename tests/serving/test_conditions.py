"""What may be found, as people state it: classes of access and days, turned into sources and batches."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from genaiops_assets.corpus.schemas import RIGHTS
from genaiops_assets.lake import Lake, write_rows
from genaiops_assets.retrieval import ANYTHING, Only
from genaiops_assets.serving import search_conditions
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support

DAYS = {1: "2026-01-10", 2: "2026-01-20", 3: "2026-02-01"}


@pytest.fixture
def uc() -> UseCase:
    found = bank_support()
    staff = found.sources[0].model_copy(update={"name": "minutes", "access": "staff"})
    return found.model_copy(
        update={"sources": [*found.sources, staff], "inbox": found.inbox.model_copy(update={"access": "staff"})}
    )


@pytest.fixture
def lake(tmp_path: Path, uc: UseCase) -> Lake:
    """Three documents of three batches, each read on a day of its own."""
    lake = Lake(tmp_path / "home")
    blank = {f.name: "" for f in RIGHTS}
    rows = [
        {**blank, "id": f"document:{n}", "first_seen": n, "fetched_at": f"{day}T10:00:00+00:00"}
        for n, day in DAYS.items()
    ]
    with lake.work("k") as place:
        write_rows(place.scratch / "rights.parquet", RIGHTS, rows)
        snapshot = lake.tables.sync(uc.key("rights"), place.scratch / "rights.parquet").snapshot
        (place.staging / "documents.json").write_text("{}")
        lake.publish(uc.key("documents"), None, "k", place.staging, snapshots=[snapshot], summary={}, provenance={})
    return lake


def test_no_condition_is_no_condition(lake: Lake, uc: UseCase) -> None:
    assert search_conditions(lake, uc) == ANYTHING


def test_a_class_of_access_is_its_sources(lake: Lake, uc: UseCase) -> None:
    assert search_conditions(lake, uc, access=["staff"]).sources == ("minutes", "inbox")
    public = tuple(s.name for s in uc.sources if s.access == "public")
    assert search_conditions(lake, uc, access=["public"]).sources == public
    assert search_conditions(lake, uc, access=["public"], sources=["inbox"]) == Only(sources=())


@pytest.mark.parametrize(
    ("since", "until", "batches"),
    [
        (None, date(2026, 1, 20), (1, 2)),
        (date(2026, 1, 20), None, (2, 3)),
        (date(2026, 1, 11), date(2026, 1, 31), (2, 2)),
        (date(2026, 3, 1), None, (1, 0)),
    ],
)
def test_days_are_batches(
    lake: Lake, uc: UseCase, since: date | None, until: date | None, batches: tuple[int, int]
) -> None:
    found = search_conditions(lake, uc, since=since, until=until)
    assert (found.since, found.until) == batches


@pytest.mark.parametrize(
    ("named", "said"), [({"access": ["secret"]}, "no access class 'secret'"), ({"sources": ["x"]}, "no source 'x'")]
)
def test_what_is_not_there_is_named(lake: Lake, uc: UseCase, named: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        search_conditions(lake, uc, **named)


def test_a_source_whose_class_nobody_stated_is_in_no_class(lake: Lake, uc: UseCase) -> None:
    silent = uc.model_copy(update={"sources": [s.model_copy(update={"access": None}) for s in uc.sources]})
    assert search_conditions(lake, silent, access=["staff"]).sources == ("inbox",)
    assert search_conditions(lake, silent).sources is None
