"""The pages of a dossier: four of them, one stylesheet, no script, nothing loaded from anywhere.

Belongs here: from rows to HTML. Does not belong here: rows (`overview.py`, `life.py`), sentences (`labels.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evidence import html_page

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGES = ("en", "zh")
PAGES = ("index", "life", "documents", "articles")
TONES = {"in_production": "good", "approved": "good", "waiting": "warned", "lapsed_in_production": "warned"}


def refuse_language(language: str) -> None:
    """Raises GenaiopsError for a language that there are no sentences in."""
    if language not in LANGUAGES:
        raise GenaiopsError(f"a dossier is written in {' and '.join(LANGUAGES)}, not in {language!r}")


@cache
def words(language: str) -> dict[str, str]:
    """Sentences by key; a key without one is the empty text, so that a page falls back on the word itself."""
    content = yaml.safe_load(files(__package__ or "").joinpath("labels.yaml").read_text("utf-8"))
    return Words({str(key): text[language] for key, text in content.items()})


class Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def write_pages(folder: Path, language: str, content: Mapping[str, Any]) -> None:
    """`content`: what the templates read; see `pack.py`."""
    t, environment = words(language), template_environment()
    used = content["o"].may_be_used
    given = {
        **content,
        "t": t,
        "language": language,
        "tone": TONES.get(used, "bad"),
        "say": lambda label, **filled: t[label].format(**filled),
        "page_of": lambda path: quote(content["rendered"].get(path, path)),
    }
    for page in PAGES:
        text = environment.get_template(f"{page}.html.j2").render(**given, page=page)
        (folder / f"{page}.html").write_text(text, encoding="utf-8")
    style = files(__package__ or "").joinpath("templates/style.css").read_bytes()
    (folder / "style.css").write_bytes(style)


def template_environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["urlpath"] = quote
    environment.filters["groupby_in_order"] = grouped
    return environment


def grouped(rows: Iterable[Any], name: str) -> list[tuple[str, list[Any]]]:
    """Like Jinja's `groupby`, in the order of the rows."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row[name] if isinstance(row, Mapping) else getattr(row, name), []).append(row)
    return list(found.items())


def page_for(folder: Path, path: str, language: str) -> str:
    """A page of Markdown as HTML below `pages/`. Returns its path below the dossier."""
    parts = path.split("/")
    stated = parts[-1].split(".")[-2]
    target = f"pages/{parts[-3]}/{parts[-1].removesuffix('.md')}.html"
    (folder / target).parent.mkdir(parents=True, exist_ok=True)
    text = (folder / path).read_text(encoding="utf-8")
    (folder / target).write_text(html_page(text, stated if stated in LANGUAGES else language), encoding="utf-8")
    return target
