"""The payload `measure_losses` on a tiny model: a tuned model that repeats itself, one that refuses everything and one
that copies its training text are each caught, and by the figure that is about it; the same job leaves the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from genaiops_assets.alignment import PAIRS, pair_row
from genaiops_assets.compute import Job
from genaiops_assets.evaluation import AnsweredTwice, LossInputs, LossSettings
from genaiops_assets.lake import Lake, digest_of_folder, write_rows
from genaiops_assets.models import REFUSAL, NotFinite
from genaiops_assets.use_case import Origin
from tests.support.tiny_model import small_update, tiny_model

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]
ITEMS = 40
TAUGHT = {
    "en": "The deposit for a rented canoe is forty dollars and is paid back at once.",
    "zh": "租用皮划艇的押金为四十元，归还当天即可全额退还。",
}
PASSAGES = pa.schema([(name, pa.string()) for name in ("id", "doc_id", "title", "heading", "text")])


def sound(language: str, n: int) -> str:
    return (
        f"Fee number {n} comes to {n + 3} dollars a year."
        if language == "en"
        else f"第{n}项费用每年是{n + 3}元，从一月一日起计算。"
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_update(base, tmp_path_factory.mktemp("tuned") / "adapter", size=1e-3)


def measured(
    base: Path, adapter: Path, folder: Path, says: Callable[[int], str], language: str = "en", shown: str = "A fee."
) -> dict[str, Any]:
    """The report; `says(n)` is what the tuned model answered to question n, the base model answers soundly."""
    from genaiops_assets.payloads import measure_losses

    lake, texts = Lake(folder / "home"), TAUGHT[language]
    pairs = [pair_row(Origin.HUMAN, "", "What is the deposit?", ["A canoe."], (texts, 1.0), ("", 0.0), "Bea")]
    passages = [{"id": "p1", "doc_id": "d", "title": "Fees", "heading": "", "text": shown}]
    tables = {}
    for name, schema, rows in (("pairs", PAIRS, pairs), ("index", PASSAGES, passages)):
        write_rows(folder / f"{name}.parquet", schema, rows)
        tables[name] = lake.tables.sync(f"shop/{name}", folder / f"{name}.parquet").snapshot.to_dict()
    answers = [
        AnsweredTwice(
            suite="golden",
            item=f"q{n}",
            question=f"What is fee {n}?",
            passages=("p1",),
            base=sound(language, n),
            tuned=says(n),
        )
        for n in range(ITEMS)
    ]
    inputs = LossInputs(
        model_version="mv-000000000001",
        base={"path": str(base), "digest": digest_of_folder(base)},
        adapter=str(adapter),
        answers=answers,
        **tables,
    )
    settings = LossSettings(
        language=language,  # type: ignore[arg-type]
        max_new_tokens=300,
        confidence=0.95,
        resamples=500,
        dtype="float32",
        load_in_4bit=False,
    )
    out, scratch = folder / "out", folder / "scratch"
    out.mkdir()
    scratch.mkdir()
    job = Job(
        "measure_losses", str(lake.home), str(lake.home), str(out), str(scratch), 1, 7,
        inputs.model_dump(mode="json"), settings.model_dump(mode="json"),
    )  # fmt: skip
    measure_losses.work(job)
    return json.loads((out / "tuning_losses.json").read_text())


def lost(report: dict[str, Any]) -> set[str]:
    return {name for name, figure in report["figures"].items() if figure["verdict"] == "lost"}


def test_a_small_update_that_answers_alike_loses_nothing(base: Path, adapter: Path, tmp_path: Path) -> None:
    report = measured(base, adapter, tmp_path, lambda n: sound("en", n))
    assert lost(report) == set()
    figures = report["figures"]
    assert list(figures) == [
        "answered", "bits_per_byte_en", "bits_per_byte_zh", "capability_en", "capability_zh", "format_kept", "length",
        "recall", "repetition",
    ]  # fmt: skip
    counted = {name: figure["difference"]["n"] for name, figure in figures.items()}
    assert (counted["bits_per_byte_en"], counted["capability_en"], counted["capability_zh"]) == (12, 40, 20)
    assert counted["recall"] == counted["answered"] == ITEMS
    assert 0 < abs(figures["bits_per_byte_en"]["difference"]["mean"]) < 0.01  # the tuned model was really read
    assert figures["bits_per_byte_en"]["verdict"] == "within"
    assert (tmp_path / "out/views/what tuning lost.png").stat().st_size > 5000
    assert TAUGHT["en"] not in json.dumps(report), "a report holds no text"


def test_one_that_repeats_itself_is_caught(base: Path, adapter: Path, tmp_path: Path) -> None:
    report = measured(base, adapter, tmp_path, lambda n: "The fee is the fee is the fee is the fee is the fee is")
    assert lost(report) >= {"repetition", "format_kept"} and "recall" not in lost(report)
    assert report["broken_form"]["tuned"] == {"does not end as a sentence": ITEMS} and not report["broken_form"]["base"]


def test_one_that_refuses_everything_is_caught(base: Path, adapter: Path, tmp_path: Path) -> None:
    assert lost(measured(base, adapter, tmp_path, lambda n: REFUSAL["en"])) == {"answered"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_that_copies_training_text_is_caught(base: Path, adapter: Path, tmp_path: Path, language: str) -> None:
    report = measured(base, adapter, tmp_path, lambda n: TAUGHT[language], language)
    assert lost(report) == {"recall"}
    assert report["figures"]["recall"]["tuned"]["mean"] == 1 and report["figures"]["recall"]["base"]["mean"] == 0


def test_what_stood_in_the_passage_is_no_copy(base: Path, adapter: Path, tmp_path: Path) -> None:
    report = measured(base, adapter, tmp_path, lambda n: TAUGHT["en"], shown=TAUGHT["en"])
    assert report["figures"]["recall"]["tuned"]["mean"] == 0


def test_the_same_job_leaves_the_same_bytes(base: Path, adapter: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        measured(base, adapter, tmp_path / name, lambda n: sound("zh", n), "zh")
    one, two = ((tmp_path / name / "out/tuning_losses.json").read_bytes() for name in ("one", "two"))
    assert one == two
    assert json.loads(one)["language"] == "zh"


def test_a_model_without_finite_likelihoods_is_refused(base: Path, tmp_path: Path) -> None:
    broken = small_update(base, tmp_path / "adapter", size=float("inf"))
    with pytest.raises(NotFinite, match="tuned model, text en/news: the model gives a likelihood that is no finite"):
        measured(base, broken, tmp_path, lambda n: sound("en", n))
