"""`genaiops ingest`: files and folders reach the inbox, and none takes another's place unasked."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.main import app


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "home/inbox/bank_support/documents"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = tmp_path / "home"
    for name, value in (("GENAIOPS_HOME", str(home)), ("DAGSTER_HOME", str(home / "dagster")), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)

    def invoke(*arguments: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["ingest", *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, click.unstyle(result.output)

    return invoke


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def files_in(box: Path) -> dict[str, str]:
    return {p.relative_to(box).as_posix(): p.read_text() for p in sorted(box.rglob("*")) if p.is_file()}


def test_a_folder_goes_in_with_what_can_be_read(run, tmp_path: Path, box: Path) -> None:
    write(tmp_path / "kb/faq.md", "One.")
    write(tmp_path / "kb/deep/faq.md", "Two.")
    write(tmp_path / "kb/picture.png", "x")
    code, text = run(tmp_path / "kb")
    assert code == 0 and "kb/faq.md is in the inbox" in text
    assert "passed over" in text and "picture.png" in text and "unknown format" in text
    assert files_in(box) == {"kb/deep/faq.md": "Two.", "kb/faq.md": "One."}


def test_two_files_of_one_name_are_both_kept(run, tmp_path: Path, box: Path) -> None:
    code, _ = run(write(tmp_path / "a/faq.md", "One."), write(tmp_path / "b/faq.md", "Two."))
    assert code == 0 and files_in(box) == {"faq.md": "One.", "b/faq.md": "Two."}


def test_another_file_of_a_name_is_replaced_only_when_somebody_says_so(run, tmp_path: Path, box: Path) -> None:
    assert run(write(tmp_path / "a/faq.md", "One."))[0] == 0
    assert run(tmp_path / "a/faq.md")[0] == 0, "the same content is no other file"
    code, text = run(write(tmp_path / "b/new.md", "New."), write(tmp_path / "b/faq.md", "Two."))
    assert code == 1 and "faq.md lies in the inbox of bank_support with other content: --replace" in text
    assert files_in(box) == {"faq.md": "One."}, "nothing goes in where one file cannot"
    assert run(tmp_path / "b/faq.md", "--replace")[0] == 0
    assert files_in(box) == {"faq.md": "Two."}
