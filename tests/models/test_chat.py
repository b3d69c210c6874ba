"""A conversation reaches the model whole, whatever its chat template refuses or drops."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.models import accepted, load_tokenizer, messages, render
from tests.support.tiny_model import CHATML, DROPS_SYSTEM, NO_SYSTEM, tiny_model

ASKED = messages("What does a card cost?", ["A card costs $5.00."], "en")


@pytest.mark.parametrize("template", [NO_SYSTEM, DROPS_SYSTEM], ids=["refuses", "drops"])
def test_system_text_opens_the_first_turn_where_a_template_takes_none(tmp_path: Path, template: str) -> None:
    tokenizer = load_tokenizer(tiny_model(tmp_path, template=template))
    first, *rest = accepted(tokenizer, ASKED)
    assert first == {"role": "user", "content": f"{ASKED[0]['content']}\n\n{ASKED[1]['content']}"}
    assert rest == ASKED[2:]
    assert ASKED[0]["content"] in render(tokenizer, ASKED) and "What does a card cost?" in render(tokenizer, ASKED)


def test_a_template_with_a_system_role_gets_it(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(tiny_model(tmp_path, template=CHATML))
    assert accepted(tokenizer, ASKED) is ASKED
    assert render(tokenizer, ASKED).endswith("<|im_start|>assistant\n")


def test_an_answered_conversation_ends_with_its_answer(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(tiny_model(tmp_path))
    text = render(tokenizer, [*ASKED, {"role": "assistant", "content": "$5.00"}], answered=True)
    assert text.endswith("$5.00<|im_end|>\n")
