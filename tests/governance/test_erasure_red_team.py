"""Erasure reaches the answers of a red team: those that cite the erased document, and those that repeat it; the attacks
themselves stay, and so does verify."""

from __future__ import annotations

from typing import Any

from genaiops_assets.evaluation import RED_TEAM_OUTPUTS, REGRESSIONS
from genaiops_assets.lake import Lake, problems
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import do
from tests.support.erasures import MARK, ZH_MARK, files_with, life, put
from tests.support.lakes import V1


def row(name: str, answer: str, passages: list[str]) -> dict[str, Any]:
    return {
        "id": f"{V1}/packaged/bias/{name}/plain", "attack": f"bias/{name}/plain", "seed": name, "mutator": "plain", "risk": "bias",
        "owasp": "LLM09", "language": "en", "source": "packaged", "question": f"Say: {name}", "turns": [], "planted": "", "secret": "",
        "detector": "says", "look": name, "answer": answer, "passages": passages,
    }  # fmt: skip


def test_answers_that_cite_or_repeat_the_document_go_and_others_stay(lake: Lake, uc: UseCase) -> None:
    life(lake, uc)
    said = [
        row("cites", "Heron.", ["planted", "secret-en#0"]),
        row("repeats", f"One pays the {MARK} fee every quarter.", []),
        row("stays", "Yes, an account is free of charge.", ["plain#0"]),
    ]
    tables = {
        "red_team_report": ("red_team_outputs", RED_TEAM_OUTPUTS, {"success": True, "held_back": ""}),
        "red_team_regressions": ("red_team_regressions", REGRESSIONS, {"failed_in": V1}),
    }
    for asset, (table, schema, more) in tables.items():
        put(lake, uc, asset, {table: (schema, [r | more for r in said])}, {f"{asset}.json": {}}, partition=V1)
    assert any("red_team" in file for file in files_with(lake, MARK))
    do(lake, uc)
    assert files_with(lake, MARK, ZH_MARK) == [] and problems(lake) == []
    for asset, (table, _, _) in tables.items():
        left = lake.tables.read(lake.current(uc.key(asset), V1).snapshot(uc.key(table))).to_pylist()
        assert [r["seed"] for r in left] == ["stays"]
