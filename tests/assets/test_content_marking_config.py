"""Asset `content_marking_config`: what is marked, whether the marks are recognised, and when a watermark is missing."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.assets.release.content_marking_config import content_marking_config_assets, marking_of, tried
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support


def judged(uc: UseCase, made_for: UseCase, home: Path) -> dict[str, bool]:
    """The verdicts on what was made for one use case, asked of another."""
    platform = Platform(home=str(home))
    with dg.DagsterInstance.ephemeral() as instance:
        dg.materialize(content_marking_config_assets(made_for)[:1], resources={"platform": platform}, instance=instance)
        asset, *checks = content_marking_config_assets(uc)
        result = dg.materialize(
            [asset, *checks],
            resources={"platform": platform},
            instance=instance,
            selection=dg.AssetSelection.checks(*(key for one in checks for key in one.check_keys)),
            raise_on_error=False,
        )
        return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def wordy(uc: UseCase, tokens: int) -> UseCase:
    return uc.model_copy(update={"evaluation": uc.evaluation.model_copy(update={"max_new_tokens": tokens})})


def test_marks_are_recognised_and_short_answers_need_no_watermark(tmp_path: Path) -> None:
    uc = bank_support()
    assert judged(uc, uc, tmp_path) == {
        "marks_are_recognised": True, "long_answers_carry_a_watermark": True, "marking_is_current": True,
    }  # fmt: skip


def test_long_answers_without_a_watermark_show_and_so_does_what_changed_since(tmp_path: Path) -> None:
    uc = bank_support()
    found = judged(uc, wordy(uc, 300), tmp_path)
    assert found["long_answers_carry_a_watermark"] is False and found["marking_is_current"] is False


def test_a_broken_signature_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import genaiops_assets.assets.release.content_marking_config as module

    uc, lake = bank_support(), Lake(tmp_path)
    assert tried(lake, uc)[0] == []
    monkeypatch.setattr(module, "trusted_keys", lambda lake: {})
    assert "a signed answer is not recognised" in tried(lake, uc)[0][0]


def test_people_read_the_use_cases_own_words() -> None:
    uc = bank_support()
    own = uc.serving.gateway.model_copy(update={"notice": "A machine wrote this."})
    said = marking_of(uc.model_copy(update={"serving": uc.serving.model_copy(update={"gateway": own})}))
    assert said["layers"][0]["how"] == "A machine wrote this." and "AI system" in marking_of(uc)["layers"][0]["how"]
