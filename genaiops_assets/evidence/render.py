"""Documents as text: Jinja2 templates in which nothing of a user's text can become markup.

Belongs here: the template environment, its filters and the headings in English and Chinese. Does not belong here: what
a document says (`model_card.py`, `datasheet.py`) or where its values come from (`claims.py`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from markupsafe import Markup

from genaiops_assets.evidence.readable import as_table, bar, percent, share_interval

if TYPE_CHECKING:
    from jinja2 import Environment

NOTHING = "–"
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
SPECIAL = re.compile(r"[\\`*_{}\[\]|~$]")
LINE_START = re.compile(r"^([=#:]|-(?=[\s-]|$)|\+(?=\s|$)|\d{1,9}(?=[.)](?:\s|$)))")


def render_template(template_name: str, context: Mapping[str, Any]) -> str:
    """A template of this package filled with `context`.

    Every `{{ expression }}` passes through `md`, so text of users and models stays text. An undefined name raises
    jinja2.UndefinedError; an unknown template raises jinja2.TemplateNotFound.
    """
    text = _environment().get_template(template_name).render(**context)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def labels(language: str) -> dict[str, Markup]:
    """Headings and fixed sentences of the templates in "en" or "zh", themselves Markdown; KeyError for another
    language."""
    return {key: Markup(text[language]) for key, text in _all_labels().items()}


def md(value: Any) -> Markup:
    """A value as one line of plain Markdown text: HTML and Markdown characters lose their meaning, line breaks too."""
    if isinstance(value, Markup):
        return value
    line = " ".join(str(value).split())
    line = "".join(ENTITIES.get(character, character) for character in SPECIAL.sub(r"\\\g<0>", line))
    return Markup(LINE_START.sub(_escaped_start, line))


def paragraphs(value: Any) -> Markup:
    """Text of a person with its blank lines kept; within a paragraph everything is plain text as in `md`."""
    return Markup("\n\n").join(md(part) for part in re.split(r"\n\s*\n", str(value).strip()))


def code(value: Any) -> Markup:
    """A value in a code span that it cannot close, safe in a table cell."""
    text = " ".join(str(value).replace("`", "'").split()) or NOTHING
    return Markup("`" + text.replace("|", "\\|") + "`")


def number(value: Any) -> str:
    """A number for people: 12,345; 0.4321; 5e-05. None is a dash; other values stay as they are."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


def interval(value: Mapping[str, Any]) -> Markup:
    """A mean with its interval and the number of items: 0.412 [0.380, 0.447], n = 40, 95%."""
    if value["mean"] is None:
        return Markup("{} (n = {:d})").format(NOTHING, value["n"])
    if value["low"] is None or value["high"] is None:
        return Markup("{:.3f} (n = {:d})").format(value["mean"], value["n"])
    confidence = f", {value['confidence']:.0%}" if value.get("confidence") else ""
    pattern = "{:.3f} [{:.3f}, {:.3f}], n = {:d}{}"  # numbers only: nothing in it can become a link
    return Markup(pattern).format(value["mean"], value["low"], value["high"], value["n"], confidence)


def plain(value: Any) -> str | Markup:
    """Any JSON value in one line: intervals and numbers for people, mappings as "key: value", lists with commas.

    What holds lists or mappings is separated by semicolons, and a list or mapping within a list stands in parentheses,
    so that one can see what belongs together. An empty mapping counts nothing and is a 0."""
    if isinstance(value, Mapping):
        if value.keys() >= {"mean", "low", "high", "n"}:
            return interval(value)
        separator = "; " if any(map(is_container, value.values())) else ", "
        items = (
            f"{key}: {enclosed(inner) if isinstance(inner, Mapping) else plain(inner)}" for key, inner in value.items()
        )
        return separator.join(items) or "0"
    if isinstance(value, list | tuple):
        separator = "; " if any(map(is_container, value)) else ", "
        return separator.join(map(enclosed, value)) or NOTHING
    return number(value)


def enclosed(value: Any) -> str | Markup:
    """A value within another: in parentheses where it has parts of its own."""
    return f"({plain(value)})" if is_container(value) and value else plain(value)


def is_container(value: Any) -> bool:
    """Whether a value has parts; an interval is one figure."""
    if isinstance(value, Mapping):
        return not value.keys() >= {"mean", "low", "high", "n"}
    return isinstance(value, list | tuple)


def spaced(word: Any) -> str:
    """A name with blanks instead of underscores: rows_read becomes rows read."""
    return str(word).replace("_", " ")


def day(value: Any) -> str:
    """A date or timestamp (object or ISO 8601 text) as YYYY-MM-DD. ValueError if it is neither."""
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    return datetime.fromisoformat(str(value)).strftime("%Y-%m-%d")


def short(digest: str) -> str:
    """The first twelve characters of a digest, without the name of its algorithm."""
    return digest.rpartition(":")[2][:12]


def cite(made: Mapping[str, Any]) -> Markup:
    """Where a claim comes from: `asset@digest#pointer`."""
    return code(f"{made['asset']}@{short(made['digest'])}#{made['pointer']}")


def front_matter(fields: Mapping[str, Any]) -> Markup:
    """YAML between two lines of dashes; PyYAML quotes what could end the block."""
    text = yaml.safe_dump(dict(fields), allow_unicode=True, sort_keys=False, width=1000)
    return Markup("---\n" + text + "---")


def _escaped_start(start: re.Match[str]) -> str:
    """A line cannot open a list, heading, rule or definition: `- x` becomes `\\- x`, `1. x` becomes `1\\. x`."""
    opener = start.group(1)
    return f"{opener}\\" if opener.isdigit() else f"\\{opener}"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("genaiops_assets.governance.documents", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=md,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = (cite, code, day, front_matter, interval, md, number, paragraphs, plain, short, spaced)
    filters = (*values, as_table, bar, percent, share_interval)
    environment.filters.update({function.__name__: function for function in filters})
    return environment


@cache
def _all_labels() -> dict[str, dict[str, str]]:
    """The labels of all files `labels*.yaml` beside the templates; a key stands in one of them. Raises ValueError."""
    found: dict[str, dict[str, str]] = {}
    folder = files("genaiops_assets.governance.documents").joinpath("templates")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.startswith("labels") and file.name.endswith(".yaml"):
            read = yaml.safe_load(file.read_text("utf-8"))
            if twice := sorted(set(read) & set(found)):
                raise ValueError(f"{file.name}: {', '.join(twice)} stands in another file of labels already")
            found |= read
    return found
