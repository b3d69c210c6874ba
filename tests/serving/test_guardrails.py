"""Rules on questions and answers: in order, by name, also from another package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from genaiops_assets.plugins import PluginError
from genaiops_assets.serving.guardrails.registry import guard
from tests.support.plugins import distribution

RULE = """
from genaiops_assets.serving.guardrails.base import Verdict


class NoShouting:
    name, version, stage = "no_shouting", "1", "output"

    def judge(self, text, passages, language):
        return Verdict(True, text.lower(), "lowered its voice") if text.isupper() else Verdict(True, text)
"""


def test_without_rules_a_text_passes_as_it_is() -> None:
    assert guard("input", [], "What?", [], "en").text == "What?"


def test_a_question_no_person_types_is_held_back_with_the_reason() -> None:
    verdict = guard("input", ["question_length"], "x" * 5000, [], "en")
    assert not verdict.allowed and "question_length: a question has at most 4000 characters" in verdict.reason


def test_a_rule_looks_at_its_own_stage_only() -> None:
    assert guard("output", ["question_length"], "x" * 5000, [], "en").allowed


def test_personal_data_that_no_passage_holds_is_masked() -> None:
    text = "Write to jane.doe@bank.example for that."
    assert "jane.doe" not in guard("output", ["personal_data_masked"], text, ["Ask the desk."], "en").text
    assert guard("output", ["personal_data_masked"], text, [text], "en").text == text


def test_a_rule_that_nobody_has_names_those_there_are() -> None:
    with pytest.raises(PluginError, match=r"no rule 'no_such'.*question_length"):
        guard("input", ["no_such"], "x", [], "en")


def test_a_rule_of_another_package_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = "[genaiops.rules]\nno_shouting = no_shouting_rule:NoShouting"
    site = distribution(tmp_path, "no_shouting", offered, module="no_shouting_rule", code=RULE)
    monkeypatch.syspath_prepend(str(site))
    verdict = guard("output", ["no_shouting"], "READ THE NOTICE", [], "en")
    assert (verdict.text, verdict.reason) == ("read the notice", "no_shouting: lowered its voice")
    sys.modules.pop("no_shouting_rule", None)
