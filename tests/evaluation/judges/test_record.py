"""Labelled rows, the record of a judge, and when a gate believes it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evaluation import (
    Asked,
    JudgeStandings,
    Labelled,
    apply_gate,
    judge_scores_record,
    read_labels,
    row_dict,
    row_of,
)
from genaiops_assets.evaluation.judges.record import LabelsError
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import Criterion, JudgeLimits
from tests.support.bench import GATE

VALUE = {"mean": 0.9, "low": 0.85, "high": 0.94, "n": 100, "confidence": 0.95, "method": "end_points_added"}
GATED = Criterion(**{**GATE, "id": "kind", "metric": "/cells/tuned_with/marks/all", "at_least": 0.5})


class Marks:
    """Scores an answer by the number it ends with; the empty answer has none."""

    name, version = "marks", "2"

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return float(answer.split()[-1]) if answer.split()[-1] != "none" else None


def labelled(scores: Sequence[tuple[str, bool]], language: str = "en") -> list[Labelled]:
    return [Labelled(Asked(f"Q{n}", f"text {said}"), label, language) for n, (said, label) in enumerate(scores)]


def good(count: int = 30, language: str = "en", wrong: int = 0) -> list[Labelled]:
    right = [("0.1" if n < wrong else "0.9", True) for n in range(count)]
    return labelled([*right, *[("0.2", False)] * count], language)


def report(**more: Any) -> dict[str, Any]:
    return {"judges": {"marks": "2"}, "cells": {"tuned_with": {"marks": {"all": VALUE}}}, **more}


def standing(record: dict[str, Any] | None, **limits: Any) -> JudgeStandings:
    records = {"marks": record} if record else {}
    return JudgeStandings(records, {"marks": JudgeLimits(**limits)} if limits else {}, "en", "ab12")


# --- labelled rows ----------------------------------------------------------------------------------------------------


def file_of(folder: Path, *rows: Any) -> Path:
    path = folder / "labels.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows))
    return path


def test_rows_are_read_once_each_with_their_language(tmp_path: Path) -> None:
    row = {"question": "Q?", "answer": "It is so.", "label": True, "passages": ["p"]}
    chinese = {"question": "多少钱？", "answer": "收费五元。", "label": 0, "reference": "五元"}
    found = read_labels(file_of(tmp_path, row, row, chinese, "", {**chinese, "language": "en", "answer": "?"}))
    assert sorted((r.language, r.label) for r in found) == [("en", False), ("en", True), ("zh", False)]
    assert [row_of(json.loads(json.dumps(row_dict(r)))) for r in found] == found


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{broken", "2: broken JSON"),
        ([1], "2: expected an object"),
        ({"question": "Q", "answer": "a"}, "2: label: expected true or false"),
        ({"question": "Q", "answer": "a", "label": "yes"}, "2: label: expected true or false"),
        ({"question": "Q", "answer": "a", "label": 2}, "2: label: expected true or false"),
        ({"question": "Q", "answer": 7, "label": True}, "2: answer: expected text"),
        ({"question": " ", "label": True}, "2: answer: question and answer are both empty"),
        ({"question": "Q", "label": True, "passages": "p"}, "2: passages: expected a list of texts"),
        ({"question": "Q", "label": True, "reference": 1}, "2: reference: expected text"),
        ({"question": "fine", "answer": "a", "label": False}, "2: label: the same text is labelled otherwise"),
    ],
)
def test_a_damaged_row_is_named_with_file_line_and_field(tmp_path: Path, row: Any, problem: str) -> None:
    fine = {"question": "fine", "answer": "a", "label": True}
    with pytest.raises(LabelsError, match=rf"labels\.jsonl:{problem}"):
        read_labels(file_of(tmp_path, fine, row))


# --- the record -------------------------------------------------------------------------------------------------------


def test_a_record_has_every_figure_for_all_rows_and_each_language_and_no_text() -> None:
    rows = [*good(30), *good(20, "zh", wrong=10), *labelled([("none", True)] * 3, "zh")]
    found = judge_scores_record(Marks(), rows)
    assert (found["rows"], found["judge"], found["version"]) == (103, "marks", "2")
    english, chinese = found["by_language"]["en"], found["by_language"]["zh"]
    assert english["auc"]["mean"] == 1.0 and english["auc"]["low"] < 1.0 and english["agreement"]["alpha"] == 1.0
    assert chinese["auc"]["mean"] == 0.5 and chinese["abstained"] == 3 and chinese["scored"] == 40
    recall = chinese["recall_at_1_percent"]
    assert recall["recall"]["mean"] == 0.5 and recall["cut"] == 0.9 and recall["false_positives"]["mean"] == 0.0
    assert recall["false_positives"]["high"] > 0.1  # 20 negatives cannot show one in a hundred
    assert found["all"]["labelled"] == 50 and "text" not in json.dumps(found)


def test_the_cut_of_the_use_case_decides_agreement() -> None:
    rows = labelled([("0.3", True)] * 20 + [("0.1", False)] * 20)
    assert judge_scores_record(Marks(), rows, cut=0.2)["all"]["agreement"]["alpha"] == 1.0
    assert judge_scores_record(Marks(), rows)["all"]["agreement"]["alpha"] < 0.1


# --- what a gate makes of it ------------------------------------------------------------------------------------------


def test_a_good_record_lets_the_gate_decide_and_stands_in_its_figures() -> None:
    record = judge_scores_record(Marks(), good())
    found = apply_gate(GATED, report(), judges=standing(record))
    assert found.status == "pass" and found.figures["judge"]["record"] == digest_of(record)
    told = found.figures["judge"]
    assert told["artifact"] == "ab12" and told["languages"]["en"]["auc"] == 1.0 and told["version"] == "2"


@pytest.mark.parametrize(
    ("record", "limits", "reason"),
    [
        (None, {}, "the judge marks has no record: name labelled rows .* materialize judge_validation"),
        ({**judge_scores_record(Marks(), good()), "version": "1"}, {}, "is of version 1, 2 judged here"),
        (judge_scores_record(Marks(), good(9)), {}, "on 9 labelled rows in en with the label and 9 without; 30 in all"),
        (judge_scores_record(Marks(), good(30, "zh")), {}, "on 0 labelled rows in en"),
        (judge_scores_record(Marks(), good(30, wrong=15)), {}, r"does not reach .* in en: auc is 0\.\d+ .* 0\.7 is"),
        (
            judge_scores_record(Marks(), good()),
            {"recall": 0.95},
            r"recall is 0\.\d+ at its lower end, 0\.95 is asked for",
        ),
        (
            judge_scores_record(Marks(), [*good(), *labelled([("none", True)] * 20)]),
            {},
            "gives 25% of the labelled rows in en no score, 10% are allowed",
        ),
        ({"judge": "marks", "version": "2", "skipped": "no key"}, {}, "was skipped when it was to be measured: no key"),
    ],
)
def test_without_a_good_record_a_gate_is_undecided_and_says_what_to_make(
    record: dict[str, Any] | None, limits: dict[str, Any], reason: str
) -> None:
    found = apply_gate(GATED, report(), judges=standing(record, **limits))
    assert found.status == "undecided" and found.n == 100  # the figure itself would pass
    assert re.search(reason, found.reason), found.reason


def test_a_skipped_judge_is_undecided_and_named_with_the_reason() -> None:
    without = report(cells={"tuned_with": {}}, skipped_judges={"marks": "no key"})
    found = apply_gate(GATED, without, judges=standing(judge_scores_record(Marks(), good())))
    assert (found.status, found.reason) == ("undecided", "the judge marks was skipped: no key")
    assert found.figures["judge"]["skipped"] == "no key"


def test_a_metric_of_a_suite_that_a_judge_made_asks_for_its_record_too() -> None:
    section = {"kindness": {"judged_by": {"kind": "marks"}, "cells": {"tuned": {"kind": {"all": VALUE}}}}}
    gate = Criterion(**{**GATE, "metric": "/suites/kindness/cells/tuned/kind/all", "at_least": 0.5})
    whole = report(suites=section)
    assert apply_gate(gate, whole).status == "undecided"
    assert apply_gate(gate, whole, judges=standing(judge_scores_record(Marks(), good()))).status == "pass"
    del section["kindness"]["judged_by"]
    assert apply_gate(gate, whole).status == "pass"


def test_a_figure_that_no_judge_made_asks_for_no_record() -> None:
    gate = Criterion(**{**GATE, "metric": "/cells/tuned_with/answer_f1/all", "at_least": 0.5})
    whole = {"judges": {"marks": "2"}, "cells": {"tuned_with": {"answer_f1": {"all": VALUE}}}}
    found = apply_gate(gate, whole)
    assert found.status == "pass" and "judge" not in found.figures


@pytest.mark.parametrize(
    ("before", "status"), [({"marks": "2"}, "pass"), ({"marks": "1"}, "undecided"), ({}, "undecided")]
)
def test_two_versions_are_compared_by_the_same_judge_only(before: dict[str, str], status: str) -> None:
    gate = Criterion(**{**GATED.model_dump(), "against": "champion", "at_least": 0.0})
    difference = {**VALUE, "mean": 0.3, "low": 0.2, "high": 0.4}
    believed = standing(judge_scores_record(Marks(), good()))
    found = apply_gate(gate, report(), difference, JudgeStandings(believed.records, {}, "en", "", before))
    assert found.status == status and ("judge it again" in found.reason) is (status == "undecided")
    assert apply_gate(gate, report(), None, believed).status == "not_applicable"
