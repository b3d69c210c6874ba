"""Claims: pointers, sources, and documents or artifacts that somebody changed afterwards."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.evidence import Evidence, claim, escape_part, find_claims, resolve_pointer, verify_claims

RFC_6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, 'k"l': 6, " ": 7, "m~n": 8}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
EVIDENCE = Evidence("eval_report", "2" * 64, {"n": 40, "deep": [{"x": True}], "name/with~signs": 1.5})


def load(asset, digest):
    return {("eval_report", "2" * 64): EVIDENCE.document}[asset, digest]


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", RFC_6901),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_pointers_of_the_rfc(pointer, expected):
    assert resolve_pointer(RFC_6901, pointer) == expected


@pytest.mark.parametrize(
    "pointer", ["foo", "/nothing", "/foo/2", "/foo/-1", "/foo/01", "/foo/x", "/foo/0/deeper", "/foo/-"]
)
def test_pointers_to_nothing_are_refused(pointer):
    with pytest.raises(KeyError):
        resolve_pointer(RFC_6901, pointer)


@given(st.dictionaries(st.text(max_size=5), JSON, min_size=1, max_size=4))
def test_every_key_can_be_pointed_at(document):
    for key, value in document.items():
        assert resolve_pointer(document, f"/{escape_part(key)}") is value


def test_a_claim_carries_its_source():
    made = claim(EVIDENCE, "/deep/0", note="a heuristic")
    assert made == {
        "value": {"x": True},
        "asset": "eval_report",
        "digest": "2" * 64,
        "pointer": "/deep/0",
        "note": "a heuristic",
    }
    made["value"]["x"] = False
    assert EVIDENCE.document["deep"][0]["x"] is True
    assert "note" not in claim(EVIDENCE, "/n")


def test_a_claim_on_nothing_names_asset_and_pointer():
    with pytest.raises(KeyError, match=r"eval_report has no /deep/0/y"):
        claim(EVIDENCE, "/deep/0/y")


@given(JSON)
def test_claims_are_found_wherever_they_stand_and_hold(value):
    evidence = Evidence("a", "d", {"v": value})
    made = claim(evidence, "/v")
    document = json.loads(
        json.dumps({"deep": [1, {"list": [made]}], "top": made, "text": "value asset digest pointer"})
    )
    assert len(find_claims(document)) == 2
    assert verify_claims(document, lambda asset, digest: evidence.document) == []


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("value", 41, "the document says 41"),
        ("value", "40", "the document says '40'"),
        ("value", None, "the document says None"),
        ("pointer", "/deep", "the document says 40"),
        ("pointer", "/gone", "no such value"),
        ("pointer", "n", "no such value"),
        ("digest", "9" * 64, "cannot be loaded"),
        ("asset", "other_report", "cannot be loaded"),
    ],
)
def test_a_changed_claim_is_found(key, value, problem):
    document = {"sections": [{"count": claim(EVIDENCE, "/n")}, {"fine": claim(EVIDENCE, "/deep")}]}
    assert verify_claims(document, load) == []
    changed = copy.deepcopy(document)
    changed["sections"][0]["count"][key] = value
    problems = verify_claims(changed, load)
    assert len(problems) == 1 and problem in problems[0]


def test_true_is_not_one_but_one_is_one_point_zero():
    evidence = Evidence("a", "d", {"flag": True, "count": 1.0})
    flag, count = claim(evidence, "/flag") | {"value": 1}, claim(evidence, "/count") | {"value": 1}
    assert len(verify_claims([flag, count], lambda asset, digest: evidence.document)) == 1
