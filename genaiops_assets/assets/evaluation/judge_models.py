"""The judges of a use case as its evaluations name them: which version of each, what they work with, what is missing.

Belongs here: finding these for `evaluation_plan`, `eval_report` and `judge_validation`. Does not belong here: opening a
judge (a payload), or its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from genaiops_assets.evaluation import (
    REPORT,
    EvaluationPlan,
    JudgeModels,
    Need,
    needs_of,
    read_labels,
    row_dict,
    version_of_judge,
)
from genaiops_assets.lake import Artifact, Lake, NotDelivered, digest_of, secret_of
from genaiops_assets.models import BaseModelFiles
from genaiops_assets.orchestration.gates import refusal
from genaiops_assets.orchestration.making import Making
from genaiops_assets.retrieval import EmbeddingModel, embedder_of
from genaiops_assets.use_case import REWARD_MODEL, JudgeSettings, UseCase


@dataclass
class JudgesOfToday:
    """Judges with the models, examples and keys as they are now."""

    lake: Lake
    uc: UseCase
    missing: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.uc.evaluation.judges:
            if why := self._lacks(name):
                self.missing[name] = why

    @property
    def settings(self) -> dict[str, Any]:
        """judge → what it is told, as JSON and only where something is."""
        return {n: s.model_dump(mode="json", exclude_defaults=True) for n, s in self._settings.items()}

    @cached_property
    def versions(self) -> dict[str, str]:
        """Name → version with a digest of what it is set up with. Raises PluginError."""
        return {name: self._version(name) for name in self.uc.evaluation.judges}

    @cached_property
    def models(self) -> JudgeModels:
        """What a payload is given; only what some judge needs."""
        return JudgeModels(
            base=self._base if self._needed("base") else None,
            embedder=asdict(self._embedder) if self._needed("embedder") else None,
            reward=str(found.local("adapter")) if self._needed("reward") and (found := self._reward) else None,
            servers=[
                {"key_variable": told.api_key_env}
                for name, told in self._settings.items()
                if told.api_key_env and name not in self.missing
            ],
            examples={name: self._examples(name) for name in self.uc.evaluation.judges if self._takes_examples(name)},
        )

    def labelled(self) -> dict[str, list[dict[str, Any]]]:
        """judge → rows that people labelled, from all files that name it. Raises LabelsError."""
        found: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in self.uc.evaluation.judges}
        for stated in self.uc.evaluation.judge_labels:
            rows = [row_dict(row) for row in read_labels(self._file(stated.ref))]
            found[stated.judge] |= {digest_of(row["asked"]): row for row in rows}
        taken = {name: {digest_of(row["asked"]) for row in rows} for name, rows in self.models.examples.items()}
        return {
            name: [row for key, row in sorted(rows.items()) if key not in taken.get(name, ())]
            for name, rows in found.items()
        }

    @property
    def asks_a_server(self) -> bool:
        return self._needed("server")

    def _version(self, name: str) -> str:
        digests: dict[Need, str] = {}
        for need in needs_of(name):
            if need == "base":
                digests[need] = self._base.digest
            elif need == "embedder":
                digests[need] = self._embedder.digest
            elif need == "reward" and self._reward:
                digests[need] = self._reward.digest
            elif need == "examples":
                digests[need] = digest_of(self._examples(name))
        return version_of_judge(name, self._of(name), digests)

    def _lacks(self, name: str) -> str:
        """What the judge lacks that shows without asking anybody; "" where nothing is known to lack."""
        told = self._of(name)
        if told.api_key_env:
            try:
                secret_of(told.api_key_env, urlsplit(told.url).hostname or "")
            except NotDelivered as error:
                return f"{error} (evaluation.judge_settings.{name}.api_key_env)"
        if "reward" in needs_of(name) and not told.model_version:
            return f"evaluation.judge_settings.{name}.model_version names no version whose reward model judges"
        if "reward" in needs_of(name) and not self._reward:
            return f"{told.model_version} has no {REWARD_MODEL}: train it with a stage reward"
        return ""

    def _of(self, name: str) -> JudgeSettings:
        return self._settings.get(name, JudgeSettings())

    @property
    def _settings(self) -> dict[str, JudgeSettings]:
        return self.uc.evaluation.judge_settings

    def _needed(self, need: Need) -> bool:
        return any(need in needs_of(name) for name in self.uc.evaluation.judges if name not in self.missing)

    def _takes_examples(self, name: str) -> bool:
        return "examples" in needs_of(name)

    def _examples(self, name: str) -> list[dict[str, Any]]:
        stated = self._of(name).examples
        return [row_dict(row) for row in read_labels(self._file(stated))] if stated else []

    def _file(self, ref: str) -> Path:
        """Raises UnresolvedReference."""
        return Path(self.lake.resolve(ref, self.uc.folder).path)

    @cached_property
    def _base(self) -> BaseModelFiles:
        return BaseModelFiles.model_validate(asdict(self.lake.resolve(self.uc.model.base, self.uc.folder)))

    @cached_property
    def _embedder(self) -> EmbeddingModel:
        return embedder_of(self.lake, self.uc)

    @cached_property
    def _reward(self) -> Artifact | None:
        names = [n for n in self.uc.evaluation.judges if "reward" in needs_of(n)]
        versions = [self._of(n).model_version for n in names if self._of(n).model_version]
        key = self.uc.key(REWARD_MODEL)
        return self.lake.current(key, versions[0]) if versions and self.lake.heads.get(key, versions[0]) else None


def judges_at_work(making: Making, judges: JudgesOfToday) -> dict[str, Any]:
    """What judges are told, and which lack something: a key that comes later makes another report, and so does a
    server that answers again."""
    again = asked_again(making, judges, lambda report: report.json(REPORT).get("skipped_judges", {}))
    found = {"judge_settings": judges.settings, "judges_missing": judges.missing, "asked_again": again}
    return {name: value for name, value in found.items() if value}


def asked_again(making: Making, judges: JudgesOfToday, skipped: Callable[[Artifact], Mapping[str, str]]) -> str:
    """Digest of the last output where a judge stopped that lacked nothing: its server did not answer. The memo would
    find that output for ever. "" where all answered from the first; what followed such an output keeps its digest."""
    key = making.uc.key(making.name)
    if not judges.asks_a_server or making.lake.heads.get(key, making.partition or None) is None:
        return ""
    last = making.lake.current(key, making.partition or None)
    if set(skipped(last)) - set(judges.missing):
        return last.digest
    return str(last.provenance()["config"].get("asked_again", ""))


def judges_as_planned(lake: Lake, uc: UseCase, judged_by: EvaluationPlan) -> JudgesOfToday:
    """Raises dg.Failure where a judge is set up with something else than was planned."""
    judges = JudgesOfToday(lake, uc)
    now = judges.versions
    changed = sorted(n for n, v in judged_by.judges.items() if n in now and now[n] != v)
    if changed:
        raise refusal(
            f"judge {', '.join(changed)} is set up otherwise than the evaluation plan of {judged_by.model_version} "
            "names: materialize evaluation_plan again (job judge)"
        )
    return judges
