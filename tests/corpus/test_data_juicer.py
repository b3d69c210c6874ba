"""The real Data-Juicer: the filter payload as its own process, on rows made to hit each outcome.

Belongs here: what only the real operators can show. Does not belong here: the rules of the walk (`test_filtering.py`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.compute import OFFLINE, Job
from genaiops_assets.compute.job import BAD_INPUT
from genaiops_assets.corpus import DOCUMENTS, Operator
from genaiops_assets.corpus.operators.own import closing_operators, privacy_operators
from genaiops_assets.corpus.schemas import QUARANTINE
from genaiops_assets.lake import Lake, Snapshot, write_json, write_rows
from tests.corpus.states import feed, state_of

RECIPE = """
process:
  - fix_unicode_mapper: {normalization: NFC}
  - whitespace_normalization_mapper:
  - text_length_filter: {min_len: 40, max_len: 400}
  - words_num_filter: {lang: en, min_num: 8}
  - special_characters_filter: {max_ratio: 0.5}
  - character_repetition_filter: {rep_len: 10, max_ratio: 0.5}
  - document_deduplicator: {lowercase: true, ignore_non_character: false}
"""
FEE = "A wire transfer within the country costs $25 and arrives on the same day."
TEXTS = {
    "a_kept": FEE,
    "b_other_amount": FEE.replace("$25", "$30"),
    "c_repaired": "The monthly fee is waived for students who are younger than 25 yearsâ€”ask us.",
    "d_blanks": "Cash withdrawals\u00a0at our own machines are always free, at any other bank they cost $3.",
    "e_copy": FEE,
    "f_copy_in_capitals": FEE.upper(),
    "g_copy_after_repair": FEE.replace(" ", "\u2003"),
    "h_short": "Ask us.",
    "i_few_words": "Transfer" * 6 + " is one word, not many.",
    "j_symbols": "Fees of a card, by month: | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | and so on",
    "k_repeats": "a" * 100 + " is a very long cry for some help",
}


COUNTED = ("rows_in", "kept", "processed", "reused")
First = tuple[Path, dict[str, Snapshot], dict[str, Any]]


def filter_corpus(
    folder: Path, documents: list[dict[str, Any]], quarantine: list[dict[str, Any]], **inputs: Any
) -> Any:
    """Runs the payload on these rows; the finished process."""
    lake = Lake(folder / "home")
    snapshots = {}
    for name, schema, rows in (("documents", DOCUMENTS, documents), ("quarantine", QUARANTINE, quarantine)):
        write_rows(folder / f"{name}.parquet", schema, rows)
        snapshots[name] = lake.tables.sync(name, folder / f"{name}.parquet").snapshot.to_dict()
    recipe = folder / "recipe.yaml"
    places = {
        "home": str(lake.home),
        "url": lake.url,
        "staging": str(folder / "out"),
        "scratch": str(folder / "scratch"),
    }
    arguments = {"previous": None, "recipe": str(recipe), "stages": "shop__corpus", **snapshots, **inputs}
    write_json(
        folder / "job.json",
        {
            "schema_version": 1,
            "payload": "filter_corpus",
            "cpus": 1,
            "seed": 1,
            **places,
            "inputs": arguments,
            "config": {"batch_rows": 4},
        },
    )
    Job.load(folder / "job.json")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DAGSTER")} | OFFLINE
    command = [sys.executable, "-m", "genaiops_assets.payloads.filter_corpus", str(folder / "job.json")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)


def tables(folder: Path, base: dict[str, Snapshot] | None = None) -> dict[str, Snapshot]:
    lake, removed = Lake(folder / "home"), result_of(folder)["removed"]
    found = {}
    for name, file, table in (("ledger", "row_ledger", "row_ledger"), ("filtered", "filtered", "filtered_corpus")):
        upserts = folder / "scratch" / f"{file}.parquet"
        found[name] = lake.tables.change(name, base[name] if base else None, upserts, removed[table]).snapshot
    return found


def result_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text())


def rows_of(folder: Path, snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {r["id"]: r for r in Lake(folder / "home").tables.rows(snapshot)}


def ingested(folder: Path, texts: dict[str, str]) -> Any:
    lines = [json.dumps({"id": i, "title": i, "text": t}) for i, t in texts.items()]
    (folder / "a.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    found = state_of([feed(folder / "a.jsonl")])
    for row in found.quarantine:
        del row["row_hash"]
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> First:
    """A folder in which all texts were filtered, the tables that gave, and the payload's result."""
    folder = tmp_path_factory.mktemp("data_juicer")
    (folder / "recipe.yaml").write_text(RECIPE)
    result = ingested(folder, TEXTS)
    done = filter_corpus(folder, result.documents, result.quarantine)
    assert done.returncode == 0, done.stderr
    return folder, tables(folder), result_of(folder)


def test_each_operator_tells_how_many_rows_it_saw_and_left(first: First) -> None:
    rows = {r["operator"]: (r["rows_in"], r["rows_out"]) for r in first[2]["operators"]}
    assert rows["fix_unicode_mapper"] == (11, 11) and rows["text_length_filter"] == (11, 10)
    assert rows["character_repetition_filter"] == (8, 7) and rows["document_deduplicator"] == (7, 4)


def test_each_row_ends_as_one_outcome_with_the_operator_that_decided(first: First) -> None:
    folder, snapshots, result = first
    ledger = rows_of(folder, snapshots["ledger"])
    [quarantined] = [i for i in ledger if i.startswith("quarantine:")]
    assert {i: (r["outcome"], r["operator"]) for i, r in ledger.items()} == {
        "a_kept": ("kept", ""),
        "b_other_amount": ("kept", ""),
        "c_repaired": ("changed", ""),
        "d_blanks": ("changed", ""),
        "e_copy": ("duplicate", "document_deduplicator"),
        "f_copy_in_capitals": ("duplicate", "document_deduplicator"),
        "g_copy_after_repair": ("duplicate", "document_deduplicator"),
        "h_short": ("rejected", "text_length_filter"),
        "i_few_words": ("rejected", "words_num_filter"),
        "j_symbols": ("rejected", "special_characters_filter"),
        "k_repeats": ("rejected", "character_repetition_filter"),
        quarantined: ("quarantined", "ingest"),
    }
    assert {k: result[k] for k in COUNTED} == {"rows_in": 12, "kept": 4, "processed": 11, "reused": 0}


def test_a_decision_names_statistic_value_and_threshold_or_the_original(first: First) -> None:
    ledger = rows_of(first[0], first[1]["ledger"])
    short, words, symbols = ledger["h_short"], ledger["i_few_words"], ledger["j_symbols"]
    assert (short["statistic"], short["value"], short["threshold"]) == (
        "text_len",
        7.0,
        '{"max_len": 400, "min_len": 40}',
    )
    assert (words["statistic"], words["value"]) == ("num_words", 6.0)
    assert symbols["statistic"] == "special_char_ratio" and symbols["value"] > 0.5
    assert ledger["k_repeats"]["statistic"] == "char_rep_ratio" and ledger["k_repeats"]["value"] > 0.5
    assert {ledger[i]["duplicate_of"] for i in ledger if ledger[i]["outcome"] == "duplicate"} == {"a_kept"}


def test_the_mappers_repair_characters_and_blanks(first: First) -> None:
    kept = rows_of(first[0], first[1]["filtered"])
    assert kept["a_kept"]["text"] == FEE
    assert "years—ask us" in kept["c_repaired"]["text"]
    assert kept["d_blanks"]["text"].startswith("Cash withdrawals at our own")


def test_an_incremental_run_takes_over_unchanged_rows_and_decides_the_others_anew(first: First) -> None:
    folder, snapshots, _ = first
    before = rows_of(folder, snapshots["ledger"])
    texts = {**TEXTS, "b_other_amount": FEE.replace("$25", "$35"), "h_short": FEE.replace("wire", "giro")}
    del texts["a_kept"]
    result = ingested(folder, texts)
    done = filter_corpus(folder, result.documents, [], previous={name: s.to_dict() for name, s in snapshots.items()})
    assert done.returncode == 0, done.stderr
    after = rows_of(folder, tables(folder, snapshots)["ledger"])
    same = {"c_repaired", "d_blanks", "i_few_words", "j_symbols", "k_repeats"}
    assert {i for i in after if after[i] == before[i]} == same
    assert {i: (after[i]["outcome"], after[i]["duplicate_of"]) for i in after if i not in same} == {
        "b_other_amount": ("kept", ""),
        "e_copy": ("kept", ""),
        "f_copy_in_capitals": ("duplicate", "e_copy"),
        "g_copy_after_repair": ("duplicate", "e_copy"),
        "h_short": ("kept", ""),
    }
    assert {k: result_of(folder)[k] for k in COUNTED} == {"rows_in": 10, "kept": 5, "processed": 2, "reused": 8}


def test_a_recipe_that_needs_a_missing_package_fails_and_installs_nothing(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("process:\n  - chinese_convert_mapper: {mode: t2s}\n")
    done = filter_corpus(tmp_path, ingested(tmp_path, {"a": FEE}).documents, [])
    assert done.returncode == BAD_INPUT
    assert done.stderr.splitlines()[-1] == (
        "payload error: the recipe needs opencc, which is not installed; no run installs anything: pip install opencc"
    )
    assert subprocess.run([sys.executable, "-c", "import opencc"], capture_output=True).returncode != 0


def test_an_update_in_which_nothing_new_is_kept_takes_the_deleted_document_out(tmp_path: Path) -> None:
    """Filters and deduplicators only: the texts come from the documents themselves."""
    steps = "process:\n  - text_length_filter: {min_len: 20}\n  - document_deduplicator:\n"
    (tmp_path / "recipe.yaml").write_text(steps)
    texts = {"a": FEE, "b": FEE.replace("$25", "$30")}
    done = filter_corpus(tmp_path, ingested(tmp_path, texts).documents, [])
    assert done.returncode == 0, done.stderr
    snapshots = tables(tmp_path)
    assert set(rows_of(tmp_path, snapshots["filtered"])) == {"a", "b"}
    previous = {name: s.to_dict() for name, s in snapshots.items()}
    done = filter_corpus(tmp_path, ingested(tmp_path, {"a": FEE, "c": "Short."}).documents, [], previous=previous)
    assert done.returncode == 0, done.stderr
    snapshots = tables(tmp_path, snapshots)
    assert set(rows_of(tmp_path, snapshots["filtered"])) == {"a"}
    assert {i: r["outcome"] for i, r in rows_of(tmp_path, snapshots["ledger"]).items()} == {
        "a": "kept",
        "c": "rejected",
    }
    previous = {name: s.to_dict() for name, s in snapshots.items()}
    done = filter_corpus(tmp_path, [], [], previous=previous)
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path, tables(tmp_path, snapshots)["filtered"]) == {}


def test_a_recipe_that_would_run_code_stops_the_payload(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(f"process:\n  - python_file_mapper: {{file_path: {tmp_path}/code.py}}\n")
    (tmp_path / "code.py").write_text("def process_single(sample):\n    return sample\n")
    done = filter_corpus(tmp_path, ingested(tmp_path, {"a": FEE}).documents, [])
    assert done.returncode == BAD_INPUT
    assert "process step 1: python_file_mapper cannot be part of a corpus recipe" in done.stderr


def masking_own() -> list[dict[str, Any]]:
    operators = [Operator(**o) for o in ({"name": "text_length_filter", "params": {}},)]
    operators += privacy_operators({"default": "mask", "by_kind": {}, "ner": "none"})
    return [asdict(o) for o in [*operators[1:], *closing_operators(operators)]]


def test_titles_are_masked_as_texts_are(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("process:\n  - text_length_filter:\n")
    documents = ingested(tmp_path, {"a": "Write to jo.doe@example.com about it.", "b": FEE}).documents
    for row in documents:
        row["title"] = f"Complaint {row['id']} of jo.doe@example.com"
    done = filter_corpus(tmp_path, documents, [], own=masking_own())
    assert done.returncode == 0, done.stderr
    rows = rows_of(tmp_path, tables(tmp_path)["filtered"])
    assert {i: r["title"] for i, r in rows.items()} == {
        "a": "Complaint a of <EMAIL>",
        "b": "Complaint b of <EMAIL>",
    }
