"""The command line on a home where nothing was made yet: friendly words, exit codes, no tracebacks, no model.

Belongs here: what each command says when something is missing or mistyped. Does not belong here: the whole life
(`tests/e2e`)."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from genaiops_assets.cli import doctor, terminal
from genaiops_assets.cli.main import app
from genaiops_assets.lake import Lake, lease
from genaiops_assets.use_case import write_starter
from tests.support.lakes import V1, bank_support, candidate

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
APPROVER = ["--as", "Ada Approver", "--reason", "read the card"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests here: none of them makes an asset."""
    return tmp_path_factory.mktemp("cli") / "home"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch):
    """`run(*arguments)`: (exit code, what was said). A traceback fails the test."""
    for name, value in (("GENAIOPS_HOME", str(home)), ("DAGSTER_HOME", str(home / "dagster")), ("COLUMNS", "200")):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(terminal, "program", lambda: "genaiops")  # as on the PATH

    def invoke(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result.exit_code, click.unstyle(result.output)

    return invoke


# --- help
# ---------------------------------------------------------------------------------------------------------------


def test_the_commands_are_those_of_the_readme() -> None:
    wanted = """
        accept-failure anchor approve ask ask-for-data
        backup
        close-task code compare coverage
        demo detect diff doctor dossier drift
        erase export
        find
        gc
        import import-guardrails import-results incident ingest init interactions
        keys
        label ledger
        migrate-storage
        promote prune-events
        readmit reason recipe rehearse-rollback reject replay report rescope restore revoke rollback rollout run
        serve serve-key show status stop-serving
        tasks trace
        up upgrade
        verify
    """  # a line a letter, so that branches which add commands can be merged
    assert sorted(wanted.split()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(run, command: str) -> None:
    code, said = run(command, "--help")
    assert code == 0 and f"{command} [OPTIONS]" in said and len(said.splitlines()) > 6


def test_an_unknown_command_is_a_usage_error(run) -> None:
    assert run("nosuch")[0] == 2


# --- looking
# ------------------------------------------------------------------------------------------------------------


def test_status_of_an_empty_home_shows_every_asset_as_missing(run) -> None:
    code, said = run("status")
    of_bank_support = json.loads(run("status", "--json")[1])["assets"]
    assert code == 0 and said.count("missing") == len(of_bank_support) > 60 and "production: nothing released" in said


def test_status_for_machines_is_json(run) -> None:
    code, said = run("status", "--json", "--use-case", "library_zh")
    found = json.loads(said)
    assert code == 0 and found["use_case"] == "library_zh" and found["production"] is None
    assert found["newest"] == {"model_version": None, "approval": None}
    assert {a["state"] for a in found["assets"]} == {"missing"}


def test_verify_of_an_empty_home_is_content(run) -> None:
    said = f"✓ 0 artifacts and 0 ledger entries are as published; ledger head {'0' * 16}; no anchors compared\n"
    assert run("verify") == (0, said)


@pytest.mark.parametrize(
    ("there", "torch", "told"),
    [
        ((), "2.13.0", "none: models run on the cores"),
        (("L4", "L4"), "2.13.0+cpu", "L4, L4, not used: torch 2.13.0+cpu is built for CPUs only"),
        (("L4",), "2.13.0", "L4, torch 2.13.0"),
    ],
)
def test_doctor_says_whether_a_gpu_is_used(
    monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], torch: str, told: str
) -> None:
    monkeypatch.setattr(doctor, "gpus", lambda: there)
    monkeypatch.setattr(doctor.metadata, "version", lambda name: torch)
    assert doctor.gpu() == told


def test_doctor_names_everything_and_a_cure_for_what_is_missing(run) -> None:
    code, said = run("doctor")
    assert all(
        what in said for what in ("python", "memory", "disk", "port 3000", "extra train", "use case bank_support")
    )
    assert code == (1 if "✗" in said else 0) and said.count("✗") == said.count("→")


@pytest.mark.parametrize(
    "command", [["status"], ["ask", "What is the fee?"], ["approve", V1, *APPROVER], ["replay", "x.jsonl"]]
)
def test_an_unknown_use_case_is_refused_with_those_there_are(run, command: list[str]) -> None:
    code, said = run(*command, "--use-case", "nosuch")
    assert (code, said) == (1, "✗ no use case 'nosuch'; there are: bank_support, library_zh\n")


def test_a_broken_use_case_is_refused_with_the_place_of_the_mistake(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_starter(tmp_path / "shop")
    file = tmp_path / "shop" / "use_case.yaml"
    file.write_text(file.read_text().replace("\ntitle: ", "\ntitel: "))
    monkeypatch.setenv("GENAIOPS_USE_CASES", str(tmp_path / "shop"))
    code, said = run("status")
    assert code == 1 and f"{file}:8: titel" in said
    code, said = run("doctor")
    assert code == 1 and "use case shop" in said


# --- deciding
# -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["approve", "reject", "promote"])
def test_nothing_is_decided_on_a_version_that_does_not_exist(run, command: str) -> None:
    code, said = run(command, V1, *APPROVER)
    assert code == 1 and said.startswith(f"✗ {V1} cannot be decided on: bank_support/")
    assert said.endswith("(versions with a release decision: none)\n") and said.count("\n") == 1


def test_rollback_without_a_release_is_refused(run) -> None:
    code, said = run("rollback", *APPROVER)
    assert code == 1 and "there is no earlier release to go back to" in said


def test_a_decision_needs_a_name_and_a_reason(run) -> None:
    assert run("approve", V1)[0] == 2 and run("approve", V1, "--as", "Ada Approver")[0] == 2
    assert run("rollback")[0] == 2


def test_strangers_and_builders_are_refused_by_name(run) -> None:
    code, said = run("approve", V1, "--as", "Ben Builder", "--reason", "mine")
    assert code == 1 and "'Ben Builder' is a builder" in said and "Ada Approver, Arif Approver" in said
    code, said = run("promote", V1, "--as", "Nobody Known", "--reason", "try")
    assert code == 1 and "'Nobody Known' is not among the people of bank_support" in said


# --- asking and feeding
# -------------------------------------------------------------------------------------------------


def test_without_an_index_nobody_is_answered(run, tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"question": "What is the fee?"}\n')
    for command in (["ask", "What is the fee?"], ["replay", str(tmp_path / "questions.jsonl")]):
        code, said = run(*command)
        assert (code, said) == (1, "✗ bank_support/embeddings_index has no output yet: materialize it first\n")


@pytest.mark.parametrize("line", ["not json", '{"text": "no question"}', '["a list"]', '"text"'])
def test_a_bad_line_of_questions_is_named(run, tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "What is the fee?"}}\n\n{line}\n')
    for command in ("replay", "import"):
        code, said = run(command, str(file))
        assert code == 1 and f"! {file}:3: " in said
        assert said.splitlines()[-1].startswith("✗ "), "the usable line needs an index, or a time"


def test_a_file_of_questions_that_is_not_there_is_named(run) -> None:
    assert run("replay", "/nowhere.jsonl") == (1, "✗ /nowhere.jsonl: no such file\n")


def test_ingest_takes_known_formats_only(run, home: Path, tmp_path: Path) -> None:
    good, picture = tmp_path / "parking.md", tmp_path / "picture.png"
    good.write_text("# Parking\n\nFree for 35 minutes.\n")
    picture.write_bytes(b"\x89PNG")
    code, said = run("ingest", str(picture))
    assert (
        code == 1
        and "unknown format; jsonl, json, csv, parquet, txt, md, html, pdf and docx can be read, also with .gz or .zst"
        in said
    )
    assert run("ingest", str(tmp_path / "nowhere.md"))[0] == 1
    assert run("ingest", str(good)) == (0, "✓ parking.md is in the inbox of bank_support\n")
    assert [p.name for p in (home / "inbox/bank_support/documents").iterdir()] == ["parking.md"]


# --- setting up
# ---------------------------------------------------------------------------------------------------------


def test_init_writes_a_starter_that_loads_and_overwrites_nothing(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path / "home"))
    code, said = run("init", str(tmp_path / "mine"))
    assert code == 0 and (tmp_path / "mine/use_case.yaml").exists() and "then: genaiops status --use-case NAME" in said
    code, said = run("ingest", "/nowhere.md", "--use-case", "my_use_case")
    assert (code, said) == (1, "✗ /nowhere.md: no such file\n")
    code, said = run("init", str(tmp_path / "mine"))
    assert code == 1 and "nothing written, these files exist already" in said


@pytest.mark.parametrize("mistyped", [["--use-case", "bank_suport"], ["--preset", "smok"]])
def test_a_mistyped_demo_is_refused_and_leaves_no_trace_in_the_list(run, home: Path, mistyped: list[str]) -> None:
    code, said = run("demo", *mistyped)
    assert code == 1 and "did you mean" in said
    assert not (home / "use_cases.txt").exists()


def test_up_beside_another_says_so_and_leaves_no_signal_blocked(run, home: Path) -> None:
    with lease(home / "staging" / "up.lease"):
        code, said = run("up", "--port", "0")
    assert code == 1 and "running already" in said
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, set())


def test_up_on_a_taken_port_says_which_one_to_take(run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run("up", "--port", str(port)) == (1, f"✗ port {port} is taken: genaiops up --port {port + 1}\n")


# --- altered
# ------------------------------------------------------------------------------------------------------------


def test_verify_names_what_was_altered(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    lake = Lake(tmp_path)
    candidate(lake, bank_support(), V1)
    assert run("verify")[0] == 0
    card = lake.current("bank_support/model_card", V1)
    card.local("model_card.json").write_text("{}")
    assert run("verify") == (1, f"✗ {card.key}/model_card.json: altered after publication\n")


def test_verify_names_a_broken_ledger_entry(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    Lake(tmp_path).ledger.append("run_failed", {"run_id": "1"})
    (file,) = (tmp_path / "ledger").iterdir()
    file.write_text("not json")
    code, said = run("verify")
    assert code == 1 and f"ledger/{file.name}: not a ledger entry" in said


def test_verify_names_a_pointer_that_is_none(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAIOPS_HOME", str(tmp_path))
    (tmp_path / "production").mkdir()
    (tmp_path / "production/bank_support.json").write_text("not json")
    code, said = run("verify")
    assert code == 1 and "production/bank_support.json: not a production pointer" in said
