"""Prompts: the words put around a question, in English and Chinese. The same words are trained, evaluated and served.

Belongs here: texts and how they are joined. A change here is a change of every later model: `PROMPT_VERSION` is part of the model plan.
"""

from __future__ import annotations

from collections.abc import Sequence

PROMPT_VERSION = "1"

Messages = list[dict[str, str]]

SYSTEM = {
    "en": "You are a support assistant. Answer the question in one short sentence with the exact figures. Do not add anything else.",
    "zh": "你是读者服务助手。请用一句简短的话回答问题，写明准确的数字，不要添加其他内容。",
}
CONTEXT = {
    "en": "Answer from these passages only.\n\n{passages}\n\nQuestion: {question}",
    "zh": "只根据以下资料回答。\n\n{passages}\n\n问题：{question}",
}
PLAIN = {"en": "Question: {question}", "zh": "问题：{question}"}
REFUSAL = {
    "en": "I cannot find this in the knowledge base, please ask a colleague.",
    "zh": "资料中没有这方面的内容，请咨询工作人员。",
}
PASSAGE_CHARACTERS = 1200


def messages(question: str, passages: Sequence[str], language: str) -> Messages:
    """The conversation for one question, with passages (most relevant first) or without any."""
    joined = "\n\n".join(f"[{n}] {p[:PASSAGE_CHARACTERS]}" for n, p in enumerate(passages, start=1))
    user = CONTEXT[language].format(passages=joined, question=question) if passages else PLAIN[language].format(question=question)
    return [{"role": "system", "content": SYSTEM[language]}, {"role": "user", "content": user}]
