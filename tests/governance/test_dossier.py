"""The dossier: what is in it, what stays at home, and that its verifier computes what the platform's own code does."""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from genaiops_assets.errors import GenaiopsError, Refused
from genaiops_assets.evaluation import Measure
from genaiops_assets.governance import dossier as room
from genaiops_assets.governance.dossier import Built, Graph, build_dossier, why_not
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.claims import file_of
from genaiops_assets.statistics import cluster_interval
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, V2, V3
from tests.trust.homes import erase_one, released_home
from tests.trust.trial import verifier

GRAPH = Graph(file_of=file_of)
VERIFY = Path(room.__file__).with_name("verify.py")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, UseCase]:
    return released_home(tmp_path_factory.mktemp("home"))


def build(home: tuple[Lake, UseCase], folder: Path, version: str = V1, language: str = "en") -> Built:
    return build_dossier(*home, version, folder, GRAPH, language)


def texts(folder: Path) -> str:
    return "\n".join(p.read_text("utf-8") for p in folder.rglob("*") if p.suffix in (".html", ".json", ".jsonl", ".md"))


# --- the folder ---


def test_it_holds_every_artifact_of_the_version_and_no_text_of_a_document_or_answer(
    home: tuple[Lake, UseCase], tmp_path: Path
) -> None:
    made = build(home, tmp_path / "d")
    facts = json.loads((tmp_path / "d" / "pack.json").read_bytes())
    names = {asset.partition("/")[2] for asset, _ in facts["closure"]}
    assert names >= {"documents", "filtered_corpus", "datasheet", "model_card", "eval_report", "release_decision"}
    everything = texts(tmp_path / "d")
    assert "each quarter" not in everything and "answer 3 of tuned_with" not in everything
    assert made.files == sum(p.is_file() for p in (tmp_path / "d").rglob("*")) and made.seconds < 60


def test_the_verifier_runs_alone_and_names_a_changed_file(home: tuple[Lake, UseCase], tmp_path: Path) -> None:
    build(home, tmp_path / "d")
    command = [sys.executable, "-I", str(tmp_path / "d" / "verify.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "no problem found" in done.stdout, done.stdout + done.stderr
    card = next((tmp_path / "d").glob("evidence/artifacts/*/model_card/*/README.md"))
    card.write_text("# All is well\n")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and f"{card.relative_to(tmp_path / 'd').as_posix()}: " in done.stdout


def test_each_version_is_told_by_its_own_decisions(home: tuple[Lake, UseCase], tmp_path: Path) -> None:
    told = {V1: "and it is in production", V2: "It may be released", V3: "Arif Approver rejected it"}
    for version, sentence in told.items():
        build(home, tmp_path / version, version)
        assert sentence in (tmp_path / version / "index.html").read_text("utf-8")
        assert verifier().verify(tmp_path / version).problems == []


def test_a_dossier_is_replaced_and_nothing_else_is(home: tuple[Lake, UseCase], tmp_path: Path) -> None:
    build(home, tmp_path / "d")
    build(home, tmp_path / "d", V2)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.md").write_text("years of work")
    with pytest.raises(Refused, match="no dossier"):
        build(home, tmp_path / "mine")
    with pytest.raises(Refused, match="there is no model version"):
        build(home, tmp_path / "x", "mv-ffffffffffff")
    with pytest.raises(GenaiopsError, match="en and zh"):
        build(home, tmp_path / "x", language="fr")
    assert not (tmp_path / "x").exists() and sorted(p.name for p in tmp_path.iterdir()) == ["d", "mine"]


def test_what_was_erased_is_shown_as_erased(tmp_path: Path) -> None:
    lake, uc = released_home(tmp_path / "home")
    build((lake, uc), lake.home / "dossiers" / V1)
    erase_one(lake, uc)
    assert not (lake.home / "dossiers").exists(), "a dossier in the home cites what was erased"
    build((lake, uc), tmp_path / "d", language="zh")
    page = (tmp_path / "d" / "index.html").read_text("utf-8")
    assert "erased(1)" in page and "开始删除" in page
    assert verifier().verify(tmp_path / "d").problems == []


@pytest.mark.parametrize(
    ("asset", "name", "size", "why"),
    [
        ("golden_set", "golden.json", 10, "questions and answers by which versions are judged"),
        ("aligned_checkpoint", "adapter/adapter_model.safetensors", 10, "weights"),
        ("data_quality_report", "data_docs/index.html", 10, "pages of Great Expectations that show rows of tables"),
        ("something_new", "rows.jsonl", 10, "rows"),
        ("something_new", "page.html", 5_000_000, "a large file"),
        ("something_new", "page.html", 10, ""),
    ],
)
def test_what_stays_at_home_and_why(asset: str, name: str, size: int, why: str) -> None:
    assert why_not(asset, name, size) == why


# --- the verifier ---


def test_the_verifier_is_one_short_file_that_imports_the_standard_library_alone() -> None:
    source = VERIFY.read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert len(source.splitlines()) <= 500


@pytest.mark.parametrize("kind", ["scores", "two values", "differences", "groups"])
def test_its_intervals_are_ours(kind: str) -> None:
    """The share of probability beyond each end that our code drew or computed is the one the verifier works out, and an
    end that is moved is refused."""
    random_ = random.Random(kind)
    values = [round(random_.random(), 6) for _ in range(40)]
    least, groups = 0.0, [f"item {n}" for n in range(40)]
    if kind == "two values":
        values = [float(v < 0.3) for v in values]
    if kind == "differences":
        least, values = -1.0, [round(v - random_.random(), 6) for v in values]
    if kind == "groups":
        groups = [f"group {n // 4}" for n in range(40)]
    found = cluster_interval(values, groups, bounds=(least, 1.0), resamples=4000, seed=17)
    assert found.low is not None and found.high is not None
    items = list(zip(groups, values, strict=True))
    assert verifier().end_holds(items, round(found.low, 6), least, 0.025, 4000)
    assert verifier().end_holds(items, round(found.high, 6), 1.0, 0.025, 4000)
    width = found.high - found.low
    assert not verifier().end_holds(items, found.low + 0.1 * width, least, 0.025, 4000)
    assert not verifier().end_holds(items, found.high - 0.1 * width, 1.0, 0.025, 4000)


def test_missing_scores_are_bounded_as_the_gates_bound_them() -> None:
    scores = [(f"item {n}", None if n % 7 == 0 else round(0.4 + (n % 5) / 10, 6)) for n in range(42)]
    known = [s for _, s in scores if s is not None]
    value = Measure(2000, 0.95, 17).mean(known, len(scores) - len(known))
    ends = value["attrition"]["at"]["0.95"]
    rows = [
        {"suite": "golden", "item": g, "group": g, "cell": "tuned_with", "slices": [], "scores": {"answer_f1": s}}
        for g, s in scores
    ]
    gate = {
        "metric": "/cells/tuned_with/answer_f1/all", "side": "at_least",
        "value": {**value, **ends, "mean": value["attrition"]["least"], "method": "missing_bounded"},
    }  # fmt: skip
    assert verifier().why_not(gate, rows, 2000) == ""
    as_if_none_were_missing = {**gate, "value": {**gate["value"], "mean": value["mean"], "low": value["low"]}}
    assert verifier().why_not(as_if_none_were_missing, rows, 2000)


def test_its_signatures_are_those_of_the_library() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    for number in range(4):
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        message = f"message {number}".encode()
        signature = key.sign(message, ec.ECDSA(hashes.SHA256()))
        assert verifier().p256_holds(public, message, signature)
        assert not verifier().p256_holds(public, message + b"!", signature)
        bent = bytearray(signature)
        bent[number] ^= 1
        assert not verifier().p256_holds(public, message, bytes(bent))
    assert not verifier().p256_holds("no key", b"", b"")
