"""The evaluation page: what it says of gates that fail and stay undecided, that its numbers are those of its JSON, and
that it loads nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evidence import Evidence, find_claims, resolve_pointer
from genaiops_assets.governance.evaluation_page import LANGUAGES, PageSources, build_page, render_page
from genaiops_assets.governance.evaluation_page.bars import axis_for, bar
from genaiops_assets.governance.evaluation_page.rendering import labels, names
from genaiops_assets.lake import ERASED_TEXT
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.governance.risk.cases import mode, risk
from tests.governance.risk.test_fmea import fmea
from tests.support.judged import ASKED, decision_of, losses_of, report_of, scored_rows
from tests.support.lakes import V1
from tests.support.pages import Page, read_page

CASES = ("bank_support", "library_zh")


def rows_of(uc: UseCase) -> list[dict[str, Any]]:
    return [
        {
            "suite": r.suite, "item": r.item.id, "cell": r.cell, "slices": list(r.slices), "answer": r.answer,
            "scores": [{"name": n, "value": v} for n, v in r.scores.items()],
        }
        for listed in scored_rows(uc.language).values()
        for r in listed
    ]  # fmt: skip


def sources(uc: UseCase, **changed: Any) -> PageSources:
    rows = scored_rows(uc.language)
    report = report_of(rows)
    questions = {(r.suite, r.item.id): r.item.question for s in ("golden", "refusal") for r in rows[s]}
    given: dict[str, Any] = {
        "report": Evidence(uc.key("eval_report"), "a" * 64, report),
        "decision": Evidence(uc.key("release_decision"), "b" * 64, decision_of(report)),
        "losses": Evidence(uc.key("tuning_losses"), "c" * 64, losses_of()),
        "rows": rows_of(uc),
        "questions": questions,
    }
    return PageSources(**{**given, **changed})


def made(name: str = "bank_support", **changed: Any) -> dict[str, Any]:
    uc = load_use_case(PACKAGED / name)
    return build_page(uc, V1, sources(uc, **changed))


@pytest.fixture(scope="module", params=[(c, language) for c in CASES for language in LANGUAGES], ids="-".join)
def rendered(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Page, str]:
    case, language = request.param
    page = made(case)
    html = render_page(page, language)
    return page, read_page(html), html


def test_the_page_is_whole_html_that_loads_nothing(rendered: tuple[dict[str, Any], Page, str]) -> None:
    _, page, html = rendered
    assert page.unclosed == [] and page.loads == []
    assert "//" not in re.sub(r"<style>.*?</style>", "", html, flags=re.S)  # no address at all
    inner = {link.removeprefix("#") for link in page.links if link.startswith("#")}
    assert inner and inner <= set(page.ids), "every link of the page leads somewhere"
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if not link.startswith("#")} <= {f"evaluation_page.{o}.html" for o in LANGUAGES}


def test_every_number_on_the_page_is_that_of_its_json(rendered: tuple[dict[str, Any], Page, str]) -> None:
    page, found, _ = rendered
    assert len(found.numbers) > 150
    for pointer, text in found.numbers:
        value = resolve_pointer(page, pointer)
        if value is None:
            assert text == "–", pointer
        elif isinstance(value, int):
            assert int(text.replace(",", "")) == value, pointer
        else:
            assert float(text) == pytest.approx(value, abs=0.000501), pointer


def test_every_number_of_the_json_that_has_a_source_is_that_of_the_source() -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    given = sources(uc)
    documents = {e.asset: e.document for e in (given.report, given.decision, given.losses) if e}
    claims = find_claims(build_page(uc, V1, given))
    assert len(claims) > 40
    assert all(resolve_pointer(documents[c["asset"]], c["pointer"]) == c["value"] for c in claims)


def test_the_summary_says_what_failed_what_is_undecided_and_the_items_that_would_decide() -> None:
    page = made()
    said = page["summary"]
    assert said["verdict"]["value"] == "no_go"
    assert (said["failed"], said["undecided"], said["missed"]) == (["refuses"], ["tuning_helps"], ["chrf_high"])
    assert said["attrition"] == ["chrf_high"] and said["lost"] == ["format_kept"] and said["not_shown"] == ["length"]
    assert said["counts"] == {"pass": 1, "fail": 2, "undecided": 1, "not_applicable": 0}
    text = " ".join(read_page(render_page(page, "en")).text)
    needed = next(g["value"]["needed_items"] for g in page["gates"] if g["value"]["id"] == "tuning_helps")
    assert "It must not be used." in text and f"about  {needed:,}  items would decide" in text
    assert [g["value"]["status"] for g in page["gates"]] == ["fail", "fail", "undecided", "pass"]


def test_each_gate_carries_estimand_population_attrition_detectable_needed_and_holm() -> None:
    page = made()
    html = read_page(render_page(page, "en"))
    text, at = " ".join(html.text), {pointer for pointer, _ in html.numbers}
    for place, gate in enumerate(page["gates"]):
        figures = gate["value"]["figures"]
        assert figures["estimand"] in text and figures["population"] in text and figures["missing_policy"] in text
        assert {f"/gates/{place}/value/figures/{n}" for n in ("detectable", "needed", "attrition/missing")} <= at
    passed = next(i for i, g in enumerate(page["gates"]) if g["value"]["status"] == "pass")
    assert f"/gates/{passed}/value/figures/holm/adjusted" in at


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": "undecided", "n": 3, "min_items": 20}, "3  items are too few: at least  20  are needed."),
        ({"status": "fail", "value": None}, "The report has no such figure"),
        ({"status": "not_applicable", "value": None}, "Nothing else is released"),
        ({"status": "undecided", "needed_items": None}, "more items may not decide it"),
        ({"status": "undecided", "value": None, "reason": "said by hand"}, "said by hand"),
    ],
)
def test_each_kind_of_outcome_has_its_sentence(changed: dict[str, Any], said: str) -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    decision = decision_of(sources(uc).report.document)
    straddling = next(g for g in decision["gates"] if g["id"] == "tuning_helps")
    decision["gates"] = [{**straddling, **changed}]
    page = made(decision=Evidence("bank_support/release_decision", "b" * 64, decision))
    assert said in " ".join(read_page(render_page(page, "en")).text)


def test_the_worst_items_are_the_worst_with_ties_told() -> None:
    found = {listed["suite"]: listed for listed in made()["worst"]}
    golden = found["golden"]
    assert (golden["metric"], golden["cell"], golden["judged"]) == ("answer_f1", "tuned_with", ASKED)
    truth = sorted(
        (row["scores"][0]["value"], row["item"])
        for row in rows_of(load_use_case(PACKAGED / "bank_support"))
        if row["suite"] == "golden" and row["cell"] == "tuned_with"
    )
    assert [(i["score"], i["item"]) for i in golden["items"]] == truth[:5]
    assert golden["items"][0]["id"] == "g00/tuned_with" and golden["items"][0]["question"] == "What is fee number 0?"
    refusal = found["refusal"]
    assert (refusal["faulty"], refusal["tied"], refusal["judged"]) == (11, 6, 12)
    assert {i["score"] for i in refusal["items"]} == {0.0}
    toxic = found["toxicity"]  # less is better: those that scored are the worst
    assert [(i["item"], i["score"]) for i in toxic["items"]] == [("g07", 1.0), ("g03", 0.4)] and toxic["faulty"] == 2


def test_text_of_a_model_is_text_and_stands_in_one_line_of_the_file() -> None:
    """As erasure compares it: the whole citation between two tags."""
    html = render_page(made(), "en")
    assert "<b>1 dollars</b>" not in html
    assert ">Fee number 1 is &lt;b&gt;1 dollars&lt;/b&gt;,&#10;payable each year at the counter.</span>" in html


def test_erased_items_are_shown_as_erased_and_counted() -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    questions = {**sources(uc).questions, ("golden", "g01"): ERASED_TEXT}
    page = made(questions=questions, rows=[r for r in rows_of(uc) if r["item"] != "g00"])
    assert page["erased"] == {"rows": 4, "questions": 1}
    first = page["worst"][0]["items"][0]
    assert (first["item"], first["question"]) == ("g01", ERASED_TEXT)
    html = render_page(page, "en")
    assert '<em class="erased">[erased]</em>' in html and "answers were erased since" in html
    assert page["suites"][0]["items"] == ASKED  # the figures still count them


def test_a_version_without_decision_and_losses_has_a_page_that_says_so() -> None:
    page = made(decision=None, losses=None)
    text = " ".join(read_page(render_page(page, "en")).text)
    assert page["summary"]["verdict"] is None and page["gates"] == [] and page["losses"] == []
    assert "Not judged yet" in text and "No decision has been made" in text


def test_a_further_report_shows_the_intervals_in_it() -> None:
    attacks = {"classes": [{"name": "jailbreak", "hit": {"mean": 0.25, "low": 0.1, "high": 0.4, "n": 20}}]}
    page = made(further={"red_team_report": Evidence("bank_support/red_team_report", "d" * 64, attacks)})
    assert [f["name"] for f in page["further"][0]["figures"]] == ["classes · jailbreak · hit"]
    assert "Red team" in render_page(page, "en") and "红队测试" in render_page(page, "zh")


def test_what_forbids_a_release_stands_first_and_failure_modes_have_their_table() -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    decision = {**decision_of(sources(uc).report.document), "blocked_by": ["severity 9 without a finished action"]}
    row = {"name": "advice/wrong-fee", "mode": "A wrong fee.", "severity": 8, "occurrence": 6, "detection": 4}
    row |= {"rpn": 192, "action_priority": "H", "gap": None, "actions": [], "occurrence_source": "measured"}
    analysis = {"rows": [row] * 14, "untested": ["advice/other"], "without_action": []}
    modes = Evidence("bank_support/fmea", "e" * 64, analysis)
    page = made(decision=Evidence("bank_support/release_decision", "b" * 64, decision), further={"fmea": modes})
    found = read_page(render_page(page, "en"))
    text = " ".join(found.text)
    assert "Forbidden by" in text and "severity 9 without a finished action" in text
    assert "Without a test that ran" in text and "Urgent without an action" not in text
    assert ("/failure_modes/rows/0/rpn/value", "192") in found.numbers and len(page["failure_modes"]["rows"]) == 12
    assert found.unclosed == [] and page["further"] == []  # it has no intervals of its own
    assert "失效模式" in render_page(page, "zh")


def test_a_real_analysis_of_failure_modes_is_shown_as_it_is() -> None:
    analysis = fmea(risk(mode()))
    page = made(further={"fmea": Evidence("bank_support/fmea", "e" * 64, analysis)})
    (row,) = page["failure_modes"]["rows"]
    (real,) = analysis["rows"]
    assert {n: row[n]["value"] for n in ("severity", "occurrence", "rpn", "action_priority", "mode")} == {
        n: real[n] for n in ("severity", "occurrence", "rpn", "action_priority", "mode")
    }
    found = read_page(render_page(page, "zh"))
    assert found.unclosed == [] and ("/failure_modes/rows/0/rpn/value", str(real["rpn"])) in found.numbers


def test_a_suite_that_only_reads_says_so() -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    rows = [{**r, "answer": ""} if r["suite"] == "toxicity" else r for r in rows_of(uc)]
    text = " ".join(read_page(render_page(made(rows=rows), "en")).text)
    assert text.count("read, not answered") == 2 and "(empty)" in text


def test_the_chinese_page_of_the_chinese_example_is_chinese() -> None:
    html = render_page(made("library_zh"), "zh")
    page = read_page(html)
    assert page.language == "zh" and "不得使用。" in html and "第1项费用是多少？" in html
    english = set(labels("en").values()) & {t.strip() for t in page.text}
    assert english <= set(labels("zh").values())


def test_a_gate_is_explained_in_chinese_but_for_what_people_wrote_and_the_recorded_reason() -> None:
    page = made("library_zh")
    html = render_page(page, "zh")
    assert "测试集“拒答”中微调模型（有检索）的已拒答均值" in html and "每题之差的均值：微调" in html
    assert html.count("视为从人们可能提出的问题中随机抽取") == len(page["gates"])
    for gate in page["gates"]:
        figures = gate["value"]["figures"]
        assert not any(figures[name] in html for name in ("estimand", "population", "missing_policy"))
        assert gate["value"]["reason"] in html and gate["value"]["rationale"] in html
    page["gates"][0]["value"]["figures"]["population"] = "Readers of one branch"
    assert "Readers of one branch" in render_page(page, "zh")


def test_every_label_and_name_is_there_in_both_languages() -> None:
    assert all(labels(language).keys() == labels("en").keys() for language in LANGUAGES)
    assert all(names(language).keys() == names("en").keys() for language in LANGUAGES)
    places = [{k: sorted(re.findall(r"{(\w+)}", v)) for k, v in labels(language).items()} for language in LANGUAGES]
    assert places[0] == places[1]
    with pytest.raises(GenaiopsError, match="not in 'fr'"):
        render_page(made(), "fr")


def test_a_bar_draws_the_interval_where_it_lies_on_the_axis() -> None:
    drawn = str(bar({"mean": 0.5, "low": 0.25, "high": 0.75}, axis_for([]), [0.8]))
    assert '<line class="reach" x1="25.0" y1="10" x2="75.0" y2="10"/>' in drawn
    assert '<line class="limit" x1="80.0" y1="0" x2="80.0" y2="20"/>' in drawn
    around = axis_for([{"mean": -0.3, "low": -0.31, "high": 0.1}], around_zero=True)
    assert around.ends == (-0.5, 0.0, 0.5) and around.at(0) == 50.0
    assert 'class="reach"' not in str(bar({"mean": 0.5, "low": None, "high": None}, axis_for([])))
    assert 'class="mean"' not in str(bar({"mean": None, "low": None, "high": None}, axis_for([])))
