"""A document is old when what it speaks of changed after it, or when a text in it is due to be read again: one rule for
all documents, whatever they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.governance.documents import documents, freshness_rules, staleness
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.freshness import CHECK, old_documents_of_versions, versions_that_matter
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import approve, promote
from tests.support.lakes import V1, V2, candidate, publish

TODAY = date(2026, 12, 1)


def page(lake: Lake, uc: UseCase, inputs: dict[str, str], **content: Any) -> None:
    publish(lake, uc.key("plain_page"), {"plain_page.json": {"kind": "plain_page", **content}}, inputs=inputs)


def scope(lake: Lake, uc: UseCase, n: int) -> str:
    return publish(lake, uc.key("use_case_scope"), {"scope.json": {"n": n}}).digest


def test_a_document_is_old_once_what_it_speaks_of_is_another_one(lake: Lake, uc: UseCase) -> None:
    assert staleness(lake, uc, "plain_page", None, TODAY) == []
    page(lake, uc, {"use_case_scope": scope(lake, uc, 1), "release_history": ""})
    assert staleness(lake, uc, "plain_page", None, TODAY) == []
    latest = scope(lake, uc, 2)
    (why,) = staleness(lake, uc, "plain_page", None, TODAY)
    assert why.startswith("use_case_scope changed on 20")
    page(lake, uc, {"use_case_scope": latest, "release_history": ""})
    assert staleness(lake, uc, "plain_page", None, TODAY) == []
    scope(lake, uc, 3)
    assert len(staleness(lake, uc, "plain_page", None, TODAY)) == 1
    scope(lake, uc, 1)  # back to what the same document was made from before
    assert staleness(lake, uc, "plain_page", None, TODAY) == []
    publish(lake, uc.key("release_history"), {"release_history.json": {}})
    assert staleness(lake, uc, "plain_page", None, TODAY) == ["release_history was made since"]


def test_of_a_version_its_own_reports_count_and_not_what_it_was_trained_on(lake: Lake, uc: UseCase) -> None:
    report = publish(lake, uc.key("eval_report"), {"eval_report.json": {"n": 1}}, partition=V1).digest
    corpus = publish(lake, uc.key("filtered_corpus"), {"c.json": {"n": 1}}).digest
    card = {"model_card.json": {"kind": "model_card"}}
    publish(lake, uc.key("model_card"), card, partition=V1, inputs={"evaluation": report, "corpus": corpus})
    publish(lake, uc.key("filtered_corpus"), {"c.json": {"n": 2}})
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"n": 2}}, partition=V2)
    assert staleness(lake, uc, "model_card", V1, TODAY) == []
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"n": 2}}, partition=V1)
    assert [w.partition(" changed")[0] for w in staleness(lake, uc, "model_card", V1, TODAY)] == ["eval_report"]


def test_a_text_of_a_person_is_due_again_and_a_signature_renews_it(lake: Lake, uc: UseCase) -> None:
    days = timedelta(days=freshness_rules().review_days)
    said = {"text": "We watch it.", "author": "Olga Owner", "written_on": "2026-01-01"}
    page(lake, uc, {}, sections={"oversight": said, "undated": {"text": "x", "written_on": "soon"}})
    last = date(2026, 1, 1) + days
    assert staleness(lake, uc, "plain_page", None, last) == []
    (why,) = staleness(lake, uc, "plain_page", None, last + timedelta(days=1))
    assert why == f"/sections/oversight was last read on 2026-01-01: due again since {last}"
    page(lake, uc, {}, sections={"oversight": {**said, "signed_on": "2026-06-01"}})
    assert staleness(lake, uc, "plain_page", None, last + timedelta(days=1)) == []


def test_the_version_in_production_and_the_newest_one_are_asked(lake: Lake, uc: UseCase) -> None:
    assert versions_that_matter(lake, uc, "model_card") == []
    for version in (V1, V2):
        candidate(lake, uc, version)
    approve(lake, uc)
    promote(lake, uc)
    assert versions_that_matter(lake, uc, "model_card") == [V1, V2]
    assert old_documents_of_versions(lake, uc) == []
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"of": "another"}}, partition=V1)
    (why,) = old_documents_of_versions(lake, uc)
    assert why.startswith(f"model_card of {V1}: eval_report changed on")


def test_every_document_has_the_check_and_the_daily_job_asks_it(lake: Lake, uc: UseCase) -> None:
    definitions = build_defs([uc], Platform(home=str(lake.home)))
    keys = {k.asset_key.path[-1] for k in definitions.resolve_asset_graph().asset_check_keys if k.name == CHECK}
    assert {*documents(), *freshness_rules().further} <= keys
    page(lake, uc, {"use_case_scope": scope(lake, uc, 1)})
    scope(lake, uc, 2)
    job = definitions.resolve_job_def(f"{uc.name}__dates_due")
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance, raise_on_error=False)
    found = {e.asset_key.path[-1]: e for e in done.get_asset_check_evaluations() if e.check_name == CHECK}
    assert set(found) == {name for name, one in documents().items() if not one.of_version}
    assert not found["plain_page"].passed and found["plain_page"].severity == dg.AssetCheckSeverity.ERROR
    assert "use_case_scope changed on" in str(found["plain_page"].metadata["old"].value)
    assert found["datasheet"].passed


@pytest.mark.parametrize("name", sorted({*freshness_rules().never_material, *freshness_rules().of_version_ignores}))
def test_what_the_rule_names_is_an_asset(name: str, uc: UseCase, lake: Lake) -> None:
    from genaiops_assets.orchestration.made_by import MADE_BY

    assert name in {*MADE_BY, "documents", "filtered_corpus", "chunks"}
