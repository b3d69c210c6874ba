"""An approval in words: what a person who decides reads about the version before them."""

from __future__ import annotations

from genaiops_assets.governance.release import approval_in_words
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import approve, promote
from tests.support.lakes import V1, V2, candidate, publish

TRAINING = {"base": {"digest": "b" * 64}, "pairs": {"digest": "a" * 64}}


def plan(lake: Lake, uc: UseCase, version: str, **training: object) -> None:
    content = {"model_version": version, "training": {**TRAINING, **training}}
    publish(lake, uc.key("model_plan"), {"plan.json": content}, partition=version)


def test_the_first_version_has_nothing_to_be_compared_with(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    words = approval_in_words(lake, uc, V1)
    assert words.changes == "nothing is in production yet"
    assert (
        words.state == f"{V1} waits for the decision of {' or '.join(uc.people.approvers)} (verdict of the gates: go)"
    )


def test_what_changed_since_the_last_release_is_named(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    approve(lake, uc, version=V1)
    promote(lake, uc, V1)
    candidate(lake, uc, V2)
    assert approval_in_words(lake, uc, V2).changes == "nothing that determines the weights"
    plan(lake, uc, V2, pairs={"digest": "c" * 64}, seed=4)
    assert approval_in_words(lake, uc, V2).changes == "pairs, seed"
    assert approval_in_words(lake, uc, V1).changes == "nothing that determines the weights"
