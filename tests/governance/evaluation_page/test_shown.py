"""What the page says of every suite: what so many items can show, whether it ended early, and what was answered again."""

from __future__ import annotations

import pytest

from genaiops_assets.evidence import Evidence, resolve_pointer
from genaiops_assets.governance.evaluation_page import build_page, render_page
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.governance.evaluation_page.test_page import made, sources
from tests.support.lakes import V1
from tests.support.pages import read_page


def test_what_ended_early_what_an_engine_costs_and_how_runs_differ_stand_on_the_page() -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    report = sources(uc).report.document
    whole = report["suites"]["toxicity"]
    whole["stopped"] = {"after": 16, "of": 40, "why": "every gate on it was decided"}
    golden = report["cells"]["tuned_with"]["answer_f1"]["all"]
    report["engine_loss"] = {
        "engine": "openvino_bfloat16",
        "cell": "tuned_with",
        "identical": golden,
        "answer_f1": report["effects"]["tuning"]["all"],
    }
    report["repeats"] = {"cell": "tuned_with", "score": golden}
    page = build_page(uc, V1, sources(uc, report=Evidence(uc.key("eval_report"), "a" * 64, report)))
    found = {suite["name"]: suite for suite in page["suites"]}
    assert found["toxicity"]["stopped"]["value"]["after"] == 16
    assert [f["kind"] for f in found["engine_loss"]["figures"]] == ["score", "effect"]
    for language, said in (("en", "Ended after  16  of  40  items"), ("zh", "题后结束")):
        html = read_page(render_page(page, language))
        assert said in " ".join(html.text), language
        for pointer, text in html.numbers:
            value = resolve_pointer(page, pointer)
            assert text == "–" if value is None else float(text.replace(",", "")) == pytest.approx(value, abs=0.000501)


def test_every_figure_says_what_so_many_items_can_show_also_without_a_gate() -> None:
    page = made()
    place, chosen = next((n, s) for n, s in enumerate(page["suites"]) if s["name"] == "toxicity")
    assert not [g for g in page["gates"] if "toxicity" in g["value"]["metric"]]
    shows = chosen["figures"][0]["figure"]["value"]["shows"]
    html = read_page(render_page(page, "en"))
    assert f"/suites/{place}/figures/0/figure/value/shows/difference" in {at for at, _ in html.numbers}
    assert f"can show  {shows['difference']:.3f}" in " ".join(html.text)
