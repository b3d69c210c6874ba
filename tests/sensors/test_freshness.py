"""An overdue index is refreshed once a day, and not beside another refresh."""

from __future__ import annotations

import dagster as dg
import pytest

from tests.sensors.watch import Watch


def refreshed(watched: Watch) -> None:
    """The index is materialized now, also when nothing had changed."""
    watched.instance.report_runless_asset_event(
        dg.AssetMaterialization(dg.AssetKey(["bank_support", "embeddings_index"]))
    )


def test_a_fresh_index_is_left_alone_with_the_numbers(watch) -> None:
    watched = watch("overdue_index")
    assert watched.reason() == "no index yet"
    refreshed(watched)
    assert "0.0 h ago; 30 h make it overdue" in watched.reason()


def test_an_overdue_index_is_refreshed_once(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = watch("overdue_index")
    refreshed(watched)
    watched.later(monkeypatch, hours=31)
    request = watched.request()
    assert watched.sensor.job_name == "bank_support__refresh" and watched.request().run_key == request.run_key
    watched.run(request, "succeeded")
    assert "was answered already" in watched.reason()
    refreshed(watched)
    assert watched.request().run_key != request.run_key  # still 31 hours later: refreshed, but overdue again


def test_it_waits_for_the_refresh_of_a_new_file(watch, monkeypatch: pytest.MonkeyPatch) -> None:
    overdue, inbox = watch("overdue_index"), watch("new_documents")
    refreshed(overdue)
    overdue.later(monkeypatch, hours=31)
    overdue.lake.notes.put("bank_support", "inbox_indexed", {"digest": "an inbox", "at": "2026-11-25T01:00:00+00:00"})
    overdue.run(inbox.request(), "in_progress")
    assert "a refresh is in progress" in overdue.reason()
