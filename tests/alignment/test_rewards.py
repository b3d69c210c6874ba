"""Rule rewards, in English and Chinese, and the one reward that is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment.methods.online import mix, needs_reward, prompts_of, reward_of
from genaiops_assets.alignment.rewards import REWARDS, form, groundedness, length, refusal
from genaiops_assets.models import REFUSAL
from genaiops_assets.use_case.methods import setting_problems
from genaiops_assets.use_case.training import Alignment
from tests.support.plugins import distribution

EN = ("What does it cost?", ["The card costs $95 a year."])
ZH = ("年费是多少？", ["该卡年费为九十五元。"])


@pytest.mark.parametrize(
    ("question", "passages", "answer", "expected", "value"),
    [
        (*EN, "The card costs $95.", None, 1.0),
        (*EN, "", None, 0.0),
        (*ZH, "年费为九十五元。", None, 1.0),
        (*EN, REFUSAL["en"], REFUSAL["en"], None),
        (*ZH, REFUSAL["zh"], REFUSAL["zh"], None),
        (EN[0], [], "The card costs $95.", None, None),
    ],
)
def test_groundedness(question: str, passages: list[str], answer: str, expected: str | None, value: Any) -> None:
    assert groundedness(question, passages, answer, expected) == value


def test_an_invented_figure_is_less_grounded() -> None:
    assert groundedness(*EN, "The card costs $300.", None) < groundedness(*EN, "The card costs money.", None)
    assert groundedness(*ZH, "天气很好。", None) < groundedness(*ZH, "该卡年费为三百元。", None) < 1


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("It costs $95.", 1.0),
        ("年费为九十五元。", 1.0),
        ("It costs", 2 / 3),
        ("It costs $95.\nQuestion: and then?", 1 / 3),
        ("年费。年费。", 2 / 3),
        ("   ", 0.0),
        ("<|im_start|>user", 1 / 3),
    ],
)
def test_form(answer: str, value: float) -> None:
    assert form(*EN, answer, None) == pytest.approx(value)


def test_length() -> None:
    assert length(*EN, "one two", "one two three four") == length(*EN, "one two three four", "one two") == 0.5
    assert length(*ZH, "九十五元", "九十") == 0.5
    assert length(*EN, "", "one") == 0.0 and length(*EN, "one", None) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_refusal(language: str) -> None:
    question, passages = {"en": EN, "zh": ZH}[language]
    answer, no = {"en": "It costs $95.", "zh": "年费为九十五元。"}[language], REFUSAL[language]
    assert [refusal(question, passages, said, no) for said in (no, answer)] == [1.0, 0.0]
    assert [refusal(question, passages, said, answer) for said in (no, answer)] == [0.0, 1.0]
    assert [refusal(question, [], said, None) for said in (no, answer)] == [1.0, 0.0]
    assert refusal(question, passages, answer, None) is None


def test_a_reward_that_never_judges_a_prompt_is_not_asked_there() -> None:
    judged = {"a": [1.0, 0.0, 1.0, 0.0], "b": [None, None, 0.0, 0.5]}
    found = mix(judged, {"a": 1.0, "b": 3.0}, ["p", "p", "q", "q"])
    assert found == [1.0, 0.0, 0.25, 0.375]


def test_an_answer_on_which_one_reward_abstains_is_left_out() -> None:
    judged: dict[str, list[float | None]] = {"a": [1.0, 0.0], "b": [None, 0.5]}
    assert mix(judged, {"a": 1.0, "b": 1.0}, ["p", "p"]) == [None, 0.25]
    assert mix({"a": [None, None]}, {"a": 1.0}, ["p", "p"]) == [None, None]


def test_what_is_logged_beside_the_reward() -> None:
    logged: dict[str, float] = {}
    judges = {"a": lambda asked, expected: [1.0, None], "b": lambda asked, expected: [0.5, 0.5]}
    found = reward_of(judges, {"a": 1.0, "b": 1.0})(
        prompts=["p", "p"],
        completions=[[{"role": "assistant", "content": t}] for t in ("x", "y")],
        question=["q", "q"],
        passages=[[], []],
        expected=[None, None],
        log_metric=logged.__setitem__,
    )
    assert found == [0.75, None] and logged == {"judged/a": 1.0, "judged/b": 0.5, "left_out": 0.5}


def test_a_prompt_is_asked_once_with_what_people_answered() -> None:
    class Task:
        tokenizer, prompts = None, None

    import genaiops_assets.alignment.methods.online as online

    rows = [
        {"question": "a", "passages": ["p"], "chosen": ""},
        {"question": "a", "passages": ["p"], "chosen": "Yes."},
        {"question": "a", "passages": ["other"], "chosen": "No."},
    ]
    task: Any = Task()
    task.rows = rows
    before = online.conversation
    online.conversation = lambda task, row: [row["question"]]  # type: ignore[assignment, return-value]
    try:
        found = prompts_of(task)
    finally:
        online.conversation = before
    assert [(f["passages"], f["expected"]) for f in found] == [(["p"], "Yes."), (["other"], "No.")]


@pytest.mark.parametrize("method", ["grpo", "rloo"])
@pytest.mark.parametrize(
    ("rewards", "field", "message", "hint"),
    [
        ({"groundednes": 1.0}, "settings.rewards", "no reward 'groundednes'", "did you mean 'groundedness'?"),
        ({"reward_modle": 1.0}, "settings.rewards", "no reward 'reward_modle'", "did you mean 'reward_model'?"),
        ({}, "settings.rewards", "no reward is named", "known: groundedness, format, length, refusal, reward_model"),
        ({"format": 0.0}, "settings.rewards.format", "weight 0.0 is not above 0", "leave the line out"),
    ],
)
def test_rewards_that_cannot_be_given(method: str, rewards: Any, field: str, message: str, hint: str) -> None:
    [found] = setting_problems(Alignment(method=method, settings={"rewards": rewards}))
    assert (found.field, found.hint) == (field, hint) and found.message.startswith(message)


def test_who_needs_a_reward_model() -> None:
    from genaiops_assets.alignment import method_of
    from genaiops_assets.use_case import settings_of

    for rewards, needed in (({"reward_model": 1.0, "format": 0.2}, True), ({"format": 1.0}, False)):
        section = Alignment(method="grpo", settings={"rewards": rewards}).model_dump(mode="json")
        assert needs_reward(settings_of(method_of("grpo"), section)) is needed
    assert not needs_reward(settings_of(method_of("dpo"), Alignment().model_dump(mode="json")))


def test_another_distribution_offers_a_reward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "def polite(question, passages, answer, expected):\n    return float('please' in answer)\n"
    entry = "[genaiops.rewards]\npolite = acme_rewards:polite"
    monkeypatch.syspath_prepend(str(distribution(tmp_path / "site", "acme", entry, module="acme_rewards", code=code)))
    assert REWARDS.names()[-1] == "polite" and REWARDS.get("polite")("", [], "please", None) == 1.0
    assert setting_problems(Alignment(method="grpo", settings={"rewards": {"polite": 1.0}})) == []
