"""Tasks of lm-evaluation-harness as suites, by name: read by our own model with intervals and gates; what cannot be read
is refused by name with the reason. Those that need the extra `lm-eval` are left out where it is not installed."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Unusable
from genaiops_assets.evaluation import is_reading
from genaiops_assets.evaluation.suites.harness_task import HarnessTask, own_configuration
from genaiops_assets.use_case import SUITES
from genaiops_assets.use_case.gate_problems import gate_problems
from tests.evaluation.suites.planted import decided, section, world
from tests.use_case.test_suite_gates import use_case

INSTALLED = find_spec("lm_eval") is not None
needs_harness = pytest.mark.skipif(not INSTALLED, reason="the extra lm-eval is not installed")
NAME = "lm_eval_genaiops_colours"
TASK = """task: genaiops_colours
dataset_path: json
dataset_kwargs: {data_files: {test: colours.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: "{{choices}}"
doc_to_target: label
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
metadata: {version: 1.0}
"""


def written(folder: Path, text: str = TASK) -> Path:
    rows = [{"question": f"Thing {n}?", "choices": ["red", "dark green"], "label": n % 2} for n in range(30)]
    (folder / "colours.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "colours.yaml").write_text(text, encoding="utf-8")
    return folder / "colours.yaml"


def test_a_task_is_a_suite_by_its_name_and_a_gate_on_it_loads_without_the_harness() -> None:
    suite = SUITES.get(NAME)
    assert isinstance(suite, HarnessTask) and suite.name == NAME and is_reading(suite)
    uc = use_case(f"/suites/{NAME}/cells/tuned/acc/all", suites=[NAME])
    assert gate_problems(uc) == []
    wrong = use_case(f"/suites/{NAME}/cells/tuned_with/acc/all", suites=[NAME])
    assert [problem.field for problem in gate_problems(wrong)] == ["success_criteria.gates.0.metric"]


@pytest.mark.skipif(INSTALLED, reason="the extra lm-eval is installed")
def test_without_the_harness_the_suite_says_what_to_install() -> None:
    with pytest.raises(Unusable, match=r"pip install 'genaiops-assets\[lm-eval\]'"):
        _ = SUITES.get(NAME).version


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TASK + "process_docs: !function utils.run\n", "without code in it"),
        (TASK.replace("task: genaiops_colours\n", ""), "task: expected text"),
        (TASK.replace("genaiops_colours", "another"), "is not what the suite lm_eval_genaiops_colours is called by"),
        ("- a list", "task: expected text"),
    ],
)
def test_a_file_that_is_no_plain_task_is_refused_by_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        own_configuration(written(tmp_path, text), "genaiops_colours")


@needs_harness
def test_an_own_task_is_read_item_by_item_and_scored_as_the_harness_does(tmp_path: Path) -> None:
    suite = SUITES.get(NAME)
    around = world(own_items={NAME: written(tmp_path)})
    items = list(suite.items(around))
    assert len(items) == 30 and suite.version == "1.own"
    read = suite.reads(items[0], around)
    assert (read.before, read.ways) == ("Question: Thing 0?\nAnswer:", (" red", " dark green"))
    knows: list[Any] = [[-1.0, -9.0] if n % 2 == 0 else [-9.0, -1.0] for n in range(30)]
    found = section(suite, items, knows, around)
    assert found["acc"]["all"]["mean"] == 1.0 and decided(found["acc"], at_least=0.8) == "go"
    short = [[-4.0, -5.0]] * 30  # likelier as it stands, not by its length
    found = section(suite, items, short, around)
    assert found["acc"]["all"]["mean"] == 0.5 == found["acc_norm"]["all"]["mean"]
    scores = suite.score_read(items[1], "tuned", [-4.0, -5.0], around)
    assert scores == {"acc": 0.0, "acc_norm": 1.0}
    assert len(suite.items(world(own_items={NAME: written(tmp_path)}, limit=4))) == 4


@needs_harness
def test_what_generates_or_has_no_data_here_is_refused_by_name(tmp_path: Path) -> None:
    generating = TASK.replace("multiple_choice", "generate_until").replace('doc_to_choice: "{{choices}}"\n', "")
    generating = generating.split("metric_list")[0] + "metric_list:\n  - {metric: exact_match}\n"
    with pytest.raises(Unusable, match=r"of kind generate_until.*evaluation.imported"):
        SUITES.get(NAME).own(written(tmp_path, generating))
    with pytest.raises(Unusable, match="never_heard_of cannot be read on this machine"):
        SUITES.get("lm_eval_never_heard_of").items(world())


@needs_harness
def test_a_task_of_the_harness_has_a_version_of_what_it_states_and_needs_its_data() -> None:
    suite = SUITES.get("lm_eval_arc_easy")
    assert len(suite.version.split(".")[-1]) == 8
    with pytest.raises(Unusable, match="arc_easy cannot be read on this machine"):
        suite.items(world())
