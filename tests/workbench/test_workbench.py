"""The workbench: everything a home has, by name; errors that say what exists; and not one byte of the home changes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genaiops_assets import open_home
from genaiops_assets.errors import GenaiopsError, Missing, Refused, Unusable
from genaiops_assets.lake import Lake
from genaiops_assets.workbench import Home, UseCaseView
from tests.support.small_home import SmallHome

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallHome:
    return SmallHome(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def home(small: SmallHome) -> Iterator[Home]:
    with open_home(small.home) as opened:
        yield opened


@pytest.fixture(scope="module")
def bank(home: Home) -> UseCaseView:
    return home.use_case("bank_support")


@pytest.fixture(autouse=True)
def unchanged(small: SmallHome) -> Iterator[None]:
    """Around every test here: the home is, byte by byte, what it was."""
    before = bytes_of(small.home)
    yield
    assert bytes_of(small.home) == before


def bytes_of(folder: Path) -> dict[str, tuple[str, int]]:
    """File → (hash, time of its last change); a folder by its time, so that a file that came and went shows."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
    }


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, genaiops_assets; print(sorted({m.partition('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    heavy = ["torch", "polars", "pyarrow", "lancedb", "dagster", "pydantic", "numpy", "transformers", "lazy_loader"]
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="open_hone"):
        sys.modules["genaiops_assets"].open_hone  # noqa: B018


# --- what there is ----------------------------------------------------------------------------------------------------


def test_a_home_names_its_use_cases(home: Home) -> None:
    assert home.use_cases == ["bank_support", "library_zh"]
    assert "bank_support" in repr(home) and "1 model versions" in repr(home.use_case("library_zh"))


def test_any_artifact_by_name(bank: UseCaseView, small: SmallHome) -> None:
    version = small.versions["bank_support"]
    checkpoint = bank.artifact("aligned_checkpoint")
    assert checkpoint.files == ["adapter/adapter_config.json", "adapter/adapter_model.safetensors", "training_log.json"]
    assert checkpoint.figures == {"steps": 2} and checkpoint.json("training_log.json") == {"history": []}
    assert bank.artifact("aligned_checkpoint", version).digest == checkpoint.digest
    assert bank.artifact("aligned_checkpoint", digest=checkpoint.digest[:10]).digest == checkpoint.digest
    assert bank.artifact("documents").tables["rows"]["id"].to_list() == ["fee", "open", "lost"]
    assert checkpoint.provenance["inputs"]["start"] == ""
    found = bank.overview()
    assert found.columns == ["asset", "partition", "digest", "at"]
    assert set(found["asset"]) == set(bank.assets)
    assert found.filter(asset="eval_report")["partition"].to_list() == [version]


def test_a_table_snapshot_is_a_polars_frame(home: Home, bank: UseCaseView, small: SmallHome) -> None:
    documents = bank.table("documents")
    assert documents["id"].to_list() == ["fee", "lost", "open"] and documents.schema["first_seen"].is_integer()
    assert bank.table("documents", columns=["id"], where="id = 'fee'").rows() == [("fee",)]
    zh = home.use_case("library_zh").table("preference_pairs", columns=["question"])
    assert "关于hours有什么规定？" in zh["question"].to_list()
    assert bank.tables == ["documents", "embeddings_index", "preference_pairs"]


def test_an_earlier_snapshot_is_there_by_digest(tmp_path: Path) -> None:
    made = SmallHome(tmp_path, ("bank_support",))
    with open_home(made.home) as home:
        uc = home.use_case("bank_support")
        first = uc.artifact("documents").digest
        row = {**uc.table("documents").to_dicts()[0], "text": "It is other now."}
        row.pop("row_hash")
        from genaiops_assets.corpus import DOCUMENTS

        made.table(uc.settings, "documents", DOCUMENTS, [row])
        assert uc.table("documents").height == 1
        assert uc.table("documents", digest=first).height == 3


def test_plan_report_and_decision_of_a_version(bank: UseCaseView, small: SmallHome) -> None:
    version = small.versions["bank_support"]
    assert bank.versions == [version] and bank.production is None
    assert bank.plan().model_version == version and bank.plan(version).training.method == "dpo"
    assert bank.report()["effects"]["tuning"]["held_out"]["n"] == 80
    assert bank.decision(version)["verdict"] == "go"


def test_lineage_leads_back_to_the_documents(bank: UseCaseView) -> None:
    steps = bank.lineage("eval_report")
    assert steps.columns == ["depth", "made", "read_as", "asset", "digest"]
    by_asset = {row["asset"]: row["depth"] for row in steps.to_dicts()}
    assert (by_asset["aligned_checkpoint"], by_asset["preference_pairs"], by_asset["documents"]) == (1, 2, 3)
    assert by_asset[""] == 2, "the base model is no asset"


def test_the_ledger_is_a_frame(home: Home, bank: UseCaseView) -> None:
    entries = home.ledger("materialized")
    assert entries["seq"].to_list() == sorted(entries["seq"]) and "bank_support/documents" in entries["asset"].to_list()
    assert home.ledger("release").height == 0


# --- errors say what exists -------------------------------------------------------------------------------------------


def test_what_is_not_there_is_answered_with_what_is(home: Home, bank: UseCaseView, tmp_path: Path) -> None:
    asked = {
        "no use case 'bank'; did you mean 'bank_support'?; there are: bank_support, library_zh": lambda: home.use_case(
            "bank"
        ),
        "no asset 'eval_reprt' in bank_support; did you mean 'eval_report'?": lambda: bank.artifact("eval_reprt"),
        "no table 'document' in bank_support; did you mean 'documents'?": lambda: bank.table("document"),
        "no column 'txt' in documents; did you mean 'text'?": lambda: bank.table("documents", columns=["txt"]),
        "no file 'log' in bank_support/aligned_checkpoint": lambda: bank.artifact("aligned_checkpoint").text("log"),
        "no model version 'mv-1' in bank_support": lambda: bank.plan("mv-1"),
        "no partition 'mv-1' in eval_report": lambda: bank.artifact("eval_report", "mv-1"),
        "no digest 'ffff' in documents": lambda: bank.artifact("documents", digest="ffff"),
        "no field 'step' in section alignment; did you mean 'steps'?": lambda: bank.train_scratch(step=3),
        "there is no home at": lambda: open_home(tmp_path / "nowhere"),
    }
    for message, ask in asked.items():
        with pytest.raises(Missing) as caught:
            ask()
        assert str(caught.value).startswith(message)


def test_a_wrong_setting_is_named_as_in_the_file(bank: UseCaseView) -> None:
    for changes, field in (({"steps": 0}, "alignment.steps"), ({"steps": 1}, "one step trains nothing")):
        with pytest.raises(Unusable, match=field):
            bank.train_scratch(**changes)
    with pytest.raises(Unusable, match="method: none trains nothing"):
        bank.train_scratch(method="none", steps=24, max_length=512, lora={})
    with pytest.raises(Unusable, match="pair 1: rejected: expected text"):
        bank.train_scratch([{"question": "a", "chosen": "b", "rejected": "c"}, {"question": "a", "chosen": "b"}])


def test_a_broken_use_case_says_why(tmp_path: Path) -> None:
    made = SmallHome(tmp_path, ("bank_support",))
    file = tmp_path / "bank_support" / "use_case.yaml"
    file.write_text(file.read_text().replace("language: en", "language: fr"))
    with open_home(made.home) as home, pytest.raises(GenaiopsError, match="language"):
        home.use_case("bank_support")


# --- nothing can be written -------------------------------------------------------------------------------------------


def test_the_lake_behind_it_refuses_to_write(home: Home, tmp_path: Path) -> None:
    lake = home.lake
    writes = [
        lambda: lake.ledger.append("materialized", {}),
        lambda: lake.notes.put("bank_support", "note", 1),
        lambda: lake.heads.put("bank_support/documents", None, {"digest": "0"}),
        lambda: lake.store.create("x", b""),
        lambda: lake.store.remove_folder("heads"),
        lambda: lake.tables.sync("bank_support/documents", tmp_path / "rows.parquet"),
        lambda: lake.artifacts.publish("bank_support/documents", tmp_path),
    ]
    for write in writes:
        with pytest.raises(Refused, match="opened to be read"):
            write()
    assert isinstance(lake, Lake) and not lake.home.is_relative_to(home.folder)


def test_scratch_goes_with_the_home(small: SmallHome) -> None:
    opened = open_home(small.home)
    folder = opened.lake.home
    assert folder.is_dir()
    opened.close()
    assert not folder.exists()


# --- asking and trying ------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_searching_and_asking_as_the_use_case_does(home: Home, bank: UseCaseView) -> None:
    found = bank.search("What does late return of the card cost?", 2)
    assert found["doc_id"][0] == "fee" and found["rank"].to_list() == [1, 2] and found["score"].is_between(-1, 1).all()
    zh = home.use_case("library_zh")
    assert zh.search("逾期归还图书要交多少逾期费？")["doc_id"][0] == "late"
    answers = zh.ask(["图书馆几点开门？", "补办读者证多少钱？"])
    assert answers.height == 2 and answers["model_version"].unique().to_list() == zh.versions
    assert answers["documents"].list.len().min() == 3


@pytest.mark.model
def test_a_scratch_training_publishes_nothing(bank: UseCaseView, small: SmallHome) -> None:
    lines: list[str] = []
    entries = len(list(small.lake.ledger.entries()))
    tried = bank.train_scratch(limit=2, said=lines.append, sft={"steps": 2}, learning_rate=1e-3)
    assert list(tried.logs) == ["sft", "dpo"] and tried.settings.sft.steps == 2
    assert tried.history.filter(stage="dpo")["loss"].len() == 2
    assert any("pairs to train on" in line for line in lines) and tried.seconds > 0
    assert tried.ask("What does late return cost?")["model_version"].to_list() == ["scratch"]
    assert bank.versions == [small.versions["bank_support"]]
    assert len(list(small.lake.ledger.entries())) == entries
    own = tried.adapter / "adapter_model.safetensors"
    assert own.is_file() and not own.is_relative_to(small.home)
    with pytest.raises(GenaiopsError, match=r"longer than alignment.max_length = 5 tokens"):
        bank.train_scratch(max_length=5, said=lines.append)
