"""What a shape gives, how it refuses, and how conversations become one question.

Belongs here: that and reading texts and messages out of a row. Does not belong here: any one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.text import language

Row = dict[str, Any]
USER, ASSISTANT, SYSTEM = "user", "assistant", "system"
ROLES = {"human": USER, "prompter": USER, "gpt": ASSISTANT, "chatbot": ASSISTANT, "developer": SYSTEM}
SPEAKERS = {"en": {USER: "User: ", ASSISTANT: "Assistant: "}, "zh": {USER: "用户：", ASSISTANT: "助手："}}


class Unusable(GenaiopsError, ValueError):
    """A row that its shape cannot use; the message begins with the field."""

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field}: {problem}")


class Said(NamedTuple):
    """What one person said of one question. A thumb has an answer on one side only. `reviewer` is empty where the
    shape names nobody; `shown_first`: chosen or rejected, empty where nobody says which stood first."""

    question: str
    chosen: str
    rejected: str
    reviewer: str = ""
    shown_first: str = ""


class Turn(NamedTuple):
    role: str
    text: str


def text(row: Row, field: str) -> str:
    """A field that holds visible text, a dotted path into objects. Raises Unusable."""
    value: Any = row
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise Unusable(field, "expected text")
    return value


def turns(value: Any, field: str) -> list[Turn]:
    """Messages as {role, content} or {from, value}; a content may be a list of text parts. System turns are left out:
    the use case's own prompt stands in their place. Raises Unusable for an unknown speaker or what is no text."""
    if not isinstance(value, list) or not value:
        raise Unusable(field, "expected a list of messages")
    found = [_turn(message, f"{field}[{n}]") for n, message in enumerate(value)]
    return [turn for turn in found if turn.role != SYSTEM]


def _turn(message: Any, field: str) -> Turn:
    if not isinstance(message, dict):
        raise Unusable(field, "expected a message with role and content")
    named = str(message.get("role", message.get("from")))
    role = ROLES.get(named, named)
    if role not in (USER, ASSISTANT, SYSTEM):
        raise Unusable(field, f"a turn of {named!r} cannot be shown: only system, user and assistant are")
    content = message.get("content", message.get("value"))
    if isinstance(content, list) and all(isinstance(p, dict) and p.get("type") == "text" for p in content):
        content = "\n".join(str(part.get("text", "")) for part in content)
    if not isinstance(content, str) or not content.strip():
        raise Unusable(field, "expected text as content")
    return Turn(role, content.strip())


def question_of(conversation: Sequence[Turn], field: str) -> str:
    """The last user turn; where turns went before, they stand in front of it, each with its speaker, since a question
    such as "and abroad?" means nothing without them. Raises Unusable when the last word is not the user's."""
    if not conversation or conversation[-1].role != USER:
        raise Unusable(field, "expected a conversation that ends with the user's turn")
    *earlier, last = conversation
    if not earlier:
        return last.text
    speakers = SPEAKERS["zh" if language(last.text) == "zh" else "en"]
    return "\n\n".join(speakers[turn.role] + turn.text for turn in conversation)


def answer_of(answer: Sequence[Turn], field: str) -> str:
    """The one assistant turn that answers. Raises Unusable."""
    if len(answer) != 1 or answer[0].role != ASSISTANT:
        raise Unusable(field, "expected one turn of the assistant after the question")
    return answer[0].text


def reviewer_of(row: Row, *fields: str) -> str:
    """Who said it, from the first of these fields that names somebody; empty where none does."""
    for field in fields or ("reviewer", "annotator"):
        value = row.get(field)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""
