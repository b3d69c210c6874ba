"""What single documents say and what their checks catch."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from genaiops_assets.governance.documents import documents
from genaiops_assets.governance.documents.operating import acceptance_and_training, audit_plan, authority_requests
from genaiops_assets.governance.documents.operating.written import parts_of
from genaiops_assets.governance.records import KINDS
from genaiops_assets.governance.records.reading import read_record
from genaiops_assets.serving import ATTRIBUTES, INTERACTIONS
from genaiops_assets.use_case import UseCase, UseCaseError
from schedules import use_case_schedules
from tests.governance.operating.evidence import ACCEPTED, ASKED, build, gate, problems, report, sources
from tests.support.lakes import PACKAGED, V1, bank_support


@pytest.fixture(scope="module")
def uc() -> UseCase:
    return bank_support()


def on(monkeypatch: pytest.MonkeyPatch, module: Any, day: str) -> None:
    monkeypatch.setattr(module, "today", lambda: date.fromisoformat(day))


# --- deployer pack


def test_the_log_is_that_of_the_table_itself(uc: UseCase) -> None:
    made = build(uc, "deployer_pack", sources(uc))
    rows = [row["value"] for row in parts_of(made)["log"]["rows"]]
    assert [row["column"] for row in rows] == INTERACTIONS.names
    assert {row["column"]: row["attribute"] for row in rows if row["attribute"]} == ATTRIBUTES
    assert problems("deployer_pack", "every_logged_column_has_a_purpose", made) == []
    rows[3]["purpose"] = ""
    assert problems("deployer_pack", "every_logged_column_has_a_purpose", made) == ["channel"]


def test_somebody_has_to_oversee_and_to_say_how_it_is_stopped(uc: UseCase) -> None:
    made = build(uc, "deployer_pack", sources(uc))
    assert problems("deployer_pack", "stopping_is_described", made) == []
    parts_of(made)["stop"]["text"] = {"gap": True, "name": "dossier/deployer_pack.yaml: stop"}
    parts_of(made)["overseers"]["rows"] = []
    found = problems("deployer_pack", "stopping_is_described", made)
    assert found == ["dossier/deployer_pack.yaml: stop", "nobody oversees: people.stakeholders"]


def test_the_form_to_the_provider_knows_version_and_contact(uc: UseCase) -> None:
    page = documents()["deployer_pack"].render(build(uc, "deployer_pack", sources(uc)))
    assert f"| Model version | {V1} |" in page and "bank-support-owner@example.org |" in page


# --- evaluation summary


def test_what_failed_comes_first_and_what_was_not_tested_is_listed(uc: UseCase) -> None:
    made = build(uc, "evaluation_summary", sources(uc))
    parts = parts_of(made)
    assert [row["row"]["value"]["id"] for row in parts["gates"]["rows"]] == ["helps", "polite", "shows"]
    assert [row["value"]["verdict"] for row in parts["losses"]["rows"]] == ["lost", "within"]
    assert [(row["rank"], row["title"]["value"]) for row in parts["attack_classes"]["rows"]] == [
        (1, "Cbrn"),
        (2, "Bias"),
    ]
    assert {row["suite"]["called"] for row in parts["suites"]["rows"]} == {"golden", "retrieval", "refusal"}
    assert problems("evaluation_summary", "every_gate_is_decided", made) == ["helps: helps fail"]
    missing = problems("evaluation_summary", "everything_planned_was_tested", made)
    assert "suite toxicity gave no figure" in missing and any("did not run" in one for one in missing)


def test_classes_that_no_interval_tells_apart_share_a_rank_and_the_surest_failure_comes_first(uc: UseCase) -> None:
    found = sources(uc)
    classes = found["red_team_report"].evidence.document["classes"]
    classes["bias"]["pooled"] |= {"mean": 0.4, "low": 0.3, "high": 0.5}
    classes["cbrn"]["pooled"] |= {"mean": 0.6, "low": 0.1, "high": 1.0}  # one lucky attack of a few
    rows = parts_of(build(uc, "evaluation_summary", found))["attack_classes"]["rows"]
    assert [(row["rank"], row["title"]["value"]) for row in rows] == [(1, "Bias"), (1, "Cbrn")]


def test_a_report_in_which_all_was_tested_and_passed_is_green(uc: UseCase) -> None:
    good = report()
    del good["suites"]["toxicity"]
    found = sources(
        uc,
        eval_report=good,
        fmea={"rows": [], "never_ran": [], "untested": []},
        test_plan={"orphans": [], "gaps": []},
        release_decision={"model_version": V1, "verdict": "go", "gates": [gate("shows", "pass")]},
    )
    made = build(uc, "evaluation_summary", found)
    for check in ("everything_planned_was_tested", "every_gate_is_decided"):
        assert problems("evaluation_summary", check, made) == []


def test_without_a_red_team_and_a_decision_there_is_a_report_all_the_same(uc: UseCase) -> None:
    found = {name: source for name, source in sources(uc).items() if name in ("eval_report", "test_plan")}
    made = build(uc, "evaluation_summary", found)
    assert parts_of(made)["attack_classes"]["rows"] == [] and made["model_version"]["value"] == V1
    assert problems("evaluation_summary", "every_gate_is_decided", made) == ["no decision was made yet"]


# --- risk pack


def test_what_is_open_comes_first_and_the_most_urgent_before_the_rest(uc: UseCase) -> None:
    risky = sources(uc)
    analysis = risky["fmea"].evidence.document
    analysis["without_action"], analysis["blocking"] = ["a/b"], ["failure mode a/b has severity 10 and no action"]
    analysis["untested"] = []
    accepted = risky["residual_risk_acceptance"].evidence.document
    accepted["risks"][0]["needs_acceptance"] = True
    made = build(uc, "risk_pack", risky)
    assert made["parts"][0]["id"] == "open"
    kinds = list(dict.fromkeys(row["what"] for row in made["parts"][0]["rows"]))
    urgent = ["forbids_release", "urgent_without_action", "risk_not_accepted"]
    assert kinds[:3] == urgent and kinds[-1] == "test_did_not_run"
    assert len(problems("risk_pack", "nothing_urgent_is_open", made)) == 3
    priorities = [row["value"]["action_priority"] for row in parts_of(made)["failure_modes"]["rows"]]
    assert priorities == sorted(priorities, key="HML".index)


# --- use policy, social effects


def test_a_use_cannot_be_allowed_and_prohibited(uc: UseCase) -> None:
    scope = uc.scope()
    scope["purpose"]["out_of_scope"] = ["Support agents of the fictional  bank."]
    made = build(uc, "use_policy", sources(uc, use_case_scope=scope))
    found = problems("use_policy", "nothing_is_allowed_and_prohibited", made)
    assert found == ["Support agents of the fictional  bank."]
    scope["purpose"]["out_of_scope"] = []
    made = build(uc, "use_policy", sources(uc, use_case_scope=scope))
    assert problems("use_policy", "limits_are_stated", made) == ["purpose.out_of_scope names no use"]


def test_employees_stand_apart_from_society_and_each_harm_has_an_answer(uc: UseCase) -> None:
    found = sources(uc)
    made = build(uc, "social_effects", found)
    assert [row["value"]["group"] for row in parts_of(made)["employees"]["rows"]] == ["support agents"]
    assert "customers" in [row["value"]["group"] for row in parts_of(made)["groups"]["rows"]]
    assert problems("social_effects", "employees_are_considered", made) == []
    groups = found["scoping_documents"].evidence.document["documents"]["social_impact"]["groups"]
    groups[0]["what_is_done"] = {"gap": True, "name": "scoping/social_impact.yaml: groups.0.what_is_done"}
    groups[:] = [one for one in groups if one["group"] != "support agents"]
    made = build(uc, "social_effects", found)
    assert problems("social_effects", "every_harm_has_an_answer", made) == ["customers: nothing is done about the harm"]
    assert "names no group that works with it" in problems("social_effects", "employees_are_considered", made)[0]


# --- records of use


def test_nobody_accepted_or_somebody_refused_since(uc: UseCase) -> None:
    check = ("acceptance_and_training", "somebody_accepted")
    assert "nobody accepted it" in problems(*check, build(uc, check[0], sources(uc)))[0]
    assert problems(*check, build(uc, check[0], sources(uc, ACCEPTED))) == []
    refused = {**ACCEPTED, "id": "agents-refuse", "outcome": "not_accepted", "written_on": "2026-12-05"}
    found = problems(*check, build(uc, check[0], sources(uc, ACCEPTED, refused)))
    assert found == [f"Olga Owner did not accept {V1} on 2026-12-05"]


def test_a_training_that_expired_trains_nobody(uc: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    made = build(uc, "acceptance_and_training", sources(uc))
    on(monkeypatch, acceptance_and_training, "2027-11-30")
    assert problems("acceptance_and_training", "operators_are_trained", made) == []
    on(monkeypatch, acceptance_and_training, "2027-12-01")
    assert problems("acceptance_and_training", "operators_are_trained", made) == ["every training expired"]


def test_a_request_that_was_not_answered_in_time_is_red(uc: UseCase, monkeypatch: pytest.MonkeyPatch) -> None:
    made = build(uc, "authority_requests", sources(uc, ASKED))
    handed = [row["what"]["value"] for row in parts_of(made)["handed_over"]["rows"]]
    assert handed == ["technical documentation"]
    on(monkeypatch, authority_requests, "2026-12-19")
    assert problems("authority_requests", "no_request_is_overdue", made) == []
    on(monkeypatch, authority_requests, "2026-12-20")
    late = problems("authority_requests", "no_request_is_overdue", made)
    assert late == ["office-asks of AI Office was due on 2026-12-19: Olga Owner"]
    answered = build(uc, "authority_requests", sources(uc, {**ASKED, "done_on": "2026-12-19"}))
    assert problems("authority_requests", "no_request_is_overdue", answered) == []


def test_a_request_cannot_be_answered_before_it_came() -> None:
    early = {**ASKED, "handed_over": [{"what": "all", "on": "2026-11-18"}]}
    with pytest.raises(ValidationError, match="before the request came"):
        KINDS["authority_request"].model_validate(early)
    with pytest.raises(ValidationError, match="lies before"):
        KINDS["authority_request"].model_validate({**ASKED, "due": "2026-11-18"})


# --- audit plan


def planned(**changes: Any) -> dict[str, Any]:
    """A planned audit; None removes a field."""
    audit = {
        "kind": "planned_audit",
        "id": "audit-more",
        "title": "One more audit",
        "author": "Ada Approver",
        "owner": "Ada Approver",
        "written_on": "2026-12-01",
        "due": "2027-02-01",
        "every": "quarter",
        "scope": ["everything"],
        "text": "Looks at everything once more.",
        **changes,
    }
    return {name: value for name, value in audit.items() if value is not None}


def test_the_packaged_plan_matches_the_schedule(uc: UseCase) -> None:
    made = build(uc, "audit_plan", sources(uc))
    for check in ("plan_matches_schedule", "auditors_are_independent"):
        assert problems("audit_plan", check, made) == []


def test_the_schedule_of_the_review_is_what_the_plan_is_held_against(uc: UseCase) -> None:
    (schedule,) = (s for s in use_case_schedules(uc) if s.name.endswith("__monthly_review"))
    *_, day, month, weekday = str(schedule.cron_schedule).split()
    assert audit_plan.REVIEW_EVERY == "month" and (day, month, weekday) == ("1", "*", "*")


@pytest.mark.parametrize(
    ("audit", "said"),
    [
        (planned(carried_by="internal_review"), "is planned every quarter, the schedule fires every month"),
        (planned(due="2027-06-01"), "more than a quarter after it was planned"),
    ],
)
def test_a_plan_that_says_otherwise_than_the_schedule_is_red(uc: UseCase, audit: dict[str, Any], said: str) -> None:
    made = build(uc, "audit_plan", sources(uc, audit))
    assert said in problems("audit_plan", "plan_matches_schedule", made)[0]


def test_an_unplanned_review_a_late_audit_and_a_builder_as_auditor_are_red(
    uc: UseCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = planned(owner="Ben  builder")
    found = sources(uc, late)
    records = found["records"].evidence.document["records"]
    records[:] = [one for one in records if one["id"] != "audit-internal-review"]
    made = build(uc, "audit_plan", found)
    assert "no planned audit is carried by" in problems("audit_plan", "plan_matches_schedule", made)[0]
    assert problems("audit_plan", "auditors_are_independent", made) == ["audit-more: Ben  builder builds it"]
    on(monkeypatch, audit_plan, "2027-02-02")
    assert problems("audit_plan", "no_audit_is_late", made) == ["audit-more was due on 2027-02-01: Ben  builder"]
    with pytest.raises(ValidationError, match="due is missing"):
        KINDS["planned_audit"].model_validate(planned(due=None))


@pytest.mark.parametrize("folder", ["_starter", "bank_support", "library_zh"])
def test_the_template_of_the_minutes_is_a_record_once_it_is_filled_in(folder: str, tmp_path: Path) -> None:
    template = (PACKAGED / folder / "audits" / "minutes_template.yaml").read_text("utf-8")
    filled = re.sub("YYYY-MM-DD", "2026-12-31", re.sub("YYYY-MM(?!-)", "2026-12", template))
    (tmp_path / "minutes.yaml").write_text(re.sub("NAME|姓名", "Ada Approver", filled), encoding="utf-8")
    minutes = read_record(tmp_path / "minutes.yaml")
    assert (minutes.id, minutes.author) == ("audit-2026-12", "Ada Approver")
    (tmp_path / "empty.yaml").write_text(template, encoding="utf-8")
    with pytest.raises(UseCaseError, match="written_on"):
        read_record(tmp_path / "empty.yaml")


# --- runbook


def test_a_rehearsal_that_was_refused_shows_in_the_runbook(uc: UseCase) -> None:
    rehearsed = sources(uc)["rollback_rehearsal"].evidence.document
    made = build(uc, "runbook", sources(uc, rollback_rehearsal=rehearsed))
    assert problems("runbook", "last_rehearsal_held", made) == []
    run = {"at": "2026-11-30T10:00:00+00:00", "by": "Olga Owner", "from_version": V1, "to_version": V1, "seconds": 2.0}
    refused = {**run, "outcome": "refused", "why": "altered after publication"}
    rehearsed |= {"count": 1, "rehearsals": [refused], "last": refused}
    made = build(uc, "runbook", sources(uc, rollback_rehearsal=rehearsed))
    assert problems("runbook", "last_rehearsal_held", made) == ["2026-11-30: altered after publication"]
    assert "| Outcome | refused |" in documents()["runbook"].render(made)
