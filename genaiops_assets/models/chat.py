"""Chat: a conversation as a model's own template takes it.

Belongs here: what a template refuses or drops, and the text it makes. Does not belong here: what is asked
(`prompts.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from genaiops_assets.models.prompts import Messages

PROBE = "Answer in one word."


def render(tokenizer: Any, conversation: Messages, *, answered: bool = False) -> str:
    """The conversation as text, ready for the model to answer; with `answered` its last message is the answer."""
    taken = accepted(tokenizer, conversation)
    return tokenizer.apply_chat_template(taken, tokenize=False, add_generation_prompt=not answered)


def accepted(tokenizer: Any, conversation: Messages) -> Messages:
    """The conversation with nothing the model's chat template would refuse or leave out: where it takes no system
    message, the system text opens the first user turn."""
    if not conversation or conversation[0]["role"] != "system" or takes_system(tokenizer):
        return conversation
    system, first, *rest = conversation
    return [{"role": "user", "content": f"{system['content']}\n\n{first['content']}"}, *rest]


@lru_cache(maxsize=8)
def takes_system(tokenizer: Any) -> bool:
    """Whether a system message reaches the model. Some templates raise on one, some drop it without a word."""
    probe = [{"role": "system", "content": PROBE}, {"role": "user", "content": "Who?"}]
    try:
        return PROBE in tokenizer.apply_chat_template(probe, tokenize=False, add_generation_prompt=True)
    except Exception:  # Jinja's own errors; without a template at all the caller's rendering says so
        return False


def token_ids(tokenizer: Any, text: str) -> list[int]:
    """Tokens of a rendered conversation, to which the template has added all special ones."""
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def token_counts(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    return [len(token_ids(tokenizer, text)) for text in texts]
