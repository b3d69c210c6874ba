"""One evaluation of a model version by an evaluation plan: the same for `eval_report` and `production_evaluation`.

Belongs here: from plan and checkpoint to what `produce` takes, and earlier answers that may be used again. Does not
belong here: which plan, and what follows from the report."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from genaiops_assets.alignment import measuring, read_plan
from genaiops_assets.assets.alignment.training_stage import adapter_of, base_of
from genaiops_assets.assets.evaluation.imported_results import digests_of, imported_of, results_as_planned
from genaiops_assets.assets.evaluation.judge_models import JudgesOfToday, judges_as_planned, judges_at_work
from genaiops_assets.assets.evaluation.own_items import refuse_changed_items, suite_items_of
from genaiops_assets.assets.evaluation.own_queries import SET, refuse_changed_sets, retrieval_sets_of
from genaiops_assets.evaluation import (
    GENERATING,
    TRAINING,
    EarlierAnswers,
    EvaluationInputs,
    EvaluationPlan,
    EvaluationSettings,
    GoldenItem,
    NewTopics,
    ObservedTopics,
    SetFile,
    build_evaluation_plan,
    judges_of_report,
    looks_at,
    versions_of,
)
from genaiops_assets.governance.release import signature_problem
from genaiops_assets.lake import (
    ERASED_TEXT,
    Artifact,
    Lake,
    Workplace,
    bound_manifests,
    digest_of_bytes,
    manifest_sha256,
    memo_key,
)
from genaiops_assets.models import Prompts, prompts_of
from genaiops_assets.orchestration.gates import refusal, require_gates
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import search_spec
from genaiops_assets.serving import observed_questions
from genaiops_assets.use_case import BASE_CELLS, CELLS, CONFIDENCE, FIRST_SUITES, SUITES, TUNED_CELLS, Rounding, UseCase

# 2: intervals keep a width at the edge, equal questions of a set count once; 3: chrF and distinct-n; 4: exact match,
# BLEU, similarity and citations; 5: a row says what was asked and who judged, an interval what it can show
CODE = "5"
REPORT = "eval_report.json"
LOOKED_AT = 8  # earlier reports whose answers may be used again
EXACT = ("float32",)  # merging an adapter, as code version 1 did, lost nothing in these


@dataclass(frozen=True)
class Evaluation:
    """What `produce` needs to make, or to find, one evaluation report."""

    inputs: dict[str, str]
    config: dict[str, Any]
    seed: int
    build: Callable[[Workplace], Built]


def plan_of_today(lake: Lake, uc: UseCase, version: str, new_topics: NewTopics | None) -> EvaluationPlan:
    """What a version would be judged by now. Raises dg.Failure where golden set or index did not pass their gates."""
    digests = {name.removeprefix(SET): digest for name, digest in retrieval_sets_of(lake, uc)[0].items()}
    more = {
        "suite_items": {name: found.digest for name, found in suite_items_of(lake, uc).items()},
        "judges": JudgesOfToday(lake, uc).versions,
        "imported": digests_of(imported_of(lake, uc, version)),
    }
    plan = build_evaluation_plan(lake, uc, version, retrieval_sets=digests, new_topics=new_topics, **more)
    require_gates(lake, uc, {"golden_set": plan.golden.digest, "embeddings_index": plan.index.digest})
    return plan


def evaluation_of(making: Making, version: str, judged_by: EvaluationPlan) -> Evaluation:
    """Raises dg.Failure where a retrieval set or the base model is not what was planned, KeyError naming what to
    materialize."""
    lake, uc = making.lake, making.uc
    plan = read_plan(lake, uc, version)
    training = plan.training
    checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
    golden = lake.artifacts.get(uc.key("golden_set"), judged_by.golden.digest)
    index = lake.artifacts.get(uc.key("embeddings_index"), judged_by.index.digest)
    search = search_spec(lake, uc, index)
    set_digests, sets = retrieval_sets_of(lake, uc)
    refuse_changed_sets(judged_by, {name.removeprefix(SET): digest for name, digest in set_digests.items()})
    own_items = suite_items_of(lake, uc)
    refuse_changed_items(judged_by, {name: found.digest for name, found in own_items.items()})
    prompts = planned_prompts(uc, judged_by, training.prompts)
    topics = judged_by.new_topics
    before = lake.current(uc.key("aligned_checkpoint"), topics.before) if topics and topics.before else None
    config = {
        **judged_by.settings.model_dump(),
        "confidence": CONFIDENCE,
        "language": training.language,
        "dtype": training.dtype,
        "load_in_4bit": training.load_in_4bit,
        "prompts": prompts.version,
    }
    inputs = {
        "checkpoint": checkpoint.digest,
        "golden": golden.digest,
        "index": index.digest,
        **search.digests,
        **set_digests,
        "version": version,
    }
    if reads_training(judged_by):
        inputs["pairs"] = training.pairs.digest
    inputs |= {f"items of suite {name}": digest for name, digest in judged_by.suite_items.items()}
    if topics:
        inputs |= {"new_topics": topics.interactions, "before": before.digest if before else ""}
    seed = training.seed
    earliest = memo_key(uc.key("eval_report"), inputs, "1", config, seed)
    judges = judges_as_planned(lake, uc, judged_by)
    imported, digests = results_as_planned(lake, uc, judged_by)
    inputs |= digests
    config |= beyond_the_first(lake, uc, judged_by) | judges_at_work(making, judges)

    def build(place: Workplace) -> Built:
        if problem := signature_problem(lake, uc, version, checkpoint.digest):
            raise refusal(problem)
        given = EvaluationInputs(
            model_version=version,
            base=base_of(lake, uc, plan).model_dump(),
            adapter=adapter_of(checkpoint),
            golden=[GoldenItem(**i) for i in answerable(golden)],
            unanswerable=[GoldenItem(**i) for i in answerable(golden, "unanswerable")],
            **search.to_dict(),
            retrieval_sets=[SetFile(**s) for s in sets],
            new_topics=ObservedTopics(
                before=topics.before,
                adapter=adapter_of(before) if before else None,
                questions=measuring(observed_questions(lake, uc, topics.interactions)),
            )
            if topics
            else None,
            prompts=prompts.model_dump(mode="json"),
            suite_items={name: str(found.path) for name, found in own_items.items()},
            pairs=pairs_of(lake, uc, inputs.get("pairs")),
            earlier=earlier_answers(lake, uc, earliest, config["dtype"], config["load_in_4bit"]),
            judging=judges.models,
            imported=imported,
        )
        settings = EvaluationSettings(**config)
        result = making.launch(
            place,
            "evaluate_model",
            given.model_dump(mode="json"),
            settings.model_dump(mode="json"),
            seed=seed,
            online=judges.asks_a_server,
        )
        change = lake.tables.sync(uc.key("eval_outputs"), place.scratch / "outputs.parquet")
        figures, tables = preview(json.loads((place.staging / REPORT).read_text()))
        spared = {name: result[name] for name in ("prompt_tokens", "prompt_tokens_saved")}
        return Built({**figures, **spared, "answers_used_again": result["reused"]}, tables, (change.snapshot,))

    return Evaluation(inputs, config, seed, build)


def beyond_the_first(lake: Lake, uc: UseCase, judged_by: EvaluationPlan) -> dict[str, Any]:
    """Settings that only some use cases have: confidences of gates, suites and judges besides the first."""
    criteria = lake.artifacts.get(uc.key("success_criteria"), judged_by.criteria.digest).json("criteria.json")
    asked = {gate.get("confidence", CONFIDENCE) for gate in criteria["gates"]} - {CONFIDENCE}
    found: dict[str, Any] = {
        "also": sorted(asked),
        "suites": {n: v for n, v in judged_by.suites.items() if n in uc.evaluation.suites},
        "judges": dict(judged_by.judges),
    }
    if set(judged_by.suites) - {*FIRST_SUITES, "refusal"}:  # those take their own items, so many of each slice
        found["limit"] = uc.evaluation.limit_per_split
    if "format" in judged_by.suites:
        found["contracts"] = [contract.model_dump(mode="json") for contract in uc.evaluation.contracts]
    if judged_by.settings.stop_early:
        found["gates"] = [gate for gate in criteria["gates"] if gate["metric"].startswith("/suites/")]
    return {name: value for name, value in found.items() if value}


def reads_training(judged_by: EvaluationPlan) -> bool:
    """Whether a suite of the plan looks at what the version learned from."""
    return any(TRAINING in looks_at(SUITES.get(name)) for name in judged_by.suites)


def pairs_of(lake: Lake, uc: UseCase, digest: str | None) -> dict[str, Any] | None:
    if digest is None:
        return None
    return lake.artifacts.get(uc.key("preference_pairs"), digest).snapshot(uc.key("preference_pairs")).to_dict()


def answerable(golden: Artifact, which: str = "items") -> list[dict[str, Any]]:
    """Golden items, or those that nothing answers, less those whose text was erased."""
    return [i for i in golden.json("golden.json").get(which, []) if ERASED_TEXT not in (i["question"], i["answer"])]


def planned_prompts(uc: UseCase, judged_by: EvaluationPlan, trained_with: str) -> Prompts:
    """The texts around a question; they must be those that the evaluation plan, or an old model plan, names."""
    found, planned = prompts_of(uc), judged_by.prompts or trained_with
    if found.version != planned:
        raise refusal(
            f"the prompts are version {found.version} now, {judged_by.model_version} is to be judged with {planned}: "
            "materialize evaluation_plan again (job judge)"
        )
    return found


def earlier_answers(lake: Lake, uc: UseCase, earliest: str, dtype: str, load_in_4bit: Rounding) -> list[EarlierAnswers]:
    """Published reports whose answers may be used again, newest first. `earliest`: memo key of code version 1 for
    exactly these inputs; its reports name no keys of answers. Only what the ledger knows is looked at."""
    bound = bound_manifests(lake)
    found = []
    for report in newest_reports(lake, uc):
        if proven(report, bound) and (keys := report.json(REPORT).get("answers", {}).get("keys")):
            found.append(one_of(report, uc, answers=keys))
    record = lake.memo.get(earliest)
    if record and lake.artifacts.has(uc.key("eval_report"), record["digest"]):
        report = lake.artifacts.get(uc.key("eval_report"), record["digest"])
        libraries = report.provenance().get("libraries", {})
        same = {n: libraries.get(n) for n in GENERATING if n in libraries} == versions_of(GENERATING)
        cells = CELLS if load_in_4bit or dtype in EXACT else BASE_CELLS
        if same and proven(report, bound):
            found.append(one_of(report, uc, whole=tuple(f"golden/{cell}" for cell in cells)))
    return found


def newest_reports(lake: Lake, uc: UseCase) -> list[Artifact]:
    heads = [
        (head["at"], asset, head["digest"])
        for asset in (uc.key("eval_report"), uc.key("production_evaluation"))
        for partition in lake.heads.partitions(asset)
        if (head := lake.heads.get(asset, partition)) is not None
    ]
    return [lake.artifacts.get(asset, digest) for _, asset, digest in sorted(heads, reverse=True)[:LOOKED_AT]]


def proven(report: Artifact, bound: dict[tuple[str, str], set[str]]) -> bool:
    """Whether the ledger knows this manifest, and the report is the file the manifest lists."""
    if manifest_sha256(report.manifest) not in bound.get((report.asset, report.digest), ()):
        return False
    listed = {f["path"]: f["sha256"] for f in report.manifest["files"]}
    return listed.get(REPORT) == digest_of_bytes(report.store.read(f"{report.key}/{REPORT}"))


def one_of(report: Artifact, uc: UseCase, **which: Any) -> EarlierAnswers:
    return EarlierAnswers(report=report.digest, snapshot=report.snapshot(uc.key("eval_outputs")).to_dict(), **which)


NUMBERS = ("mean", "low", "high", "n")


def row(interval: dict[str, Any], **names: str) -> dict[str, Any]:
    return {**names, **{k: interval[k] for k in NUMBERS}}


def preview(report: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Figures and tables of an evaluation report for the UI."""
    figures = {
        f"answer_f1_{cell}": report["cells"][cell]["answer_f1"]["all"]["mean"]
        for cell in (*BASE_CELLS, *TUNED_CELLS)
        if cell in report["cells"]
    }
    effects = [row(v, effect=n, split=s) for n, by in report["effects"].items() for s, v in by.items()]
    retrieval = [row(v, set=n, metric=m) for n, by in report["retrieval"].items() for m, v in by.items()]
    figures |= {f"effect_of_{e['effect']}": e["mean"] for e in effects if e["split"] == "all"}
    tables = {"effects on answer F1": effects, "retrieval": retrieval}
    for name, suite in report.get("suites", {}).items():
        tables[f"suite {name}"] = [
            row(v, cell=cell, metric=metric, slice=part)
            for cell, metrics in suite["cells"].items()
            for metric, parts in metrics.items()
            for part, v in parts.items()
        ]
    if judges := judges_of_report(report):
        tables["judges"] = list(judges)
        figures |= {"judges_skipped": len(report.get("skipped_judges", {}))}
    if topics := report.get("new_topics"):
        rows = [{"new topics": n, **{k: topics[n][k] for k in NUMBERS}} for n in ("before", "after", "effect")]
        figures |= {"new_topics_before": rows[0]["mean"], "new_topics_after": rows[1]["mean"]}
        tables |= {f"new topics: {topics['before_is']} before, this version after": rows}
    return figures, tables
