"""Gates that could never decide, found when the use case file loads instead of after a training.

Belongs here: what is wrong with section `evaluation` and the gates, field by field. Does not belong here: which names
there are (`measures.py`), turning a problem into a line of the file (`load.py`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from genaiops_assets.plugins import PluginError, Registry
from genaiops_assets.use_case.evaluation import Criterion
from genaiops_assets.use_case.judge_problems import judge_problems
from genaiops_assets.use_case.measures import (
    ALL,
    FIRST_SUITES,
    JUDGES,
    SPLITS,
    SUITES,
    nearest,
    pointer_problem,
    suite_offer,
)
from genaiops_assets.use_case.red_team import red_team_pointer_problem
from genaiops_assets.use_case.schema import UseCase

GOLDEN_SUITES = ("contamination", "format")  # whose items are the golden questions


class GateProblem(NamedTuple):
    """What is wrong with one field, and the way out."""

    field: str
    message: str
    hint: str = ""


def gate_problems(uc: UseCase) -> list[GateProblem]:
    """Suites and judges nobody offers, metrics no report can have, and more items asked for than there are."""
    evaluation = uc.evaluation
    found = [*_unknown("suites", evaluation.suites, SUITES), *_unknown("judges", evaluation.judges, JUDGES)]
    found += suite_problems(uc)
    offered = {name: offer for name in evaluation.suites if (offer := suite_offer(name))}
    counts = golden_counts(uc)
    if ("refusal" in evaluation.suites) != bool(evaluation.unanswerable):
        message = "the suite refusal and the file evaluation.unanswerable need each other"
        found.append(GateProblem("evaluation.unanswerable", message, "state both, or neither"))
    if evaluation.contracts and "format" not in evaluation.suites:
        message = "contracts are checked by the suite format, which does not run"
        found.append(GateProblem("evaluation.contracts", message, "add format to evaluation.suites"))
    found += [GateProblem(*problem) for problem in judge_problems(uc)]
    for place, stated in enumerate(uc.success_criteria.gates):
        for gate in stated.on_each_slice():
            field = "metric" if gate.metric == stated.metric else "slices"
            wrong = (
                _red_team_problem(uc, gate)
                if gate.asset == "red_team_report"
                else pointer_problem(
                    gate.metric,
                    tuned=uc.alignment.method != "none",
                    retrieval_sets=[s.name for s in evaluation.retrieval_sets],
                    suites=[*evaluation.suites, *(results.name for results in evaluation.imported)],
                    offered=offered,
                    judges=evaluation.judges,
                )
            )
            if wrong:
                found.append(GateProblem(f"success_criteria.gates.{place}.{field}", *wrong))
            elif uc.risk != "demo" and (there := items_of(uc, gate, counts)) is not None and there < gate.min_items:
                message = (
                    f"{gate.min_items} items are asked for, but {gate.metric} has {there}: this gate could never decide"
                )
                hint = "write more questions, or ask for fewer; risk: demo may stay undecided"
                found.append(GateProblem(f"success_criteria.gates.{place}.min_items", message, hint))
    return found


def suite_problems(uc: UseCase) -> Iterator[GateProblem]:
    """Suites without items in the language of the use case, and own items that no suite takes."""
    evaluation = uc.evaluation
    for place, name in enumerate(evaluation.suites):
        offer = suite_offer(name)
        if offer and offer.languages and uc.language not in offer.languages:
            message = f"the suite '{name}' has items in {', '.join(offer.languages)}, none in {uc.language}"
            yield GateProblem(f"evaluation.suites.{place}", message, "leave it out")
    for name in evaluation.suite_items:
        offer = suite_offer(name)
        if name not in evaluation.suites:
            message, hint = f"the suite '{name}' does not run here", "name it in evaluation.suites too"
            yield GateProblem(f"evaluation.suite_items.{name}", message, hint)
        elif offer and not offer.takes_own:
            message = f"the suite '{name}' takes no items of a use case"
            yield GateProblem(f"evaluation.suite_items.{name}", message, "leave it out")


def _red_team_problem(uc: UseCase, gate: Criterion) -> tuple[str, str] | None:
    if uc.red_team is None:
        return "a gate on red_team_report needs the section red_team", "write red_team: {budget: 60}"
    return red_team_pointer_problem(gate.metric)


def items_of(uc: UseCase, gate: Criterion, golden: Mapping[str, int]) -> int | None:
    """How many items a gate's metric can have at most; None where that is known only after it was measured. `golden`:
    questions by split and for "all"."""
    parts = gate.metric.split("/")[1:]
    if gate.asset == "red_team_report":
        return uc.red_team.budget if uc.red_team and parts[0] != "regressions" else None
    if parts[0] in ("cells", "effects"):
        return golden.get(parts[-1], 0)
    if parts[0] == "suites" and parts[1] in GOLDEN_SUITES:
        return golden.get(parts[-1], 0)
    if parts[0] == "retrieval" and parts[1] == "golden":
        return golden.get(ALL, 0)
    if parts[0] == "retrieval":
        return next((s.limit for s in uc.evaluation.retrieval_sets if s.name == parts[1]), None)
    if parts[0] == "suites" and (offer := suite_offer(parts[1])) and offer.answers_of == "golden":
        return golden.get(parts[-1], 0)
    return None


def golden_counts(uc: UseCase) -> dict[str, int]:
    """Golden questions in the file by split and for "all"; `evaluation.limit_per_split` aside. What is wrong with a
    line is said when the golden set is made."""
    splits: Counter[str] = Counter()
    try:
        lines = uc.path(uc.evaluation.golden).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        return {}
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and row.get("split") in SPLITS:
            splits[row["split"]] += 1
    return {**splits, ALL: sum(splits.values())}


def _unknown(field: str, names: list[str], registry: Registry) -> Iterator[GateProblem]:
    for place, name in enumerate(names):
        if name in FIRST_SUITES and field == "suites":
            yield GateProblem(f"evaluation.{field}.{place}", f"'{name}' always runs", "leave it out")
            continue
        try:
            offered = registry.names()
        except PluginError as error:
            yield GateProblem(f"evaluation.{field}.{place}", str(error))
            continue
        if name not in offered and not registry.family(name):
            hint = nearest(name, [n for n in offered if field == "judges" or n not in FIRST_SUITES])
            yield GateProblem(f"evaluation.{field}.{place}", f"nothing installed offers '{name}'", hint)
