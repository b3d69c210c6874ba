"""The coverage matrix: the register as data, the rules of its statuses, the page, and the asset as Dagster runs it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs, use_case_part
from genaiops_assets.evidence import placeholders
from genaiops_assets.governance.compliance import (
    Described,
    State,
    build_coverage,
    in_force,
    open_entries,
    register,
    render_coverage,
)
from genaiops_assets.orchestration.graph_state import described
from genaiops_assets.orchestration.phases import SMACTR
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.lakes import bank_support, publish

UC = bank_support()
ALL = [entry for entries in register().values() for entry in entries]


def asset(name: str, article: str = "", **more: Any) -> Described:
    return Described(name, "corpus", "artifact_collection", article, **more)


def entry(
    found: str,
    graph: list[Described],
    states: Mapping[str, State] | None = None,
    records: Mapping[str, int] | None = None,
    part: str = "articles",
) -> dict[str, Any]:
    """One line of the matrix of a small graph."""
    matrix = build_coverage(UC, graph, states or {}, records or {}, in_force(date(2026, 11, 30)))
    return next(e for e in matrix[part] if e["id"] == found)


# --- the register
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ALL, ids=lambda e: e.id)
def test_every_entry_says_what_it_is_where_that_is_from_and_when_it_was_read(asked: Any) -> None:
    assert asked.title["en"] and asked.title["zh"] and asked.source
    assert date(2026, 1, 1) <= date.fromisoformat(asked.checked_on) <= date(2026, 11, 30)
    assert any(asked.carried_by.values()), "nothing could ever carry it"


def test_articles_have_a_date_a_duty_and_an_id_of_their_own() -> None:
    articles = register()["articles"]
    assert len({a.id for a in articles}) == len(articles)
    assert all(date.fromisoformat(a.applies_from) >= date(2024, 8, 1) and a.whose for a in articles)


def test_rows_are_all_sixty_two_in_phases_that_exist() -> None:
    rows = register()["rows"]
    assert {r.id.rstrip("abcdefg") for r in rows} == {str(n) for n in range(1, 63)}
    assert {r.phase for r in rows} <= set(SMACTR)


def test_articles_that_a_row_names_are_in_the_register() -> None:
    known = {a.id for a in register()["articles"]}
    assert {a for r in register()["rows"] for a in r.carried_by["articles"]} <= known


@pytest.mark.parametrize(
    ("day", "applies", "not_yet"),
    [
        ("2025-08-01", "article-4", "article-53.1.d"),
        ("2025-08-02", "article-53.1.d", "article-50.2"),
        ("2026-08-02", "article-50.2", "article-9.2"),
        ("2027-12-02", "article-9.2", ""),
    ],
)
def test_what_applies_on_a_day_follows_the_dates_in_the_data(day: str, applies: str, not_yet: str) -> None:
    found = in_force(date.fromisoformat(day))
    assert applies in found and not_yet not in found


def test_every_article_tag_of_the_graph_is_in_the_register() -> None:
    parts = use_case_part(UC)
    graph = described([*(parts.assets or []), *(parts.asset_checks or [])])
    assert len(graph) > 30 and all(a.checks for a in graph)
    assert build_coverage(UC, graph, {}, {}, [])["unknown_tags"] == {}
    assert build_coverage(UC, [asset("odd", "article-999")], {}, {}, [])["unknown_tags"] == {"odd": "article-999"}


# --- statuses
# ---------------------------------------------------------------------------------------------------------


def test_a_tag_carries_its_article_and_those_above_it_and_no_other() -> None:
    graph = [asset("log", "article-10.2.f")]
    assert entry("article-10.2.f", graph)["assets"] == entry("article-10", graph)["assets"] == ["log"]
    assert entry("article-10.2.e", graph)["assets"] == entry("article-10.3", graph)["assets"] == []
    assert entry("annex-XI", [asset("a", "annex-XII")])["assets"] == []


def test_what_nothing_carries_is_a_gap() -> None:
    assert entry("article-10", [])["status"] == "gap"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State(), "not_made"),
        (State("d1"), "covered"),
        (State("d1", "", {"c": "passed"}), "covered"),
        (State("d1", "", {"c": "warned"}), "warned"),
        (State("d1", "", {"c": "failed"}), "failing"),
        (State("", "", {"c": "failed"}), "failing"),
    ],
)
def test_one_carrier_decides_by_its_output_and_its_checks(state: State, status: str) -> None:
    assert entry("article-4", [asset("a", "article-4", checks=("c",))], {"a": state})["status"] == status


def test_of_several_carriers_all_have_to_be_made_but_what_the_world_makes_may_wait() -> None:
    made, other = asset("a", "article-4"), asset("b", "article-4")
    world = asset("w", "article-4", external=True)
    assert entry("article-4", [made, other], {"a": State("d1")})["status"] == "partly_made"
    assert entry("article-4", [made, world], {"a": State("d1")})["status"] == "covered"
    assert entry("article-4", [world], {})["status"] == "not_made"


def test_what_has_parts_that_nothing_carries_is_covered_in_part_only() -> None:
    summary, made = asset("training_content_summary", "article-53.1.d"), {"training_content_summary": State("d1")}
    found = entry("article-53", [summary], made)
    assert (found["status"], found["lacking"]) == ("incomplete", ["article-53.1.a", "article-53.1.b", "article-53.1.c"])


def test_frameworks_count_every_asset_of_a_phase_or_stage() -> None:
    graph = [asset("a"), asset("b")]
    assert entry("CRISP-ML(Q) 2", graph, part="frameworks")["assets"] == ["a", "b"]
    assert entry("SMACTR artifact collection", graph, part="frameworks")["assets"] == ["a", "b"]


def test_only_what_applies_already_is_open() -> None:
    before = build_coverage(UC, [], {}, {}, in_force(date(2025, 3, 1)))
    assert [one for one in open_entries(before) if one.startswith("article")] == ["article-4: gap"]


def test_an_article_that_no_duty_of_this_use_case_cites_does_not_bind() -> None:
    duties = [
        {"articles": ["article-53.1.a", "annex-XI"], "applies": False},
        {"articles": ["article-4"], "applies": True},
    ]
    matrix = build_coverage(UC, [], {}, {}, in_force(date(2026, 11, 30)), {"duties": duties, "owed": {}})
    bound = {e["id"]: e["binds"] for e in matrix["articles"]}
    assert bound["article-4"] is True and bound["article-53"] is bound["annex-XI.2"] is False
    assert bound["article-50"] is None  # nothing said: as strict as before
    open_now = open_entries(matrix)
    assert "article-4: gap" in open_now and "article-50: gap" in open_now and "article-53: gap" not in open_now


# --- the page
# ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_the_page_shows_every_entry_as_a_row_of_its_table(name: str) -> None:
    uc = load_use_case(PACKAGED / name)
    graph = [asset("records", "article-9.2", checks=("c",))]
    states = {"records": State("d1", "", {"c": "failed"})}
    page = render_coverage(build_coverage(uc, graph, states, {}, in_force(date(2026, 11, 30))))
    lines = page.splitlines()
    tables = [line for line in lines if line.startswith("|")]
    assert len(tables) == len(ALL) + 3 + 5 * 2  # entries, three counts, five heads with their rules
    assert not placeholders(page) and "`records:c`" in page
    widths = {line.count("|") for line in tables if "annex-XI" in line or "article-9" in line}
    assert widths == {6}


# --- the asset
# ---------------------------------------------------------------------------------------------------------


def materialize(platform: Platform, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = build_defs([UC], platform).resolve_job_def("bank_support__coverage")
    return job.execute_in_process(instance=instance, resources={"platform": platform})


def test_the_asset_knows_outputs_checks_and_records_and_is_a_memo_hit_when_nothing_changed(tmp_path: Path) -> None:
    platform = Platform(home=str(tmp_path / "home"))
    publish(platform.lake, UC.key("datasheet"), {"datasheet.json": {}})
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey([UC.name, "datasheet"]), check_name="claims_hold", passed=False, metadata={}
            )
        )
        done = materialize(platform, instance)
        matrix = platform.lake.current(UC.key("coverage_matrix")).json("coverage_matrix.json")
        rows = {r["id"]: r for r in matrix["rows"]}
        assert (rows["10"]["state"], rows["10"]["failed"]) == ("present", ["datasheet:claims_hold"])
        assert (rows["18"]["state"], rows["18"]["not_made"]) == ("missing", ["model_card"])
        assert rows["15"]["assets"] == ["coverage_matrix"]
        verdicts = {e.check_name: e for e in done.get_asset_check_evaluations()}
        assert verdicts["every_tag_is_known"].passed and not verdicts["nothing_is_open"].passed
        owed = verdicts["nothing_owed_is_missing"]
        assert not owed.passed and owed.severity == dg.AssetCheckSeverity.WARN  # no version waits for its release
        materialize(platform, instance)  # the checks of the first run are known now
        again = materialize(platform, instance)
        (made,) = again.asset_materializations_for_node("bank_support__coverage_matrix")
        assert made.metadata["reused"].value and "Datasheet" in made.metadata["document"].value
