"""Base models and prompts tried on questions of the dev half: figures and a recommendation that a person follows or
not; a changed list runs only what changed. Payloads run here on tiny real models and the real embedder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.alignment.base_choice import base_choice_assets, pin_problem
from genaiops_assets.assets.alignment.prompt_trials import prompt_trials_assets
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.payloads import try_answers
from genaiops_assets.use_case import UseCase, UseCaseError
from genaiops_assets.use_case.load import load_use_case
from tests.support.bench import InProcess
from tests.support.lakes import publish
from tests.support.small_home import SmallHome
from tests.support.tiny_model import tiny_model

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]
GOLDEN = [
    {
        "id": "g1",
        "question": "What does late return cost?",
        "answer": "95 dollars.",
        "documents": ["fee"],
        "split": "dev",
    },
    {"id": "g2", "question": "Is opening free?", "answer": "Yes, it is.", "documents": ["open"], "split": "dev"},
    {
        "id": "g3",
        "question": "When is it blocked?",
        "answer": "In 2 hours.",
        "documents": ["lost"],
        "split": "held_out",
    },
]


class Tried:
    """One use case whose trials are run; `models` are those that were asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.small = SmallHome(folder, ("bank_support",))
        self.uc = load_use_case(folder / "bank_support")
        self.lake, self.folder, self.models = self.small.lake, folder, list[str]()
        publish(self.lake, self.uc.key("golden_set"), {"golden.json": {"items": GOLDEN}})
        monkeypatch.setattr(Platform, "launcher", lambda *_: InProcess())
        tried = try_answers.tried

        def counted(job: Any, trial: Any, *more: Any) -> Any:
            self.models.append(trial.name)
            return tried(job, trial, *more)

        monkeypatch.setattr(try_answers, "tried", counted)

    def with_candidates(self, *refs: str) -> UseCase:
        return self.uc.model_copy(update={"model": self.uc.model.model_copy(update={"candidates": list(refs)})})

    def run(self, made: list[Any], file: str) -> tuple[dict[str, Any], Any, Any]:
        """The published JSON, the event's metadata and the outcome of the check."""
        self.models.clear()

        def stands(name: str) -> Any:
            @dg.asset(key=dg.AssetKey([self.uc.name, name]))
            def nothing() -> None: ...

            return nothing

        done = dg.materialize(
            [*made, *map(stands, ("golden_set", "embeddings_index"))],
            resources={"platform": Platform(home=str(self.small.home))},
        )
        name = file.removesuffix(".json")
        [event] = done.asset_materializations_for_node(f"{self.uc.name}__{name}")
        [check] = done.get_asset_check_evaluations()
        return self.lake.current(self.uc.key(name)).json(file), event.metadata, check


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tried:
    return Tried(tmp_path, monkeypatch)


def test_without_candidates_or_variants_there_is_no_asset(tried: Tried) -> None:
    assert base_choice_assets(tried.uc) == prompt_trials_assets(tried.uc) == []


def test_a_changed_list_tries_only_what_changed(tried: Tried) -> None:
    small, large = (f"dir:{tiny_model(tried.folder / str(w), hidden=w)}" for w in (32, 128))
    base = tried.uc.model.base
    uc = tried.with_candidates(small)
    choice, metadata, _ = tried.run(base_choice_assets(uc), "base_choice.json")
    assert tried.models == [base, small] and metadata["tried_now"].value == 2
    assert choice["sample"] == {"questions": 2, "split": "dev"}
    [first, second] = choice["candidates"]
    assert first["answer_f1"]["n"] == 2 and first["architecture"] == "LlamaForCausalLM" and first["license"]
    assert second["weights_bytes"] < first["weights_bytes"] and second["parameters"] < first["parameters"]
    assert "tokens_a_second" not in json.dumps(choice), "what is hashed holds no time"
    speeds = tried.lake.current(tried.uc.key("base_choice")).summary["tables"]["candidates"]
    assert all(row["tokens_a_second"] > 0 for row in speeds)
    choice, metadata, _ = tried.run(base_choice_assets(tried.with_candidates(small, large)), "base_choice.json")
    assert tried.models == [large] and metadata["known_from_before"].value == 2
    assert len(choice["candidates"]) == 3 == len(choice["results"])
    tried.run(base_choice_assets(tried.with_candidates(large, small)), "base_choice.json")
    assert tried.models == [], "another order is no new work"


def test_what_cannot_be_a_base_is_refused_with_the_reason_and_the_others_are_tried(tried: Tried) -> None:
    pickled = tiny_model(tried.folder / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    coded = tiny_model(tried.folder / "coded")
    config = json.loads((coded / "config.json").read_text())
    (coded / "config.json").write_text(json.dumps({**config, "model_type": "own", "auto_map": {"AutoConfig": "own.C"}}))
    refs = [f"dir:{pickled}", f"dir:{coded}", "dir:nowhere"]
    choice, _, check = tried.run(base_choice_assets(tried.with_candidates(*refs)), "base_choice.json")
    refused = {c["ref"]: c["refused"] for c in choice["candidates"]}
    assert "pickles only (pytorch_model.bin)" in refused[refs[0]]
    assert "code of its own (own.py), which is never run here" in refused[refs[1]]
    assert "nowhere" in refused[refs[2]] and refused[tried.uc.model.base] == ""
    assert choice["winner"]["ref"] == tried.uc.model.base and choice["runner_up"] is None and check.passed


def test_the_check_compares_what_the_file_pins_with_what_is_recommended() -> None:
    choice = {"winner": {"ref": "dir:b", "digest": "b" * 64}, "rationale": "b answers best"}
    assert pin_problem(choice, "dir:b", "b" * 64) == pin_problem(choice, "dir:copy", "b" * 64) == ""
    assert pin_problem(choice, "dir:a", "a" * 64) == "model.base pins dir:a, recommended is dir:b: b answers best"
    assert "is not the model that was tried any more" in pin_problem(choice, "dir:b", "a" * 64)
    assert pin_problem({"winner": None, "rationale": "none: refused"}, "dir:a", "") == "none: refused"


VARIANTS = """
no example: {example: null}
two examples:
  further_examples: [{passage: "Cards cost $5.", question: "What does a card cost?", answer: "It costs $5."}]
"""


def variants(tried: Tried, text: str) -> UseCase:
    (tried.folder / "bank_support" / "variants.yaml").write_text(text, encoding="utf-8")
    evaluation = tried.uc.evaluation.model_copy(update={"prompt_variants": "variants.yaml"})
    return tried.uc.model_copy(update={"evaluation": evaluation})


def test_variants_of_the_prompts_are_compared_question_by_question(tried: Tried) -> None:
    report, _, check = tried.run(prompt_trials_assets(variants(tried, VARIANTS)), "prompt_trials.json")
    assert tried.models == ["as they are", "no example", "two examples"]
    assert [(v["name"], v["examples"]) for v in report["variants"]] == [
        ("as they are", 1),
        ("no example", 0),
        ("two examples", 2),
    ]
    assert len({v["version"] for v in report["variants"]}) == 3
    assert report["variants"][0]["effect"] is None and report["variants"][1]["effect"]["n"] == 2
    assert report["recommended"] == "as they are" and check.passed, "two questions prove nothing"
    more = VARIANTS + "short: {system: Answer briefly.}\n"
    tried.run(prompt_trials_assets(variants(tried, more)), "prompt_trials.json")
    assert tried.models == ["short"]


def test_a_mistake_in_a_variant_names_file_line_and_field(tried: Tried) -> None:
    for text, message in (("short: {sytem: a}\n", "short.sytem"), ("as they are: {system: a}\n", "another name than")):
        uc = variants(tried, text)
        with pytest.raises(UseCaseError, match=message):
            tried.run(prompt_trials_assets(uc), "prompt_trials.json")
