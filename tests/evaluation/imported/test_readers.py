"""Results of other harnesses: read item by item, checked against what they state themselves, refused with file, line
and field when damaged. The files of lm-evaluation-harness and Inspect were written by those (0.4.13 and 0.3.285, their
own dummy models); the report of garak is written here in the form that its source of 0.17.1 writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evaluation import DamagedResults, ImportedFiles, Measure, imported_section, read_results
from genaiops_assets.lake import digest_of_file

DATA = Path(__file__).with_name("data")
MEASURE = Measure(resamples=300, confidence=0.95, seed=7)
RESULTS = "results_2026-12-01T01-05-14.992939.json"
PLUS_ONE, SAY_IT = (f"samples_{task}_2026-12-01T01-05-14.992939.jsonl" for task in ("plus_one", "say_it"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def lm_eval(folder: Path, *samples: str) -> Any:
    return read_results("lm_eval", folder / RESULTS, [folder / name for name in samples or (PLUS_ONE, SAY_IT)])


def changed(path: Path, line: int, **fields: Any) -> None:
    lines = path.read_text().splitlines()
    lines[line - 1] = json.dumps({**json.loads(lines[line - 1]), **fields})
    path.write_text("\n".join(lines))


# --- lm-evaluation-harness --------------------------------------------------------------------------------------------


def test_lm_eval_samples_are_items_with_the_harness_own_scores(folder: Path) -> None:
    found = lm_eval(folder)
    assert (found.tool_version, len(found.items)) == ("0.4.13", 24)
    scores = {item.id: item.scores for item in found.items}
    assert scores["plus_one/0"] == {"acc": 1.0, "acc_norm": 1.0} and scores["say_it/3"] == {"exact_match_strict": 0.0}
    assert found.left_out == {"say_it/bleu_strict": "its items have no score of their own"}
    assert found.facts["tasks"] == {"plus_one": 1.0, "say_it": 2.0} and found.facts["without_samples"] == []
    assert lm_eval(folder, PLUS_ONE).facts["without_samples"] == ["say_it"]


def test_half_of_the_samples_or_those_of_another_run_are_refused(folder: Path) -> None:
    path = folder / PLUS_ONE
    path.write_text("\n".join(path.read_text().splitlines()[:6]))
    with pytest.raises(DamagedResults, match=r"samples_plus_one.*: 6 documents, results_.* states 12 \(n-samples"):
        lm_eval(folder)
    shutil.copy(DATA / PLUS_ONE, path)
    changed(path, 1, acc=0.0)
    with pytest.raises(
        DamagedResults, match=r"results\.plus_one\.acc,none: states 0\.25, the samples of .* give 0\.16"
    ):
        lm_eval(folder)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"acc": "high"}, None),
        ({"acc": float("nan")}, r"jsonl:3: acc: expected a finite number, found 'nan'"),
        ({"doc_id": None}, r"jsonl:3: doc_id: expected a whole number or text, found NoneType"),
        ({"doc_id": 0}, r"jsonl:3: acc: document plus_one/0 has this score twice"),
        ({"metrics": ["accuracy"]}, r"jsonl:3: accuracy: this field is missing"),
    ],
)
def test_a_damaged_sample_is_named_with_file_line_and_field(folder: Path, fields: Any, problem: str | None) -> None:
    changed(folder / PLUS_ONE, 3, **fields)
    if problem is None:  # a text is no score: the metric is left out of all items, and that is said
        assert "plus_one/acc" in lm_eval(folder).left_out
        return
    with pytest.raises(DamagedResults, match=problem):
        lm_eval(folder)


def test_files_that_do_not_belong_together_or_end_too_early_are_refused(folder: Path) -> None:
    other = folder / "samples_other_2026-12-01T01-05-14.jsonl"
    shutil.copy(folder / PLUS_ONE, other)
    with pytest.raises(DamagedResults, match=r"have no task 'other'; they have plus_one, say_it"):
        lm_eval(folder, other.name)
    (folder / RESULTS).write_text((folder / RESULTS).read_text()[:400])
    with pytest.raises(DamagedResults, match=rf"{RESULTS}:\d+: broken JSON"):
        lm_eval(folder)
    (folder / RESULTS).write_text('{"result": {}}')
    with pytest.raises(DamagedResults, match="results: this field is missing"):
        lm_eval(folder)


# --- Inspect ----------------------------------------------------------------------------------------------------------


def inspect(folder: Path, **changes: Any) -> Any:
    path = folder / "inspect.json"
    whole = json.loads(path.read_text())
    for name, value in changes.items():
        place = whole
        *way, last = name.split("__")
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value
    path.write_text(json.dumps(whole))
    return read_results("inspect", path)


def test_epochs_of_a_sample_belong_together_and_letters_are_scores(folder: Path) -> None:
    found = inspect(folder)
    assert (found.tool, found.tool_version, len(found.items)) == ("Inspect", "0.3.285", 12)
    assert {i.group for i in found.items} == {f"s{n}" for n in range(6)}
    assert [dict(i.scores) for i in found.items[:2]] == [{"match": 0.0, "half": 0.25}, {"match": 1.0, "half": 0.25}]


def test_a_failed_or_lost_sample_is_missing_and_not_left_out(folder: Path) -> None:
    error = {"message": "timeout", "traceback": ""}
    found = inspect(folder, samples__0__error=error, eval__dataset__sample_ids=[f"s{n}" for n in range(8)])
    missing = [i.id for i in found.items if i.scores["match"] is None]
    assert missing == ["s0/1", "s6/1", "s7/1"] and found.facts["failed"] == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"version": 3}, "version: a log of version 3, this release reads 2"),
        ({"status": "started"}, "status: the run had not ended"),
        ({"samples__2__scores__match": {"answer": "x"}}, r"samples\.2\.scores\.match\.value: this field is missing"),
        ({"samples__2__epoch": "one"}, r"samples\.2\.epoch: expected a whole number, found str"),
        ({"samples__1": {"id": "s0", "epoch": 1}}, "samples: a sample and epoch stands there twice"),
        ({"samples": []}, "no item has a score"),
    ],
)
def test_a_damaged_log_is_named_with_its_field(folder: Path, changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(DamagedResults, match=problem):
        inspect(folder, **changes)


def test_a_metric_beyond_one_is_left_out_and_named(folder: Path) -> None:
    found = inspect(folder, samples__3__scores__half__value=7)
    assert found.left_out == {"half": "no score in 0..1"} and set(found.items[3].scores) == {"match"}
    with pytest.raises(DamagedResults, match=r"a packed log: write it as JSON"):
        read_results("inspect", folder / "log.eval")


# --- garak ------------------------------------------------------------------------------------------------------------


def attempt(name: str, scores: list[float | None], **more: Any) -> dict[str, Any]:
    base = {"entry_type": "attempt", "uuid": name, "seq": 0, "status": 2, "probe_classname": "dan.Dan_11_0"}
    said = [{"text": "private words", "lang": "en"} for _ in scores]
    return {**base, "outputs": said, "detector_results": {"dan.DAN": scores}, **more}


def garak(folder: Path, *entries: Any, head: bool = True) -> Any:
    setup = {"entry_type": "start_run setup", "_config.version": "0.17.1", "run.eval_threshold": 0.5}
    begin = [setup, {"entry_type": "init", "garak_version": "0.17.1", "start_time": "", "run": "r"}] if head else []
    path = folder / "garak.r.report.jsonl"
    path.write_text("\n".join(e if isinstance(e, str) else json.dumps(e) for e in (*begin, *entries)))
    return read_results("garak", path)


COUNTED = {
    "entry_type": "eval", "probe": "dan.Dan_11_0", "detector": "dan.DAN", "passed": 3, "fails": 2, "nones": 1, "total_evaluated": 5,
}  # fmt: skip


def test_answers_to_one_prompt_belong_together_and_none_is_missing(folder: Path) -> None:
    waiting = {**attempt("a", [1.0]), "status": 1}
    found = garak(folder, waiting, attempt("a", [1.0, 0.0, 0.9]), attempt("b", [0.1, None, 0.0]), COUNTED)
    assert (found.tool_version, [i.scores["hit"] for i in found.items]) == ("0.17.1", [1, 0, 1, 0, None, 0])
    assert {i.group for i in found.items} == {"a", "b"} and found.items[0].slices == ("dan_dan_11_0",)
    assert found.items[2].scores["dan_dan"] == 0.9 and found.facts["attempts"] == 2
    assert "private words" not in repr(found)


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([COUNTED], r"jsonl:3: total_evaluated: dan.Dan_11_0 was judged 5 times .* show 0: lines are missing"),
        ([attempt("a", [0.0] * 5), COUNTED], r"jsonl:4: passed: 3 passed, the attempts above show 5"),
        ([attempt("a", [2.0])], r"jsonl:3: detector_results\.dan\.DAN\.0: expected a score in 0\.\.1, found 2"),
        ([attempt("a", [1.0], outputs=[])], r"jsonl:3: detector_results\.dan\.DAN: 1 scores for 0 answers"),
        (["{"], "jsonl:3: broken JSON"),
        ([{"type": "x"}], "jsonl:3: entry_type: this field is missing"),
    ],
)
def test_a_damaged_report_is_named_with_file_line_and_field(folder: Path, entries: list[Any], problem: str) -> None:
    with pytest.raises(DamagedResults, match=problem):
        garak(folder, *entries)


def test_another_jsonl_is_no_report(folder: Path) -> None:
    with pytest.raises(DamagedResults, match="no report of garak begins so"):
        garak(folder, attempt("a", [1.0]), head=False)


# --- as a suite -------------------------------------------------------------------------------------------------------


def given(folder: Path) -> ImportedFiles:
    path = folder / "inspect.json"
    digests = {path.name: digest_of_file(path)}
    return ImportedFiles(name="foreign", format="inspect", path=str(path), digests=digests)


def test_a_section_has_intervals_on_groups_and_says_where_it_is_from(folder: Path) -> None:
    section, results = imported_section(given(folder), MEASURE)
    value = section["cells"]["all"]["match"]["all"]
    assert (value["mean"], value["n"], value["groups"]) == (0.5, 12, 6) and value["low"] < 0.2
    assert section["imported"]["tool_version"] == "0.3.285" and section["imported"]["files"] == given(folder).digests
    assert section["about"]["missing_policy"].startswith("an item that failed") and section["items"] == 12
    assert {r.answer for r in results} == {""}


def test_a_file_that_changed_since_it_was_planned_is_refused(folder: Path) -> None:
    planned = given(folder)
    inspect(folder, eval__task="other")
    with pytest.raises(DamagedResults, match="changed since it was planned"):
        imported_section(planned, MEASURE)
