"""Mistakes in the fields of a use case file, and gates that could never decide: each names its file, line, field and a
way out.

Belongs here: files with one change against the starter. Does not belong here: presets and broken YAML
(`test_file.py`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.yaml_file import UseCaseProblem
from tests.use_case.mistakes import Edit, line_of, only_problem, problems_of

# --- mistakes in the fields


@pytest.mark.parametrize(
    ("old", "new", "field", "said", "hint"),
    [
        ("  top_k: 3 ", "  topk: 3 ", "knowledge.topk", "unknown field", "did you mean 'top_k'?"),
        ("language: en", "langage: en", "langage", "unknown field", "did you mean 'language'?"),
        (
            "    min_margin: 0.1",
            "    margin: 0.1",
            "alignment.pairs.margin",
            "unknown field",
            "did you mean 'min_margin'?",
        ),
        ("    personal_data: none", "    qqq: none", "sources.0.qqq", "unknown field", "known here: rights_basis"),
        ("language: en", "folder: elsewhere", "folder", "unknown field", "leave it out"),
        ("language: en", "preset: smoke", "preset", "unknown field", "leave it out"),
        ("  steps: 24", "  steps: many", "alignment.steps", "expected a whole number, found 'many'", ""),
        ("  steps: 24", "  steps: 2.5", "alignment.steps", "expected a whole number, found 2.5", ""),
        ("  max_length: 512", "  max_length: 0", "alignment.max_length", "greater than 0, found 0", ""),
        ("  beta: 0.1", "  beta: [1]", "alignment.beta", "expected a number, found a list", ""),
        ("  load_in_4bit: false", "  load_in_4bit: maybe", "model.load_in_4bit", "expected true or false", "NF4"),
        ("title: My assistant", "title: 2026", "title", "expected text, found 2026", "quotes"),
        ("title: My assistant", "title:", "title", "expected text, found nothing", ""),
        ("  builders: [", "  builders: #[", "people.builders", "expected a list", ""),
        ("corpus:\n  recipe: recipe.yaml", "corpus: recipe.yaml\nx:\n  y:", "corpus", "expected a mapping", ""),
        ("language: en", "language: zn", "language", "expected 'en' or 'zh', found 'zn'", "did you mean"),
        ("risk: demo", "risk: hihg", "risk", "expected 'demo', 'minimal'", "did you mean 'high'?"),
        (
            "    fields: {}",
            "    fields: {docid: id}",
            "sources.0.fields.docid",
            "expected 'doc_id'",
            "did you mean 'doc_id'?",
        ),
        (
            "target_modules: all-linear",
            "target_modules: 5",
            "alignment.lora.target_modules",
            "; or expected a list",
            "",
        ),
        ("name: my_use_case", "name: My Use Case", "name", "match pattern", ""),
        ("at_least: 0 ", "at_least: high ", "success_criteria.gates.0.at_least", "expected a number", "lower bound"),
        ('approvers: ["A Colleague"]', 'approvers: ["Your Name"]', "people", "Your Name cannot be both", ""),
        ("  overlap_tokens: 20", "  overlap_tokens: 180", "knowledge", "smaller than chunk_tokens", ""),
    ],
)
def test_wrong_field(edit: Edit, old: str, new: str, field: str, said: str, hint: str) -> None:
    folder = edit(old, new)
    problem = next(p for p in problems_of(folder) if p.field == field)
    assert said in problem.message and hint in problem.hint
    assert problem.file == folder / "use_case.yaml"
    if field not in ("people", "knowledge"):
        assert problem.line == line_of(folder, new.splitlines()[0])
    else:
        assert problem.line == line_of(folder, f"{field}:")


@pytest.mark.parametrize(
    ("old", "field", "line"),
    [
        ("name: my_use_case\n", "name", None),
        ("  license: CC0-1.0\n", "inbox.license", "inbox:"),
        ('    ref: "path:documents"\n', "sources.0.ref", "- name: handbook"),
        ('  owners: ["Your Name"]\n', "people.owners", "people:"),
    ],
)
def test_missing_field_points_at_its_section(edit: Edit, old: str, field: str, line: str | None) -> None:
    folder = edit(old, "    # " if old.endswith(" ") else "")
    problem = only_problem(folder)
    assert (problem.field, problem.message) == (field, "this field is required")
    assert problem.line == (line_of(folder, line) if line else 1)


def test_a_missing_licence_says_what_is_wanted(edit: Edit) -> None:
    assert only_problem(edit("  license: CC0-1.0\n", "")).hint == "SPDX identifier"


def test_all_mistakes_come_at_once_in_file_order(edit: Edit) -> None:
    edit("risk: demo", "risk: none")
    edit("  top_k: 3 ", "  top_k: 99 ")
    folder = edit("  cpus: 2", "  cpu: 2")
    problems = problems_of(folder)
    assert [p.field for p in problems] == ["risk", "knowledge.top_k", "compute.cpu"]
    assert [p.line for p in problems] == sorted(p.line for p in problems)


def test_two_sources_of_one_name(edit: Edit) -> None:
    again = "sources:\n  - {name: handbook, ref: 'path:documents', license: MIT, owner: me}\n"
    problem = only_problem(edit("sources:\n", again))
    assert (problem.field, problem.line, problem.message) == ("use case", 1, "source names must be unique")


@pytest.mark.parametrize("version", ["2", "'1.0'", "null"])
def test_another_schema_version_is_the_only_message(edit: Edit, version: str) -> None:
    edit("risk: demo", "danger: demo")
    folder = edit("schema_version: 1 ", f"schema_version: {version} ")
    problem = only_problem(folder)
    assert problem.field == "schema_version" and problem.line == line_of(folder, "schema_version:")
    assert "reads schema_version 1" in problem.message and "release" in problem.hint


@pytest.mark.parametrize("method", ["ppo", "orpo", "bco"])
def test_methods_that_are_not_there_are_refused(edit: Edit, method: str) -> None:
    folder = edit("  method: dpo ", f"  method: {method} ")
    problem = only_problem(folder)
    assert problem.message.startswith(f"no training method '{method}'; known: dpo, sft, none")
    assert problem.field == "alignment.method" and problem.line == line_of(folder, f"method: {method}")


def test_an_external_checkpoint_needs_the_method_of_that_name(edit: Edit) -> None:
    folder = edit("external_checkpoint: null", "external_checkpoint: dir:tuned")
    problem = only_problem(folder)
    assert "no effect under method dpo" in problem.message
    assert problem.field == "alignment.external_checkpoint" and problem.line == line_of(folder, "dir:tuned")


def test_the_method_external_needs_a_checkpoint(edit: Edit) -> None:
    problem = only_problem(edit("method: dpo", "method: external"))
    assert problem.field == "alignment.external_checkpoint" and "needs it" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "field", "missing"),
    [
        ("recipe: recipe.yaml", "recipe: other.yaml", "corpus.recipe", "other.yaml"),
        ("golden: golden/questions.jsonl", "golden: tests.jsonl", "evaluation.golden", "tests.jsonl"),
        ('ref: "path:documents"', 'ref: "path:papers"', "sources.0.ref", "papers"),
        (
            "  retrieval_sets: []",
            '  retrieval_sets: [{name: log, ref: "path:log.jsonl"}]',
            "evaluation.retrieval_sets.0.ref",
            "log.jsonl",
        ),
    ],
)
def test_files_named_in_the_use_case_must_exist(edit: Edit, old: str, new: str, field: str, missing: str) -> None:
    folder = edit(old, new)
    problem = only_problem(folder)
    assert problem.field == field and problem.line == line_of(folder, new.strip())
    assert problem.message == f"'{missing}' does not exist" and "relative" in problem.hint


def test_a_missing_default_file_points_at_its_section(folder: Path, edit: Edit) -> None:
    edit("  recipe: recipe.yaml ", "  # ")
    (folder / "recipe.yaml").unlink()
    problem = only_problem(folder)
    assert (problem.field, problem.line) == ("corpus.recipe", line_of(folder, "corpus:"))


# --- gates that could never decide

METRIC = "metric: /effects/retrieval/all"


@pytest.mark.parametrize(
    ("pointer", "said", "hint"),
    [
        ("/effects/retreival/all", "no effect 'retreival'", "did you mean 'retrieval'?"),
        ("/effects/retrieval/test", "no split 'test'", "known here: all, dev, held_out"),
        ("/effects/retrieval", "does not end at an interval", "/effects/<effect>/<split>"),
        ("/effects/retrieval/all/low", "does not end at an interval", ""),
        ("/cells/tuned_wiht/answer_f1/all", "no cell 'tuned_wiht'", "did you mean 'tuned_with'?"),
        ("/cells/tuned_with/f1/all", "no score 'f1'", "answer_f1"),
        ("/retrieval/golden/recall_at_10", "no score 'recall_at_10'", "recall_at_k"),
        ("/retrieval/search_log/mrr", "no set of questions 'search_log'", "known here: golden"),
        ("/suites/safety/cells/tuned/ok/all", "no suite 'safety'", "known here: none"),
        ("/new_topics/after", "only after drift", ""),
        ("/effect/retrieval/all", "nothing at '/effect'", "did you mean 'effects'?"),
    ],
)
def test_a_metric_no_report_can_have_is_named_when_the_file_loads(
    edit: Edit, pointer: str, said: str, hint: str
) -> None:
    folder = edit(METRIC, f"metric: {pointer}")
    problem = only_problem(folder)
    assert problem.field == "success_criteria.gates.0.metric" and problem.line == line_of(folder, pointer)
    assert said in problem.message and hint in problem.hint


SUITES_LINE = "suites: [] "


@pytest.mark.parametrize(
    ("pointer", "said", "hint"),
    [
        ("/suites/format", "does not end at an interval", "write /suites/<suite>/<part>"),
        ("/suites/format/cells/tuned_with/form", "does not end at an interval", "/<cell>/<score>/<slice>"),
        ("/suites/format/cells/tuned/form/all", "has no cell 'tuned'", "did you mean 'tuned_with'?"),
        ("/suites/format/abstained/tuned_with/form/all", "has no part 'abstained'", "known here: cells"),
    ],
)
def test_a_place_that_a_suite_does_not_have_is_named(edit: Edit, pointer: str, said: str, hint: str) -> None:
    edit(SUITES_LINE, "suites: [format] ")
    folder = edit(METRIC, f"metric: {pointer}")
    problem = only_problem(folder)
    assert problem.field == "success_criteria.gates.0.metric" and problem.line == line_of(folder, pointer)
    assert said in problem.message and hint in problem.hint


def test_a_gate_on_golden_answers_knows_how_many_there_are(edit: Edit) -> None:
    edit("risk: demo", "risk: limited")
    edit(SUITES_LINE, "suites: [format] ")
    folder = edit(METRIC, "metric: /suites/format/cells/tuned_with/form/all")
    assert any("/suites/format/cells/tuned_with/form/all has 4" in p.message for p in problems_of(folder))


@pytest.mark.parametrize(
    ("contract", "field", "said"),
    [
        ("{name: odd, must_match: '('}", "must_match", "not a regular expression"),
        ("{name: odd}", "evaluation.contracts.0", "exactly one of must_match, must_not_match and at_most_words"),
        ("{name: odd, at_most_words: 0}", "at_most_words", "greater than 0"),
    ],
)
def test_a_contract_that_cannot_be_checked_is_refused_with_its_line(
    edit: Edit, contract: str, field: str, said: str
) -> None:
    edit(SUITES_LINE, "suites: [format] ")
    folder = edit("  contracts: [] ", f"  contracts:\n    - {contract} ")
    problem = only_problem(folder)
    assert problem.line == line_of(folder, contract) and field in problem.field and said in problem.message


def test_contracts_need_the_suite_that_checks_them(edit: Edit) -> None:
    folder = edit("  contracts: [] ", "  contracts: [{name: brief, at_most_words: 40}] ")
    problem = only_problem(folder)
    assert problem.field == "evaluation.contracts" and "format" in problem.hint


def test_without_tuning_there_is_no_effect_of_it(edit: Edit) -> None:
    edit("method: dpo", "method: none")
    assert (
        "no effect 'tuning'" in {p.field: p for p in problems_of_any(edit)}["success_criteria.gates.1.metric"].message
    )


def problems_of_any(edit: Edit) -> list[UseCaseProblem]:
    return problems_of(edit("name: my_use_case", "name: my_use_case"))


def test_more_items_than_there_are_can_never_decide_where_that_matters(edit: Edit) -> None:
    folder = edit("risk: demo", "risk: limited")
    found = problems_of(folder)
    assert [p.field for p in found] == [f"success_criteria.gates.{n}.min_items" for n in (0, 1)]
    assert "30 items are asked for, but /effects/retrieval/all has 4" in found[0].message
    assert found[0].line == line_of(folder, "min_items: 30")


def test_a_suite_or_judge_nobody_offers_is_named(edit: Edit) -> None:
    folder = edit("suites: [] ", "suites: [toxicty] ")
    edit("judges: [] ", "judges: [overlop] ")
    found = {p.field: (p.message, p.hint) for p in problems_of(folder)}
    assert found["evaluation.suites.0"] == ("nothing installed offers 'toxicty'", "did you mean 'toxicity'?")
    assert found["evaluation.judges.0"] == ("nothing installed offers 'overlop'", "did you mean 'overlap'?")


def test_a_gate_has_one_limit(edit: Edit) -> None:
    problem = only_problem(edit("at_least: 0 ", "at_most: 0.1\n      at_least: 0 "))
    assert "exactly one of at_least and at_most" in problem.message


def test_a_gate_may_limit_from_above_at_a_confidence_of_its_own(edit: Edit) -> None:
    edit("at_least: 0 ", "at_most: 0.1 ")
    gate = load_use_case(edit("confidence: 0.95 ", "confidence: 0.9 ")).success_criteria.gates[0]
    assert (gate.at_most, gate.at_least, gate.limit, gate.confidence) == (0.1, None, 0.1, 0.9)
