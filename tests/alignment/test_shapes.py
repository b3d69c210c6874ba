"""Shapes of preference data: each is told by its fields, read into one question with its answers, and refused with the
field that is wrong. One real file of each shared set is read whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.alignment import read_feedback
from genaiops_assets.alignment.shapes.base import Unusable
from genaiops_assets.alignment.shapes.telling import SHAPES, said_in
from genaiops_assets.assets.alignment.preference_pairs import comparable_rows
from genaiops_assets.payloads.make_pairs import human_pairs
from genaiops_assets.use_case import Origin

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
Q, A, B = "What does a lost card cost?", "It costs $5.", "Nothing."


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def bot(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


PAIR = {"chosen": [bot(A)], "rejected": [bot(B)]}
OPEN_AI = {"input": {"messages": [user(Q)]}, "preferred_output": [bot(A)], "non_preferred_output": [bot(B)]}
RATED = {
    "instruction": Q,
    "completions": [
        {"response": "So so.", "overall_score": 5.0},
        {"response": A, "overall_score": 8.5},
        {"response": B, "overall_score": 1},
    ],
}
ASPECTS = {
    "instruction": Q,
    "completions": [
        {"response": B, "annotations": {"honesty": {"Rating": "2"}, "helpfulness": {"Rating": "N/A"}}},
        {"response": A, "annotations": {"honesty": {"Rating": "4"}, "helpfulness": [{"Rating": "3"}]}},
    ],
}


def annotation(side: str, by: Any = 7, **more: Any) -> dict[str, Any]:
    result = {"value": {"selected": side}, "from_name": "pw", "to_name": "text1,text2", "type": "pairwise"}
    return {"id": 1, "completed_by": by, "result": [result], "was_cancelled": False, **more}


STUDIO = {"id": 1, "data": {"prompt": Q, "text1": B, "text2": A}, "annotations": [annotation("right")]}
STUDIO_MIN = {"id": 1, "prompt": Q, "answer1": B, "answer2": A, "pw": "right", "annotator": 7, "annotation_id": 3}
ARGILLA = {
    "id": "r1",
    "fields": {"instruction": Q, "response-1": A, "response-2": B},
    "responses": {"preference": [{"value": "response-1", "user_id": "u9"}]},
}
ARGILLA_1 = {
    "fields": {"prompt": Q, "answer_1": A, "answer_2": B},
    "responses": [
        {
            "user_id": "u9",
            "status": "submitted",
            "values": {
                "best": {"value": [{"value": "answer_2", "rank": 2}, {"value": "answer_1", "rank": 1}]},
                "why": {"value": "clear"},
            },
        },
        {"user_id": "u1", "status": "discarded", "values": {"best": {"value": "answer_2"}}},
    ],
}
HH = {"chosen": f"\n\nHuman: {Q}\n\nAssistant: {A}", "rejected": f"\n\nHuman: {Q}\n\nAssistant: {B}"}

READ = {
    "ours": ({"question": Q, "chosen": A, "rejected": B, "reviewer": "Bea"}, (Q, A, B, "Bea")),
    "TRL": ({"prompt": Q, "chosen": A, "rejected": B}, (Q, A, B, "")),
    "TRL, conversational": ({"prompt": [user(Q)], **PAIR, "annotator": "Bea"}, (Q, A, B, "Bea")),
    "TRL, implicit": ({"chosen": [user(Q), bot(A)], "rejected": [user(Q), bot(B)]}, (Q, A, B, "")),
    "prompt and conversation": (
        {"prompt": Q, "chosen": [user(Q), bot(A)], "rejected": [user(Q), bot(B)]},
        (Q, A, B, ""),
    ),
    "system turn": ({"prompt": [{"role": "system", "content": "Be brief."}, user(Q)], **PAIR}, (Q, A, B, "")),
    "text parts": ({"prompt": [user([{"type": "text", "text": Q}])], **PAIR}, (Q, A, B, "")),  # type: ignore[arg-type]
    "ShareGPT": (
        {
            "conversations": [{"from": "human", "value": Q}],
            "chosen": {"from": "gpt", "value": A},
            "rejected": {"from": "gpt", "value": B},
        },
        (Q, A, B, ""),
    ),
    "OpenAI": (OPEN_AI, (Q, A, B, "")),
    "ratings": (RATED, (Q, A, B, "")),
    "ratings by aspect": (ASPECTS, (Q, A, B, "")),
    "HH": (HH, (Q, A, B, "")),
    "Label Studio": (STUDIO, (Q, A, B, "annotator 7")),
    "Label Studio, short": (STUDIO_MIN, (Q, A, B, "annotator 7")),
    "Argilla 2": (ARGILLA, (Q, A, B, "annotator u9")),
    "Argilla 1": (ARGILLA_1, (Q, A, B, "annotator u9")),
    "thumb up": ({"question": Q, "answer": A, "thumb": "up", "reviewer": "Bea"}, (Q, A, "", "Bea")),
    "thumb down": ({"question": Q, "answer": B, "thumb": "down", "reviewer": "Bea"}, (Q, "", B, "Bea")),
    "edit": ({"question": Q, "answer": B, "edited": A, "reviewer": "Bea"}, (Q, A, B, "Bea")),
    "unpaired": ({"prompt": Q, "completion": A, "label": True}, (Q, A, "", "")),
    "unpaired, conversation": ({"messages": [user(Q), bot(B)], "label": False}, (Q, "", B, "")),
}


@pytest.mark.parametrize("name", READ)
def test_each_shape_is_told_and_read(name: str) -> None:
    row, expected = READ[name]
    assert [tuple(said)[:4] for said in said_in(row)] == [expected]


def test_every_shape_is_in_the_table() -> None:
    told = {next(s.name for s in SHAPES if s.fits(row)) for row, _ in READ.values()}
    assert told == {shape.name for shape in SHAPES}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"chosen": A, "rejected": B}, "prompt: expected text"),
    ({"prompt": " ", "chosen": A, "rejected": B}, "prompt: expected text"),
    ({"prompt": Q, "chosen": A, "rejected": 3}, "rejected: expected text"),
    ({"prompt": [user(Q)], "chosen": [bot(A)], "rejected": []}, "rejected: expected a list of messages"),
    ({"prompt": [user(Q), bot(A)], **PAIR}, "prompt: expected a conversation that ends with the user's turn"),
    ({**PAIR}, "prompt: expected a list of messages"),
    ({"chosen": [user(Q), bot(A)], "rejected": [user("Else?"), bot(B)]}, "rejected: its conversation is not that"),
    ({"prompt": [user(Q)], "chosen": [user(A)], "rejected": [bot(B)]}, "chosen: expected one turn of the assistant"),
    ({"prompt": [{"role": "tool", "content": "x"}], **PAIR}, "prompt[0]: a turn of 'tool' cannot be shown"),
    ({"prompt": ["?"], **PAIR}, "prompt[0]: expected a message"),
    ({"prompt": [user([{"type": "image_url"}])], **PAIR}, "prompt[0]: expected text as content"),  # type: ignore[arg-type]
    ({**OPEN_AI, "input": Q}, "input.messages: expected a list of messages"),
    ({**OPEN_AI, "non_preferred_output": [bot(A), bot(B)]}, "non_preferred_output: expected one turn"),
    ({k: v for k, v in OPEN_AI.items() if k != "preferred_output"}, "preferred_output: expected a list"),
    ({**RATED, "completions": RATED["completions"][:1]}, "completions: expected at least two"),  # type: ignore[index]
    ({**RATED, "completions": [{"response": A, "overall_score": 2}] * 2}, "completions: all are rated 2"),
    ({**RATED, "completions": [{"response": A}] * 2}, "completions[0]: expected overall_score"),
    ({**RATED, "completions": [{"overall_score": 2}] * 2}, "completions[0].response: expected text"),
    ({**HH, "rejected": f"\n\nHuman: Else?\n\nAssistant: {B}"}, "rejected: its conversation is not that of chosen"),
    ({**HH, "rejected": "\n\nHuman: Else?"}, "rejected: its conversation is not that"),
    ({**HH, "rejected": "Nothing."}, "rejected: expected a transcript that begins"),
    ({**HH, "rejected": f"\n\nHuman: {Q}\n\nAssistant:"}, "rejected: a turn without text"),
    ({**STUDIO, "annotations": []}, "annotations: nobody has answered"),
    ({**STUDIO, "annotations": [annotation("right", was_cancelled=True)]}, "annotations: nobody has answered"),
    ({**STUDIO, "annotations": [annotation("both")]}, "annotations[0].result: expected left or right, found 'both'"),
    ({**STUDIO, "data": {"text1": A, "text2": B}}, "data: expected the question in one of prompt"),
    ({**STUDIO, "data": {"prompt": Q, "a": A, "b": B, "c": B}}, "data: expected a question"),
    ({**STUDIO, "annotations": [{"result": [{"type": "choices"}]}]}, "annotations[0].result: expected one result"),
    ({**STUDIO_MIN, "pw": "both"}, "annotation_id: expected one field that says left or right"),
    ({**ARGILLA, "responses": {}}, "responses: nobody has said"),
    ({**ARGILLA, "responses": {"preference": [{"value": "tie", "user_id": "u"}]}}, "responses: nobody has said"),
    ({**ARGILLA, "responses": 3}, "responses: expected responses by question"),
    ({"question": Q, "answer": A, "thumb": "maybe", "reviewer": "Bea"}, "thumb: expected up or down, found 'maybe'"),
    ({"question": Q, "answer": A, "thumb": "up"}, "reviewer: expected text"),
    ({"question": Q, "answer": A, "edited": "", "reviewer": "Bea"}, "edited: expected text"),
    ({"prompt": Q, "completion": A, "label": 1}, "label: expected true or false, found 1"),
]


@pytest.mark.parametrize(("row", "reason"), REFUSED)
def test_what_a_shape_cannot_use_is_refused_with_its_field(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        said_in(row)
    assert str(caught.value).startswith(reason)


def test_earlier_turns_stand_before_the_question_with_their_speakers() -> None:
    before = [user("Do you block cards?"), bot("Yes.")]
    [said] = said_in({"prompt": [*before, user("And what does it cost?")], **PAIR})
    assert said.question == "User: Do you block cards?\n\nAssistant: Yes.\n\nUser: And what does it cost?"
    [said] = said_in({"prompt": [user("能挂失吗？"), bot("可以。"), user("要多少钱？")], **PAIR})
    assert said.question == "用户：能挂失吗？\n\n助手：可以。\n\n用户：要多少钱？"


def test_each_annotator_of_a_task_is_one_voice() -> None:
    both = {**STUDIO, "annotations": [annotation("right"), annotation("left", {"id": 8, "email": "c@example.org"})]}
    assert [(s.chosen, s.reviewer) for s in said_in(both)] == [(A, "annotator 7"), (B, "annotator c@example.org")]


def test_what_stood_first_is_known_where_the_shape_shows_it(tmp_path: Path) -> None:
    shown = {
        name: said_in(READ[name][0])[0].shown_first for name in ("Label Studio", "Label Studio, short", "Argilla 2")
    }
    assert list(shown.values()) == ["rejected", "rejected", "chosen"]
    ours = {**READ["ours"][0], "shown_first": "chosen"}
    write(tmp_path / "a.jsonl", ours, STUDIO, ARGILLA, HH)
    found = read_feedback(tmp_path)
    assert found.shown == {"first": 2, "second": 1}
    assert set(found.pairs[0]) == {"question", "chosen", "rejected", "reviewer"}
    with pytest.raises(Unusable, match="shown_first: expected chosen or rejected"):
        said_in({**ours, "shown_first": "left"})


def test_every_voice_is_kept_for_agreement_also_of_those_who_contradict(tmp_path: Path) -> None:
    ours = READ["ours"][0]
    write(tmp_path / "a.jsonl", ours, {**ours, "chosen": B, "rejected": A, "reviewer": "Cleo"})
    found = read_feedback(tmp_path)
    [votes] = found.votes.values()
    assert found.pairs == [] and votes == {"Bea": "first", "Cleo": "second"}


# --- in the folder of feedback ----------------------------------------------------------------------------------------


def write(file: Path, *rows: Any) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_all_shapes_mix_in_a_folder_and_a_file_speaks_where_nobody_is_named(tmp_path: Path) -> None:
    write(tmp_path / "bought.jsonl", HH, {"prompt": Q, "chosen": "", "rejected": B}, OPEN_AI)
    write(tmp_path / "own.jsonl", READ["ours"][0], READ["thumb down"][0])
    found = read_feedback(tmp_path)
    assert [(p["chosen"], p["rejected"], p["reviewer"]) for p in found.pairs] == [
        (A, B, "bought.jsonl, Bea"),
        ("", B, "Bea"),
    ]
    assert found.refused == [{"file": "bought.jsonl", "line": 2, "reason": "chosen: expected text"}]
    assert sorted(found.places.values()) == [["bought.jsonl:1", "bought.jsonl:3", "own.jsonl:1"], ["own.jsonl:2"]]


def test_a_thumb_against_a_thumb_is_a_contradiction(tmp_path: Path) -> None:
    thumbs = [{"question": Q, "answer": A, "thumb": t, "reviewer": r} for t, r in (("up", "Bea"), ("down", "Cleo"))]
    write(tmp_path / "a.jsonl", *thumbs)
    found = read_feedback(tmp_path)
    assert found.pairs == []
    assert [r["reason"][:33] for r in found.refused] == [
        "Bea is contradicted by Cleo at a.",
        "Cleo is contradicted by Bea at a.",
    ]


class NoPassages:
    def passages(self, questions: list[str]) -> list[list[Any]]:
        return [[] for _ in questions]


def test_thumbs_are_rows_with_one_answer_and_the_gate_counts_them(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", READ["thumb up"][0], READ["thumb down"][0], READ["ours"][0])
    rows = human_pairs(NoPassages(), read_feedback(tmp_path).pairs)  # type: ignore[arg-type]
    assert [(r["chosen"], r["rejected"], r["score_chosen"], r["score_rejected"]) for r in rows] == [
        (A, "", 1.0, 0.0),
        ("", B, 0.0, 0.0),
        (A, B, 1.0, 0.0),
    ]
    worded = {"id": "d", "origin": Origin.DEMONSTRATION.value, "chosen": A, "rejected": ""}
    empty = {"id": "e", "origin": Origin.HUMAN.value, "chosen": "", "rejected": ""}
    assert comparable_rows([*rows, worded, empty]) == {
        "rows": 5,
        "pairs": 1,
        "thumbs": 2,
        "without_a_rejected_answer": 1,
        "without_an_answer": 1,
    }


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data sets are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "read", "refused"),
    [
        ("hh_rlhf_harmless/pairs.jsonl", 99, 1),
        ("dpo_kto_demo/dpo_en_demo.jsonl", 100, 0),
        ("dpo_kto_demo/kto_en_demo.jsonl", 100, 0),
    ],
)
def test_real_files_are_read(tmp_path: Path, name: str, read: int, refused: int) -> None:
    lines = (SHARED / name).read_text(encoding="utf-8").splitlines()[:100]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = read_feedback(tmp_path)
    assert (len(found.pairs), len(found.refused)) == (read, refused), found.refused[:3]
