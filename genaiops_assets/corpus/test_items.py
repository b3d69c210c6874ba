"""Test items that the corpus is searched for: golden questions, retrieval sets and benchmark files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.decontamination import Item
from genaiops_assets.corpus.read import read_file
from genaiops_assets.corpus.read.folders import files_of, is_own
from genaiops_assets.corpus.read.outcomes import Record
from genaiops_assets.evaluation import load_golden, load_retrieval_set
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


def contamination_items(lake: Lake, uc: UseCase) -> list[Item]:
    """The test items that `corpus.decontaminate.against` names, from the files of the use case: all golden questions,
    also those that a preset leaves out. A golden file that does not exist holds none. Raises GoldenError,
    UnresolvedReference."""
    sets = {s.name: s for s in uc.evaluation.retrieval_sets}
    items: list[Item] = []
    for name in uc.corpus.decontaminate.against:
        if name in ("golden", "golden_answers"):
            path = uc.path(uc.evaluation.golden)
            field = "question" if name == "golden" else "answer"
            items += [
                Item("golden", g.id, field, getattr(g, field)) for g in (load_golden(path) if path.exists() else [])
            ]
        elif name in sets:
            found = lake.resolve(sets[name].ref, uc.folder)
            items += [
                Item(name, q.id, "query", q.text)
                for q in load_retrieval_set(Path(found.path), {str(k): v for k, v in sets[name].fields.items()})
            ]
        else:
            items += benchmark_items(name, lake.resolve(name, uc.folder).path)
    return items


def benchmark_items(ref: str, path: str) -> Iterator[Item]:
    """Every text of every record of a benchmark's files, at any depth."""
    root = Path(path)
    for file in files_of(root):
        for record in read_file(file, file.name, links=is_own(file, root, ref.startswith("hub-dataset:"))):
            if isinstance(record, Record):
                item_id = str(record.fields.get("id") or f"{record.file}:{record.line}")
                yield from (Item(ref, item_id, field, text) for field, text in texts_in(record.fields))


def texts_in(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, (dict, list)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from texts_in(inner, f"{field}.{key}".lstrip("."))
