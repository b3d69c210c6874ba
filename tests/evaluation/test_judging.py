"""A version is judged by what people want to know now, again where that changed, and never trained for it; what is in
production is re-evaluated without losing its approval. A tiny real model answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.governance.release import approval_of, decide, release
from genaiops_assets.lake import memo_key, problems, write_json
from sensors.contract import Fact, Quiet
from sensors.judgement import stale_candidate, stale_production
from tests.support.bench import ANOTHER, DAY, GATE, QUESTIONS, TEXTS, Bench

STRICTER = {**GATE, "at_least": -0.99}
IMPOSSIBLE = {**GATE, "metric": "/cells/tuned_with/answer_f1/all", "at_least": 0.999}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def approve(bench: Bench) -> str:
    found = decide(
        bench.lake, bench.uc, bench.version, name="Ada Approver", decision="approved", reason="read the card"
    )
    return found.status


def promote(bench: Bench) -> None:
    release(bench.lake, bench.uc, bench.version, kind="promote", by="Olga Owner", reason="a demonstration")


def test_a_changed_criterion_asks_for_a_judgement_and_the_version_can_be_approved_again(bench: Bench) -> None:
    first = bench.judge()
    assert first["verdict"] == "go" and approve(bench) == "approved"
    bench.uc = bench.use_case(STRICTER)
    assert isinstance(found := stale_candidate(bench.lake, bench.uc), Fact)
    assert (found.partition_key, found.numbers) == (
        bench.version, f"{bench.version} was judged by other success criteria than there are now",
    )  # fmt: skip
    second = bench.judge()
    assert [g["threshold"] for g in second["gates"]] == [-0.99] and second["verdict"] == "go"
    assert second["evidence"]["success_criteria"] == bench.lake.heads.digest(bench.uc.key("success_criteria"))
    assert approve(bench) == "approved"
    assert isinstance(stale_candidate(bench.lake, bench.uc), Quiet)
    promote(bench)


def test_criteria_alone_cost_no_answer(bench: Bench) -> None:
    bench.judge()
    assert bench.generated == 8  # two questions in four cells
    report = bench.lake.heads.digest(bench.uc.key("eval_report"), bench.version)
    bench.uc = bench.use_case(STRICTER)
    bench.judge()
    assert bench.lake.heads.digest(bench.uc.key("eval_report"), bench.version) == report and bench.generated == 8


def test_another_confidence_is_measured_from_the_answers_there_are(bench: Bench) -> None:
    bench.judge()
    bench.uc = bench.use_case({**GATE, "confidence": 0.9})
    assert bench.judge()["verdict"] == "go"
    assert bench.generated == 8
    assert bench.decision["gates"][0]["value"]["confidence"] == 0.9


def test_added_golden_questions_reach_a_version_that_was_judged_before(bench: Bench) -> None:
    bench.judge()
    training = bench.lake.heads.digest(bench.uc.key("aligned_checkpoint"), bench.version)
    bench.questions(*QUESTIONS, ANOTHER)
    assert isinstance(found := stale_candidate(bench.lake, bench.uc), Fact)
    assert "other golden questions" in found.numbers
    bench.judge()
    assert bench.current("eval_report").json("eval_report.json")["items"] == 3
    assert bench.lake.heads.digest(bench.uc.key("aligned_checkpoint"), bench.version) == training
    assert isinstance(stale_candidate(bench.lake, bench.uc), Quiet)


def test_new_documents_ask_for_no_new_judgement_unless_somebody_does(bench: Bench) -> None:
    bench.judge()
    plan = bench.current("evaluation_plan")
    bench.corpus(**TEXTS, zebra="Zebra crossings are white.")
    bench.judge()
    assert bench.current("evaluation_plan").digest == plan.digest and bench.generated == 8
    assert isinstance(stale_candidate(bench.lake, bench.uc), Quiet)
    bench.judge(evaluation_plan={"current_index": True})
    index = bench.lake.heads.digest(bench.uc.key("embeddings_index"))
    assert bench.current("evaluation_plan").json("evaluation_plan.json")["index"]["digest"] == index


def test_the_weekly_re_evaluation_does_not_touch_the_approval_of_production(bench: Bench) -> None:
    bench.judge()
    approve(bench)
    promote(bench)
    bench.corpus(**TEXTS | {"fee": "Zebra crossings are white."})  # what was found is not found any more
    result = bench.run("reevaluate", DAY)
    assert approval_of(bench.lake, bench.uc, bench.version).status == "approved"
    promote(bench)  # and so a rollback to it needs no new approval
    report, own = bench.current("production_evaluation", DAY), bench.current("eval_report")
    assert report.json("eval_report.json")["retrieval"] != own.json("eval_report.json")["retrieval"]
    index = bench.lake.heads.digest(bench.uc.key("embeddings_index"))
    assert report.json("production_evaluation.json")["evaluation_plan"]["index"]["digest"] == index
    assert {e.check_name: e.passed for e in result.get_asset_check_evaluations()}["production_still_passes"]
    assert problems(bench.lake) == []


def test_production_that_fails_todays_gates_turns_a_check_red_and_keeps_its_approval(bench: Bench) -> None:
    bench.judge()
    approve(bench)
    promote(bench)
    bench.uc = bench.use_case(IMPOSSIBLE)
    assert isinstance(stale_production(bench.lake, bench.uc), Fact)
    assert isinstance(stale_candidate(bench.lake, bench.uc), Quiet)  # production is no candidate
    result = bench.run("reevaluate", DAY)
    (check,) = (e for e in result.get_asset_check_evaluations() if e.check_name == "production_still_passes")
    assert not check.passed and check.severity.value == "ERROR"
    assert check.metadata["failed_gates"].value == "retrieval_helps"
    assert isinstance(stale_production(bench.lake, bench.uc), Quiet)
    assert approval_of(bench.lake, bench.uc, bench.version).status == "approved"


def test_a_no_go_is_final_and_asks_for_nothing(bench: Bench) -> None:
    bench.uc = bench.use_case(IMPOSSIBLE)
    assert bench.judge()["verdict"] == "no_go"
    bench.uc = bench.use_case(GATE)
    assert stale_candidate(bench.lake, bench.uc) == Quiet("no candidate for release")


def test_a_judgement_repeated_is_no_work(bench: Bench) -> None:
    first = bench.judge()
    result = bench.run("judge")
    made = {
        e.asset_key.path[-1]: e.materialization.metadata["reused"].value
        for e in result.get_asset_materialization_events()
    }
    assert bench.decision == first and set(made.values()) == {True}


def test_edited_answers_are_not_used_again(bench: Bench) -> None:
    bench.judge()
    snapshot = bench.current("eval_report").snapshot(bench.uc.key("eval_outputs"))
    table = bench.lake.tables.at(snapshot)
    table.checkout_latest()
    table.tags.delete(snapshot.tag)
    table.update(where="cell = 'tuned_with'", values={"answer": "95 dollars."})
    table.tags.create(snapshot.tag, table.version)
    bench.uc = bench.use_case({**GATE, "confidence": 0.9})
    bench.judge()
    assert bench.generated == 16  # all of them anew
    assert "95 dollars." not in bench.current("eval_report").json("eval_report.json")["samples"][0]["answers"].values()


def test_answers_of_a_report_made_by_an_earlier_release_are_not_generated_again(bench: Bench) -> None:
    bench.judge()
    report = bench.current("eval_report")
    facts, content = report.provenance(), report.json("eval_report.json")
    key = memo_key(report.asset, facts["inputs"], "1", facts["config"], facts["seed"])  # as that release made it
    with bench.lake.work(key) as place:
        write_json(place.staging / "eval_report.json", {k: v for k, v in content.items() if k != "answers"})
        bench.lake.publish(report.asset, bench.version, key, place.staging, snapshots=list(report.snapshots.values()),
                           summary=report.summary, provenance=facts)  # fmt: skip
    bench.uc = bench.use_case({**GATE, "confidence": 0.9})
    assert bench.judge()["verdict"] == "go" and bench.generated == 8
    assert bench.current("eval_report").json("eval_report.json")["cells"].keys() == content["cells"].keys()


def test_another_version_answers_anew_only_where_its_own_weights_speak(bench: Bench) -> None:
    bench.judge()
    first, asked = bench.version, bench.generated
    steps = bench.uc.alignment.steps + 1
    bench.uc = bench.uc.model_copy(update={"alignment": bench.uc.alignment.model_copy(update={"steps": steps})})
    bench.update = 0.7
    bench.inputs()
    assert bench.version != first
    bench.judge()
    assert (asked, bench.generated - asked) == (8, 4)  # two questions in the two cells of the tuned model
