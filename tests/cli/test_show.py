"""`genaiops show decision`: gates in plain words, of decisions new and old."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.cli.show import in_lines
from genaiops_assets.evaluation import Measure, apply_gates, rule_set
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import Criterion, register
from tests.support.lakes import V1, V2, publish

OLD = {
    "id": "recall",
    "status": "pass",
    "reason": "reaches 0.5",
    "needed_items": None,
    "rationale": "why",
    "value": None,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    for name, value in (("GENAIOPS_HOME", str(home)), ("DAGSTER_HOME", str(home / "dagster")), ("COLUMNS", "400")):
        monkeypatch.setenv(name, value)
    register(home, "package:bank_support")
    return home


def decided(home: Path, version: str, gates: list[dict], **more) -> None:
    content = {"model_version": version, "verdict": "undecided", "gates": gates, **more}
    publish(Lake(home), "bank_support/release_decision", {"decision.json": content}, partition=version)


def shown(*arguments: str) -> str:
    return CliRunner().invoke(app, ["show", "decision", *arguments]).output


def test_a_stranger_reads_what_so_many_questions_can_show(home: Path) -> None:
    interval = Measure(500, 0.95, 0).effect([0.9, 0.1] * 21, [0.4, 0.5] * 21)
    words = "The tuned model must not answer worse than the base model."
    gate = Criterion(id="tuning", metric="/effects/tuning/all", at_least=0, min_items=20, rationale=words)
    results = apply_gates([gate], {"effects": {"tuning": {"all": interval}}})
    decided(home, V1, [OLD])
    decided(home, V2, [r.to_dict() for r in results], rules=rule_set(), should_have_passed=["tone"])
    said = shown()
    assert said.startswith(f"{V2}: undecided") and "rules: version 3" in said
    assert "should have passed, and stops nothing: tone" in said
    assert "with 42 questions a difference of" in said and "would be needed for 0.05" in said
    assert "n = 42" in said


def test_a_decision_of_an_earlier_version_is_shown_as_far_as_it_goes(home: Path) -> None:
    decided(home, V1, [OLD])
    said = shown(V1)
    assert "recall" in said and "reaches 0.5" in said and "rules" not in said
    assert f"there is no decision on {V2}" in shown(V2)


def test_what_blocks_a_decision_is_told_beside_what_the_gates_say() -> None:
    found = {"model_version": V2, "verdict": "no_go", "by_gates": "go", "blocked_by": ["residual risk x: expired"]}
    assert in_lines(found) == [
        f"{V2}: no_go",
        "blocked by residual risk x: expired",
        "the gates alone say go; genaiops run decides again when this is cured",
    ]
    assert in_lines({"model_version": V2, "verdict": "go"}) == [f"{V2}: go"]
