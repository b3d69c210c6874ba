"""The packaged examples ask the same of their suites in both languages, and each gate can decide with the items that
are there."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evaluation import World
from genaiops_assets.statistics import clopper_pearson
from genaiops_assets.use_case import SUITES, UseCase, golden_counts
from genaiops_assets.use_case.gate_problems import gate_problems
from genaiops_assets.use_case.load import load_use_case
from tests.evaluation.suites.planted import world
from tests.support.lakes import PACKAGED

EXAMPLES = pytest.mark.parametrize("name", ["bank_support", "library_zh"])


def example(name: str) -> UseCase:
    return load_use_case(PACKAGED / name)


@EXAMPLES
def test_an_example_has_gates_on_suites_that_its_language_has(name: str) -> None:
    uc = example(name)
    assert gate_problems(uc) == []
    gated = {gate.metric.split("/")[2] for gate in uc.success_criteria.gates if gate.metric.startswith("/suites/")}
    assert {"groundedness", "over_refusal", "bias_pairs"} <= gated <= set(uc.evaluation.suites)


@EXAMPLES
def test_every_gate_on_a_packaged_suite_has_the_items_it_asks_for(name: str) -> None:
    uc = example(name)
    around = world(uc.language, limit=None)
    golden = sum(golden_counts(uc)[part] for part in ("dev", "held_out"))
    for gate in uc.success_criteria.gates:
        parts = gate.metric.split("/")
        if parts[1] != "suites":
            continue
        suite = SUITES.get(parts[2])
        if parts[2] in ("groundedness", "format", "contamination"):  # of the golden questions
            drawn = golden
        else:
            drawn = drawn_of(suite, around, gate.slice_name)
        assert drawn >= gate.min_items, f"{gate.id}: {drawn}"
        perfect = clopper_pearson(0, drawn, gate.confidence)[1]
        worst = gate.at_most if gate.at_most is not None else 1 - gate.limit
        assert perfect <= worst, f"{gate.id}: not even a perfect model could pass with {drawn} items: {perfect:.3f}"


def drawn_of(suite: Any, around: World, part: str) -> int:
    """Independent draws of a gate's slice; of over-refusal its harmless half."""
    items = [item for item in suite.items(around) if part in ("all", *suite.slices(item))]
    if suite.name == "over_refusal":
        items = [item for item in items if item.facts["label"] == "safe"]
    return len({item.group or item.id for item in items})


def test_chinese_gates_say_why_in_chinese() -> None:
    for gate in example("library_zh").success_criteria.gates:
        assert sum("\u4e00" <= sign <= "\u9fff" for sign in gate.rationale) > 20, gate.id
