"""Under streaming nothing leaves that a rule holds back, and what leaves is what the rules make of the whole answer."""

from __future__ import annotations

import pytest

from genaiops_assets.serving.gateway.engines import Stops
from genaiops_assets.serving.gateway.guarding import LONGEST_WAIT, Guards
from genaiops_assets.serving.guardrails.base import Verdict
from genaiops_assets.serving.guardrails.labelled import packaged_texts
from genaiops_assets.serving.guardrails.registry import RULES, guard

MASKS = Guards(["personal_data_masked"], "en", "No.")
TEXT = "Write to jane.doe@bank.example for that. It costs 95.50 dollars! Or call +49 30 901820 today. Good luck"


class NoSecrets:
    name, version, stage = "no_secrets", "2", "output"

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        return Verdict("swordfish" not in text, text, "names the password")


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> Guards:
    known = RULES.get
    monkeypatch.setattr(RULES, "get", lambda name: NoSecrets() if name == "no_secrets" else known(name))
    return Guards(["no_secrets"], "en", "No.")


def streamed(guards: Guards, text: str, size: int) -> tuple[list[str], str]:
    """(what left after each piece, all of it)"""
    answer = guards.on_answer([])
    parts = [answer.take(text[n : n + size]) for n in range(0, len(text), size)]
    parts.append(answer.rest())
    return parts, "".join(parts)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_what_leaves_is_what_the_rules_make_of_the_whole(size: int) -> None:
    parts, whole = streamed(MASKS, TEXT, size)
    assert whole == guard("output", MASKS.names, TEXT, [], "en").text
    assert "<EMAIL>" in whole and "<PHONE>" in whole and "jane" not in "".join(parts)


def test_a_sentence_leaves_before_the_next_is_written() -> None:
    answer = MASKS.on_answer([])
    assert answer.take("It costs 95.50 dollars") == "" and answer.take(".") == ""
    assert answer.take(" And") == "It costs 95.50 dollars." and answer.rest() == " And"
    chinese = Guards([], "zh", "不。").on_answer([])
    assert chinese.take("逾期归还每天一角。读者") == "逾期归还每天一角。"


def test_an_answer_without_ends_is_looked_at_all_the_same() -> None:
    answer = Guards([], "en", "No.").on_answer([])
    assert answer.take("word " * (LONGEST_WAIT // 5)) == "" and answer.take("word " * 5) != ""


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_no_blocked_text_leaves(blocks: Guards, size: int) -> None:
    _parts, whole = streamed(blocks, "First this. The word is swordfish. Then more.", size)
    assert "swordfish" not in whole and whole in ("First this.", "No.")
    answer = blocks.on_answer([])
    answer.take("The word is swordfish. Bye. ")
    assert answer.blocked and answer.sent == "No." and answer.rest() == "" and answer.take("More. ") == ""
    assert [(one.rule, one.version, one.action) for one in answer.fired] == [("no_secrets", "2", "blocked")]


def test_a_question_is_judged_with_all_that_was_sent() -> None:
    guards = Guards(["question_length"], "en", "No.")
    assert guards.on_question(["What?"]) == (True, ())
    allowed, fired = guards.on_question(["x" * 5000, "What?"])
    assert not allowed and fired[0].rule == "question_length"


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_stop_text_ends_the_answer_before_it(size: int) -> None:
    def cut(text: str, *stop: str) -> str:
        stops = Stops(stop)
        return "".join([*(stops.take(text[n : n + size]) for n in range(0, len(text), size)), stops.rest()])

    assert cut("one\n\ntwo", "\n\n") == "one" and cut("one\ntwo", "\n\n") == "one\ntwo"
    assert cut("abcd", "cd", "bc") == "a" and cut("aab", "ab") == "a" and cut("abc") == "abc"


@pytest.mark.parametrize("size", [1, 7])
def test_harmless_answers_pass_a_stream_as_they_pass_whole(size: int) -> None:
    """A rule sees a growing text; that it is not finished yet is no reason to end it."""
    wrong = []
    for one in packaged_texts():
        rule = RULES.get(one.rule)
        if rule.stage != "output" or one.hold_back:
            continue
        guards = Guards([one.rule], one.language, "No.")
        text = f"{one.text} {one.text}"
        if not guard("output", [one.rule], text, one.passages, one.language).allowed:
            continue
        answer = guards.on_answer(list(one.passages), one.question)
        left = "".join(answer.take(text[n : n + size]) for n in range(0, len(text), size)) + answer.rest()
        wrong += [one.text] if left != text else []
    assert wrong == []
