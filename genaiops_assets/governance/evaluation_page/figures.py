"""The figures of a report, suite by suite: one list that plots, tables and exports read.

Belongs here: where a report keeps its intervals, and the groups they are drawn in. Does not belong here: drawing
(`bars.py`, `evidence/plots.py`), or the worst items (`worst.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from genaiops_assets.evidence import Evidence, claim, escape_part
from genaiops_assets.use_case import ALL, CELLS

INTERVAL = frozenset({"mean", "low", "high", "n"})
SCORE, EFFECT = "score", "effect"
ABOUT = ("estimand", "population", "missing_policy", "requirement", "article", "risks", "about")
ONCE_MORE = {"engine_loss": ((SCORE, "identical"), (EFFECT, "answer_f1")), "repeats": ((SCORE, "score"),)}
MOST_DRAWN = 24  # intervals of one picture


class Plot(NamedTuple):
    """One picture of intervals: {row: {mean, low, high}}; `effects`: differences, around zero."""

    title: str
    rows: dict[str, dict[str, Any]]
    effects: bool


def suites_of(report: Evidence, lower: Mapping[str, bool]) -> list[dict[str, Any]]:
    """[{name, about, items, version, stopped where it ended early, figures: [{kind, cell, metric, slice, better,
    figure: claim}]}]: golden questions and search first, then every suite by name. `lower`: metric → whether less is
    better."""
    document = report.document
    found = [suite(report, "golden", golden_figures(report), "", lower)]
    found += [suite(report, "retrieval", retrieval_figures(report), "", lower)]
    for name in sorted(document.get("suites", {})):
        place = f"/suites/{escape_part(name)}"
        found.append(suite(report, name, suite_figures(report, place), place, lower))
    if document.get("new_topics"):
        found.append(suite(report, "new_topics", topic_figures(report), "/new_topics", lower))
    found += [suite(report, name, once_more(report, name), f"/{name}", lower) for name in ONCE_MORE if name in document]
    return [one for one in found if one["figures"]]


def suite(
    report: Evidence, name: str, figures: Iterable[dict[str, Any]], place: str, lower: Mapping[str, bool]
) -> dict[str, Any]:
    section = step_into(report.document, place) if place else {}
    stated = section.get("about")
    about = stated if isinstance(stated, dict) else section
    listed = [{**f, "better": better(f, lower)} for f in figures]
    return {
        "name": name,
        "about": {key: about[key] for key in ABOUT if about.get(key)},
        "items": section.get("items") or max((f["figure"]["value"]["n"] for f in listed), default=0),
        "version": section.get("version", ""),
        **({"stopped": claim(report, f"{place}/stopped")} if section.get("stopped") else {}),
        "figures": listed,
    }


def better(figure: Mapping[str, Any], lower: Mapping[str, bool]) -> str:
    """`higher`, `lower`, or "" where nothing says it."""
    name = figure["metric"].removeprefix("tuning_on_")
    return "" if name not in lower else "lower" if lower[name] else "higher"


def golden_figures(report: Evidence) -> Iterator[dict[str, Any]]:
    for cell in in_order(report.document.get("cells", {})):
        yield from cell_figures(report, f"/cells/{cell}", cell)
    for name, parts in report.document.get("effects", {}).items():
        yield from sliced(report, f"/effects/{escape_part(name)}", parts, EFFECT, "", name)


def retrieval_figures(report: Evidence) -> Iterator[dict[str, Any]]:
    for name, metrics in report.document.get("retrieval", {}).items():
        for metric in metrics:
            pointer = f"/retrieval/{escape_part(name)}/{escape_part(metric)}"
            yield one(report, pointer, SCORE, name, metric, ALL)


def suite_figures(report: Evidence, place: str) -> Iterator[dict[str, Any]]:
    """Cells as every suite has them; effects; and whatever further intervals a suite states."""
    section = step_into(report.document, place)
    for cell in in_order(section.get("cells", {})):
        yield from cell_figures(report, f"{place}/cells/{escape_part(cell)}", cell)
    for name, parts in section.get("effects", {}).items():
        yield from sliced(report, f"{place}/effects/{escape_part(name)}", parts, EFFECT, "", name)
    for key in sorted(set(section) - {"cells", "effects"}):
        for pointer, names in intervals_in(section[key], f"{place}/{escape_part(key)}", (key,)):
            yield one(report, pointer, SCORE, " · ".join(names[:-1]), names[-1], ALL)


def topic_figures(report: Evidence) -> Iterator[dict[str, Any]]:
    for name, kind in (("before", SCORE), ("after", SCORE), ("effect", EFFECT)):
        yield one(report, f"/new_topics/{name}", kind, name, "quality", ALL)


def once_more(report: Evidence, name: str) -> Iterator[dict[str, Any]]:
    """Golden questions that were answered again: by another engine, or drawn several times."""
    section = report.document[name]
    for kind, metric in ONCE_MORE[name]:
        yield one(report, f"/{name}/{metric}", kind, section["cell"], metric, ALL)


def losses_of(losses: Evidence | None) -> list[dict[str, Any]]:
    """What tuning lost: what is lost first, then what is not shown."""
    if losses is None:
        return []
    order = {"lost": 0, "not_shown": 1, "within": 2}
    made = [
        {"name": name, "verdict": figure["verdict"], "figure": claim(losses, f"/figures/{escape_part(name)}")}
        for name, figure in losses.document["figures"].items()
    ]
    return sorted(made, key=lambda loss: order[loss["verdict"]])


def plots_of(page: Mapping[str, Any], named: Callable[[str], str]) -> list[Plot]:
    """Each suite's figures over all items as the page draws them, scores and effects apart; at most MOST_DRAWN rows a
    picture. `named`: a word as people call it."""
    found = []
    for measured in page["suites"]:
        for kind in (SCORE, EFFECT):
            rows = [f for f in measured["figures"] if f["kind"] == kind and f["slice"] == ALL]
            metrics = list(dict.fromkeys(f["metric"] for f in rows))
            rows.sort(key=lambda f: metrics.index(f["metric"]))
            drawn = {row_name(f, named): f["figure"]["value"] for f in rows[:MOST_DRAWN]}
            if drawn:
                title = " · ".join(map(named, (measured["name"], *((EFFECT,) if kind == EFFECT else ()))))
                found.append(Plot(title, drawn, kind == EFFECT))
    return found


def row_name(figure: Mapping[str, Any], named: Callable[[str], str]) -> str:
    return " · ".join(named(part) for part in (figure["metric"], figure["cell"]) if part and part != ALL)


def cell_figures(report: Evidence, place: str, cell: str) -> Iterator[dict[str, Any]]:
    for metric, parts in step_into(report.document, place).items():
        yield from sliced(report, f"{place}/{escape_part(metric)}", parts, SCORE, cell, metric)


def sliced(
    report: Evidence, place: str, parts: Mapping[str, Any], kind: str, cell: str, metric: str
) -> Iterator[dict[str, Any]]:
    """All items first, then the slices by name; what is no interval is left out."""
    for part in sorted(parts, key=lambda p: (p != ALL, p)):
        if is_interval(parts[part]):
            yield one(report, f"{place}/{escape_part(part)}", kind, cell, metric, part)


def one(report: Evidence, pointer: str, kind: str, cell: str, metric: str, part: str) -> dict[str, Any]:
    return {"kind": kind, "cell": cell, "metric": metric, "slice": part, "figure": claim(report, pointer)}


def intervals_in(value: Any, pointer: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(pointer, names on the way) of every interval in a JSON value."""
    if is_interval(value):
        yield pointer, names
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from intervals_in(inner, f"{pointer}/{escape_part(str(key))}", (*names, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            told = inner.get("name") or inner.get("id") if isinstance(inner, Mapping) else None
            yield from intervals_in(inner, f"{pointer}/{place}", (*names, str(told or place)))


def is_interval(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() >= INTERVAL


def in_order(cells: Iterable[str]) -> list[str]:
    """Cells as the design names them, others after them."""
    return sorted(cells, key=lambda cell: (CELLS.index(cell) if cell in CELLS else len(CELLS), cell))


def step_into(document: Any, pointer: str) -> Any:
    from genaiops_assets.evidence import resolve_pointer

    return resolve_pointer(document, pointer)
