"""The packaged examples: every class rated, nothing orphaned, nothing severe left open."""

from __future__ import annotations

import pytest
import yaml

from genaiops_assets.assets.scoping.risk_register import means_of
from genaiops_assets.governance.records import Risk, read_records
from genaiops_assets.governance.risk import build_register, build_test_plan, render_register, render_test_plan
from genaiops_assets.governance.risk.severe import severe_findings
from genaiops_assets.use_case import SUITES, UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.governance.risk.cases import read
from tests.support.lakes import PACKAGED


@pytest.fixture(params=["bank_support", "library_zh"])
def uc(request: pytest.FixtureRequest) -> UseCase:
    return load_use_case(PACKAGED / request.param)


def test_an_example_rates_every_class_and_tests_or_explains_every_failure_mode(uc: UseCase) -> None:
    found = read_records(uc)
    assert found.problems == []
    records = [record.model_dump(mode="json") for record in found.records]
    register = build_register(uc.name, uc.title, uc.language, records)
    assert register["unrated"] == [] and register["unclassed"] == []
    plan = build_test_plan(register, means_of(uc, uc.success_criteria.model_dump(mode="json")["gates"]))
    assert plan["orphans"] == []
    severe = [row["name"] for row in plan["rows"] if row["severity"] >= 9]
    assert severe and severe_findings(register) == []
    assert uc.title.split("（")[0] in render_register(register)
    assert all(row["name"] in render_test_plan(plan) for row in plan["rows"])


def test_the_risk_in_the_starters_readme_is_a_record() -> None:
    text = (PACKAGED / "_starter/README.md").read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    record = read(yaml.safe_load(text.replace("NAME\n", "Olga Owner\n")))
    assert record["failure_modes"][0]["tests"] == [{"gate": "retrieval_effect"}]


def test_a_figure_that_an_example_names_is_in_a_cell_of_its_suite(uc: UseCase) -> None:
    tests = [t for r in read_records(uc).records if isinstance(r, Risk) for m in r.failure_modes for t in m.tests]
    figures = [(t.suite, t.figure.split("/")) for t in tests if t.suite and t.figure]
    assert figures
    for suite, parts in figures:
        assert parts[1:4] == ["suites", suite, "cells"] and parts[-1] == "all"
        assert parts[4] in (SUITES.get(suite).speakers or {"all"}), f"{suite}: {parts}"
