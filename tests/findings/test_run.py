"""The runner of the findings: what it makes of a script's exit code and words."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import PROJECT


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("findings_run", PROJECT / "findings" / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "findings_run", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    return module


@pytest.mark.parametrize(
    ("script", "outcome", "versions"),
    [
        ("echo 'versions: shop 1.2'; exit 0", "holds", "shop 1.2"),
        ("# packages: no-such-package\nexit 1", "changed", "no-such-package (not installed)"),
        ("exit 7", "exit 7", ""),
        ("sleep 5", "over 0.5 s", ""),
    ],
)
def test_a_finding_holds_changed_or_could_not_be_tried(
    runner: ModuleType, tmp_path: Path, script: str, outcome: str, versions: str
) -> None:
    (tmp_path / "one.sh").write_text(script + "\n")
    result = runner.run(tmp_path / "one.sh", limit=0.5 if "sleep" in script else 60)
    assert (result.name, result.outcome, result.versions) == ("one", outcome, versions)


def test_all_run_one_after_the_other_and_one_that_changed_is_shown(
    runner: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b_changed.sh").write_text("echo 'now it raises'\nexit 1\n")
    (tmp_path / "a_holds.sh").write_text("python -c 'import sys; print(sys.prefix)'\n")
    assert runner.main([]) == 1
    said = capsys.readouterr().out
    assert said.index("a_holds") < said.index("b_changed") and "now it raises" in said and "1 of 2 hold" in said
    assert runner.main(["a_holds"]) == 0
