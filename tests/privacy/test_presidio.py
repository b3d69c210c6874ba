"""Presidio behind our protocols, really run where the `ner` extra is installed (it is, in development); and what is
said where it is not."""

from __future__ import annotations

import importlib.util

import pytest

from genaiops_assets.privacy import NerMissing, find_all, ner_state, open_ner, open_second_detector, redact

TEXTS = ["Please ask Anna Kowalska in Berlin to write to anna@example.org.", "The fee is 95 dollars."]


@pytest.fixture(scope="module")
def ner():
    return open_ner("presidio")


def test_names_and_places_are_found_beside_what_the_rules_find(ner) -> None:
    (found, nothing) = find_all(TEXTS, ner)
    assert [(f.kind, TEXTS[0][f.start : f.end]) for f in found] == [
        ("PERSON", "Anna Kowalska"),
        ("LOCATION", "Berlin"),
        ("EMAIL", "anna@example.org"),
    ]
    assert nothing == []


def test_names_are_masked_and_initials_are_what_redaction_leaves(ner) -> None:
    masked, partial = (
        redact(TEXTS[:1], {"default": action, "by_kind": {}}, ner)[0].text for action in ("mask", "redact")
    )
    assert masked == "Please ask <PERSON> in <LOCATION> to write to <EMAIL>."
    assert partial == "Please ask [A*** K***] in [B***] to write to [a***@***]."


def test_the_second_detector_finds_by_itself_and_stays_offline() -> None:
    second = open_second_detector()
    assert second is not None
    (found,) = second.find_all(
        ["See section 4.1.2.3 and 15 U.S.C. 1693; write to anna@example.org about 4111 1111 1111 1111."]
    )
    assert [f.kind for f in found] == ["EMAIL", "CARD"]


def test_what_is_not_installed_is_said_and_never_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(
        "genaiops_assets.privacy.detectors.find_spec", lambda name: None if "presidio" in name else there(name)
    )
    assert (ner_state("none"), ner_state("presidio")) == ("off", "not installed")
    assert open_ner("none") is None and open_second_detector() is None
    with pytest.raises(NerMissing, match=r"pip install 'genaiops-assets\[ner\]'"):
        open_ner("presidio")
