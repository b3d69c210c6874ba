"""What is erased leaves the page too: an answer that a page cites, in its JSON and in its HTML, over several lines."""

from __future__ import annotations

from typing import Any

from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.governance.evaluation_page import CITED, LANGUAGES, build_page, page_file, render_page
from genaiops_assets.lake import ERASED_TEXT, Lake, problems
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import do
from tests.governance.evaluation_page.test_page import sources
from tests.support.erasure_rows import output
from tests.support.erasures import MARK, files_with, life, put
from tests.support.lakes import V2

SHORT = f"It is {MARK},\npayable <now>."
LONG = f"- one {MARK} fee\n\n" + "so that nobody forgets what has to be paid & when; " * 12


def cited_page(lake: Lake, uc: UseCase) -> Any:
    """A page that cites two answers resting on a document that will be erased, and one that does not."""
    said = {"g00": SHORT, "g01": LONG, "g02": "It is free of charge for everybody."}
    passages = {"g02": ["plain#0"]}
    rows = [output(item, "tuned_with", text, passages.get(item, ["secret-en#0"])) for item, text in said.items()]
    kept = [{**r, "suite": "golden", "slices": ["dev"], "scores": [{"name": "answer_f1", "value": 0.1}]} for r in rows]
    columns = OUTPUTS.names
    put(
        lake, uc, "eval_report", {"eval_outputs": (OUTPUTS, [{c: r.get(c) for c in columns} for r in kept])},
        {"eval_report.json": {"of": V2}}, partition=V2,
    )  # fmt: skip
    page = build_page(uc, V2, sources(uc, rows=kept))
    pages = {page_file(language): render_page(page, language) for language in LANGUAGES}
    return put(lake, uc, "evaluation_page", {}, {"evaluation_page.json": page, **pages}, partition=V2)


def test_an_erased_answer_leaves_json_and_html_and_the_rest_stays(lake: Lake, uc: UseCase) -> None:
    life(lake, uc)
    made = cited_page(lake, uc)
    before = {name: made.local(name).read_text("utf-8") for name in map(page_file, LANGUAGES)}
    assert all(text.count(MARK) == 2 for text in before.values())
    do(lake, uc)
    assert files_with(lake, MARK) == [] and problems(lake) == []
    after = lake.artifacts.get(uc.key("evaluation_page"), made.digest)
    golden = after.json("evaluation_page.json")["worst"][0]
    assert [i["answer"] for i in golden["items"]] == [ERASED_TEXT, ERASED_TEXT, "It is free of charge for everybody."]
    for name, text in before.items():
        now = after.local(name).read_text("utf-8")
        assert now.count(ERASED_TEXT) == text.count(ERASED_TEXT) + 2
        assert "payable" not in now and "nobody forgets" not in now and "free of charge for everybody" in now


def test_as_much_is_cited_as_erasure_looks_for(lake: Lake, uc: UseCase) -> None:
    from genaiops_assets.governance.erasure import survey

    assert survey.CITED == CITED
