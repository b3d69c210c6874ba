"""The rows of the life: their states by evidence, what is not owed, owners, counts and the views of the roles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.evidence import claim, placeholders
from genaiops_assets.governance.compliance import (
    STATES,
    Described,
    State,
    build_coverage,
    register,
    render_views,
    views,
)
from genaiops_assets.orchestration.claims import evidence
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.proofs import proven
from tests.support.lakes import V1, bank_support, candidate, publish

UC = bank_support()
SHEET = Described("datasheet", "corpus", "artifact_collection", checks=("claims_hold", "document_is_complete"))
PASSED = {"claims_hold": "passed", "document_is_complete": "passed"}
LAW = Described("copyright_record", "release", "reflection")
OWED = {"copyright_record": {"owed": True, "because": "it is", "articles": ["article-53.1.c"]}}
NOT_OWED = {"copyright_record": {"owed": False, "because": "Not owed: no provider.", "articles": ["article-53.1.c"]}}


def row(
    name: str,
    graph: list[Described],
    states: Mapping[str, State],
    *,
    owed: Mapping[str, Any] | None = None,
    happened: tuple[str, ...] = (),
    records: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    told = {"owed": owed, "duties": []} if owed is not None else None
    matrix = build_coverage(UC, graph, states, records or {}, [], told, happened)
    return next(r for r in matrix["rows"] if r["id"] == name)


# --- states


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (State(), "missing"),
        (State("d1"), "present"),  # no check ran: a file alone proves nothing
        (State("d1", verdicts=PASSED), "verified"),
        (State("d1", verdicts={**PASSED, "claims_hold": "failed"}), "present"),
        (State("d1", verdicts={**PASSED, "claims_hold": "warned"}), "present"),
        (State("d1", verdicts=PASSED, problems=("altered",)), "present"),
        (State("d1", verdicts=PASSED, gaps=("card.contact",)), "human_gap"),
        (State("d1", verdicts={**PASSED, "document_is_complete": "warned"}), "human_gap"),
    ],
)
def test_a_row_stands_as_its_evidence_does(state: State, found: str) -> None:
    assert row("10", [SHEET], {"datasheet": state})["state"] == found


def test_an_asset_that_the_graph_lacks_is_missing_whatever_else_is_there() -> None:
    report = Described("eval_report", "evaluation", "testing")
    found = row("25", [report], {"eval_report": State("d1")})
    assert found["state"] == "missing" and found["lacking"] == ["evaluation_summary", "red_team_report"]


def test_a_row_that_people_have_to_write_waits_for_their_record() -> None:
    graph = [Described("records", "scoping", "scoping"), Described("risk_register", "scoping", "scoping")]
    made = {"records": State("d1"), "risk_register": State("d2")}
    waiting = row("1", graph, made, records={"review": 3})
    assert (waiting["state"], waiting["because"]) == ("human_gap", ["records: none of kind risk"])
    assert row("1", graph, made, records={"risk": 1})["state"] == "verified"


def test_a_check_that_waits_for_a_person_is_a_human_gap() -> None:
    signed = Described("regulatory_classification", "release", "reflection", checks=("somebody_signed",))
    assert (
        row("57", [signed], {signed.name: State("d1", verdicts={"somebody_signed": "warned"})})["state"] == "human_gap"
    )
    assert (
        row("57", [signed], {signed.name: State("d1", verdicts={"somebody_signed": "passed"})})["state"] == "verified"
    )


# --- owed or not


def test_a_row_of_the_law_follows_the_classification() -> None:
    made = {"copyright_record": State("d1")}
    assert row("54", [LAW], made, owed=OWED)["state"] == "verified"
    free = row("54", [LAW], made, owed=NOT_OWED)
    assert (free["state"], free["because"]) == ("not_owed", ["Not owed: no provider."])
    assert row("54", [], {}, owed=NOT_OWED)["state"] == "not_owed"
    assert row("54", [], {}, owed=OWED)["state"] == "missing"


def test_without_a_classification_the_law_asks_for_everything() -> None:
    assert row("54", [], {})["state"] == "missing"


def test_of_a_row_of_the_law_only_what_is_owed_is_needed() -> None:
    page = Described("plain_page", "release", "reflection")
    owed = {"plain_page": {"owed": True, "because": "x", "articles": []}, "content_marking_config": {"owed": False}}
    assert row("59", [page], {"plain_page": State("d1")}, owed=owed)["state"] == "verified"
    both = {**owed, "content_marking_config": {"owed": True, "articles": []}}
    assert row("59", [page], {"plain_page": State("d1")}, owed=both)["lacking"] == ["content_marking_config"]


def test_a_row_of_good_practice_is_owed_whatever_the_law_says() -> None:
    owed = {"datasheet": {"owed": False, "because": "x", "articles": []}}
    assert row("10", [], {}, owed=owed)["state"] == "missing"


def test_what_waits_for_a_release_is_not_owed_before() -> None:
    before = row("41", [], {})
    assert before["state"] == "not_owed" and "production" in before["because"][0]
    assert row("41", [], {}, happened=("release",))["state"] == "missing"


# --- owners, counts, views


def test_every_row_has_owners_and_missing_ones_are_named_with_them() -> None:
    matrix = build_coverage(UC, [SHEET], {}, {}, [])
    assert all(r["owners"] for r in matrix["rows"])
    assert "10 Datasheet: datasheet (Olga Owner)" in matrix["missing"]


def test_an_asset_that_nothing_names_is_an_orphan_with_an_owner() -> None:
    odd = Described("odd_table", "nowhere", "nothing")
    (orphan,) = build_coverage(UC, [SHEET, odd], {}, {}, [])["orphans"]
    assert orphan == {"asset": "odd_table", "phase": "nowhere", "owners": ["Olga Owner"]}


def test_counts_are_of_sixty_two_rows_and_a_row_in_parts_has_the_worst_state() -> None:
    graph = [Described("use_case_scope", "scoping", "scoping")]
    matrix = build_coverage(UC, graph, {"use_case_scope": State("d1")}, {}, [])
    assert sum(matrix["counts"]["rows"].values()) == 62 and set(matrix["counts"]["rows"]) <= set(STATES)
    parts = {r["id"]: r["state"] for r in matrix["rows"] if r["id"].startswith("61")}
    assert parts["61a"] == "verified" and parts["61c"] == "missing"
    assert matrix["counts"]["rows"]["verified"] == 1  # row 23; row 61 is as good as its worst part


def test_each_role_has_a_question_and_every_row_stands_in_a_view() -> None:
    matrix = build_coverage(UC, [], {}, {}, [])
    assert set(matrix["views"]) == {"builder", "approver", "auditor", "authority", "user"}
    shown = {name for view in matrix["views"].values() for name in view["rows"]}
    known = {r.id for r in register()["rows"]}
    assert {name for view in views() for name in view.rows} <= known
    assert known == shown
    for role, page in render_views(matrix).items():
        assert role.startswith("coverage_") and not placeholders(page) and page.count("\n|") > 5


# --- evidence


def test_bytes_claims_and_gaps_are_looked_at_in_the_lake(tmp_path: Path) -> None:
    lake = Platform(home=str(tmp_path / "home")).lake
    corpus = publish(lake, UC.key("filtered_corpus"), {"corpus.json": {"instances": 3}})
    said = claim(evidence(corpus), "/instances")
    sheet = publish(
        lake, UC.key("datasheet"), {"datasheet.json": {"n": said, "who": {"gap": True, "name": "datasheet.x"}}}
    )
    log = publish(lake, UC.key("data_bias_log"), {"data_bias_log.json": {"n": {**said, "value": 4}}})
    states = {a.asset.split("/")[1]: State(a.digest) for a in (corpus, sheet, log)}
    found = proven(lake, UC, states, external=set())
    assert found["filtered_corpus"] == states["filtered_corpus"]
    assert found["datasheet"].gaps == ("datasheet.x",) and found["datasheet"].problems == ()
    assert "says 4" in found["data_bias_log"].problems[0]
    corpus.local("corpus.json").write_text('{"instances": 4}')
    again = proven(lake, UC, states, external=set())
    assert "altered" in again["filtered_corpus"].problems[0] and again["datasheet"].problems
    assert proven(lake, UC, states, external=set(states)) == states


def test_what_is_owed_and_missing_is_an_error_once_a_version_waits_for_its_release(tmp_path: Path) -> None:
    platform = Platform(home=str(tmp_path / "home"))
    candidate(platform.lake, UC, V1)
    job = build_defs([UC], platform).resolve_job_def("bank_support__coverage")
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance, resources={"platform": platform})
    (owed,) = [e for e in done.get_asset_check_evaluations() if e.check_name == "nothing_owed_is_missing"]
    assert not owed.passed and owed.severity == dg.AssetCheckSeverity.ERROR
    page = platform.lake.current(UC.key("coverage_matrix"))
    assert {"coverage_matrix.html", "coverage_auditor.md", "coverage_user.html"} <= {
        f["path"] for f in page.manifest["files"]
    }
