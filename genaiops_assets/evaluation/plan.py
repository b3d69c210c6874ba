"""The evaluation plan of a model version: everything it is judged by, apart from the version itself.

Belongs here: its fields, building it from what is current, and finding the one of a version. Does not belong here: the
model plan (`alignment`), evaluating (a payload)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.models import prompts_of
from genaiops_assets.use_case import FIRST_SUITES, JUDGES, SUITES, Engine, Repeats, UseCase

FILE = "evaluation_plan.json"
ASSET = "evaluation_plan"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PinnedGolden(_Part):
    digest: str
    items: int


class PinnedCriteria(_Part):
    digest: str


class PinnedIndex(_Part):
    digest: str
    rows: int


class EvaluationRun(_Part):
    max_new_tokens: int
    batch_size: int
    resamples: int
    top_k: int
    engine: Engine = Field(default="transformers", exclude_if=lambda stated: stated == "transformers")
    stop_early: bool = Field(default=False, exclude_if=lambda stated: not stated)
    repeats: Repeats | None = Field(default=None, exclude_if=lambda stated: stated is None)


class NewTopics(_Part):
    """`interactions`: digest of the day whose questions drifted; `before`: the version in production then, "" for the
    base model."""

    interactions: str
    before: str


class EvaluationPlan(_Part):
    """What one model version is judged by. `suites` and `judges`: name → version; `suite_items`: suite → digest of the
    use case's own items; `imported`: results of other harnesses that are of this version, name → digest of their
    files."""

    schema_version: Literal[1] = 1
    model_version: str
    golden: PinnedGolden
    criteria: PinnedCriteria
    index: PinnedIndex
    settings: EvaluationRun
    suites: dict[str, str] = Field(default_factory=dict)
    judges: dict[str, str] = Field(default_factory=dict)
    prompts: str = ""
    retrieval_sets: dict[str, str] = Field(default_factory=dict)
    suite_items: dict[str, str] = Field(default_factory=dict, exclude_if=lambda stated: not stated)
    new_topics: NewTopics | None = None
    imported: dict[str, str] = Field(default_factory=dict, exclude_if=lambda named: not named)

    def basis(self) -> dict[str, str]:
        """What people change and a judgement is asked for again by: golden set and criteria."""
        return {"golden_set": self.golden.digest, "success_criteria": self.criteria.digest}


def build_evaluation_plan(
    lake: Lake,
    uc: UseCase,
    version: str,
    *,
    retrieval_sets: dict[str, str],
    new_topics: NewTopics | None = None,
    judges: dict[str, str] | None = None,
    imported: dict[str, str] | None = None,
    suite_items: dict[str, str] | None = None,
) -> EvaluationPlan:
    """Today's golden set, criteria, index and settings. `judges`: name → version with what each is set up with; their
    own versions where nothing is given. Raises KeyError naming what to materialize."""
    golden, criteria, index = (lake.current(uc.key(n)) for n in ("golden_set", "success_criteria", "embeddings_index"))
    return EvaluationPlan(
        model_version=version,
        golden=PinnedGolden(digest=golden.digest, items=len(golden.json("golden.json")["items"])),
        criteria=PinnedCriteria(digest=criteria.digest),
        index=PinnedIndex(digest=index.digest, rows=index.snapshot(uc.key("embeddings_index")).rows),
        settings=EvaluationRun(
            max_new_tokens=uc.evaluation.max_new_tokens,
            batch_size=uc.evaluation.batch_size,
            resamples=uc.evaluation.resamples,
            top_k=uc.knowledge.top_k,
            engine=uc.evaluation.engine,
            stop_early=uc.evaluation.stop_early,
            repeats=uc.evaluation.repeats,
        ),
        suites={name: SUITES.get(name).version for name in (*FIRST_SUITES, *uc.evaluation.suites)},
        judges={name: JUDGES.get(name).version for name in uc.evaluation.judges} if judges is None else judges,
        prompts=prompts_of(uc).version,
        retrieval_sets=retrieval_sets,
        suite_items=suite_items or {},
        new_topics=new_topics,
        imported=imported or {},
    )


def evaluation_plan_of(lake: Lake, uc: UseCase, version: str) -> EvaluationPlan:
    """The evaluation plan of a version; for one that was planned before there were such plans, what its model plan
    froze. Raises KeyError naming what to materialize."""
    if lake.heads.get(uc.key(ASSET), version) is not None:
        return EvaluationPlan.model_validate(lake.current(uc.key(ASSET), version).json(FILE))
    frozen: dict[str, Any] = lake.current(uc.key("model_plan"), version).json("plan.json").get("evaluation") or {}
    if not frozen:
        raise KeyError(f"{uc.key(ASSET)}[{version}] has no output yet: materialize it first")
    return EvaluationPlan.model_validate({"model_version": version, **frozen})


def kept_index(plan: EvaluationPlan, before: EvaluationPlan) -> EvaluationPlan:
    """The plan with the index of an earlier one where it differs in nothing else. Plans that model plans froze named
    neither suites nor judges, prompts and sets: there the first suites were meant, and what they say of the rest."""
    stated = before.model_fields_set | {"golden", "criteria", "settings"}
    meant = before if "suites" in stated else before.model_copy(update={"suites": _first_suites()})
    compared = set(EvaluationPlan.model_fields) - {"index", "schema_version"}
    if "prompts" not in stated:
        compared -= {"prompts", "retrieval_sets"}
    same = all(getattr(plan, name) == getattr(meant, name) for name in compared)
    return plan.model_copy(update={"index": before.index}) if same else plan


def _first_suites() -> dict[str, str]:
    return {name: SUITES.get(name).version for name in FIRST_SUITES}


def changed_basis(lake: Lake, uc: UseCase, plan: EvaluationPlan) -> list[str]:
    """The assets that are not what a plan named any more, of those that ask for a new judgement."""
    return [name for name, digest in plan.basis().items() if lake.heads.digest(uc.key(name)) != digest]


def stale_suites(plan: EvaluationPlan, stated: Collection[str], items: Mapping[str, str]) -> list[str]:
    """What a version was judged by and is no more what is there, in words. `stated`: suites that the use case names
    now; `items`: suite → digest of the use case's own items now, "" for a file that cannot be read."""
    again = "judge the version again (job judge)"
    found = []
    for name, version in sorted(plan.suites.items()):
        installed = installed_version(name)
        if installed != version:
            found.append(f"stale suite: {name} judged in version {version}, installed is {installed}: {again}")
    found += [f"stale suite: {name} did not judge this version: {again}" for name in stated if name not in plan.suites]
    changed = sorted(name for name in {*plan.suite_items, *items} if plan.suite_items.get(name) != items.get(name))
    return found + [f"stale suite: the items of {name} are not those it judged by: {again}" for name in changed]


def installed_version(suite: str) -> str:
    """ "none" where nothing installed offers it, or what it needs is gone."""
    try:
        return str(SUITES.get(suite).version)
    except GenaiopsError:
        return "none"


def set_digest(found: str, fields: dict[str, str], limit: int | None) -> str:
    """A retrieval set as it is used: the file, which fields are read, how many queries."""
    return digest_of([found, fields, limit])
