"""Approvals: who may decide, on what, and when a decision does not hold any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import approval_of, bound_digests, decide, release
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import ACCEPTS, APPROVER, BUILDER, OWNER, approve, promote
from tests.support.damage import flip
from tests.support.lakes import V1, V2, bank_support, candidate, publish


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    """A lake with one candidate whose gates say go."""
    candidate(lake, uc, V1)
    return lake


def evidence_of_decision(lake: Lake, uc: UseCase) -> dict[str, str]:
    return lake.current(uc.key("release_decision"), V1).json("decision.json")["evidence"]


# --- who decides ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why"), [("Nobody Known", "not among people.approvers"), (BUILDER, "four eyes"), (OWNER, "not among")]
)
def test_nobody_but_a_named_approver_decides(lake: Lake, uc: UseCase, name: str, why: str) -> None:
    for decision in ("approved", "rejected"):
        with pytest.raises(Refused, match=f"{why}.*Ada Approver, Arif Approver"):
            decide(lake, uc, V1, name=name, decision=decision, reason="because")
    assert approval_of(lake, uc, V1).status == "waiting"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_decision_without_a_reason_is_refused(lake: Lake, uc: UseCase, reason: str) -> None:
    with pytest.raises(Refused, match="needs a reason"):
        approve(lake, uc, reason=reason)


def test_an_unknown_version_is_refused_with_those_there_are(lake: Lake, uc: UseCase) -> None:
    with pytest.raises(Refused, match=rf"{V2} cannot be decided on.*versions with a release decision: {V1}"):
        approve(lake, uc, version=V2)


def test_a_decision_records_who_why_when_on_what_and_which_account(lake: Lake, uc: UseCase) -> None:
    made = approve(lake, uc, reason="  read the card  ")
    entry = lake.ledger.head()
    assert entry is not None and entry.kind == "approval" and entry.actor
    assert (made.status, made.name, made.reason, made.entry, made.at) == (
        "approved",
        APPROVER,
        "read the card",
        entry.hash,
        entry.at,
    )
    bound = {"model_plan", "aligned_checkpoint", "eval_report", "model_card", "release_decision", "success_criteria"}
    assert set(entry.body["digests"]) == bound and entry.body["digests"] == bound_digests(lake, uc, V1)


def test_the_last_decision_counts(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    decide(lake, uc, V1, name="Arif Approver", decision="rejected", reason="found a wrong fee")
    assert approval_of(lake, uc, V1).status == "rejected"
    with pytest.raises(Refused, match="in the same words before"):
        approve(lake, uc)  # such an entry could not be told from a copy of the first
    approve(lake, uc, reason="the fee is right now")
    assert approval_of(lake, uc, V1).status == "approved"


def test_an_approval_is_of_one_version_and_one_use_case_only(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V2)
    approve(lake, uc)
    assert approval_of(lake, uc, V2).status == "waiting"
    assert approval_of(lake, uc.model_copy(update={"name": "library_zh"}), V1).status == "waiting"


# --- the gates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("risk", ["demo", "minimal", "limited", "high"])
def test_a_no_go_is_never_approved_but_may_be_rejected(tmp_path: Path, risk: str) -> None:
    lake, uc = Lake(tmp_path), bank_support(risk=risk)
    candidate(lake, uc, V1, verdict="no_go")
    with pytest.raises(Refused, match="no_go by its gates; that is final"):
        approve(lake, uc)
    assert decide(lake, uc, V1, name=APPROVER, decision="rejected", reason="as the gates say").status == "rejected"


@pytest.mark.parametrize(
    ("risk", "accepted"), [("demo", True), ("minimal", False), ("limited", False), ("high", False)]
)
def test_undecided_is_approved_only_in_a_demo(tmp_path: Path, risk: str, accepted: bool) -> None:
    lake, uc = Lake(tmp_path), bank_support(risk=risk)
    candidate(lake, uc, V1, verdict="undecided")
    if accepted:
        with pytest.raises(Refused, match="somebody has to accept what is left of the risk"):
            approve(lake, uc)
        assert approve(lake, uc, accepts=ACCEPTS).status == "approved"
    else:
        with pytest.raises(Refused, match=f"only a use case of risk: demo may accept that, this one is risk: {risk}"):
            approve(lake, uc)


# --- lapse ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asset", ["model_plan", "aligned_checkpoint", "eval_report", "model_card", "release_decision"])
def test_an_approval_lapses_when_something_bound_changes_and_stays_lapsed(lake: Lake, uc: UseCase, asset: str) -> None:
    approve(lake, uc)
    before = lake.current(uc.key(asset), V1)
    again_decided = {"model_version": V1, "verdict": "go", "made": "again", "evidence": evidence_of_decision(lake, uc)}
    publish(lake, uc.key(asset), {"decision.json": again_decided}, partition=V1)
    now = approval_of(lake, uc, V1)
    assert (now.status, now.changed, now.name) == ("lapsed", (asset,), APPROVER)
    lake.point(uc.key(asset), V1, before, "memo")
    again = approval_of(lake, uc, V1)
    assert (again.status, again.changed) == ("lapsed", (asset,)), "only a new decision brings an approval back"


def test_a_verdict_on_other_evidence_is_refused(lake: Lake, uc: UseCase) -> None:
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"of": "a worse run"}}, partition=V1)
    with pytest.raises(Refused, match="reached before eval_report changed"):
        approve(lake, uc)


def test_a_no_go_stays_final_after_a_go_comes_back(lake: Lake, uc: UseCase) -> None:
    good = lake.current(uc.key("release_decision"), V1)
    publish(
        lake, uc.key("release_decision"), {"decision.json": {"model_version": V1, "verdict": "no_go"}}, partition=V1
    )
    lake.point(uc.key("release_decision"), V1, good, "memo")
    with pytest.raises(Refused, match="no_go"):
        approve(lake, uc)


def test_an_approval_lapses_when_the_success_criteria_change(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": ["a new one"]}})
    assert approval_of(lake, uc, V1).changed == ("success_criteria",)


def test_an_approval_lapses_when_something_bound_is_gone(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    (lake.home / f"heads/{uc.name}/model_card/{V1}.json").unlink()
    assert approval_of(lake, uc, V1).status == "lapsed"


def test_a_new_index_or_corpus_does_not_touch_an_approval(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    for asset in ("embeddings_index", "filtered_corpus", "documents", "preference_pairs", "model_plan"):
        publish(lake, uc.key(asset), {"facts.json": {"new": asset}})
    assert approval_of(lake, uc, V1).status == "approved"


def test_an_approval_lapses_when_its_approver_leaves(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    without = uc.model_copy(update={"people": uc.people.model_copy(update={"approvers": ["Arif Approver"]})})
    now = approval_of(lake, without, V1)
    assert (now.status, now.changed) == ("lapsed", ("people.approvers",))
    with pytest.raises(Refused, match=r"lapsed: people\.approvers changed since"):
        promote(lake, without)


def test_a_rejection_does_not_lapse(lake: Lake, uc: UseCase) -> None:
    decide(lake, uc, V1, name=APPROVER, decision="rejected", reason="found a wrong fee")
    publish(lake, uc.key("model_card"), {"model_card.json": {"made": "again"}}, partition=V1)
    assert approval_of(lake, uc, V1).status == "rejected"


# --- ids, names and reasons as people type them -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "version", ["./" + V1, V1 + "/", "mv-1", "../" + V1, V1.upper(), "", "mv-00000000000g", V1 + "\n"]
)
def test_what_is_no_model_version_is_refused_before_anything_else(lake: Lake, uc: UseCase, version: str) -> None:
    for attempt in (lambda: approve(lake, uc, version=version), lambda: promote(lake, uc, version)):
        with pytest.raises(Refused, match="is not a model version"):
            attempt()


def test_a_no_go_cannot_be_approved_under_another_spelling_of_its_version(tmp_path: Path, uc: UseCase) -> None:
    lake = Lake(tmp_path)
    candidate(lake, uc, V1, verdict="no_go")
    with pytest.raises(Refused):
        approve(lake, uc, version="./" + V1)
    assert list(lake.ledger.entries("approval")) == []


@pytest.mark.parametrize("name", ["ben builder", "BEN  BUILDER", "Ｂｅｎ Builder"])
def test_a_builder_is_a_builder_in_any_spelling(lake: Lake, uc: UseCase, name: str) -> None:
    with pytest.raises(Refused, match="four eyes"):
        approve(lake, uc, name=name)


def test_an_approver_in_another_spelling_is_recorded_as_the_use_case_writes_the_name(lake: Lake, uc: UseCase) -> None:
    assert approve(lake, uc, name="ada  APPROVER").name == "Ada Approver"


@pytest.mark.parametrize(("name", "why"), [("", "needs at least one letter"), ("Ada\u200b Approver", "invisible")])
def test_names_nobody_can_tell_apart_are_refused(lake: Lake, uc: UseCase, name: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        approve(lake, uc, name=name)


@pytest.mark.parametrize("reason", ["\u200b\u2060", "...", "\u3000"])
def test_a_reason_nobody_can_read_is_no_reason(lake: Lake, uc: UseCase, reason: str) -> None:
    with pytest.raises(Refused, match="needs a reason"):
        approve(lake, uc, reason=reason)


# --- people, risk and purpose are those on record ---------------------------------------------------------------------


@pytest.mark.parametrize("field", ["people", "risk", "purpose"])
def test_who_edits_the_file_cannot_decide_in_the_same_breath(lake: Lake, uc: UseCase, field: str) -> None:
    edited = {
        "people": uc.people.model_copy(update={"approvers": ["Ben Builder's Friend", *uc.people.approvers]}),
        "risk": "minimal",
        "purpose": uc.purpose.model_copy(update={"intended_use": "Credit decisions about anybody."}),
    }
    with pytest.raises(Refused, match=f"{field} changed in the use case file since the scope was recorded"):
        approve(lake, uc.model_copy(update={field: edited[field]}))


def test_a_higher_risk_lets_an_open_approval_lapse(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    assert approval_of(lake, uc.model_copy(update={"risk": "high"}), V1).changed == ("risk",)


# --- criteria that change ---------------------------------------------------------------------------------------------


def test_a_version_judged_by_old_criteria_is_judged_again_before_it_is_approved(lake: Lake, uc: UseCase) -> None:
    publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": ["a new one"]}})
    with pytest.raises(Refused, match="criteria that changed since: genaiops run judges it again, without training"):
        approve(lake, uc)


def test_a_way_back_stays_approved_when_the_criteria_change(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    promote(lake, uc)
    publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": ["a new one"]}})
    assert approval_of(lake, uc, V1).status == "approved"
    with pytest.raises(Refused, match="criteria that changed since"):
        promote(lake, uc)
    assert release(lake, uc, V1, kind="rollback", by=OWNER, reason="back to what was good").model_version == V1


def test_a_rejection_needs_no_untouched_files(lake: Lake, uc: UseCase) -> None:
    flip(lake.current(uc.key("model_card"), V1).local("model_card.json"), -5)
    assert decide(lake, uc, V1, name=APPROVER, decision="rejected", reason="the card was altered").status == "rejected"
