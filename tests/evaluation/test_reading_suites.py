"""Suites whose items a model reads, what a suite says of itself, and a killed evaluation that goes on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from genaiops_assets.models import TransformersGenerator, text_likelihood
from genaiops_assets.payloads import speaking
from tests.support.bench import GATE, Bench
from tests.support.plugins import distribution

PLUGIN = '''
from genaiops_assets.evaluation import About, Item, Reading

class Likely:
    """Whether the model holds the first way likelier than the second."""
    name, version, keeps_answers = "likely", "1", True
    speakers = {"base": "base", "tuned": "tuned"}
    looks_at = ("training",)
    about = About("share", "texts", "none is missing", "It reads.", "article-15.1", ("bias",))

    def items(self, world):
        assert [row.chosen for row in world.trained()] == ["It is Ann."]
        return [Item(f"i{n}", text) for n, text in enumerate(["The fee", "An account", "A card"])][: world.limit]

    def reads(self, item, world):
        return Reading(item.question, (" is", " is blocked within hours of a call to the bank"))

    def score_read(self, item, cell, sums, world):
        return {"first": float(sums[0] > sums[1]), "nats": min(1.0, -sums[0] / 50)}

    def slices(self, item):
        return ()
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    offered = "[genaiops.suites]\nlikely = likely_suite:Likely"
    site = distribution(tmp_path / "site", "likely_suite", offered, module="likely_suite", code=PLUGIN)
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("likely_suite", None)


def test_a_model_reads_items_and_their_scores_are_kept_and_judged(
    plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, monkeypatch)
    gate = {**GATE, "id": "likely", "metric": "/suites/likely/cells/tuned/first/all", "at_least": 0.2}
    bench.uc = bench.use_case(gate, suites=["likely"])
    result = bench.run("judge")
    section = bench.current("eval_report").json("eval_report.json")["suites"]["likely"]
    assert section["items"] == 3 and section["cells"]["base"]["first"]["all"]["mean"] == 1.0
    assert 0 < section["cells"]["tuned"]["nats"]["all"]["mean"] < 1
    assert section["about"]["risks"] == ["bias"] and section["about"]["requirement"] == "It reads."
    table = bench.current("eval_report").snapshot(bench.uc.key("eval_outputs"))
    rows = {r["id"]: r for r in bench.lake.tables.rows(table, ["id", "answer", "scores"])}
    assert rows["likely/i0/tuned"]["answer"] == "" and rows["likely/i0/tuned"]["scores"][0]["value"] == 1.0
    checks = {c.check_name: c for c in result.get_asset_check_evaluations()}
    ran = checks["suite_likely"]
    assert ran.passed and ran.metadata["items"].value == 3 and "base first" in ran.metadata


def test_a_smoke_run_reads_so_many_items(plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, monkeypatch)
    bench.uc = bench.use_case(suites=["likely"], limit_per_split=1)
    bench.judge()
    assert bench.current("eval_report").json("eval_report.json")["suites"]["likely"]["items"] == 1


def test_a_likelihood_that_is_no_number_stops_the_evaluation_and_names_the_item(
    plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, monkeypatch)
    bench.uc = bench.use_case(suites=["likely"])
    monkeypatch.setattr(text_likelihood, "math", SimpleNamespace(isfinite=lambda _: False))
    with pytest.raises(Exception, match="likely base, item 0: the model gives a likelihood that is no finite number"):
        bench.run("judge")


def test_a_killed_evaluation_goes_on_within_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    whole = Bench(tmp_path / "whole", monkeypatch)
    whole.uc = whole.use_case(batch_size=1)
    whole.judge()
    wanted = whole.current("eval_report").json("eval_report.json")

    monkeypatch.setattr(speaking, "WRITTEN_EVERY", 1)
    bench = Bench(tmp_path / "killed", monkeypatch)
    bench.uc = bench.use_case(batch_size=1)
    answered: list[int] = []
    answer = TransformersGenerator._answers

    def dies_at_the_fourth(self: Any, prefix: Any, cache: Any, rests: Any, limit: int) -> list[str]:
        if len(answered) == 3:
            raise RuntimeError("killed")
        answered.append(len(rests))
        return answer(self, prefix, cache, rests, limit)

    monkeypatch.setattr(TransformersGenerator, "_answers", dies_at_the_fourth)
    with pytest.raises(RuntimeError, match="killed"):
        bench.run("judge")
    rest: list[int] = []

    def counts(self: Any, prefix: Any, cache: Any, rests: Any, limit: int) -> list[str]:
        rest.append(len(rests))
        return answer(self, prefix, cache, rests, limit)

    monkeypatch.setattr(TransformersGenerator, "_answers", counts)
    bench.judge()
    assert len(answered) == 3 and sum(answered) + sum(rest) == 8  # two questions in four cells
    found = bench.current("eval_report").json("eval_report.json")
    assert all(found[part] == wanted[part] for part in ("cells", "effects", "samples"))
