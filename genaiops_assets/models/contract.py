"""The contract of a prompt: what must stand in the text that a model reads, whatever its chat template does.

Belongs here: rendering a probe with a model's template and looking for every part. Does not belong here: the words
(`prompts.py`), or whether they help (asset `prompt_trials`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.models.chat import render, token_ids
from genaiops_assets.models.prompts import Prompts

QUESTION = "Where do I return a book? {braces} stay."
PASSAGES = ("Books are returned at the desk. {0} stays.", "The desk closes at nine.")
ANSWER = "At the desk."


def contract_problems(tokenizer: Any, prompts: Prompts) -> list[str]:
    """Every part of the prompts that does not reach the model, or stands in the wrong place; empty when all do. A chat
    template that trims what it is given is no problem."""
    asked = render(tokenizer, prompts.messages(QUESTION, PASSAGES))
    wanted = {"system text": prompts.system, "question": QUESTION}
    for number, example in enumerate(prompts.examples, start=1):
        named = {"passage": example.passage, "question": example.question, "answer": example.answer}
        wanted |= {f"{part} of example {number}": text for part, text in named.items()}
    wanted |= {f"passage {n}": text[: prompts.passage_characters] for n, text in enumerate(PASSAGES, start=1)}
    lost = [f"the {part} does not reach the model" for part, text in wanted.items() if text.strip() not in asked]
    return lost or [*_order(asked, prompts), *_answer(tokenizer, prompts, asked)]


def _order(asked: str, prompts: Prompts) -> list[str]:
    """The question is the last thing said by a person, behind its passages and all examples."""
    ends = asked.rindex(QUESTION)
    before = [*PASSAGES, *(example.answer.strip() for example in prompts.examples)]
    late = [text for text in before if asked.rfind(text[: prompts.passage_characters], 0, ends) < 0]
    return [f"{text[:40]!r} stands behind the question" for text in late]


def _answer(tokenizer: Any, prompts: Prompts, asked: str) -> list[str]:
    """An answer is put behind what was asked, ends with the end token, and without passages nobody reads one."""
    said = [*prompts.messages(QUESTION, PASSAGES), {"role": "assistant", "content": ANSWER}]
    whole = render(tokenizer, said, answered=True)
    found = [] if whole.startswith(asked.rstrip()) else ["an answered conversation begins otherwise than an asked one"]
    if tokenizer.eos_token_id not in token_ids(tokenizer, whole[whole.rindex(ANSWER) :]):
        found.append("an answer does not end with the end token, so none would ever be learned")
    if any(text in render(tokenizer, prompts.messages(QUESTION)) for text in PASSAGES):
        found.append("a passage is read where none was given")
    return found
