"""The guard in front of the real Dagster UI: what is evidence is not written from a page, and what is no request is
refused."""

from __future__ import annotations

from typing import Any

import dagster as dg
import pytest
from dagster_graphql.schema import create_schema
from graphql import GraphQLObjectType
from starlette.routing import Route

from genaiops_assets.orchestration.web.guard import LARGEST_BODY
from genaiops_assets.orchestration.web.queries import ALLOWED, BadQuery, examine
from tests.orchestration.page import Page

KEY = dg.AssetKey(["bank_support", "release_decision"])
REFUSED = {  # reviewed: what a web page may not ask for
    "wipeAssets", "reportRunlessAssetEvents", "reportAssetCheckEvaluations", "addDynamicPartition",
    "deleteDynamicPartitions", "deleteRun", "deletePipelineRun", "shutdownRepositoryLocation", "logTelemetry",
    "setAppManagedComponent", "deleteAppManagedComponent", "refreshComponentState",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["materialization", "observation", "check"])
def test_events_are_not_reported_from_outside(page: Page, kind: str) -> None:
    page.open()
    body = {"check_name": "human_approval", "passed": True} if kind == "check" else {}
    sent = page.client.post(f"/report_asset_{kind}/{KEY.to_user_string()}", json=body)
    assert sent.status_code == 403
    assert page.instance.fetch_materializations(KEY, limit=1).records == []
    assert page.instance.fetch_observations(KEY, limit=1).records == []


def test_every_post_address_of_dagster_but_graphql_is_refused(page: Page, dagster_ui: Any) -> None:
    page.open()
    posted = [r.path for r in dagster_ui[0].routes if isinstance(r, Route) and "POST" in (r.methods or ())]
    assert len(posted) > 3 and "/graphql" in posted
    for path in posted:
        if path != "/graphql":
            assert page.client.post(path.replace("{asset_key:path}", "a/b"), json={}).status_code == 403, path


def test_every_mutation_of_dagster_was_reviewed() -> None:
    """A new version that brings a new one fails here, and the guard refuses it meanwhile."""
    mutations = create_schema().graphql_schema.mutation_type
    assert isinstance(mutations, GraphQLObjectType)
    assert set(mutations.fields) == ALLOWED | REFUSED
    assert not ALLOWED & REFUSED


@pytest.mark.parametrize("name", sorted(REFUSED))
@pytest.mark.parametrize(
    "form",
    [
        "mutation {{ {0} }}",
        "mutation M {{ harmless: {0} }}",
        "query Q {{ version }} mutation M {{ {0} }}",
        "mutation M {{ ...f }} fragment f on Mutation {{ {0} }}",
        "mutation M {{ ... on Mutation {{ ... {{ {0} }} }} }}",
        "mutation M {{ setNuxSeen ...f }} fragment f on Mutation {{ ...g }} fragment g on Mutation {{ {0} }}",
    ],
)
def test_a_mutation_that_is_not_allowed_is_found_wherever_it_stands(name: str, form: str) -> None:
    with pytest.raises(BadQuery, match=name):
        examine(form.format(name))


def test_partition_keys_are_not_written_from_the_page(page: Page) -> None:
    page.open()
    query = (
        'mutation { addDynamicPartition(partitionsDefName: "p", partitionKey: "mv-000000000000", '
        'repositorySelector: {repositoryName: "r", repositoryLocationName: "l"}) { __typename } }'
    )
    assert page.say(query).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"{", b'{"query": 1}', b'{"query": "{"}', b'{"query": "{ version }", "variables": 3}', b"\xff"],
)
def test_what_is_no_request_is_refused_and_named(page: Page, body: bytes) -> None:
    sent = page.client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert sent.status_code in (400, 403)
    assert sent.json()["errors"][0]["message"]


def test_a_request_that_is_too_large_is_refused(page: Page) -> None:
    body = b'{"query": "' + b"x" * LARGEST_BODY + b'"}'
    assert page.client.post("/graphql", content=body, headers={"content-type": "application/json"}).status_code == 413


def test_nested_queries_end_in_words(page: Page) -> None:
    sent = page.say("{a" * 20_000)
    assert sent.status_code == 403
