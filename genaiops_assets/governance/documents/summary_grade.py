"""How a public summary of training content stands up to what reviewers ask: our own grade, point by point.

Belongs here: deciding each point from the summary and its page. Does not belong here: the points and their sources
(`summary_grade.yaml`), the summary itself (`content_summary.py`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.evidence import find_gaps, labels

Summary = Mapping[str, Any]
LINK = re.compile(r"https?://\S+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
YEAR = re.compile(r"(19|20)\d{2}")
FEWEST = {"en": 25, "zh": 10}  # characters of an answer besides its links
PARTS = ("2.1", "2.2.1", "2.2.2", "2.3", "2.4", "2.5", "2.6")
FIRST = ("1", "1.0", "1.0.0")
# Official languages of the Union (Regulation No 1, Art. 1), by ISO 639-1
OFFICIAL = "bg hr cs da nl en et fi fr de el hu ga it lv lt mt pl pt ro sk sl es sv"
UNION = frozenset(OFFICIAL.split())
SAYS_UNION = re.compile(r"\bUnion\b|\bEU\b|欧盟")
PRAISE = re.compile(r"transparen|reproducib|透明|可复现", re.IGNORECASE)
OUT_OF_PLACE = re.compile(r"\btoxic|\bconsent|有害内容|知情同意", re.IGNORECASE)


@cache
def points() -> dict[str, Any]:
    """The whole file: sources, sections, points."""
    return yaml.safe_load(
        files("genaiops_assets.governance.documents").joinpath("summary_grade.yaml").read_text("utf-8")
    )


def grade(summary: Summary, page: str) -> dict[str, Any]:
    """{"points": [{id, section, asked_by, met, why}], "sections": {id: {met, asked}}} and where the points come from.
    `page`: the summary as HTML, without this grade."""
    asked = points()
    found = [_decided(point, summary, page) for point in asked["points"]]
    by_section = {
        part["id"]: {
            "met": sum(p["met"] for p in found if p["section"] == part["id"]),
            "asked": sum(p["section"] == part["id"] for p in found),
        }
        for part in asked["sections"]
    }
    return {
        "sources": asked["sources"],
        "checked_on": asked["checked_on"],
        "met": sum(p["met"] for p in found),
        "asked": len(found),
        "sections": by_section,
        "points": found,
    }


def misses(graded: Mapping[str, Any]) -> list[str]:
    """What is not met, each with its reason."""
    return [f"{p['id']} ({p['asked_by']}): {p['why']}" for p in graded["points"] if not p["met"]]


def _decided(point: Mapping[str, str], summary: Summary, page: str) -> dict[str, Any]:
    why = TESTS[point["id"]](summary, page)
    return {**{n: point[n] for n in ("id", "section", "asked_by")}, "met": not why, "why": why}


def _needed(summary: Summary, *fields: tuple[str, str]) -> str:
    """Which of these fields (part, name) nobody filled, in words."""
    empty = [name for part, name in fields if "gap" in summary[part][name]]
    return f"empty: {', '.join(empty)}" if empty else ""


def _texts(summary: Summary) -> Iterator[tuple[str, str]]:
    """(name, words) of everything that people wrote, but for names and addresses."""
    for part in ("general", "processing"):
        for name, said in summary[part].items():
            if "text" in said:
                yield name, said["text"]
    for section in summary["sections"]:
        if "text" in section.get("said", {}):
            yield section["id"], section["said"]["text"]


def _section(summary: Summary, *ids: str) -> list[Mapping[str, Any]]:
    return [section for section in summary["sections"] if section["id"] in ids]


def _described(summary: Summary, *ids: str) -> str:
    """Why the used ones among these sections are not described; a section that is not used says so by itself."""
    bare = [s["id"] for s in _section(summary, *ids) if s["used"] and "gap" in s.get("said", {})]
    return f"used and not described: {', '.join(bare)}" if bare else ""


def follows_the_template(summary: Summary, page: str) -> str:
    ids = tuple(section["id"] for section in summary["sections"])
    parts = [name for name in ("general", "processing") if name not in summary]
    return f"sections {', '.join(ids)}; without {', '.join(parts)}" if ids != PARTS or parts else ""


def has_the_title(summary: Summary, page: str) -> str:
    title = str(labels(summary["language"])["training_content_summary"])
    return "" if f"<h1>{title}" in page else f"the first heading does not begin with {title!r}"


def is_linked(summary: Summary, page: str) -> str:
    return "" if summary.get("linked_from") else "nobody wrote from where it is linked (training_content.linked_from)"


def nothing_is_silent(summary: Summary, page: str) -> str:
    gaps = find_gaps(summary)
    return f"{len(gaps)} empty: {', '.join(gaps[:6])}" if gaps else ""


def can_be_found(summary: Summary, page: str) -> str:
    wanted = {"title": "<title>", "description": '<meta name="description"', "language": "<html lang="}
    lacking = [name for name, mark in wanted.items() if mark not in page]
    return f"the page has no {', '.join(lacking)}" if lacking else ""


def common_place(summary: Summary, page: str) -> str:
    return "" if summary.get("legal_documents_at") else "no such place is named (training_content.legal_documents_at)"


def versions(summary: Summary, page: str) -> str:
    if "gap" in summary["version"]:
        return "no version"
    first = summary["version"]["text"] in FIRST
    return "" if first or summary["earlier_versions"] else "no link to an earlier version, and it is not the first"


def last_updated(summary: Summary, page: str) -> str:
    return "no day of update" if "gap" in summary["last_update"] else ""


def international_dates(summary: Summary, page: str) -> str:
    dated = (summary["last_update"], summary["general"]["placed_on_market"])
    wrong = [said["text"] for said in dated if re.search(r"\d", said.get("text", "")) and not DAY.search(said["text"])]
    return f"not YYYY-MM-DD: {', '.join(wrong)}" if wrong else ""


def stands_alone(summary: Summary, page: str) -> str:
    least = FEWEST[summary["language"]]
    bare = [n for n, text in _texts(summary) if LINK.search(text) and len(LINK.sub("", text).strip()) < least]
    return f"only a link: {', '.join(bare)}" if bare else ""


def data_are_known(summary: Summary, page: str) -> str:
    unknown = [
        f"{source['name']}: no {name}"
        for section in summary["sections"]
        for source in section["sources"]
        for name in ("license", "owner")
        if not source.get(name)
    ]
    return "; ".join(unknown) or ("" if summary["corpus"]["digest"] else "no corpus")


def provider_named(summary: Summary, page: str) -> str:
    return _needed(summary, ("general", "provider"), ("general", "provider_contact"))


def model_named(summary: Summary, page: str) -> str:
    return _needed(summary, ("general", "model_names"), ("general", "base_model_summary"))


def market_date(summary: Summary, page: str) -> str:
    return _needed(summary, ("general", "placed_on_market"))


def types_of_content(summary: Summary, page: str) -> str:
    return _needed(summary, ("general", "types_of_content"))


def size_is_certain(summary: Summary, page: str) -> str:
    return "" if summary["size"]["certain"] else "near the border of two classes"


def continuous_training(summary: Summary, page: str) -> str:
    return _needed(summary, ("general", "continuously_trained"))


def union_languages(summary: Summary, page: str) -> str:
    if why := _needed(summary, ("general", "linguistic_characteristics")):
        return why
    said = summary["general"]["linguistic_characteristics"]["text"]
    if SAYS_UNION.search(said):
        return ""
    official = sorted(UNION & set(summary["languages"]["value"]))
    return (
        f"{', '.join(official) or 'no language'} of the corpus is official in the Union, and the text does not say so"
    )


def no_self_praise(summary: Summary, page: str) -> str:
    of_data = ("types_of_content", "linguistic_characteristics", "other_characteristics")
    praised = [name for name in of_data if PRAISE.search(summary["general"][name].get("text", ""))]
    return f"speaks of transparency instead of the data: {', '.join(praised)}" if praised else ""


def public_described(summary: Summary, page: str) -> str:
    if why := _described(summary, "2.1"):
        return why
    used = [s for s in _section(summary, "2.1") if s["used"]]
    return "no period of collection" if used and not YEAR.search(used[0]["said"]["text"]) else ""


def private_described(summary: Summary, page: str) -> str:
    return _described(summary, "2.2.1", "2.2.2")


def crawling_described(summary: Summary, page: str) -> str:
    listed = all(s.get("domains") for s in _section(summary, "2.3") if s["used"])
    return _described(summary, "2.3") or ("" if listed else "no domains listed")


def user_data_described(summary: Summary, page: str) -> str:
    return _described(summary, "2.4")


def generators_named(summary: Summary, page: str) -> str:
    nameless = [s["id"] for s in _section(summary, "2.5") if s["used"] and not s.get("generators")]
    return _described(summary, "2.6") or (f"no generating model: {', '.join(nameless)}" if nameless else "")


def reservations(summary: Summary, page: str) -> str:
    return _needed(summary, ("processing", "code_of_practice_signatory"), ("processing", "rights_reservations"))


def illegal_content_removed(summary: Summary, page: str) -> str:
    return _needed(summary, ("processing", "illegal_content"))


def in_its_place(summary: Summary, page: str) -> str:
    astray = [name for name, text in _texts(summary) if name in PARTS and OUT_OF_PLACE.search(text)]
    return f"belongs in section 3: {', '.join(astray)}" if astray else ""


TESTS: dict[str, Callable[[Summary, str], str]] = {
    test.__name__: test
    for test in (
        *(follows_the_template, has_the_title, is_linked, nothing_is_silent, can_be_found, common_place, versions),
        *(last_updated, international_dates, stands_alone, data_are_known, provider_named, model_named, market_date),
        *(types_of_content, size_is_certain, continuous_training, union_languages, no_self_praise, public_described),
        *(private_described, crawling_described, user_data_described, generators_named, reservations),
        *(illegal_content_removed, in_its_place),
    )
}
