"""The release bundle names guards by the digest of their code and the installed software, and is signed as the
checkpoint is."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import BUNDLE, describe_bundle, sign_bundle, signature_problem
from genaiops_assets.governance.release.signing import named_in
from genaiops_assets.lake import Lake, memo_key
from genaiops_assets.serving import described_guards, refuse_other_guards
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import approve, promote
from tests.support.damage import flip
from tests.support.lakes import V1, candidate, publish

GUARDS = ["question_length", "personal_data_masked"]


def bundle(uc: UseCase, **more: Any) -> dict[str, Any]:
    training = {"base": {"ref": "pkg:x", "digest": "b" * 64}, "dtype": "float32", "load_in_4bit": False}
    made = describe_bundle(
        uc,
        V1,
        plan="1" * 64,
        checkpoint="2" * 64,
        training=training,
        prompts={"digest": "3" * 64},
        index={"digest": "4" * 64, "embedder": "5" * 64},
        reranker="",
        **more,
    )
    return made.model_dump(mode="json")


def test_guards_stand_in_it_by_the_digest_of_their_code_and_another_guard_is_refused(uc: UseCase) -> None:
    known = described_guards(GUARDS)
    written = bundle(uc, guard_rules=known, software={"digest": "6" * 64, "python": "3.11.7", "packages": 300})
    assert [(g["name"], g["stage"]) for g in written["guard_rules"]] == [
        ("question_length", "input"),
        ("personal_data_masked", "output"),
    ]
    assert written["software"] == {"digest": "6" * 64, "python": "3.11.7", "packages": 300}
    refuse_other_guards(written["guard_rules"])
    with pytest.raises(Refused, match="the guards personal_data_masked are not those this release was judged with"):
        refuse_other_guards([known[0], {**known[1], "digest": "0" * 64}])


def test_a_bundle_of_an_earlier_version_has_neither_and_still_loads(uc: UseCase) -> None:
    written = bundle(uc)
    assert written["guard_rules"] == [] and written["software"] is None
    refuse_other_guards(written["guard_rules"])


def signed(lake: Lake, uc: UseCase) -> None:
    """A bundle and its signature, bound by the next decision."""
    made = publish(lake, uc.key(BUNDLE), {"release_bundle.json": bundle(uc)}, partition=V1)
    how: dict[str, Any] = {"asset": uc.key("bundle_signature"), "inputs": {BUNDLE: made.digest}, "code_version": "1"}
    key = memo_key(**how, config={}, seed=1)
    with lake.work(key) as place:
        sign_bundle(lake, made, place.staging)
        empty = {"figures": {}, "tables": {}}
        lake.publish(how["asset"], V1, key, place.staging, snapshots=[], summary=empty, provenance=how)


def test_a_changed_bundle_and_a_stranger_key_stop_the_release(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    signed(lake, uc)
    approve(lake, uc)
    assert signature_problem(lake, uc, V1, signed=BUNDLE) == ""
    file = lake.current(uc.key(BUNDLE), V1).local("release_bundle.json")
    flip(file, -5)
    problem = signature_problem(lake, uc, V1, signed=BUNDLE)
    assert problem == f"the release bundle of {V1} is not as it was signed (changed: release_bundle.json)"
    with pytest.raises(Refused, match=r"the release bundle of .* is not as it was signed"):
        promote(lake, uc)
    flip(file, -5)
    assert promote(lake, uc).model_version == V1


@pytest.mark.parametrize("actual", [b"plain", b"with ' in it"])
def test_a_changed_file_is_named_whatever_its_digest_is(actual: bytes) -> None:
    """As model-signing prints it: a list of messages, each with both digests as Python prints bytes."""
    message = f"Hash mismatch for 'release_bundle.json': Expected 'Digest({b'x'!r})', Actual 'Digest({actual!r})'"
    assert named_in(f"Signature mismatch: {[message]}") == ["changed: release_bundle.json"]
