"""Foreign results as a suite of the report: `/suites/NAME` with items, intervals from their scores, and where they are
from.

Belongs here: from a reader's items to the section and the rows. Does not belong here: any format, or where the files
lie (the asset)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.evaluation.imported.base import DamagedResults, Format, Imported, ImportedFiles
from genaiops_assets.evaluation.imported.garak import read_garak
from genaiops_assets.evaluation.imported.inspect_logs import read_inspect
from genaiops_assets.evaluation.imported.lm_eval import read_lm_eval
from genaiops_assets.evaluation.measure import DIGITS, Measure
from genaiops_assets.evaluation.report import suite_section
from genaiops_assets.evaluation.suites.base import About, Item, OnlyRead, Scored, Speaker, World
from genaiops_assets.lake import digest_of_file

VERSION = "1"


class ImportedSuite(OnlyRead):
    """A suite that nobody runs here: its scores are another harness's."""

    keeps_answers = True  # the rows, with scores and without any text
    speakers: Mapping[str, Speaker] = {}
    version = VERSION

    def __init__(self, name: str, found: Imported):
        self.name, self.found = name, found
        self.about = About(
            estimand=f"mean of each score as {found.tool} {found.tool_version} gave it",
            population="items like those of its tasks, taken as a random draw",
            missing_policy="an item that failed, or that the harness gave no score, is missing and counted",
            requirement="tested by another harness; its scoring is taken as it is",
            article="article-15.1",
        )

    def items(self, world: World | None = None) -> Sequence[Item]:
        return [Item(i.id, "", facts={"slices": i.slices}, group=i.group) for i in self.found.items]

    def slices(self, item: Item) -> Sequence[str]:
        return tuple(item.facts["slices"])

    def results(self) -> list[Scored]:
        return [
            Scored(
                self.name,
                item,
                "",
                tuple(self.slices(item)),
                "",
                {m: None if s is None else round(s, DIGITS) for m, s in one.scores.items()},
            )
            for item, one in zip(self.items(), self.found.items, strict=True)
        ]


def imported_section(given: ImportedFiles, measure: Measure) -> tuple[dict[str, Any], list[Scored]]:
    """The section of the report and its items. Raises DamagedResults where a file is damaged, or is not the one that
    was planned."""
    for path in map(Path, (given.path, *given.samples)):
        if digest_of_file(path) != given.digests.get(path.name):
            raise DamagedResults(
                f"{path.name}: the file changed since it was planned: materialize evaluation_plan again"
            )
    found = read_results(given.format, Path(given.path), [Path(sample) for sample in given.samples])
    section, results = as_suite(given.name, found, measure)
    origin = {
        "format": given.format,
        "tool": found.tool,
        "tool_version": found.tool_version,
        "files": dict(sorted(given.digests.items())),
        "left_out": dict(found.left_out),
        "facts": dict(found.facts),
    }
    return {**section, "imported": origin}, results


def as_suite(name: str, found: Imported, measure: Measure) -> tuple[dict[str, Any], list[Scored]]:
    """The section without its origin, and the items."""
    suite = ImportedSuite(name, found)
    results = suite.results()
    return suite_section(suite, results, measure), results


def read_results(form: Format, path: Path, samples: Sequence[Path] = ()) -> Imported:
    """Raises DamagedResults, naming file, line and field; a file without any item is one."""
    if form == "lm_eval":
        found = read_lm_eval(path, samples)
    else:
        found = {"inspect": read_inspect, "garak": read_garak}[form](path)
    if not any(score is not None for item in found.items for score in item.scores.values()):
        raise DamagedResults(f"{path.name}: no item has a score in 0..1, so there is nothing to show")
    return found
