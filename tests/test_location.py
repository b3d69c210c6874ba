"""Loading the code location: what it imports, what Dagster's own tools say of it, and a UI that records elsewhere.

Belongs here: loading alone. Does not belong here: what is in the graph (`test_definitions.py`)."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.definitions import defs
from tests.conftest import PROJECT

HEAVY = [
    "torch", "transformers", "trl", "peft", "datasets", "data_juicer", "bitsandbytes", "sentence_transformers", "lancedb",
    "great_expectations", "sklearn", "matplotlib", "pandas", "ray", "numba", "scipy", "spacy", "presidio_analyzer",
]  # fmt: skip
LISTS_HEAVY = f"""
import sys
from genaiops_assets.definitions import defs
loaded = defs()
print(sorted(set(sys.modules) & set({HEAVY!r})), len(loaded.assets or []))
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "GENAIOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), **more}


def test_loading_the_definitions_imports_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LISTS_HEAVY],
        env=environment(tmp_path),
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("[] "), done.stdout + done.stderr


@pytest.mark.parametrize(
    "command", [["dagster", "definitions", "validate", "-w", "workspace.yaml"], ["dg", "check", "defs"]]
)
def test_dagsters_own_tools_accept_the_workspace(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "dagster").mkdir()
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run([tool, *command[1:]], env=environment(tmp_path), cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed validation" in done.stdout + done.stderr or "loaded successfully" in done.stdout + done.stderr


@pytest.mark.parametrize("stated", [None, "/somewhere/else"])
def test_a_ui_that_records_elsewhere_says_so_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: str | None
) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    if stated:
        monkeypatch.setenv("DAGSTER_HOME", stated)
    said = defs().resolve_asset_graph().get(dg.AssetKey("THIS_UI_RECORDS_ELSEWHERE")).description or ""
    assert f"DAGSTER_HOME is {stated or 'not set'}" in said
    assert f"DAGSTER_HOME={tmp_path / 'dagster'}" in said


def test_a_ui_with_the_right_home_has_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    assert dg.AssetKey("THIS_UI_RECORDS_ELSEWHERE") not in defs().resolve_asset_graph().get_all_asset_keys()
