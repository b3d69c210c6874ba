"""Asset `content_marking_config`: what it says, what its checks pass, and what makes each of them fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from pydantic import ValidationError

from genaiops_assets.assets.release.content_marking_config import content_marking_config_assets, is_owed
from genaiops_assets.governance.release import marking_of
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import Signer, differing, lacking, marking_config
from genaiops_assets.serving.gateway.asked import asked_in
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.transparency.config import REFUSED
from genaiops_assets.serving.transparency.watermark_keys import SECRET, version_key
from genaiops_assets.use_case import Labels, Marking, Serving, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.support.lakes import bank_support, publish


def shop(folder: Path, tokens: int = 48, **marking: Any) -> UseCase:
    if not (folder / "shop").exists():
        write_starter(folder / "shop")
    uc = load_use_case(folder / "shop")
    evaluation = uc.evaluation.model_copy(update={"max_new_tokens": tokens})
    serving = Serving(marking=Marking.model_validate(marking))
    return uc.model_copy(update={"serving": serving, "evaluation": evaluation})


def made(uc: UseCase, home: Path) -> tuple[dict[str, Any], dict[str, bool]]:
    result = dg.materialize(
        content_marking_config_assets(uc),
        resources={"platform": Platform(home=str(home))},
        instance=dg.DagsterInstance.ephemeral(),
    )
    content = Lake(home).current(uc.key("content_marking_config")).json("content_marking_config.json")
    return content, {c.check_name: c.passed for c in result.get_asset_check_evaluations()}


def test_short_answers_signed_and_labels_decided_pass(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Signer(Lake(home))
    content, checks = made(shop(tmp_path, labels={"public_interest_text": "reviewed"}), home)
    assert checks == dict.fromkeys(checks, True) and len(checks) == 4
    assert {"en", "zh"} <= set(content["disclosure_text"])
    assert len(content["layers"][0]["keys"]) == 1


def test_each_check_fails_where_it_should(tmp_path: Path) -> None:
    content, checks = made(shop(tmp_path, 300, watermark="kgw"), tmp_path / "home")
    assert checks == {
        "owed_marking_is_set_up": False,  # no key signs
        "release_marks_as_stated": True,  # nothing is released
        "judged_as_it_answers": False,
        "public_label_is_decided": False,
    }
    without = marking_config(Lake(tmp_path / "home"), shop(tmp_path, 300))
    assert lacking(without, owed=True)[0] == "answers of more than 200 tokens bear no watermark"
    assert lacking(without, owed=False) == lacking({**without, "exemption": "edits of people's texts"}, True) == []
    assert len(lacking({**content, "upstream": True}, owed=True)) == 2, "another server applies no watermark"
    released = {
        "model_version": "mv-1",
        "bundle": "b",
        "marking": {"watermark": "kgw", "temperature": 0.0},
        "key_id": "",
    }
    assert differing({**content, "released": released}) == []
    assert differing({**without, "released": released}) == [
        "temperature: released 0.0, stated none",
        "watermark: released kgw, stated none",
    ]


def test_no_secret_stands_in_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = Lake(home)
    key = version_key(lake, "shop", "mv-1")
    uc = shop(tmp_path, watermark="gumbel", temperature=0.7)
    made(uc, home)
    text = lake.current(uc.key("content_marking_config")).local("content_marking_config.json").read_text()
    assert key.hex() not in text and (home / SECRET).read_bytes().hex() not in text
    assert marking_of(uc) == {"watermark": "gumbel", "temperature": 0.7} and marking_of(shop(tmp_path)) == {}


@pytest.mark.parametrize("part", REFUSED.values())
def test_every_kind_it_names_is_refused_by_the_gateway(part: str) -> None:
    content = [{"type": "text", "text": "What is this?"}, {"type": part, part: {}}]
    with pytest.raises(Problem, match=f"'{part}' is not served") as refused:
        asked_in({"model": "m", "messages": [{"role": "user", "content": content}]})
    assert (refused.value.status, refused.value.code) == (400, "unsupported_value")


def test_no_row_of_the_lifecycle_names_an_asset_that_is_never_made() -> None:
    root = Path(__file__).parents[2]
    lifecycle = yaml.safe_load((root / "genaiops_assets/governance/compliance/lifecycle.yaml").read_text("utf-8"))
    made = {
        key.partition("/")[2] for key in json.loads((root / "tests/specs.json").read_text())["bank_support"]["assets"]
    }
    named = {asset for rows in lifecycle.values() if isinstance(rows, list) for row in rows
             if isinstance(row, dict) for asset in row.get("assets", [])}  # fmt: skip
    assert len(named) > 40 and named - made == set()


def test_settings_that_cannot_be_are_refused() -> None:
    for wrong in ({"watermark": "synthid"}, {"watermark": "gumbel"}, {"temperature": 0.5}, {"watermark": "other"}):
        with pytest.raises(ValidationError):
            Marking.model_validate(wrong)
    with pytest.raises(ValidationError, match="with which words"):
        Labels(public_interest_text="labelled")


def test_whether_it_is_owed_is_read_from_the_classification_of_a_version(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path / "classified"), bank_support()
    assert is_owed(lake, uc), "nobody classified it yet"
    for version, owed in (("mv-000000000001", True), ("mv-000000000002", False)):
        found = {"owed": {"content_marking_config": {"owed": owed}}}
        classified = uc.key("regulatory_classification")
        publish(lake, classified, {"regulatory_classification.json": found}, partition=version)
        assert is_owed(lake, uc) is owed
