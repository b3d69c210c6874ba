"""The page as HTML: one file, nothing loaded from anywhere, in English or Chinese.

Belongs here: the template's environment and the few things a template cannot say itself. Every number on the page is
printed by `number` from a pointer into the page's JSON, and carries it. Does not belong here: sentences
(`labels.yaml`), what is said (`content.py`), bars (`bars.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup, escape

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evidence import resolve_pointer
from genaiops_assets.governance.evaluation_page.bars import Axis, axis_for, bar
from genaiops_assets.governance.evaluation_page.outcomes import estimand_key, outcome_key
from genaiops_assets.lake import ERASED_TEXT
from genaiops_assets.use_case import ALL

LANGUAGES = ("en", "zh")
NOTHING = "–"
RECORDED_IN = "en"  # the sentences of a decision
DRAWN = "taken as a random draw from what people may ask"  # ends a population that nobody stated
EFFECT = "effect"


def page_file(language: str) -> str:
    return f"evaluation_page.{language}.html"


def render_page(page: Mapping[str, Any], language: str) -> str:
    """The page in a language. Raises GenaiopsError for one there are no labels of."""
    if language not in LANGUAGES:
        raise GenaiopsError(f"the page is written in {' and '.join(LANGUAGES)}, not in {language!r}")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    writing = Writing(page, language)
    return environment.get_template("page.html.j2").render(
        page=page,
        t=writing.labels,
        w=writing,
        css=Markup(files(__package__).joinpath("templates/page.css").read_text("utf-8")),
        others=[other for other in LANGUAGES if other != language],
        page_file=page_file,
        ALL=ALL,
    )


class Writing:
    """What a template writes with: numbers by pointer, intervals, bars, names and sentences of one language."""

    def __init__(self, page: Mapping[str, Any], language: str):
        self.page, self.language = page, language
        self.labels = labels(language)

    def number(self, pointer: str) -> Markup:
        """The number at a pointer into the page's JSON, as people read it."""
        return Markup('<span data-at="{}">{}</span>').format(pointer, shown(resolve_pointer(self.page, pointer)))

    def exact(self, pointer: str) -> Markup:
        """A number somebody wrote down: 0.8, as they wrote it."""
        return Markup('<span data-at="{}">{}</span>').format(pointer, f"{resolve_pointer(self.page, pointer):g}")

    def interval(self, pointer: str) -> Markup:
        """mean [low, high], or what of it there is."""
        value = resolve_pointer(self.page, pointer)
        if value["mean"] is None:
            return Markup('<span class="fig">{}</span>').format(NOTHING)
        mean = Markup("<b>{}</b>").format(self.number(f"{pointer}/mean"))
        if value["low"] is not None:
            mean += Markup(" [{}, {}]").format(self.number(f"{pointer}/low"), self.number(f"{pointer}/high"))
        return Markup('<span class="fig">{}</span>').format(mean)

    def say(self, label: str, **filled: Any) -> Markup:
        """A sentence of `labels.yaml` with its places filled."""
        return Markup(escape(self.labels[label])).format(**filled)

    def named(self, word: str) -> str:
        """A score, cell or slice as people call it."""
        return called(word, self.language)

    def outcome(self, place: int) -> Markup:
        """What decided a gate, in one sentence."""
        at = f"/gates/{place}/value"
        gate = resolve_pointer(self.page, at)
        key = outcome_key(gate)
        pointers = {"limit": "threshold", "needed": "needed_items", "n": "n", "least": "min_items"}
        filled = {
            name: self.number(f"{at}/{field}") if gate.get(field) is not None else NOTHING
            for name, field in pointers.items()
        }
        return self.say(key, **filled) if key else Markup("{}").format(gate["reason"])

    def told(self, gate: Mapping[str, Any]) -> dict[str, Any]:
        """Estimand, population and missing policy: as recorded, in English; in another language said anew from what a
        gate points at, where that can be told, and as recorded where a person wrote it."""
        recorded = {k: v for k in ("estimand", "population", "missing_policy") if (v := gate["figures"].get(k))}
        if self.language == RECORDED_IN:
            return recorded
        key, words = estimand_key(gate)
        if key:
            said = self.say(key, **{name: self.named(word) for name, word in words.items()})
            recorded["estimand"] = said + (self.labels["estimand_champion"] if gate.get("against") else "")
        if recorded.get("population", "").endswith(DRAWN):
            part = gate["metric"].rsplit("/", 1)[-1]
            of_part = (
                self.say("population_part", part=self.named(part))
                if f"of the part {part}" in recorded["population"]
                else ""
            )
            recorded["population"] = self.say("population_drawn") + of_part
        policy = recorded.get("missing_policy", "").partition(":")[0]
        if f"missing_{policy}" in self.labels:
            recorded["missing_policy"] = self.say(f"missing_{policy}")
        return recorded

    def gate_bar(self, gate: Mapping[str, Any]) -> Markup:
        value = gate["value"]
        around_zero = "/effects/" in gate["metric"] or bool(gate.get("against"))
        axis = axis_for([value] if value else [], [gate["threshold"]], around_zero=around_zero)
        return self.drawn(value, axis, [gate["threshold"]], gate["status"])

    def loss_bar(self, loss: Mapping[str, Any]) -> Markup:
        """The difference between the tolerances, zero in the middle."""
        figure = loss["figure"]["value"]
        limits = [figure["tolerance"]["low"], figure["tolerance"]["high"]]
        axis = axis_for([figure["difference"]], [x for x in limits if x is not None], around_zero=True)
        return self.drawn(
            figure["difference"], axis, limits, {"lost": "fail", "within": "pass"}.get(loss["verdict"], "")
        )

    @staticmethod
    def drawn(value: Any, axis: Axis, limits: Any, tone: str) -> Markup:
        return bar(value, axis, limits, tone) + ends(axis)

    def forest(self, suite: Mapping[str, Any], kind: str, *, slices: bool = False) -> list[dict[str, Any]]:
        """Rows of one picture, score by score on one axis: {place, figure, bar, name, group, ends}. `slices`: the
        parts, otherwise all items; `group`: the score, where its rows begin; `ends`: the axis, below its last row."""
        rows = [
            (place, figure)
            for place, figure in enumerate(suite["figures"])
            if figure["kind"] == kind and (figure["slice"] != ALL) == slices
        ]
        metrics = list(dict.fromkeys(figure["metric"] for _, figure in rows))
        rows.sort(key=lambda row: metrics.index(row[1]["metric"]))
        axis = axis_for([f["figure"]["value"] for _, f in rows], around_zero=kind == EFFECT)
        found = []
        for number, (place, figure) in enumerate(rows):
            grouped = figure["cell"] not in ("", ALL)
            first, last = number == 0, number == len(rows) - 1
            begins = grouped and (first or rows[number - 1][1]["metric"] != figure["metric"])
            closes = last or (grouped and rows[number + 1][1]["metric"] != figure["metric"])
            found.append(
                {
                    "place": place,
                    "figure": figure,
                    "bar": bar(figure["figure"]["value"], axis),
                    "name": figure["cell"] if grouped else figure["metric"],
                    "group": figure["metric"] if begins else "",
                    "ends": ends(axis) if closes else "",
                }
            )
        return found

    def further_bar(self, figures: Any, place: int) -> Markup:
        axis = axis_for([f["figure"]["value"] for f in figures])
        return bar(figures[place]["figure"]["value"], axis)

    def cited(self, text: str) -> Markup:
        """A cited text in one line of the file, so that erasure sees it as the table has it; line ends are shown."""
        if text == ERASED_TEXT:
            return Markup('<em class="erased">{}</em>').format(text)
        return Markup(escape(text).replace("\r", Markup("&#13;")).replace("\n", Markup("&#10;")))


def ends(axis: Axis) -> Markup:
    """The numbers below a bar."""
    return Markup('<span class="ends">{}</span>').format(
        Markup("").join(Markup("<i>{}</i>").format(f"{end:g}") for end in axis.ends)
    )


def shown(value: Any) -> str:
    """12,345; 0.432; 0.0012; – for nothing."""
    if value is None:
        return NOTHING
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if value == 0:
        return "0"
    return f"{value:.3f}" if abs(value) >= 0.001 else f"{value:.2g}"


@cache
def _data() -> dict[str, dict[str, dict[str, str]]]:
    return yaml.safe_load(files(__package__).joinpath("labels.yaml").read_text("utf-8"))


def labels(language: str) -> dict[str, str]:
    return {key: text[language] for key, text in _data()["labels"].items()}


def called(word: str, language: str) -> str:
    """A score, cell, slice or suite as people call it; by its own name where nobody gave it another."""
    return names(language).get(word, str(word).replace("_", " "))


def names(language: str) -> dict[str, str]:
    return {key: text[language] for key, text in _data()["names"].items()}
