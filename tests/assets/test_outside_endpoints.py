"""Asset `outside_endpoints`: each server is listed with what goes there, and text of a closed class turns the check red."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from genaiops_assets.assets.monitoring.outside_endpoints import outside_endpoints_assets, report_of
from genaiops_assets.governance.outside import Endpoint, endpoints_of, is_this_machine, restricted
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import log_interactions
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.serving.gateway.conftest import released, released_once  # noqa: F401
from tests.support.released_home import ReleasedHome

OUTSIDE = "https://models.example.org/v1"


def with_servers(uc: UseCase, **more: Any) -> UseCase:
    """The use case with each kind of server it may have."""
    embedding = {"route": "endpoint", "url": OUTSIDE, "model": "embed"}
    serving = {
        "guards": ["llama_guard", "prompt_shields"],
        "guard_settings": {"llama_guard": {"url": "http://127.0.0.1:8000/v1", "model": "guard"}},
        "gateway": {"upstream": {"url": "http://models.example.org/v1", "model": "m", "access": ["public"]}},
    }
    file = uc.folder / "use_case.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["knowledge"] = {**content.get("knowledge", {}), "embedding": embedding}
    content["serving"] = {**serving, **more}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_use_case(uc.folder)


def test_each_server_is_listed_with_what_goes_there(released: ReleasedHome) -> None:  # noqa: F811
    uc = with_servers(released.uc)
    found = {e.what: e for e in endpoints_of(uc)}
    assert set(found) == {"embedding", "upstream", "guard llama_guard"}, "a guard without an address sends nothing"
    assert found["embedding"].is_outside and not found["guard llama_guard"].is_outside
    assert found["embedding"].is_encrypted and not found["upstream"].is_encrypted
    assert found["guard llama_guard"].sends == ("questions",)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost/v1", True),
        ("http://localhost.example.org", False),
        ("http://10.0.0.7", False),
        ("", False),
    ],
)
def test_a_server_on_this_machine_is_known_by_its_address(url: str, here: bool) -> None:
    assert is_this_machine(url) is here


def test_only_passages_of_classes_that_may_go_are_allowed() -> None:
    asked = Endpoint("embedding", OUTSIDE, ("passages",), ("public",))
    assert restricted(asked, {"public": 4, "staff": 2, "no class stated": 1}) == {"staff": 2, "no class stated": 1}
    assert restricted(Endpoint("guard", OUTSIDE, ("questions",), ("public",)), {"staff": 2}) == {}
    assert restricted(Endpoint("embedding", "http://localhost:1", ("passages",), ("public",)), {"staff": 2}) == {}


def materialized(home: Path, uc: UseCase) -> bool:
    """Whether `restricted_text_stays_here` passes."""
    made = dg.materialize(
        outside_endpoints_assets(uc),
        resources={"platform": Platform(home=str(home))},
        instance=dg.DagsterInstance.ephemeral(),
    )
    verdicts = {v.check_name: v.passed for v in made.get_asset_check_evaluations()}
    return verdicts["restricted_text_stays_here"]


def test_what_an_upstream_was_sent_is_counted_by_class(released: ReleasedHome) -> None:  # noqa: F811
    uc = released.uc
    upstream = {"url": "https://models.example.org/v1", "model": "m", "access": ["public"]}
    released.settings(serving={"gateway": {"upstream": upstream}})
    uc, index = released.uc, released.lake.heads.digest(uc.key("embeddings_index"))
    about = {"channel": "serve", "gen_ai_provider_name": "upstream", "index_digest": index, "finish": "stop"}
    fee = {"question": "What does it cost?", "answer": "95 dollars.", "passages": ["fee#0"], **about}
    log_interactions(released.lake, uc, [fee, {**fee, "question": "And now?"}, {**fee, "gen_ai_provider_name": ""}])
    assert materialized(released.home, uc)
    (row,) = report_of(released.lake, uc)["endpoints"]
    assert (row["answers"], row["passages"], row["counted_by"]) == (2, {"public": 2}, "the log")
    log_interactions(released.lake, uc, [{**fee, "question": "What is the bonus?", "passages": ["bonus#0"]}])
    assert not materialized(released.home, uc), "a passage for staff went out"
    assert report_of(released.lake, uc)["endpoints"][0]["restricted"] == {"staff": 1}


def test_an_index_with_a_closed_source_may_not_be_embedded_outside(released: ReleasedHome) -> None:  # noqa: F811
    uc = with_servers(released.uc)
    assert not materialized(released.home, uc)
    found = {one["what"]: one["restricted"] for one in report_of(released.lake, uc)["endpoints"]}
    assert found["embedding"] == {"staff": 1} and found["upstream"] == {}
