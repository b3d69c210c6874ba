"""The operators a corpus recipe may name, with their parameters and types: each is known to be pure, text and fields
in, text and fields out.

Belongs here: that list, and the check of a recipe's step against it. Does not belong here: running an operator.

Everything else is refused, also what a newer Data-Juicer adds: among its operators are some that run code from the
recipe, write files, use the network or load remote models. The same holds for single parameters: `tokenizer` of
`remove_repeat_sentences_mapper` is evaluated as Python, `stats_export_path` of every filter writes a file. Types are
those of Data-Juicer's signatures (a test compares them)."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt, TypeAdapter, ValidationError

Texts = str | list[str]
Columns = Annotated[int, Field(ge=2, le=20)]
Folder = Annotated[str, "folder"]
File = Annotated[str, "file"]

_LENGTHS: dict[str, Any] = {"min_len": int, "max_len": int}
_NUMBERS: dict[str, Any] = {"min_num": int, "max_num": int}
_RATIOS: dict[str, Any] = {"min_ratio": float, "max_ratio": float}
_PATTERN: dict[str, Any] = {"pattern": str | None, "repl": str}
_NO_MODEL: dict[str, Any] = {"lang": str, "tokenization": Literal[False]}
_WORD_GROUPS: dict[str, Any] = {
    "use_words_aug": bool,
    "words_aug_group_sizes": list[PositiveInt],
    "words_aug_join_char": str,
}
_BOUNDS: dict[str, Any] = {"min_closed_interval": bool, "max_closed_interval": bool, "reversed_range": bool}
_REVERSED: dict[str, Any] = {"reversed_range": bool}

ALLOWED: dict[str, dict[str, Any]] = {
    "clean_copyright_mapper": {},
    "clean_email_mapper": _PATTERN,
    "clean_html_mapper": {},
    "clean_ip_mapper": _PATTERN,
    "clean_links_mapper": _PATTERN,
    "chinese_convert_mapper": {"mode": str},
    "expand_macro_mapper": {},
    "fix_unicode_mapper": {"normalization": Literal["NFC", "NFKC", "NFD", "NFKD"] | None},
    "punctuation_normalization_mapper": {},
    "remove_bibliography_mapper": {},
    "remove_comments_mapper": {"doc_type": Texts, "inline": bool, "multiline": bool},
    "remove_header_mapper": {"drop_no_head": bool},
    "remove_long_words_mapper": _LENGTHS,
    "remove_non_chinese_character_mapper": {"keep_alphabet": bool, "keep_number": bool, "keep_punc": bool},
    "remove_repeat_sentences_mapper": {
        "lowercase": bool,
        "ignore_special_character": bool,
        "min_repeat_sentence_length": int,
    },
    "remove_specific_chars_mapper": {"chars_to_remove": Texts},
    "remove_table_text_mapper": {"min_col": Columns, "max_col": Columns},
    "remove_words_with_incorrect_substrings_mapper": {**_NO_MODEL, "substrings": list[str] | None},
    "replace_content_mapper": {"pattern": Texts | None, "repl": Texts},
    "whitespace_normalization_mapper": {},
    "alphanumeric_filter": {"tokenization": Literal[False], **_RATIOS, **_BOUNDS},
    "average_line_length_filter": {**_LENGTHS, **_BOUNDS},
    "character_repetition_filter": {"rep_len": PositiveInt, **_RATIOS, **_BOUNDS},
    "flagged_words_filter": {**_NO_MODEL, **_RATIOS, "flagged_words_dir": Folder, **_WORD_GROUPS, **_BOUNDS},
    "general_field_filter": {"filter_condition": str},
    "language_id_score_filter": {"lang": Texts, "min_score": float, **_BOUNDS},
    "maximum_line_length_filter": {**_LENGTHS, **_BOUNDS},
    "special_characters_filter": {**_RATIOS, **_BOUNDS},
    "specified_field_filter": {"field_key": str, "target_value": list[Any], **_REVERSED},
    "specified_numeric_field_filter": {"field_key": str, "min_value": float, "max_value": float, **_BOUNDS},
    "stopwords_filter": {**_NO_MODEL, **_RATIOS, "stopwords_dir": Folder, **_WORD_GROUPS, **_BOUNDS},
    "suffix_filter": {"suffixes": Texts, **_REVERSED},
    "text_length_filter": {**_LENGTHS, **_BOUNDS},
    "token_num_filter": {"hf_tokenizer": Folder, **_NUMBERS, **_BOUNDS},
    "word_repetition_filter": {**_NO_MODEL, "rep_len": PositiveInt, **_RATIOS, **_BOUNDS},
    "words_num_filter": {**_NO_MODEL, **_NUMBERS, **_BOUNDS},
    "document_deduplicator": {"lowercase": bool, "ignore_non_character": bool},
    "document_minhash_deduplicator": {
        "tokenization": Literal["space", "punctuation", "character", "sentencepiece"],
        "window_size": PositiveInt,
        "lowercase": bool,
        "ignore_pattern": str | None,
        "num_permutations": PositiveInt,
        "jaccard_threshold": Annotated[float, Field(ge=0, le=1)],
        "num_bands": PositiveInt | None,
        "num_rows_per_band": PositiveInt | None,
        "tokenizer_model": File | None,
    },
}
REQUIRED = {"token_num_filter": "hf_tokenizer"}  # without it Data-Juicer asks a model hub

# Why an operator is refused, by its name; the first that fits.
_REASONS = (
    (r"^python_", "it runs code that the recipe names"),
    (r"^(?:download|s3)_|_upload_|^ray_|_ray_|^export_", "it uses the network or writes files"),
    (r"image|video|audio|imgdiff|vggt|sdxl|mllm|vlm|phrase_grounding", "it works on pictures, sound or video"),
    (r"^personal_data_|^pii_|^decontamination_|^equal_text_|^empty_text_", "the use case file asks for this: see its "
"section "
     "`privacy`, or `corpus.decontaminate`"),
    (r"_deduplicator", "only document_deduplicator and document_minhash_deduplicator keep their state between runs"),
    (r"(?:text_chunk|sentence_split)_mapper", "it splits documents, and every document must end as one row"),
    (r"(?:mapper|filter)$", "it is not known to leave code, files, the network and models alone"),
    (r"", "it is not a mapper, filter or deduplicator"),
)  # fmt: skip
_BASE = {  # parameters of Data-Juicer's base class that cannot be honoured
    "text_key": "an operator of a corpus recipe works on the text of a document, never on another column",
    "stats_export_path": "an operator may write no file",
    "work_dir": "an operator may write no file",
    "tokenizer": "it would be run as Python code",
    "skip_op_error": "a row that an operator cannot work on stops the run, so that none is lost",
}


def why_not(name: str, params: Mapping[str, Any], folder: Path) -> str | None:
    """What is wrong with a step, in words, or None. `folder`: the recipe's, where relative paths begin."""
    if name not in ALLOWED:
        reason = next(why for pattern, why in _REASONS if re.search(pattern, name))
        return f"{name} cannot be part of a corpus recipe: {reason}{_nearest(name, ALLOWED)}"
    known = ALLOWED[name]
    for param, value in params.items():
        if param not in known:
            if param in _BASE:
                return f"{name}: {param} is not supported: {_BASE[param]}"
            return f"{name} has no parameter {param}{_nearest(param, known)}"
        if problem := _type_problem(name, param, value) or _path_problem(known[param], value, folder):
            return f"{name}: {param}: {problem}"
    if name in REQUIRED and REQUIRED[name] not in params:
        return f"{name} needs {REQUIRED[name]}: FOLDER, a folder beside the recipe; nothing is fetched from a hub"
    if params.get("tokenization") == "sentencepiece" and not params.get("tokenizer_model"):
        return f"{name}: tokenization sentencepiece needs tokenizer_model: FILE, a file beside the recipe"
    return None


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; it has {', '.join(known) or 'none'}" if known is not ALLOWED else f"; known: {', '.join(_of_kind(name))}"


def _of_kind(name: str) -> list[str]:
    kind = name.rpartition("_")[2]
    return [n for n in ALLOWED if n.endswith(f"_{kind}")] or list(ALLOWED)


def _type_problem(name: str, param: str, value: Any) -> str | None:
    try:
        _adapter(name, param).validate_python(value, strict=True)
    except ValidationError as error:
        wanted = ", or ".join(dict.fromkeys(e["msg"].removeprefix("Input ") for e in error.errors()))
        return f"{value!r} is wrong here: it {wanted}"
    return None


@cache
def _adapter(name: str, param: str) -> TypeAdapter[Any]:
    return TypeAdapter(ALLOWED[name][param])


def _path_problem(kind: Any, value: Any, folder: Path) -> str | None:
    if value is None or not (kinds := _marks(kind)):
        return None
    found = folder / value
    if "folder" in kinds:
        return None if found.is_dir() else f"there is no folder {value} beside the recipe; nothing is fetched"
    return None if found.is_file() else f"there is no file {value} beside the recipe; nothing is fetched"


@cache
def path_params(name: str) -> frozenset[str]:
    """The parameters of an operator that name a file or folder."""
    if name == "decontamination_filter":
        return frozenset({"config"})
    return frozenset(param for param, kind in ALLOWED.get(name, {}).items() if _marks(kind))


def field_problem(name: str, params: Mapping[str, Any], columns: Sequence[str]) -> str | None:
    """What is wrong with the columns that a field filter names, or None."""
    if name == "general_field_filter":
        try:
            tree = ast.parse(params.get("filter_condition", "").strip() or "True", mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return f"{name}: filter_condition is no condition: {error}"
        named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    else:
        named = [params["field_key"]] if params.get("field_key") else []
    for column in named:
        if column not in columns:
            near = get_close_matches(column, columns, 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(columns)}"
            return f"{name}: a document has no column {column}; {hint}"
    return None


def _marks(kind: Any) -> set[str]:
    """`folder` or `file` where a type is marked as a path."""
    parts = [kind, *getattr(kind, "__args__", ())]
    return {mark for part in parts for mark in getattr(part, "__metadata__", ()) if isinstance(mark, str)}
