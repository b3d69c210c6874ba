"""The judges that an evaluation plan names, made ready, or skipped with the reason.

Belongs here: which version of a judge is meant, opening, and a judge that stops in the middle. Does not belong here:
any judge, or the models they are given (`alignment/judge_tools.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation.judges.base import Asked, Judge, Need, Tools, Unavailable, score_all
from genaiops_assets.lake import digest_of
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import JUDGES, JudgeSettings

SETTINGS = "+"  # stands between a judge's own version and the digest of what it was set up with


def needs_of(name: str) -> Sequence[Need]:
    """What a judge's scores depend on besides its code. Raises PluginError."""
    return tuple(getattr(JUDGES.get(name), "needs", ()))


def version_of_judge(name: str, settings: JudgeSettings, digests: Mapping[Need, str]) -> str:
    """A judge's own version and, where it has settings or works with models, a digest of these: `1+3f2a…`. `digests`:
    need → digest of what is given. Raises PluginError."""
    judge = JUDGES.get(name)
    about: dict[str, Any] = {need: digests[need] for need in getattr(judge, "needs", ()) if need in digests}
    if hasattr(judge, "opened") and (stated := settings.stated()):
        about["settings"] = stated
    return f"{judge.version}{SETTINGS}{digest_of(about)[:12]}" if about else str(judge.version)


@dataclass
class OpenJudges:
    """`judges` are ready; `skipped` says why others are not, and later why one stopped in the middle."""

    judges: list[Judge] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def open_judges(
    planned: Mapping[str, str], tools: Callable[[str], Tools], missing: Mapping[str, str] | None = None
) -> OpenJudges:
    """`planned`: name → version; `tools` gives those of a name; `missing`: judges known to lack something, with the
    reason. Raises PayloadError where what is installed is not what was planned."""
    found = OpenJudges(skipped=dict(missing or {}))
    for name, version in planned.items():
        judge = installed(name, version)
        if name in found.skipped:
            continue
        try:
            opened = judge.opened(tools(name)) if hasattr(judge, "opened") else judge
        except Unavailable as error:
            found.skipped[name] = str(error)
            continue
        found.judges.append(Watched(opened, version, found.skipped))
    return found


def installed(name: str, version: str) -> Any:
    try:
        judge = JUDGES.get(name)
    except PluginError as error:
        raise PayloadError(str(error)) from error
    own = version.partition(SETTINGS)[0]
    if own and judge.version != own:
        raise PayloadError(
            f"the judge {name!r} is version {judge.version} here, the evaluation plan names {own}: "
            "materialize evaluation_plan again"
        )
    return judge


class Watched:
    """A judge that is skipped from the moment it is unavailable: what it did not score is missing, and the reason is
    noted in `skipped`."""

    def __init__(self, judge: Judge, version: str, skipped: dict[str, str]):
        self.judge, self.name, self.version, self._skipped = judge, judge.name, version, skipped
        self.cut = float(getattr(judge, "cut", 0.5))
        self._scored = 0

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return self.scores([Asked(question, answer, reference, tuple(passages))])[0]

    def scores(self, rows: Sequence[Asked]) -> list[float | None]:
        if self.name in self._skipped:
            return [None] * len(rows)
        try:
            found = score_all(self.judge, rows)
        except Unavailable as error:
            behind = f" (after {self._scored} answers)" if self._scored else ""
            self._skipped[self.name] = f"{error}{behind}"
            return [None] * len(rows)
        self._scored += len(rows)
        return found
