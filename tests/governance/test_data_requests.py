"""From the bias log back to data: a rare group or topic opens a task, and only a person's word makes it a request."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.corpus.data_requests import data_requests_assets
from genaiops_assets.drift import open_tasks, settle_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.data_requests import (
    ask_for_data,
    data_requests,
    data_tasks,
    lacks_of,
    settle_data_tasks,
)
from genaiops_assets.governance.documents.data_bias import build_bias_log
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.conftest import genaiops
from tests.support.lakes import bank_support, publish

TODAY = date(2026, 11, 30)
EVEN = {"female": 50, "male": 50, "other_or_neutral": 40}


def log(uc: UseCase, gender: dict[str, int], largest_topic: int = 20) -> dict[str, Any]:
    """A bias log of a corpus with these mentions and topics, made as the asset makes it."""
    sizes = {"fee, balance, monthly": largest_topic, "card, lost, replace": 10, "loan, rate, term": 12}
    total = sum(sizes.values())
    topics = [{"terms": t.split(", "), "documents": n, "share": n / total} for t, n in sizes.items()]
    profile = {
        "topics": topics, "duplication": {"rate": 0.0, "rows_read": 42}, "group_mentions": {"gender": gender},
        "source_entropy": 1.0, "topic_entropy": 1.0, "lexical_diversity": 0.5, "lexical_diversity_definition": "d",
        "topic_method": "m", "sample": 42,
    }  # fmt: skip
    corpus = {"languages": {"en": 42}, "documents_by_source": {"handbook": 42}}
    return build_bias_log(uc, Evidence("c", "1" * 64, corpus), Evidence("p", "2" * 64, profile))


def test_a_rare_group_and_a_rare_topic_are_named_with_their_numbers(uc: UseCase) -> None:
    assert lacks_of(log(uc, EVEN)) == []
    [group] = lacks_of(log(uc, {"female": 8, "male": 90, "other_or_neutral": 0}))
    assert group.about == "group_gender" and group.missing == ("other_or_neutral", "female")
    assert group.why == "men and boys has 92% of 98, at most 80%; rare: other or neutral 0, women and girls 8"
    [topic] = lacks_of(log(uc, EVEN, largest_topic=200))
    assert topic.about == "topic" and topic.missing == ("card, lost, replace", "loan, rate, term")
    assert lacks_of(log(uc, {"female": 1, "male": 9, "other_or_neutral": 0})) == []  # too few mentions to say so


def test_a_task_is_opened_once_for_its_owner_and_closed_when_the_lack_is_gone(lake: Lake, uc: UseCase) -> None:
    skewed = log(uc, {"female": 8, "male": 90, "other_or_neutral": 0})
    [task] = settle_data_tasks(lake, uc, skewed, "a" * 64, TODAY)
    assert task.what == "ask for data: group_gender" and task.owner == uc.people.answering_for("corpus")[0]
    assert task.due == "2026-12-14"
    moved = log(uc, {"female": 9, "male": 95, "other_or_neutral": 1})
    assert settle_data_tasks(lake, uc, moved, "b" * 64, TODAY) == [task]
    assert settle_data_tasks(lake, uc, log(uc, EVEN), "c" * 64, TODAY) == []
    assert [e.kind for e in lake.ledger.entries()] == ["task_opened", "task_closed"]


def test_a_drift_report_leaves_it_alone_and_the_bias_log_leaves_drifts_alone(lake: Lake, uc: UseCase) -> None:
    skewed = log(uc, {"female": 8, "male": 90, "other_or_neutral": 0})
    settle_data_tasks(lake, uc, skewed, "a" * 64, TODAY)
    figures = {"recommendation": "add documents", "why": "gaps", "interactions": "i", "enough": True}
    settle_tasks(lake, uc, "2026-11-30", figures, TODAY)
    assert [task.what for task in open_tasks(lake, uc)] == ["ask for data: group_gender", "add documents"]
    settle_tasks(lake, uc, "2026-12-01", {**figures, "recommendation": "nothing"}, TODAY)
    assert [task.what for task in open_tasks(lake, uc)] == ["ask for data: group_gender"]


@pytest.fixture
def waiting(lake: Lake, uc: UseCase) -> str:
    [task] = settle_data_tasks(lake, uc, log(uc, {"female": 8, "male": 90, "other_or_neutral": 0}), "a" * 64, TODAY)
    return task.id


def test_on_a_persons_word_a_request_is_written_and_the_task_closed(lake: Lake, uc: UseCase, waiting: str) -> None:
    task, file = ask_for_data(lake, uc, waiting[:5], name="olga OWNER", reason=" too few ", count=20, wanted="pairs")
    text = file.read_text("utf-8")
    assert task.id == waiting and data_tasks(lake, uc) == []
    assert "20 preference pairs" in text and "too few (Olga Owner" in text and "women and girls 8" in text
    assert "`question`, `chosen`, `rejected`, `reviewer`" in text and "not needed is not stored" in text
    [asked] = data_requests(lake, uc)
    assert (asked["by"], asked["count"], asked["wanted"], asked["about"]) == ("Olga Owner", 20, "pairs", "group_gender")
    assert not list((lake.home / "inbox").rglob("*"))  # what is asked for is not read as if it were there
    again = log(uc, {"female": 8, "male": 90, "other_or_neutral": 0})
    assert settle_data_tasks(lake, uc, again, "b" * 64, TODAY) == []  # the same lack is not asked about again


def test_the_request_is_in_the_language_of_the_use_case(lake: Lake) -> None:
    from genaiops_assets.use_case.load import load_use_case
    from tests.support.lakes import PACKAGED

    zh = load_use_case(PACKAGED / "library_zh")
    [task] = settle_data_tasks(lake, zh, log(zh, {"female": 8, "male": 90, "other_or_neutral": 0}), "a" * 64, TODAY)
    _, file = ask_for_data(lake, zh, task.id, name=zh.people.owners[0], reason="女性读者太少", count=5)
    text = file.read_text("utf-8")
    assert "数据征集" in text and "女性 8" in text and "`title`、`text`、`license`" in text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Nobody Known"}, "is not among the people"),
        ({"reason": " "}, "asking for data needs a reason"),
        ({"count": 0}, "ask for one or more"),
        ({"wanted": "passwords"}, "ask for one or more"),
        ({"task_id": ""}, "names no open task about data"),
    ],
)
def test_nothing_is_asked_for_without_a_known_person_and_a_reason(
    lake: Lake, uc: UseCase, waiting: str, changes: dict[str, Any], why: str
) -> None:
    given = {"task_id": waiting, "name": "Olga Owner", "reason": "too few", "count": 3, **changes}
    with pytest.raises(Refused, match=why):
        ask_for_data(lake, uc, given.pop("task_id"), **given)
    assert len(data_tasks(lake, uc)) == 1 and data_requests(lake, uc) == []


def test_the_asset_opens_the_task_and_its_check_waits_for_a_person(lake: Lake, uc: UseCase) -> None:
    def checked() -> dg.AssetCheckEvaluation:
        result = dg.materialize(data_requests_assets(uc), resources={"platform": Platform(home=str(lake.home))})
        [check] = result.get_asset_check_evaluations()
        return check

    skewed = log(uc, {"female": 8, "male": 90, "other_or_neutral": 0})
    publish(lake, uc.key("data_bias_log"), {"data_bias_log.json": skewed})
    check = checked()
    assert not check.passed and "ask for data: group_gender: Olga Owner" in check.metadata["tasks"].value
    assert lake.current(uc.key("data_requests")).summary["figures"] == {"lacks": 1}
    ask_for_data(lake, uc, data_tasks(lake, uc)[0].id, name="Olga Owner", reason="too few", count=3)
    assert checked().passed


def test_from_the_command_line(tmp_path: Path) -> None:
    uc, lake = bank_support(), Lake(tmp_path / "home")
    [task] = settle_data_tasks(lake, uc, log(uc, {"female": 8, "male": 90, "other_or_neutral": 0}), "a" * 64, TODAY)
    assert f"ask-for-data {task.id} --as NAME --count N" in genaiops(lake.home, "tasks").stdout
    said = genaiops(lake.home, "ask-for-data", task.id, "--as", "Olga Owner", "--count", "20", "--reason", "too few")
    assert "20 documents asked for by Olga Owner" in said.stdout and len(data_requests(lake, uc)) == 1
