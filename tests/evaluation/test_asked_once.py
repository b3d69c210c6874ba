"""A prompt is asked of a model once, whatever cells and suites it stands in; another engine's answers are others."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from genaiops_assets.evaluation import EvaluationInputs, EvaluationSettings, Item, World, answers_key
from genaiops_assets.lake import Lake
from genaiops_assets.models import messages, packaged_prompts
from genaiops_assets.payloads.speaking import Answering
from genaiops_assets.use_case.evaluation import Evaluation
from tests.support.bench import GATE, Bench
from tests.support.tiny_model import tiny_model

SETTINGS: dict[str, Any] = {
    "max_new_tokens": 6, "batch_size": 4, "resamples": 200, "confidence": 0.95, "top_k": 1, "language": "en",
    "dtype": "float32", "load_in_4bit": False, "prompts": "1",
}  # fmt: skip


class Asking:
    version, keeps_answers, about = "1", True, None

    def __init__(self, name: str, questions: list[str]):
        self.name, self.questions = name, questions
        self.speakers = {"base": "base", "base_again": "base"}

    def items(self, world: World) -> list[Item]:
        return [Item(f"i{n}", question) for n, question in enumerate(self.questions)]

    def prompt(self, item: Item, cell: str, world: World) -> Any:
        return messages(item.question, [], "en")


def answering(tmp_path: Path) -> Answering:
    (tmp_path / "home").mkdir(exist_ok=True)
    job: Any = SimpleNamespace(
        cache=tmp_path / "cache",
        lake=lambda: Lake(tmp_path / "home"),
        kept=lambda key: None,
        keep=lambda key, value: None,
        progress=lambda *numbers: None,
        seed=7,
    )
    base = {"path": str(tiny_model(tmp_path / "model")), "digest": "d" * 64}
    inputs = EvaluationInputs(model_version="mv-1", base=base, adapter=None, golden=[], index={}, embedder={})
    return Answering(job, inputs, EvaluationSettings(**SETTINGS))


def test_a_prompt_is_asked_once_across_items_cells_and_suites(tmp_path: Path) -> None:
    world = World(search=lambda questions, depth: [], top_k=1, language="en", prompts=packaged_prompts("en"))
    ours = answering(tmp_path)
    first = Asking("first", ["What?", "Who?", "What?", "Why?"])
    said = ours.answers(first, first.items(world), world)  # type: ignore[arg-type]
    assert said["base"][0] == said["base"][2] and said["base_again"] == said["base"]
    assert ours.asked_once == 1 + 4  # one twice in a cell, then the whole second cell
    read = ours.models["base"].prompt_tokens
    second = Asking("second", ["Why?", "When?"])
    more = ours.answers(second, second.items(world), world)  # type: ignore[arg-type]
    assert more["base"][0] == said["base"][3] and ours.asked_once == 5 + 1 + 2
    assert 0 < ours.models["base"].prompt_tokens - read < read / 2  # only the new question was read


def test_answers_of_another_engine_or_another_batch_are_not_taken_for_the_same() -> None:
    asked: dict[str, Any] = {"base": "b", "adapter": "", "prompts": [[]], "ids": ["a"]}
    plain = answers_key(settings=EvaluationSettings(**SETTINGS), **asked)
    assert answers_key(settings=EvaluationSettings(**SETTINGS, engine="transformers"), taken=(), **asked) == plain
    others = {
        answers_key(settings=EvaluationSettings(**SETTINGS, engine="openvino"), **asked),
        answers_key(settings=EvaluationSettings(**SETTINGS, engine="openvino_bfloat16"), **asked),
        answers_key(settings=EvaluationSettings(**SETTINGS), taken=["a"], **asked),
    }
    assert len(others) == 3 and plain not in others


def test_a_use_case_that_names_no_engine_reads_as_before() -> None:
    assert "engine" not in Evaluation().model_dump()
    assert Evaluation(engine="openvino").model_dump()["engine"] == "openvino"


@pytest.mark.model
@pytest.mark.skipif(find_spec("openvino_genai") is None, reason="the extra openvino is not installed")
def test_the_engine_a_use_case_names_stands_in_plan_report_and_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, monkeypatch)
    bench.run("judge")
    before = bench.current("eval_report").json("eval_report.json")
    assert "engine" not in before["generation"]
    assert "engine" not in bench.current("evaluation_plan").json("evaluation_plan.json")["settings"]
    bench.uc = bench.use_case(GATE, engine="openvino")
    bench.run("judge")
    after = bench.current("eval_report").json("eval_report.json")
    assert after["generation"]["engine"] == "openvino"
    assert bench.current("evaluation_plan").json("evaluation_plan.json")["settings"]["engine"] == "openvino"
    assert not set(before["answers"]["keys"].values()) & set(after["answers"]["keys"].values())
    assert after["cells"]["base_with"] == before["cells"]["base_with"]  # float32: the same words
    loss = after["engine_loss"]
    assert loss["identical"]["mean"] == 1.0 and loss["answer_f1"]["mean"] == 0.0 and loss["differing"] == []
    assert loss["engine"] == "openvino" and "engine_loss" not in before
