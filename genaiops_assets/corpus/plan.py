"""The plan of a recipe: its operators cut into segments at each deduplicator, compiled, with a digest for everything
up to each boundary.

Belongs here: what runs where, and what a stored result depends on. Does not belong here: running it (`engine.py`),
keeping results (`stages.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.operators.allowed import path_params
from genaiops_assets.corpus.operators.batch import Batch
from genaiops_assets.corpus.operators.deduplicators import compile_deduplicator
from genaiops_assets.corpus.operators.filters import Judged, compile_filter
from genaiops_assets.corpus.operators.mappers import compile_mapper
from genaiops_assets.corpus.operators.own import DROP, OWN, SAME_TEXT, compile_own_filter, compile_own_mapper, text_keys
from genaiops_assets.corpus.recipe import Operator
from genaiops_assets.lake import digest_of

REPEATED = "again: judges the text as it is here; Data-Juicer would judge it as the first such filter saw it"
CODE = "2"  # of the engine: a change here makes all stored stages void
FIELD_READERS = (
    "general_field_filter",
    "specified_field_filter",
    "suffix_filter",
    "specified_numeric_field_filter",
    DROP,  # titles
)


@dataclass(frozen=True)
class Segment:
    """The steps from one boundary to the next. `deduplicator` ends it, None only in the last one. `digest`: of all
    operators up to here and of the libraries that carry them out."""

    number: int
    steps: tuple[tuple[int, Operator], ...]
    deduplicator: tuple[int, Operator] | None
    digest: str

    @property
    def changes_text(self) -> bool:
        return any(operator.kind == "mapper" for _, operator in self.steps)


@dataclass
class CompiledSegment:
    """A segment ready to run on batches: (place in the recipe, operator, engine, function) in order, and the maker of
    keys."""

    segment: Segment
    mappers: dict[int, Callable[[pl.Series], pl.Series]] = field(default_factory=dict)
    filters: dict[int, Callable[[Batch], Judged]] = field(default_factory=dict)
    keys: Callable[[Batch], pl.Series] | None = None
    banded: bool = False


def with_paths(operators: Sequence[Operator], folder: Path) -> list[Operator]:
    """Parameters that name a file or folder beside the recipe, made absolute: no path is relative to the working
    directory."""
    return [
        replace(o, params={k: absolute(v, folder) if k in path_params(o.name) else v for k, v in o.params.items()})
        for o in operators
    ]


def absolute(value: Any, folder: Path) -> Any:
    return str((folder / value).resolve()) if isinstance(value, str) else value


def described(operators: Sequence[Operator], folder: Path, cache: Path | None = None) -> list[dict[str, Any]]:
    """The operators as a memo key sees them: files they read by digest, not by place. `cache`: Data-Juicer's, for the
    word lists and models that no parameter names."""
    cache = cache or juicer.cache_home()
    return [juicer.facts_of(o, cache) for o in with_paths(operators, folder)]


def segments_of(operators: Sequence[Operator], folder: Path) -> list[Segment]:
    """Cut after each deduplicator; operators after the last one are a segment of their own."""
    libraries = juicer.library_versions()
    facts = described(operators, folder)
    found: list[Segment] = []
    steps: list[tuple[int, Operator]] = []
    for place, operator in enumerate(with_paths(operators, folder)):
        is_boundary = operator.kind == "deduplicator"
        if not is_boundary:
            steps.append((place, operator))
        if is_boundary or place == len(operators) - 1:
            digest = digest_of({"code": CODE, "libraries": libraries, "operators": facts[: place + 1]})
            found.append(Segment(len(found), tuple(steps), (place, operator) if is_boundary else None, digest))
            steps = []
    return found


def fields_needed(operators: Sequence[Operator]) -> bool:
    """Whether an operator looks at more of a document than its text."""
    return any(o.name in FIELD_READERS for o in operators)


def compile_segment(segment: Segment) -> CompiledSegment:
    """Raises RecipeError when an operator's parameters are wrong or it cannot be part of a corpus recipe."""
    compiled = CompiledSegment(segment)
    for place, operator in segment.steps:
        if operator.kind == "mapper":
            compiled.mappers[place] = mapper_of(operator)[1]
        else:
            compiled.filters[place] = filter_of(operator)[1]
    if segment.deduplicator:
        compiled.banded, compiled.keys = key_maker(segment.deduplicator[1])
    return compiled


def mapper_of(operator: Operator) -> tuple[str, Callable[[pl.Series], pl.Series]]:
    """(engine, function)"""
    return (
        ("own", compile_own_mapper(operator))
        if operator.name in OWN
        else compile_mapper(operator.name, juicer.load(operator))
    )


def filter_of(operator: Operator) -> tuple[str, Callable[[Batch], Judged]]:
    """(engine, function)"""
    return (
        ("own", compile_own_filter(operator))
        if operator.name in OWN
        else compile_filter(operator.name, juicer.load(operator))
    )


def key_maker(operator: Operator) -> tuple[bool, Callable[[Batch], pl.Series]]:
    """(whether the keys are banded, keys of a batch)"""
    return deduplicator_of(operator)[1:]


def deduplicator_of(operator: Operator) -> tuple[str, bool, Callable[[Batch], pl.Series]]:
    """(engine, banded, keys)"""
    if operator.name == SAME_TEXT:
        return "own", False, text_keys
    return compile_deduplicator(operator.name, juicer.load(operator))


def engines_of(operators: Sequence[Operator], recipe: Path) -> list[dict[str, Any]]:
    """What `genaiops recipe explain` prints: for each operator its place, segment, engine, and what to know about it
    (`note`). Raises RecipeError."""
    rows: list[dict[str, Any]] = []
    for segment in segments_of(operators, recipe.parent):
        last = [segment.deduplicator] if segment.deduplicator else []
        for place, operator in [*segment.steps, *last]:
            is_again = any(row["operator"] == operator.name for row in rows)
            rows.append(
                {
                    "step": place + 1,
                    "segment": segment.number + 1,
                    "operator": operator.name,
                    "engine": engine_of(operator),
                    "note": REPEATED if is_again and operator.kind == "filter" else "",
                }
            )
    return rows


def engine_of(operator: Operator) -> str:
    compiled = {"mapper": mapper_of, "filter": filter_of, "deduplicator": deduplicator_of}
    return str(compiled[operator.kind](operator)[0])
