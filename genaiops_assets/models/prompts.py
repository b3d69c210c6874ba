"""Prompts: the words put around a question, in English and Chinese. The same words are trained, evaluated and served.

Belongs here: texts and how they are joined. A change here is a change of every later model: `PROMPT_VERSION` is part
of the model plan."""

from __future__ import annotations

from collections.abc import Sequence

PROMPT_VERSION = "1"

Messages = list[dict[str, str]]

SYSTEM = {
    "en": "You are a support assistant. Answer the question in one short sentence with the exact figures. Do not add "
    "anything else.",
    "zh": "你是读者服务助手。请用一句简短的话回答问题，写明准确的数字，不要添加其他内容。",
}
CONTEXT = {
    "en": "Answer from these passages only.\n\n{passages}\n\nQuestion: {question}",
    "zh": "只根据以下资料回答。\n\n{passages}\n\n问题：{question}",
}
PLAIN = {"en": "Question: {question}", "zh": "问题：{question}"}
# One worked example from another world: a small model learns the form of an answer from it, not the content.
EXAMPLE = {
    "en": {
        "passage": "Bicycle hire: keys\nA lost key is replaced within 3 days. The replacement costs $4.00 and the "
        "old lock is changed at once.",
        "question": "I lost the key of my hired bicycle. What do I pay for a new one?",
        "answer": "Replacing a lost bicycle key costs $4.00.",
    },
    "zh": {
        "passage": "自行车租赁：钥匙\n遗失的钥匙在3天内补办，补办费用为4元，旧锁立即更换。",
        "question": "租的自行车钥匙丢了，补一把要多少钱？",
        "answer": "补办一把自行车钥匙需要4元。",
    },
}
REFUSAL = {
    "en": "I cannot find this in the knowledge base, please ask a colleague.",
    "zh": "资料中没有这方面的内容，请咨询工作人员。",
}
PASSAGE_CHARACTERS = 1200


def messages(question: str, passages: Sequence[str], language: str) -> Messages:
    """The conversation for one question, with passages (most relevant first) or without any, after one worked
    example."""
    example = EXAMPLE[language]
    shown = [example["passage"]] if passages else []
    return [
        {"role": "system", "content": SYSTEM[language]},
        {"role": "user", "content": asked(example["question"], shown, language)},
        {"role": "assistant", "content": example["answer"]},
        {"role": "user", "content": asked(question, passages, language)},
    ]


def asked(question: str, passages: Sequence[str], language: str) -> str:
    if not passages:
        return PLAIN[language].format(question=question)
    joined = "\n\n".join(p[:PASSAGE_CHARACTERS] for p in passages)
    return CONTEXT[language].format(passages=joined, question=question)
