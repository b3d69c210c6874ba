"""Best of n: the model's own answers, drawn at random, the best against the worst by the judge; how many questions gave
a pair. A tiny model that really draws."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from genaiops_assets.alignment import PairConfig
from genaiops_assets.evaluation import OverlapJudge, overlap_score
from genaiops_assets.models import TransformersGenerator, load_model, load_tokenizer, packaged_prompts
from genaiops_assets.payloads.make_pairs import Maker, corpus_pairs
from tests.support.lakes import bank_support
from tests.support.tiny_model import tiny_model

DOCUMENTS = [
    {"id": f"d{n}", "title": f"Cards {n}", "text": f"A blue card of kind {n} costs exactly {n + 3} dollars each year."}
    for n in range(6)
]


class Kept:
    """A job that keeps what it is given, as the real one does in scratch."""

    seed = 17

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}

    def kept(self, name: str) -> Any:
        return self.held.get(name)

    def keep(self, name: str, value: Any) -> None:
        self.held[name] = value

    def progress(self, *_: Any) -> None:
        pass


def maker(folder: Path, best_of: int) -> Maker:
    made = Maker.__new__(Maker)
    made.job, made.counts, made.prompts, made.judge = Kept(), Counter(), packaged_prompts("en"), OverlapJudge()  # type: ignore[assignment]
    made.config = PairConfig(
        count=6, min_margin=0.0, max_new_tokens=8, passages=1, language="en", dtype="float32", load_in_4bit=False,
        best_of=best_of,
    )  # fmt: skip
    made.generator = TransformersGenerator(load_model(folder), load_tokenizer(folder))
    made.retriever = SimpleNamespace(
        find=lambda questions, k: [[SimpleNamespace(quoted=DOCUMENTS[0]["text"])] for _ in questions]
    )
    return made


def test_pairs_are_the_best_and_the_worst_of_what_the_model_draws(tmp_path: Path) -> None:
    drawing = maker(tiny_model(tmp_path / "m"), best_of=24)
    rows = corpus_pairs(drawing, DOCUMENTS)
    drawn = drawing.job.kept("grounded, 24 each")
    assert [len(each) for each in drawn["answers"]] == [24] * 6
    own = dict(zip(drawn["questions"], drawn["answers"], strict=True))
    assert rows
    for row in rows:
        answers = own[row["question"]]
        assert row["chosen"] in answers and row["rejected"] in answers
        fact = next(d["text"] for d in DOCUMENTS if d["id"] == row["doc_id"])
        scores = [overlap_score(a, row["passages"], fact) for a in answers]
        assert abs(row["score_chosen"] - max(scores)) < 1e-6 and abs(row["score_rejected"] - min(scores)) < 1e-6
    assert drawing.acceptance() == {"best_of": 24, "sampled_questions": 6, "acceptance_rate": len(rows) / 6}


def test_one_answer_each_is_what_was_done_before(tmp_path: Path) -> None:
    plain = maker(tiny_model(tmp_path / "m"), best_of=1)
    rows = corpus_pairs(plain, DOCUMENTS)
    assert rows and all(row["chosen"] == next(d["text"] for d in DOCUMENTS if d["id"] == row["doc_id"]) for row in rows)
    assert plain.acceptance() == {}
    assert "best_of" not in bank_support().alignment.pairs.model_dump()
