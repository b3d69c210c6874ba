"""Judges are measured on pairs that people labelled before they may label: records, refusals, the judges themselves (an
OpenAI-compatible one on a real local server), and the gate on the pairs. English and Chinese."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from genaiops_assets.alignment import judge_record, labelled_pairs, open_judge, read_feedback, why_not
from genaiops_assets.alignment.judging import LabelledError
from genaiops_assets.alignment.label_judges import EndpointJudge, LikelihoodJudge, NearnessJudge
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import OverlapJudge, ranked
from genaiops_assets.models import TransformersGenerator, load_model, load_tokenizer, packaged_prompts
from genaiops_assets.use_case import Judging
from tests.retrieval.indexes import Words
from tests.support.lakes import bank_support
from tests.support.tiny_model import tiny_model

PASSAGE = {"en": "A lost card costs 5 dollars.", "zh": "补办一张卡收费五元。"}
PAIRS = {
    "en": {"question": "What does a lost card cost?", "chosen": "It costs 5 dollars.", "rejected": "Nothing at all."},
    "zh": {"question": "补办卡要多少钱？", "chosen": "收费五元。", "rejected": "我不知道。"},
}


def many(language: str, count: int = 40, turned: int = 0) -> list[dict[str, str]]:
    pair = PAIRS[language]
    other = {**pair, "chosen": pair["rejected"], "rejected": pair["chosen"]}
    return [{**(other if n < turned else pair), "question": f"{pair['question']} {n}"} for n in range(count)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_judge_that_prefers_what_people_prefer_may_label(language: str) -> None:
    record = judge_record(OverlapJudge(), many(language), [[PASSAGE[language]]] * 40)
    assert (record["right"], record["wrong"], record["tied"], record["abstained"]) == (40, 0, 0, 0)
    assert list(record["by_language"]) == [language] and record["agreement"]["alpha"] in (1.0, None)
    assert why_not(record, Judging()) == ""


def test_one_that_does_not_is_refused_with_its_figures() -> None:
    record = judge_record(OverlapJudge(), many("en", turned=16), [[PASSAGE["en"]]] * 40)
    assert record["accuracy"]["mean"] == 0.6
    refused = why_not(record, Judging())
    assert "prefers what people prefer in 0.600 of 40 pairs (95 % from 0." in refused and "asks for 0.6" in refused
    assert why_not(record, Judging(at_least=0.4)) == ""


def test_a_tie_and_an_abstention_tell_no_label() -> None:
    same = [{**pair, "rejected": pair["chosen"] + "!"} for pair in many("en", 20)]
    record = judge_record(OverlapJudge(), [*same, *many("en", 20)], [[PASSAGE["en"]]] * 20 + [[]] * 20)
    assert (record["tied"], record["abstained"], record["accuracy"]["mean"]) == (20, 20, 0.0)


def test_no_record_another_judge_and_too_few_pairs_are_refused() -> None:
    record = judge_record(OverlapJudge(), many("en", 29), [[PASSAGE["en"]]] * 29)
    assert why_not(None, Judging()).endswith("has no record: materialize judge_record")
    assert "is of the judge overlap, not of nearness" in why_not(record, Judging(judge="nearness"))
    assert "measured on 29 labelled pairs, 30 are needed" in why_not(record, Judging())
    assert why_not(record, Judging(least_pairs=29)) == ""


def test_an_answer_the_judge_abstains_from_is_no_candidate() -> None:
    class Shy(OverlapJudge):
        def score(self, question: str, answer: str, **how: Any) -> float | None:
            return None if "Nothing" in answer else super().score(question, answer, **how)

    answers = ["Nothing at all.", "It costs 5 dollars.", "Perhaps 9 euros."]
    best, worst = ranked(Shy(), "?", answers, [PASSAGE["en"]], None)
    assert (best[0], worst[0]) == ("It costs 5 dollars.", "Perhaps 9 euros.")
    assert ranked(Shy(), "?", answers[:1], [PASSAGE["en"]], None) == (("", 0.0), ("", 0.0))


# --- labelled pairs ---------------------------------------------------------------------------------------------------


def test_labelled_pairs_come_from_the_file_and_from_feedback_each_once(tmp_path: Path) -> None:
    own = {"question": "Q?", "chosen": "a", "rejected": "b", "reviewer": "Bea"}
    trl = {"prompt": "P?", "chosen": "c", "rejected": "d"}
    (tmp_path / "labelled.jsonl").write_text("\n".join(map(json.dumps, [own, trl])))
    (tmp_path / "feedback").mkdir()
    thumb = {"question": "T?", "answer": "x", "thumb": "up", "reviewer": "Bea"}
    (tmp_path / "feedback" / "a.jsonl").write_text("\n".join(map(json.dumps, [own, thumb])))
    uc = bank_support(folder=tmp_path)
    stated = uc.alignment.model_copy(update={"judging": Judging(labelled="labelled.jsonl")})
    uc = uc.model_copy(update={"alignment": stated})
    found = labelled_pairs(uc, read_feedback(tmp_path / "feedback"))
    assert sorted(p["question"] for p in found) == ["P?", "Q?"]
    (tmp_path / "labelled.jsonl").write_text(json.dumps({**trl, "rejected": ""}))
    with pytest.raises(LabelledError, match=r"labelled.jsonl:1: rejected: expected text"):
        labelled_pairs(uc, read_feedback(tmp_path / "feedback"))


def test_the_section_stays_out_of_files_that_do_not_state_it_and_is_checked_where_they_do() -> None:
    assert "judging" not in bank_support().alignment.model_dump(mode="json")
    with pytest.raises(ValidationError, match="url and model belong to judge: endpoint"):
        Judging(judge="endpoint")
    with pytest.raises(ValidationError, match="url and model belong to judge: endpoint"):
        Judging(url="http://x", model="m")


# --- the judges -------------------------------------------------------------------------------------------------------


def opened(settings: Judging, **given: Any) -> Any:
    def unwanted() -> Any:
        raise AssertionError("this judge needs no such model")

    how = {"embedder": unwanted, "generator": unwanted, **given}
    return open_judge(settings, language="en", prompts=packaged_prompts("en"), **how)


def test_each_judge_is_opened_with_what_it_needs_and_nothing_else() -> None:
    assert isinstance(opened(Judging()), OverlapJudge)
    near = opened(Judging(judge="nearness"), embedder=Words)
    assert isinstance(near, NearnessJudge)
    on, off = (near.score("What does a lost card cost?", a) for a in ("A lost card: what it does cost.", "Trees grow."))
    assert 0 <= off < on <= 1 and near.score("Q?", " ") == 0


def test_likelihood_is_a_probability_and_counts_the_answer_alone(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "m")
    speaker = TransformersGenerator(load_model(folder), load_tokenizer(folder))
    judge = opened(Judging(judge="likelihood"), generator=lambda: speaker)
    assert isinstance(judge, LikelihoodJudge)
    scores = [judge.score("What does it cost?", a, passages=[PASSAGE["en"]]) for a in ("It costs $5.", "zzz qqq")]
    assert all(s is not None and 0 < s < 1 for s in scores) and scores[0] != scores[1]
    assert np.isclose(scores[0], judge.score("What does it cost?", "It costs $5.", passages=[PASSAGE["en"]]))


class Marks(BaseHTTPRequestHandler):
    """Marks answers by whether they name five; busy at first, and confused by one word."""

    asked: list[dict[str, Any]]
    busy: int

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        cls = type(self)
        if cls.busy:
            cls.busy -= 1
            self.send_response(503)
            self.end_headers()
            return
        cls.asked.append(body)
        text = body["messages"][0]["content"]
        said = "I cannot say." if "confusing" in text else "9" if "5" in text else "1.5"
        reply = json.dumps({"choices": [{"message": {"content": said}}]}).encode()
        self.send_response(200 if body["model"] != "unknown" else 404)
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Marks.asked, Marks.busy = [], 0
    httpd = HTTPServer(("127.0.0.1", 0), Marks)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/v1"
    httpd.shutdown()
    httpd.server_close()


def test_a_server_marks_answers_is_waited_for_and_may_abstain(server: str) -> None:
    waits: list[float] = []
    settings = Judging(judge="endpoint", url=server, model="marker")
    judge = EndpointJudge(settings, "zh", wait=waits.append)
    Marks.busy = 2
    assert judge.score("多少钱？", "5元。", passages=["资料"]) == 0.9
    assert waits == [1.0, 2.0] and judge.version == "1 marker"
    assert judge.score("多少钱？", "不知道。") == 0.15
    assert judge.score("confusing?", "5") is None
    assert Marks.asked[0]["temperature"] == 0 and "资料" in Marks.asked[0]["messages"][0]["content"]


def test_a_server_that_refuses_is_an_error_that_names_it(server: str) -> None:
    judge = EndpointJudge(Judging(judge="endpoint", url=server, model="unknown"), "en", wait=lambda _: None)
    with pytest.raises(PayloadError, match=r"judging by unknown at http://127.0.0.1.*: 404"):
        judge.score("Q?", "5")
    Marks.busy = 99
    with pytest.raises(PayloadError, match="503 Service Unavailable; asked 6 times"):
        judge.score("Q?", "5")
