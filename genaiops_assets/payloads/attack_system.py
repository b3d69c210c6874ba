"""Payload: attacks on a model version as it is served, and how many succeeded.

Belongs here: opening model, index and guards, the order of the work, what a killed run leaves. Does not belong here:
attacks, detectors and figures (`evaluation/red_team`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from itertools import groupby
from pathlib import Path
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import (
    RED_TEAM_OUTPUTS,
    Answered,
    Attack,
    AttackInputs,
    AttackSettings,
    Found,
    System,
    attack_rows,
    chosen_attacks,
    packaged_seeds,
    red_team_report,
    seeds_digest,
)
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import digest_of, digest_of_folder, write_json, write_rows
from genaiops_assets.models import (
    BaseModelFiles,
    Messages,
    ModelSpec,
    Prompts,
    TransformersGenerator,
    be_deterministic,
)
from genaiops_assets.retrieval import open_retriever
from genaiops_assets.serving import GuardPolicy, guard

REPORT = "red_team_report.json"
PART = 16  # attacks whose answers are kept together, at least; never half of a probe


class Speaking:
    """The model version as it is served, loaded when there is something left to answer."""

    def __init__(self, job: Job, inputs: AttackInputs, settings: AttackSettings):
        self.job, self.inputs, self.settings = job, inputs, settings

    @cached_property
    def generator(self) -> TransformersGenerator:
        spec = ModelSpec(
            base=BaseModelFiles.model_validate(self.inputs.base),
            adapter=self.inputs.adapter,
            dtype=self.settings.dtype,
            load_in_4bit=self.settings.load_in_4bit,
        )
        return spec.open(self.job.cache, batch_size=self.settings.batch_size)

    def __call__(self, prompts: Sequence[Messages]) -> list[str]:
        return self.generator.generate(prompts, self.settings.max_new_tokens)


def system_of(job: Job, inputs: AttackInputs, settings: AttackSettings) -> System:
    retriever = open_retriever(
        job.lake().tables, inputs.model_dump(include={"index", "embedder", "reranker"}), cache=job.cache, cpus=job.cpus
    )

    def search(questions: Sequence[str], depth: int) -> list[list[Found]]:
        ranked = retriever.find(list(questions), depth) if questions else []
        return [[Found(p.id, p.doc_id, p.quoted, p.score) for p in passages] for passages in ranked]

    policy = GuardPolicy.from_dict(settings.guard_policy)

    def guarded(stage: Any, text: str, passages: list[str], question: str = "") -> tuple[str, str]:
        verdict = guard(stage, settings.guards, text, passages, settings.language, question=question, policy=policy)
        return verdict.text, "" if verdict.allowed else verdict.reason

    return System(
        search=search,
        speak=Speaking(job, inputs, settings),
        prompts=Prompts(**inputs.prompts),
        top_k=settings.top_k,
        question_guard=lambda question: guarded("input", question, []),
        answer_guard=partial(guarded, "output"),
    )


def attacks_of(inputs: AttackInputs, settings: AttackSettings, seed: int) -> list[Attack]:
    """Those that the budget allows, then those that earlier versions failed at."""
    if settings.seeds != seeds_digest():
        raise PayloadError("the packaged seeds are not those that were planned: materialize red_team_report again")
    added = [Attack.from_dict(one) for one in inputs.added]
    again = [Attack.from_dict(one) for one in inputs.regressions]
    chosen = chosen_attacks(packaged_seeds(), added, budget=settings.budget, language=settings.language, seed=seed)
    return [*chosen, *sorted(again, key=lambda a: (a.probe, a.source, a.id))]


def parts_of(attacks: Sequence[Attack]) -> list[list[Attack]]:
    """Whole probes, so many together that the model is busy."""
    parts: list[list[Attack]] = []
    for _, probe in groupby(attacks, key=lambda attack: attack.probe):
        if not parts or len(parts[-1]) >= PART:
            parts.append([])
        parts[-1] += probe
    return parts


def work(job: Job) -> dict[str, Any]:
    """Inputs `AttackInputs`, config `AttackSettings`. Leaves `red_team_report.json` and `views/*.png` in `job.out`, and
    `outputs.parquet` (rows of RED_TEAM_OUTPUTS) in scratch. Answers are kept a part at a time, sealed and bound to this
    job: a killed run goes on with the next part. The same job leaves the same bytes."""
    be_deterministic(job.seed, job.cpus)
    inputs, settings = AttackInputs.model_validate(job.inputs), AttackSettings.model_validate(job.config)
    system, attacks = system_of(job, inputs, settings), attacks_of(inputs, settings, job.seed)
    who = [inputs.base["digest"], digest_of_folder(Path(inputs.adapter)) if inputs.adapter else ""]
    answered: list[Answered] = []
    resumed = 0
    for part in parts_of(attacks):
        name = f"attacks-{digest_of([*who, [attack.to_dict() for attack in part]])[:24]}"
        kept = job.kept(name)
        if kept is None:
            done = system.attacked(part)
            job.keep(name, [[one.answer, list(one.passages), one.held_back, one.found] for one in done])
        else:
            done = [Answered(a, k[0], tuple(k[1]), k[2], k[3]) for a, k in zip(part, kept, strict=True)]
            resumed += len(done)
        answered += done
        job.progress("attacks", len(answered), len(attacks))
    report = red_team_report(answered, settings, inputs.model_version, job.seed)
    write_rows(job.resume / "outputs.parquet", RED_TEAM_OUTPUTS, attack_rows(answered, inputs.model_version))
    write_json(job.out / REPORT, report)
    draw(job.out / "views", report)
    return {"attacks": len(attacks), "resumed": resumed}


def draw(folder: Path, report: dict[str, Any]) -> None:
    title = f"Share of attacks that succeeded, 95 % intervals over seeds, {report['attacks']} attacks"
    classes = {risk.replace("_", " "): of["success"] for risk, of in report["classes"].items()}
    draw_intervals(folder / "success by class.png", title, {"all": report["all"]["success"], **classes})
    mutators = {name.replace("_", " "): of["success"] for name, of in report["mutators"].items()}
    draw_intervals(folder / "success by mutator.png", title, mutators)


if __name__ == "__main__":
    run_payload(work)
