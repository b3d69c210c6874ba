"""The allow-list of recipe operators against Data-Juicer itself: nothing of it runs that was not read first.

Belongs here: the whole registry, signatures, types, parameters that would run code or reach for a file or a host. Does
not belong here: what an operator does to a text (`test_operators.py`)."""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from genaiops_assets.corpus import Operator, RecipeError, load_recipe
from genaiops_assets.corpus.operators import juicer
from genaiops_assets.corpus.operators.allowed import _BOUNDS, ALLOWED

NOT_ALLOWED = sorted(set(juicer.registry()) - set(ALLOWED))
LEFT_OUT = {"remove_repeat_sentences_mapper": {"tokenizer"}}  # parameters of allowed operators that are refused
CODE, OUTSIDE = {"eval", "exec", "compile", "open", "__import__"}, {"os", "subprocess", "socket", "requests", "urllib"}
KNOWN_CALLS = {"remove_repeat_sentences_mapper": {"eval", "compile"}}  # of `tokenizer`, which is refused


def refusal(folder: Path, step: str) -> str:
    (folder / "recipe.yaml").write_text(f"process:\n  - fix_unicode_mapper:\n  - {step}\n", encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(folder / "recipe.yaml")
    return str(caught.value)


def test_the_registry_is_the_whole_data_juicer() -> None:
    assert len(NOT_ALLOWED) > 150
    assert {"python_file_mapper", "python_lambda_mapper", "download_file_mapper", "perplexity_filter"} < set(
        NOT_ALLOWED
    )


@pytest.mark.parametrize("name", NOT_ALLOWED)
def test_every_other_operator_is_refused_with_file_step_and_reason(name: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, f"{name}: {{}}")
    assert message.startswith(
        f"{tmp_path / 'recipe.yaml'}:3: process step 2: {name} cannot be part of a corpus recipe: "
    )
    assert "did you mean" in message or "known: " in message
    with pytest.raises(RecipeError, match="cannot be part of a corpus recipe"):
        juicer.load(Operator(name, {}))


def test_a_new_operator_of_data_juicer_adds_nothing_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(juicer.registry(), "brand_new_mapper", juicer.registry()["clean_html_mapper"])
    assert "brand_new_mapper cannot be part of a corpus recipe" in refusal(tmp_path, "brand_new_mapper")
    with pytest.raises(RecipeError, match="brand_new_mapper cannot be part"):
        juicer.load(Operator("brand_new_mapper", {}))


def signature(name: str) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(juicer.registry()[name].__init__).parameters
    return {p: about for p, about in parameters.items() if p not in ("self", "args", "kwargs")}


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_parameters_and_types_are_those_of_the_signature(name: str) -> None:
    of_signature = signature(name)
    own = {p: kind for p, kind in ALLOWED[name].items() if p not in _BOUNDS}
    assert set(of_signature) - set(own) == LEFT_OUT.get(name, set())
    for param, kind in own.items():
        ours, theirs = (TypeAdapter(k).json_schema() for k in (kind, of_signature[param].annotation))
        narrowed = "enum" in json.dumps(ours) or "const" in ours
        nullable = "anyOf" in ours and of_signature[param].default is None
        assert ours == theirs or narrowed or nullable, (param, ours, theirs)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_the_code_of_an_allowed_operator_calls_no_code_file_or_host(name: str) -> None:
    tree = ast.parse(Path(inspect.getfile(juicer.registry()[name])).read_text("utf-8"))
    calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    modules = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    modules |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level}
    assert calls & CODE == KNOWN_CALLS.get(name, set())
    assert modules & OUTSIDE == set()


STEPS = [
    ("text_length_filter: {max_length: 5}", "text_length_filter has no parameter max_length; did you mean max_len?"),
    ("text_length_filter: {max_len: '5'}", "text_length_filter: max_len: '5' is wrong here: it should be a valid "
"integer"),
    ("text_length_filter: {max_len: 1e3}", "max_len: '1e3' is wrong here: it should be a valid integer"),
    ("text_length_filter: {max_len: true}", "max_len: True is wrong here: it should be a valid integer"),
    ("special_characters_filter: {max_ratio: high}", "max_ratio: 'high' is wrong here: it should be a valid number"),
    ("character_repetition_filter: {rep_len: 0}", "rep_len: 0 is wrong here: it should be greater than 0"),
    ("text_length_filter: {text_key: title}", "text_key is not supported: an operator of a corpus recipe works on the"),
    ("clean_email_mapper: {text_key: title}", "clean_email_mapper: text_key is not supported"),
    ("text_length_filter: {stats_export_path: a.json}", "an operator may write no file"),
    ("text_length_filter: {num_proc: 4}", "text_length_filter has no parameter num_proc; it has min_len, max_len"),
    ("document_deduplicator: {text_key: title}", "document_deduplicator: text_key is not supported"),
    ("remove_repeat_sentences_mapper: {tokenizer: 'lambda t: [t]'}", "it would be run as Python code"),
    ("words_num_filter: {tokenization: true}", "tokenization: True is wrong here: it should be False"),
    ("token_num_filter: {max_num: 9}", "token_num_filter needs hf_tokenizer: FOLDER, a folder beside the recipe"),
    ("token_num_filter: {hf_tokenizer: owner/name}", "there is no folder owner/name beside the recipe"),
    ("stopwords_filter: {stopwords_dir: nowhere}", "there is no folder nowhere beside the recipe; nothing is fetched"),
    ("document_minhash_deduplicator: {tokenization: sentencepiece}", "needs tokenizer_model: FILE"),
    ("specified_field_filter: {field_key: titel}", "a document has no column titel; did you mean title?"),
    ("general_field_filter: {filter_condition: 'titel == 1'}", "a document has no column titel; did you mean title?"),
    ("general_field_filter: {filter_condition: 'title =='}", "filter_condition is no condition"),
    ("document_line_deduplicator", "only document_deduplicator and document_minhash_deduplicator keep their state"),
    ("personal_data_mapper: {policy: {}}", "see its section `privacy`"),
    ("word_num_filter", "did you mean words_num_filter?"),
    ("python_lambda_mapper: {lambda_str: 'lambda x: x'}", "it runs code that the recipe names"),
    ("image_size_filter", "it works on pictures, sound or video"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "message"), STEPS)
def test_a_mistaken_step_is_refused_with_the_nearest_or_type(step: str, message: str, tmp_path: Path) -> None:
    assert message in refusal(tmp_path, step)


RIGHT = [
    "text_length_filter: {min_len: 5, max_len: 9, min_closed_interval: false, reversed_range: true}",
    "special_characters_filter: {max_ratio: 1}",
    "language_id_score_filter: {lang: [en, zh], min_score: 0.5}",
    "clean_links_mapper: {pattern: null, repl: <LINK>}",
    "general_field_filter: {filter_condition: \"language == 'en' and title != ''\"}",
    "specified_field_filter: {field_key: source, target_value: [manual, 3]}",
    "document_minhash_deduplicator: {jaccard_threshold: 0.5, num_bands: 4, num_rows_per_band: 4}",
    "words_num_filter: {lang: en, tokenization: false, min_num: 3}",
]


@pytest.mark.parametrize("step", RIGHT)
def test_right_steps_are_taken_and_made(step: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(f"process:\n  - {step}\n", encoding="utf-8")
    [operator] = load_recipe(tmp_path / "recipe.yaml")
    assert juicer.load(operator)


def test_a_tokenizer_that_names_code_of_its_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer/tokenizer_config.json").write_text('{"auto_map": {"AutoTokenizer": ["a.B", null]}}')
    with pytest.raises(RecipeError, match="names code of its own"):
        juicer.load(Operator("token_num_filter", {"hf_tokenizer": str(tmp_path / "tokenizer")}))


ASKED = """
import socket
def refuse(*a, **k): raise SystemExit("asked for a host")
socket.getaddrinfo = socket.create_connection = refuse
from genaiops_assets.corpus import Operator
from genaiops_assets.corpus.operators import juicer
try:
    juicer.load(Operator({name!r}, {{}}))
except ValueError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["stopwords_filter"])
def test_a_missing_word_list_is_never_fetched_and_the_message_says_what_to_write(name: str, tmp_path: Path) -> None:
    env = {**os.environ, "DATA_JUICER_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", ASKED.format(name=name)], env=env, capture_output=True, text=True)
    words = name.removesuffix("_filter")
    assert "asked for a host" not in done.stderr
    assert f"put a file {words}.json with" in done.stdout and f"name it: {words}_dir: FOLDER" in done.stdout
    assert not (tmp_path / "cache/assets").exists()


def test_flagged_words_come_with_the_package_and_a_list_in_the_cache_goes_before_it(tmp_path: Path) -> None:
    operator = Operator("flagged_words_filter", {"lang": "en"})
    packaged = juicer.facts_of(operator, tmp_path)
    assert list(packaged["reads"]) == ["flagged_words.json"]
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/flagged_words.json").write_text('{"en": ["fee"]}')
    assert juicer.facts_of(operator, tmp_path)["reads"] != packaged["reads"]


def test_what_no_parameter_names_counts_too(tmp_path: Path) -> None:
    assets, models = tmp_path / "assets", tmp_path / "models"
    operator = Operator("stopwords_filter", {"lang": "en"})
    assert "reads" not in juicer.facts_of(operator, tmp_path)
    assets.mkdir()
    (assets / "stopwords.json").write_text('{"en": ["the"]}')
    first = juicer.facts_of(operator, tmp_path)
    (assets / "stopwords.json").write_text('{"en": ["a"]}')
    assert first["reads"] and juicer.facts_of(operator, tmp_path) != first
    language = Operator("language_id_score_filter", {})
    packaged = juicer.facts_of(language, tmp_path)["reads"]
    models.mkdir()
    (models / juicer.LANGUAGE_MODEL).write_bytes(b"another model")
    assert juicer.facts_of(language, tmp_path)["reads"] != packaged


def test_only_parameters_that_name_a_file_are_read_as_one(tmp_path: Path) -> None:
    operator = Operator("clean_links_mapper", {"repl": str(tmp_path)})
    assert juicer.facts_of(operator, tmp_path)["params"] == {"repl": str(tmp_path)}


def test_a_language_that_a_word_list_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "stopwords.json").write_text('{"en": ["the"]}')
    parameters: dict[str, Any] = {"stopwords_dir": str(tmp_path), "lang": "fr"}
    with pytest.raises(RecipeError, match="its list has no language fr; it has all, en"):
        juicer.load(Operator("stopwords_filter", parameters))
