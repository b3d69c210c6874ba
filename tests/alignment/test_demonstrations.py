"""Demonstrations: read with their mistakes named, shown with the passage they rest on, learned from before worded
facts."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from genaiops_assets.alignment import (
    Data,
    DemonstrationError,
    PairConfig,
    find_leaks,
    learned_from,
    read_demonstrations,
)
from genaiops_assets.evaluation import golden_content, question_key
from genaiops_assets.models import packaged_prompts
from genaiops_assets.payloads.make_pairs import basis_of
from genaiops_assets.use_case import Origin
from tests.support.lakes import bank_support


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"d{number}",
        "question": f"What does card {number} cost?",
        "answer": f"Card {number} costs ${number}.",
        "documents": ["cards"],
        **more,
    }


def use_case(folder: Path, *lines: Any) -> Any:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    (folder / "demonstrations.jsonl").write_text(text, encoding="utf-8")
    alignment = bank_support().alignment.model_copy(update={"demonstrations": "demonstrations.jsonl"})
    return bank_support(alignment=alignment, folder=folder)


def test_they_are_read_in_the_order_of_their_id_and_masked(tmp_path: Path) -> None:
    found = read_demonstrations(
        use_case(tmp_path, row(2), row(1, question="Where do I write? To ann@example.org?", documents=[]))
    )
    assert [d.id for d in found] == ["d1", "d2"]
    assert "ann@example.org" not in found[0].question
    assert found[0].documents == () and found[1].documents == ("cards",)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], ":1: broken JSON"),
        ([row(1), "[]"], ":2: expected an object"),
        ([row(1), row(2, answer=" ")], ":2: answer: expected text"),
        ([row(1, documents="cards")], ":1: documents: expected a list"),
        ([row(1), row(1, question="Another?")], ":2: id: the same as on line 1"),
        ([row(1), row(2, question="what does card 1 COST?")], ":2: question: the same as on line 1"),
        ([row(1), row(2, question="Ｗhat  does\u200b card 1 cost")], ":2: question: the same as on line 1"),
    ],
)
def test_a_mistake_is_named_by_line_and_field(tmp_path: Path, lines: list[Any], said: str) -> None:
    with pytest.raises(DemonstrationError, match=said):
        read_demonstrations(use_case(tmp_path, *lines))


def passage(document: str, number: int = 0) -> Any:
    return SimpleNamespace(doc_id=document, quoted=f"{document} {number}")


def shown(demonstration: dict[str, Any], found: list[Any], passages: int = 2) -> list[str]:
    stated: dict[str, Any] = {"count": 0, "min_margin": 0.1, "max_new_tokens": 8, "language": "en"}
    config = PairConfig(passages=passages, dtype="float32", load_in_4bit=False, **stated)
    return [p.quoted for p in basis_of(demonstration, found, config)]


FOUND = [passage("fees"), passage("loans"), passage("cards", 1), passage("cards", 2)]


def test_the_passage_it_rests_on_is_shown_as_search_gives_it_or_in_its_place() -> None:
    assert shown(row(1, documents=["loans"]), FOUND) == ["fees 0", "loans 0"]
    assert shown(row(1), FOUND) == ["cards 1", "fees 0"]
    assert shown(row(1), FOUND, passages=1) == ["cards 1"]


def test_a_refusal_is_shown_what_search_finds_and_an_answer_without_its_document_is_left_out() -> None:
    assert shown(row(1, documents=[]), FOUND) == ["fees 0", "loans 0"]
    assert shown(row(1, documents=["erased"]), FOUND) == []


def pairs(*origins: Origin, rejected: str = "no") -> list[dict[str, Any]]:
    return [{"id": str(n), "origin": o.value, "chosen": "yes", "rejected": rejected} for n, o in enumerate(origins)]


def test_imitation_learns_from_people_where_there_are_demonstrations() -> None:
    mixed = pairs(Origin.CORPUS, Origin.DEMONSTRATION, Origin.HUMAN, Origin.OBSERVED)
    assert [p["id"] for p in learned_from(mixed, Data.COMPLETIONS)] == ["1", "2", "3"]
    assert len(learned_from(pairs(Origin.CORPUS, Origin.HUMAN), Data.COMPLETIONS)) == 2


def test_comparison_learns_from_every_pair_with_an_answer_to_reject() -> None:
    mixed = pairs(Origin.CORPUS, Origin.DEMONSTRATION) + pairs(Origin.DEMONSTRATION, rejected="")
    assert len(learned_from(mixed, Data.PAIRS)) == 2


def test_a_golden_question_without_an_answer_makes_no_empty_text_a_leak() -> None:
    golden = [{"id": "g1", "question": "Who painted the first picture in the hall?", "answer": ""}]
    own = {"id": "p1", "question": "What does it cost?", "chosen": "It costs $5.", "rejected": ""}
    assert find_leaks([own], golden) == []
    assert find_leaks([{**own, "question": golden[0]["question"]}], golden) == [("p1", "g1")]


def test_the_packaged_demonstrations_rest_on_no_document_of_a_golden_question() -> None:
    uc = bank_support()
    content = golden_content(uc)
    cited = {d for item in content["items"] for d in item["documents"]}
    demonstrations = read_demonstrations(uc)
    assert not cited & {d for one in demonstrations for d in one.documents}
    asked = {question_key(i["question"]) for i in (*content["items"], *content["unanswerable"])}
    assert not asked & {question_key(one.question) for one in demonstrations}
    assert {one.answer for one in demonstrations if not one.documents} == {packaged_prompts("en").refusal}


def test_the_spare_demonstrations_could_be_added_to_the_packaged_ones(tmp_path: Path) -> None:
    """300 more, written for the same example (`tests/support/data`): one round of twice as many helped no more on the
    dev half than two rounds of the packaged ones, so they are kept for a larger model or a longer training."""
    uc = bank_support()
    spare = (Path(__file__).parents[1] / "support/data/bank_more_demonstrations.jsonl").read_text(encoding="utf-8")
    both = use_case(tmp_path, uc.path("demonstrations.jsonl").read_text(encoding="utf-8"), spare)
    found = read_demonstrations(both)
    assert len(found) == 435
    golden, unanswerable = golden_content(uc)["items"], golden_content(uc)["unanswerable"]
    taught = [{"id": d.id, "question": d.question, "chosen": d.answer, "rejected": ""} for d in found]
    assert find_leaks(taught, [*golden, *unanswerable]) == []
    assert not {d for one in found for d in one.documents} & {d for item in golden for d in item["documents"]}


def test_the_packaged_unanswerable_questions_are_enough_and_half_held_out() -> None:
    splits = [item["split"] for item in golden_content(bank_support())["unanswerable"]]
    assert splits.count("dev") == splits.count("held_out") >= 20
