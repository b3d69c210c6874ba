"""Preference pairs for tests: clear ones in English and Chinese, some of them turned round, and a lake that holds them.
Holds no tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from genaiops_assets.alignment import PAIRS, pair_row
from genaiops_assets.lake import Lake, write_json, write_rows
from genaiops_assets.use_case import Origin, UseCase

WORDS = {
    "en": (
        "What does the {0} card cost?",
        ["The {0} card costs {1} dollars a year.", "You pay {1} dollars for the {0} card each year, in March."],
        ["I am not sure, please ask somebody else!", "Cards are nice. Many people like cards very much!"],
        ["silver", "gold", "blue", "travel", "student", "family", "senior", "youth", "metal", "green"],
    ),
    "zh": (
        "{0}卡的年费是多少？",
        ["{0}卡的年费是{1}元，每年三月收取。", "每年需为{0}卡支付{1}元。"],
        ["我不太清楚，请您问问别人！", "卡片很好，很多人都喜欢用卡！"],
        ["银", "金", "蓝", "旅行", "学生", "家庭", "长者", "青年", "金属", "绿"],
    ),
}


def pairs(language: str, count: int, *, turned: float = 0.1, random_labels: bool = False) -> tuple[list[Any], set[int]]:
    """Pairs with a clear better answer, and the indices of those that were turned round."""
    random = np.random.default_rng(5)
    asked, better, worse, kinds = WORDS[language]
    wrong = set(random.choice(count, int(count * turned), replace=False).tolist())
    if random_labels:
        wrong = set(np.flatnonzero(random.random(count) < 0.5).tolist())
    rows = []
    for n in range(count):
        kind = f"{kinds[n % 10]}{n // 10}"
        good = better[n % 2].format(kind, random.integers(5, 99))
        answers = [good, worse[random.integers(2)]]
        chosen, rejected = reversed(answers) if n in wrong else answers
        rows.append(pair_row(Origin.HUMAN, "", asked.format(kind), [], (chosen, 1.0), (rejected, 0.0), "Bea"))
    return rows, wrong


def with_pairs(uc: UseCase, home: Path, rows: list[dict[str, Any]]) -> Lake:
    lake, key = Lake(home), uc.key("preference_pairs")
    with lake.work(f"pairs{len(rows)}".ljust(40, "0")) as place:
        write_rows(place.scratch / "pairs.parquet", PAIRS, rows)
        snapshot = lake.tables.sync(key, place.scratch / "pairs.parquet").snapshot
        write_json(place.staging / "pairs.json", {"corpus": {"digest": "c", "rows": 1}})
        lake.publish(
            key, None, f"pairs{len(rows)}".ljust(40, "0"), place.staging,
            snapshots=[snapshot], summary={"figures": {}, "tables": {}}, provenance={},
        )  # fmt: skip
    return lake
