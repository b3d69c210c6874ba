"""What changed between two editions of a document, and which edition belongs to a version."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genaiops_assets.errors import Unusable
from genaiops_assets.evidence import Evidence, claim
from genaiops_assets.governance.documents import changed_documents, document_changes
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.conftest import genaiops
from tests.governance.operating.evidence import ACCEPTED, NAMES, build, sources
from tests.support.lakes import V1, V2, V3, bank_support, publish


def edition(digest: str, score: float, rows: list[dict[str, Any]], text: dict[str, Any]) -> dict[str, Any]:
    evidence = Evidence("bank/report", digest, {"score": score, "rows": rows})
    return {
        "schema_version": 1,
        "title": "Bank",
        "score": claim(evidence, "/score"),
        "rows": [claim(evidence, f"/rows/{n}") for n in range(len(rows))],
        "stop": text,
    }


GAP = {"gap": True, "name": "dossier/x.yaml: stop"}
SAID = {"text": "Press the red button.", "author": "Ada"}
ROWS = [
    {"id": "a", "n": 1, "value": {"mean": 0.1, "low": 0.0, "high": 0.2, "n": 9}},
    {"id": "b", "n": 2, "value": None},
]


def test_a_claim_is_the_same_where_its_value_is() -> None:
    before, after = edition("1" * 64, 0.4, ROWS, SAID), edition("2" * 64, 0.4, ROWS, SAID)
    assert not any(document_changes(before, after).values())


def test_figures_texts_and_gaps_are_told_apart_and_rows_by_their_name() -> None:
    moved = [
        {**ROWS[1]},
        {**ROWS[0], "n": 5, "value": {**ROWS[0]["value"], "mean": 0.15}},
        {"id": "c", "n": 3, "value": None},
    ]
    found = document_changes(edition("1" * 64, 0.4, ROWS, GAP), edition("2" * 64, 0.5, moved, SAID))
    values = {one["place"]: one for one in found["values"]}
    assert values["/score"] == {
        "place": "/score",
        "old": {"value": 0.4, "source": f"bank/report@{'1' * 64}#/score"},
        "new": {"value": 0.5, "source": f"bank/report@{'2' * 64}#/score"},
    }
    assert (values["/rows/a/n"]["old"]["value"], values["/rows/a/n"]["new"]["value"]) == (1, 5)
    assert values["/rows/a/n"]["new"]["source"].endswith("#/rows/1/n")
    assert values["/rows/a/value"]["new"]["value"]["mean"] == 0.15
    assert values["/rows/c/id"]["old"] is None and not any(place.startswith("/rows/b") for place in values)
    assert [(one["place"], one["old"], one["new"]) for one in found["sections"]] == [("/stop", GAP, SAID)]
    assert (found["closed"], found["opened"]) == (["dossier/x.yaml: stop"], [])
    back = document_changes(edition("2" * 64, 0.5, moved, SAID), edition("1" * 64, 0.4, ROWS, GAP))
    assert back["opened"] == ["dossier/x.yaml: stop"] and len(back["values"]) == len(found["values"])


def test_another_author_of_the_same_words_is_no_change_and_other_words_are() -> None:
    by_other = edition("1" * 64, 0.4, ROWS, {**SAID, "author": "Bo"})
    assert not any(document_changes(edition("1" * 64, 0.4, ROWS, SAID), by_other).values())
    other = document_changes(edition("1" * 64, 0.4, ROWS, SAID), edition("1" * 64, 0.4, ROWS, {**SAID, "text": "Run."}))
    assert [one["new"]["text"] for one in other["sections"]] == ["Run."]


@pytest.mark.parametrize("name", NAMES)
def test_every_written_document_can_be_compared(name: str) -> None:
    uc = bank_support()
    first = sources(uc)
    scope = uc.scope()
    scope["purpose"]["out_of_scope"] = [*scope["purpose"]["out_of_scope"], "weather forecasts"]
    second = sources(uc, ACCEPTED, use_case_scope=scope)
    assert not any(document_changes(build(uc, name, first), build(uc, name, first)).values())
    found = document_changes(build(uc, name, first), build(uc, name, second))
    assert bool(found["values"]) == (name in ("deployer_pack", "use_policy", "acceptance_and_training"))


def published(lake: Lake, uc: UseCase, version: str, limits: float, policy: str) -> None:
    """The artifacts of one version, and the use case's policy as it was then."""
    publish(lake, uc.key("use_policy"), {"use_policy.json": {"allowed": {"text": policy}}})
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"of": version}}, partition=version)
    pack = edition(version.ljust(64, "0"), limits, ROWS, SAID)
    publish(lake, uc.key("risk_pack"), {"risk_pack.json": pack}, partition=version)


def test_each_version_has_the_edition_of_its_time(lake: Lake, uc: UseCase) -> None:
    published(lake, uc, V1, 0.4, "Try it.")
    published(lake, uc, V2, 0.5, "Use it.")
    publish(lake, uc.key("use_policy"), {"use_policy.json": {"allowed": {"text": "Later."}}})
    found = changed_documents(lake, uc, V1, V2, ["use_policy", "risk_pack", "runbook"])
    assert list(found) == ["use_policy", "risk_pack"]
    assert [(c["old"]["text"], c["new"]["text"]) for c in found["use_policy"]["sections"]] == [("Try it.", "Use it.")]
    assert [c["place"] for c in found["risk_pack"]["values"]] == ["/score"]
    with pytest.raises(Unusable, match=V3):
        changed_documents(lake, uc, V1, V3, ["use_policy"])
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"of": V3}}, partition=V3)
    assert changed_documents(lake, uc, V2, V3, ["risk_pack"]) == {"risk_pack": {"only": "before"}}


def test_by_the_command_line(lake: Lake, uc: UseCase) -> None:
    published(lake, uc, V1, 0.4, "Try it.")
    published(lake, uc, V2, 0.5, "Use it [now].")
    said = " ".join(genaiops(lake.home, "diff", V1, V2).stdout.split())
    assert "/score: 0.4 → 0.5" in said and "Try it. → Use it [now]." in said and "bank/report@" in said
    found = json.loads(genaiops(lake.home, "diff", V1, V2, "--document", "risk_pack", "--json").stdout)
    assert list(found) == ["risk_pack"] and found["risk_pack"]["values"][0]["new"]["value"] == 0.5
    assert "risk_pack did not change" in genaiops(lake.home, "diff", V1, V1, "--document", "risk_pack").stdout
    unknown = genaiops(lake.home, "diff", V1, V2, "--document", "novel", check=False)
    assert unknown.returncode and "there is no document" in unknown.stdout + unknown.stderr
