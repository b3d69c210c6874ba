"""The notebook of infra/examples, executed in a kernel of its own against a small home."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import PROJECT
from tests.support.small_home import SmallHome
from tests.workbench.test_workbench import bytes_of

NOTEBOOK = PROJECT / "infra" / "examples" / "workbench.ipynb"
SECONDS = 300  # for one cell


def shown(cell: nbformat.NotebookNode) -> str:
    """What a person sees under a cell."""
    texts = (out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.get("outputs", []))
    return "\n".join(texts)


@pytest.mark.model
@pytest.mark.timeout(600)
def test_every_cell_runs_and_the_home_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = SmallHome(tmp_path).home
    before = bytes_of(home)
    monkeypatch.setenv("GENAIOPS_HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]))
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    kernel(tmp_path / "jupyter_data_dir")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="here", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    said = {"".join(cell.source): shown(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert "bank_support, library_zh" in next(out for source, out in said.items() if "open_home()" in source)
    assert next(out for source, out in said.items() if source.startswith("try:")).startswith("no asset 'eval_reprt'")
    assert "逾期费" in next(out for source, out in said.items() if "library.search" in source)
    assert "scratch" in next(out for source, out in said.items() if source.startswith("tried.ask"))
    assert bytes_of(home) == before


def test_the_notebook_is_published_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 8 and not any(cell.outputs or cell.execution_count for cell in cells)


def kernel(folder: Path) -> None:
    """A kernel of this very environment, whatever kernels the machine knows."""
    spec = folder / "kernels" / "here" / "kernel.json"
    spec.parent.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": command, "display_name": "here", "language": "python"}))
