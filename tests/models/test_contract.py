"""The contract of a prompt: every part reaches the model in its place, by the template that the model has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.models import contract_problems, load_tokenizer, packaged_prompts
from genaiops_assets.models.prompts import Example
from tests.support.tiny_model import CHATML, DROPS_SYSTEM, NO_SYSTEM, tiny_model

MORE = (Example(passage="Cards cost $5.", question="What does a card cost?", answer="It costs $5."),)


@pytest.fixture(scope="module", params=[CHATML, NO_SYSTEM, DROPS_SYSTEM], ids=["system role", "refused", "dropped"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return load_tokenizer(tiny_model(tmp_path_factory.mktemp("tiny"), template=request.param))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("changes", [{}, {"example": None}, {"further_examples": MORE}], ids=["one", "none", "two"])
def test_the_packaged_prompts_keep_it_with_any_number_of_examples(
    tokenizer: Any, language: str, changes: dict[str, Any]
) -> None:
    assert contract_problems(tokenizer, packaged_prompts(language).model_copy(update=changes)) == []


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (CHATML.replace("messages %}", "messages[-1:] %}", 1), "the system text does not reach the model"),
        (CHATML.replace("m['content'] }}<", "m['content'][:120] }}<"), "the question does not reach the model"),
        (CHATML.replace("for m in messages", "for m in messages | reverse"), "stands behind the question"),
        (CHATML.replace("<|im_end|>", ""), "an answer does not end with the end token"),
    ],
)
def test_a_template_that_breaks_it_is_named(tmp_path: Path, template: str, problem: str) -> None:
    broken = load_tokenizer(tiny_model(tmp_path, template=template))
    assert any(problem in found for found in contract_problems(broken, packaged_prompts("en")))


def test_further_examples_stand_after_the_first_and_change_the_version() -> None:
    plain = packaged_prompts("en")
    more = plain.model_copy(update={"further_examples": MORE})
    assert [m["role"] for m in more.messages("Q?")] == ["system", *["user", "assistant"] * 2, "user"]
    assert more.messages("Q?")[4]["content"] == "It costs $5." and "Cards cost" not in str(more.messages("Q?"))
    assert "Cards cost $5." in str(more.messages("Q?", ["A"]))
    assert more.version != plain.version == "1" and "further_examples" not in plain.model_dump()
