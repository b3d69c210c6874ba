"""A release that marks its answers, from its bundle to `genaiops detect`: served, told by the key of its version, and
named where the use case file says otherwise."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.models import messages
from genaiops_assets.serving import Assistant, differing, marking_config
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.engines import Wish
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.gateway.released import Released, open_released
from tests.support.released_home import ReleasedHome

PROMPTS = [messages(f"What does number {n} cost?", [], "en") for n in range(6)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> ReleasedHome:
    return ReleasedHome(tmp_path_factory.mktemp("marked"), marking={"watermark": "gumbel", "temperature": 0.8})


def detected(home: ReleasedHome, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    for name, value in (("GENAIOPS_HOME", str(home.home)), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["detect", text])
    return result.exit_code, click.unstyle(result.output)


async def answers(released: Released) -> str:
    async def one(prompt: list[dict[str, str]]) -> str:
        return "".join([piece.text async for piece in released.engine.answer(prompt, Wish(60))])

    return " ".join(await asyncio.gather(*map(one, PROMPTS)))


def test_what_a_release_writes_is_told_by_the_command(
    home: ReleasedHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = open_released(home.lake, home.uc)
    try:
        text = asyncio.run(answers(released))
        asked = Asked(model="bank_support", question="?", history=[], temperature=0.1)
        with pytest.raises(Problem, match="are drawn at"):
            released.engine.refuse(asked)
    finally:
        asyncio.run(released.engine.close())
    assert released.watermark == "gumbel"
    code, said = detected(home, text, monkeypatch)
    assert code == 0 and f"it bears the watermark of {home.version}" in said
    (tmp_path / "saved.txt").write_text(text, encoding="utf-8")
    assert detected(home, str(tmp_path / "saved.txt"), monkeypatch)[0] == 0
    code, said = detected(home, "每册每天一角。", monkeypatch)
    assert code == 1 and "too short to tell" in said
    code, said = detected(home, " ".join(f"{n * n} dollars for card {n}" for n in range(80)), monkeypatch)
    assert code == 1 and "proves nothing" in said


def test_ask_bears_the_mark_too_and_a_changed_setting_is_named(home: ReleasedHome) -> None:
    assistant = Assistant(home.lake, home.uc)
    assert assistant.generator is not None and assistant.generator.marks is not None
    uc = home.uc
    assert differing(marking_config(home.lake, uc)) == []
    marking = uc.serving.marking.model_copy(update={"watermark": "kgw"})
    changed = uc.model_copy(update={"serving": uc.serving.model_copy(update={"marking": marking})})
    assert differing(marking_config(home.lake, changed)) == ["watermark: released gumbel, stated kgw"]
    assert len(marking_config(home.lake, uc)["released"]["key_id"]) == 16


def test_without_a_release_that_marks_there_is_nothing_to_look_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(app, ["detect", "some text"])
    assert result.exit_code == 1 and "there is no mark to look for" in " ".join(click.unstyle(result.output).split())
