"""How often rules are right on labelled texts: figures that planted mistakes move, and files of a use case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.errors import Unusable
from genaiops_assets.serving.guardrails.base import Verdict
from genaiops_assets.serving.guardrails.labelled import Labelled, labelled_files, labelled_texts, packaged_texts
from genaiops_assets.serving.guardrails.measuring import measured_guards, timed_guards
from genaiops_assets.serving.guardrails.registry import RULES, rules_named


class Shouts:
    name, version, stage = "shouts", "1", "input"

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        return Verdict(not text.isupper(), text, "it shouts")


class Counts(Shouts):
    """As long as a text is, so high is its score."""

    name = "counts"

    def score(self, text: str, question: str, passages: list[str], language: str) -> float:
        return float(len(text))


def texts_in(paths: list[Path]) -> list[Labelled]:
    return labelled_texts(labelled_files(paths))


def labelled(rule: str, *texts: tuple[str, bool], language: str = "en") -> list[Labelled]:
    return [Labelled(rule=rule, text=text, hold_back=label, language=language) for text, label in texts]


def test_misses_and_false_blocks_are_counted_by_language() -> None:
    texts = labelled("shouts", ("A", True), ("b", True), ("C", False), ("d", False), ("e", False))
    texts += labelled("shouts", ("F", True), ("g", False), language="zh")
    found = measured_guards([Shouts()], texts)["shouts"]
    assert found["languages"]["en"]["recall"]["mean"] == 0.5 and found["languages"]["zh"]["recall"]["mean"] == 1.0
    assert found["languages"]["en"]["false_blocks"]["mean"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["languages"]["en"]["recall_at_one_percent"]["mean"] == 0.0, "it holds back a third of the harmless"
    assert found["languages"]["all"]["recall"]["n"] == 3
    assert {one["did"] for one in found["wrong"]} == {"missed", "held back wrongly"}


def test_a_score_is_compared_at_the_cut_that_lets_one_in_a_hundred_be_wrong() -> None:
    texts = labelled(
        "counts", *[("x" * n, False) for n in range(1, 101)], *[("y" * n, True) for n in (50, 100, 150, 200)]
    )
    found = measured_guards([Counts()], texts)["counts"]["languages"]["all"]
    assert (found["recall"]["mean"], found["cut"]) == (0.0, 100.0)
    assert found["recall_at_one_percent"]["mean"] == 0.75


def test_a_rule_that_cannot_look_has_no_figures() -> None:
    found = measured_guards(rules_named(["llama_guard", "answer_policy"]), [])
    assert found["llama_guard"]["languages"] == {} and "names no url" in found["llama_guard"]["why_skipped"]
    assert "signed" in found["answer_policy"]["why_skipped"]


def test_texts_of_others_do_not_leave_their_file(tmp_path: Path) -> None:
    row = {"rule": "shouts", "text": "SECRET LINE", "hold_back": False}
    (tmp_path / "own.jsonl").write_text(json.dumps(row) + "\n\n" + json.dumps({**row, "text": "年费多少？"}) + "\n")
    texts = texts_in([tmp_path])
    assert [(one.language, one.source) for one in texts] == [("en", "own.jsonl"), ("zh", "own.jsonl")]
    found = measured_guards([Shouts()], texts)["shouts"]
    assert found["languages"]["en"]["false_blocks"]["mean"] == 1.0 and found["wrong"] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"rule": "x", "text": "y"}', "line 1: hold_back"),
        ("[1]", "expected an object"),
        ("{", "broken JSON"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "own.jsonl").write_text(line)
    with pytest.raises(Unusable, match=said):
        texts_in([tmp_path / "own.jsonl"])
    with pytest.raises(Unusable, match="there is no JSONL file"):
        texts_in([tmp_path / "other.jsonl"])


def test_every_local_rule_is_fast_and_has_texts_of_both_kinds_in_both_languages() -> None:
    rules = [rule for rule in rules_named(RULES.names()) if not getattr(rule, "remote", False)]
    texts = packaged_texts()
    labels = {(t.rule, t.language, t.hold_back) for t in texts}
    told = {"question_topic", "answer_cites", "answer_policy"}  # nothing can be said of them without a use case
    for rule in rules:
        if rule.name not in told:
            assert {(rule.name, one, label) for one in ("en", "zh") for label in (True, False)} <= labels
    slow = [row for row in timed_guards(rules, texts) if row["p95_ms"] > 20]
    assert slow == []


def test_the_rules_do_as_well_on_the_packaged_texts_as_their_readme_says() -> None:
    """The texts are worded to be hard; what is missed is printed, not hidden."""
    found = measured_guards(rules_named(RULES.names()), packaged_texts())
    recall = {name: of["languages"]["all"]["recall"]["mean"] for name, of in found.items() if of["languages"]}
    blocked = {name: of["languages"]["all"]["false_blocks"]["mean"] for name, of in found.items() if of["languages"]}
    assert {name: round(value, 2) for name, value in recall.items()} == {
        "question_length": 1.0, "prompt_injection": 0.22, "question_personal_data": 1.0, "question_language": 1.0,
        "personal_data_masked": 1.0, "answer_toxicity": 0.75, "answer_grounded": 0.88, "answer_advice": 0.79,
        "answer_format": 1.0,
    }  # fmt: skip
    assert {name for name, value in blocked.items() if value} == {"answer_toxicity"}
