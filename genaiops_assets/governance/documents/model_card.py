"""The model card of one model version: the sections of Mitchell et al. 2019, as JSON made of claims.

Belongs here: which evidence fills which section. Does not belong here: computing any number, layout
(`templates/model_card.md.j2`), or the approval of the model, which a card never contains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from genaiops_assets.evidence import (
    Evidence,
    claim,
    escape_part,
    has,
    labels,
    person_text,
    render_template,
    resolve_pointer,
)
from genaiops_assets.governance.documents.card_front import card_metadata
from genaiops_assets.governance.documents.corpus_facts import corpus_facts
from genaiops_assets.governance.documents.hub import is_private
from genaiops_assets.governance.release import told_of_versions
from genaiops_assets.use_case import BASE_CELLS, METHODS, TUNED_CELLS, UseCase

SCHEMA_VERSION = 1
BASE_FACTS = ("ref", "digest", "license", "parameters", "architecture", "bytes", "dtype")
PLAN_FACTS = ("method", "stages", "files", "steps", "seed", "learning_rate", "beta", "lora", "settings")
TRAINING_FACTS = ("steps", "train_loss", "cpus", "trainable_parameters")
NOTHING_TRAINED = ("method", "files")  # the rest of the plan had no effect
NEWER_FACTS = ("device", "repeatable")  # logs of earlier versions lack them
SHOWN_SAMPLES = 3


class Judged(NamedTuple):
    """The document that says what a version is judged by, and where in it."""

    evidence: Evidence
    prefix: str


def build_card(
    use_case: UseCase,
    *,
    plan: Evidence,
    evaluation: Evidence,
    corpus: Evidence,
    base_model: Evidence,
    training: Evidence | None,
    criteria: Evidence | None = None,
    evaluation_plan: Evidence | None = None,
    scope: Evidence | None = None,
    design: Evidence | None = None,
    losses: Evidence | None = None,
    history: Evidence | None = None,
) -> dict[str, Any]:
    """The model card as JSON: {"model_version", "sections": {section: content}, ...}.

    Every number is a claim on one of the documents: plan.json, eval_report.json, corpus statistics, base model record,
    training_log.json and, where given, the success criteria ({"gates": [{id, metric, at_least, ...}]}), without which
    the gates are listed without their thresholds. `training` may be None only for a method that trains nothing.
    `evaluation_plan` names what the version is judged by; plans of earlier releases say that themselves. `losses`: what
    tuning lost; earlier releases have no such report. What the model is for comes from `scope`, the record of the use
    case file, where given, and why it was made so from `design`; `history`: what happened to versions before. Sections
    for a person come from `use_case.purpose` and `use_case.card`; an empty one is a named gap. KeyError names a
    document and the value it lacks; ValueError says where two documents contradict each other."""
    judged_by = Judged(plan, "/evaluation") if evaluation_plan is None else Judged(evaluation_plan, "")
    _refuse_contradictions(plan, evaluation, base_model, training, criteria, judged_by)
    if losses is not None:
        _same(plan, "/model_version", losses, "/model_version")
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "model_card",
        "use_case": use_case.name,
        "title": use_case.title,
        "language": use_case.language,
        "model_version": claim(plan, "/model_version"),
        "sections": {
            "model_details": {**_model_details(use_case, plan, base_model, training), **_design(design)},
            "intended_use": _intended_use(use_case, scope),
            "factors": {"claims": corpus_facts(corpus, ["languages"]), "splits": _splits(evaluation)},
            "metrics": {"gates": _gates(use_case, criteria), "written_on": use_case.success_criteria.written_on},
            "evaluation_data": _evaluation_data(judged_by, evaluation),
            "training_data": _training_data(plan, corpus),
            "quantitative_analyses": _analyses(evaluation, losses, tuned=training is not None),
            "ethical_considerations": {
                "risk": use_case.risk,
                "text": person_text(use_case.card.ethical_considerations, "card.ethical_considerations"),
            },
            "caveats_and_recommendations": {
                "limitations": person_text(use_case.card.limitations, "card.limitations"),
                "recommendations": person_text(use_case.card.recommendations, "card.recommendations"),
            },
            **({"earlier_versions": told} if (told := told_of_versions(history)) else {}),
        },
    }


def render_card(card: dict[str, Any]) -> str:
    """The card as Markdown with Hugging Face front matter, in the language of its use case."""
    return render_template(
        "model_card.md.j2", {"card": card, "front": card_metadata(card), "t": labels(card["language"])}
    )


def _model_details(
    use_case: UseCase, plan: Evidence, base_model: Evidence, training: Evidence | None
) -> dict[str, Any]:
    return {
        "owners": list(use_case.people.owners),
        "contact": person_text(use_case.card.contact, "card.contact"),
        "base": {name: claim(base_model, f"/{name}") for name in _shown_of_the_base(base_model)},
        "plan": _present(plan, "/training", PLAN_FACTS if _trains(plan) else NOTHING_TRAINED),
        "training": {} if training is None else _training_facts(training),
    }


def _trains(plan: Evidence) -> bool:
    return METHODS.get(claim(plan, "/training/method")["value"]).data != "nothing"


def _design(design: Evidence | None) -> dict[str, Any]:
    """The decisions that people wrote down, each a claim on the design history; nothing where there are none."""
    if design is None or not (count := len(claim(design, "/decisions")["value"])):
        return {}
    return {"design_history": [claim(design, f"/decisions/{place}") for place in range(count)]}


def _shown_of_the_base(base_model: Evidence) -> list[str]:
    """Without the reference where it is a place on somebody's machine: the digest names the model."""
    private = is_private(claim(base_model, "/ref")["value"])
    return [name for name in BASE_FACTS if not (private and name == "ref")]


def _training_facts(training: Evidence) -> dict[str, Any]:
    final = resolve_pointer(training.document, "/final") if has(training, "/final") else {}
    names = [*TRAINING_FACTS, *(name for name in NEWER_FACTS if has(training, f"/{name}"))]
    facts = {name: claim(training, f"/{name}") for name in names}
    return facts | {f"final_{name}": claim(training, f"/final/{escape_part(name)}") for name in final}


def _intended_use(use_case: UseCase, scope: Evidence | None) -> dict[str, Any]:
    purpose = use_case.purpose if scope is None else type(use_case.purpose).model_validate(scope.document["purpose"])

    def said(text: str, name: str, place: str) -> dict[str, Any]:
        words = person_text(text, f"purpose.{name}")
        return words if scope is None or "gap" in words else words | {"recorded": claim(scope, f"/purpose/{place}")}

    def all_said(name: str) -> list[dict[str, Any]]:
        return [said(text, name, f"{name}/{n}") for n, text in enumerate(getattr(purpose, name))]

    return {
        "summary": said(purpose.summary, "summary", "summary"),
        "use": said(purpose.intended_use, "intended_use", "intended_use"),
        "users": all_said("intended_users"),
        "out_of_scope": all_said("out_of_scope"),
        "human_oversight": said(purpose.human_oversight, "human_oversight", "human_oversight"),
    }


def _gates(use_case: UseCase, criteria: Evidence | None) -> list[dict[str, Any]]:
    """The release gates; numbers only where the frozen criteria are given as evidence."""
    if criteria is None:
        gates = use_case.success_criteria.gates
        return [
            {"id": gate.id, "metric": gate.metric, "level": gate.level, "rationale": gate.rationale} for gate in gates
        ]
    numbers = ("at_least", "at_most", "confidence", "min_items")
    return [
        {
            **{
                name: claim(criteria, f"/gates/{place}/{name}")["value"]
                for name in ("id", "metric", "level", "rationale")
            },
            "claims": _present(criteria, f"/gates/{place}", numbers),
        }
        for place in range(len(claim(criteria, "/gates")["value"]))
    ]


def _evaluation_data(judged_by: Judged, evaluation: Evidence) -> dict[str, Any]:
    names = {"golden_digest": "golden/digest", "golden_items": "golden/items", "index_digest": "index/digest"}
    frozen = {name: claim(judged_by.evidence, f"{judged_by.prefix}/{pointer}") for name, pointer in names.items()}
    counted = {"evaluated_items": claim(evaluation, "/items"), "top_k": claim(evaluation, "/top_k")}
    return {"claims": frozen | counted | _present(evaluation, "", ("generation",))}


def _training_data(plan: Evidence, corpus: Evidence) -> dict[str, Any]:
    facts = corpus_facts(corpus, ["instances", "rejected", "languages"])
    for name in ("corpus", "pairs"):
        part = f"/training/{name}"
        if has(plan, part) and resolve_pointer(plan.document, part):
            facts |= {f"{name}_{key}": claim(plan, f"{part}/{key}") for key in ("digest", "rows")}
    return {"claims": facts, "sources": corpus_facts(corpus, ["sources"])["sources"]}


def _analyses(evaluation: Evidence, losses: Evidence | None, *, tuned: bool) -> dict[str, Any]:
    """Cells (base or tuned, without or with retrieval), effects, losses and retrieval scores, each an interval with
    its source."""
    for needed in _needed_numbers(tuned):
        claim(evaluation, needed)
    samples = resolve_pointer(evaluation.document, "/samples") if has(evaluation, "/samples") else []
    return {
        "cells": {
            cell: {metric: _children(evaluation, "cells", cell, metric) for metric in _names(evaluation, "cells", cell)}
            for cell in (*BASE_CELLS, *TUNED_CELLS)
            if has(evaluation, f"/cells/{cell}")
        },
        "effects": {name: _children(evaluation, "effects", name) for name in _names(evaluation, "effects")},
        **({} if losses is None else {"losses": _children(losses, "figures")}),
        "retrieval": {name: _children(evaluation, "retrieval", name) for name in _names(evaluation, "retrieval")},
        "samples": [claim(evaluation, f"/samples/{place}") for place in range(min(SHOWN_SAMPLES, len(samples)))],
        **_new_topics(evaluation),
    }


def _new_topics(evaluation: Evidence) -> dict[str, Any]:
    """Quality on the topics that led to this retraining, where one did."""
    if not has(evaluation, "/new_topics"):
        return {}
    claims = {n: claim(evaluation, f"/new_topics/{n}") for n in ("before_is", "questions", "covered", "measured_by")}
    return {
        "new_topics": {
            "claims": claims,
            "quality": {n: claim(evaluation, f"/new_topics/{n}") for n in ("before", "after", "effect")},
        }
    }


def _needed_numbers(tuned: bool) -> Iterable[str]:
    cells = BASE_CELLS + TUNED_CELLS if tuned else BASE_CELLS
    yield from (f"/cells/{cell}/answer_f1/all" for cell in cells)
    yield from (f"/effects/{effect}/all" for effect in (("retrieval", "tuning") if tuned else ("retrieval",)))
    yield from (f"/retrieval/golden/{metric}" for metric in ("recall_at_k", "mrr", "ndcg_at_10"))


def _splits(evaluation: Evidence) -> list[str]:
    return [split for split in _names(evaluation, "cells", "base_without", "answer_f1") if split != "all"]


def _names(evidence: Evidence, *parts: str) -> list[str]:
    return list(claim(evidence, _pointer(*parts))["value"])


def _children(evidence: Evidence, *parts: str) -> dict[str, Any]:
    """Every value one level below, as claims."""
    return {name: claim(evidence, _pointer(*parts, name)) for name in _names(evidence, *parts)}


def _pointer(*parts: str) -> str:
    return "".join(f"/{escape_part(part)}" for part in parts)


def _present(evidence: Evidence, prefix: str, names: Iterable[str]) -> dict[str, Any]:
    """Claims on the values that a document may lack, where it has them."""
    return {name: claim(evidence, f"{prefix}/{name}") for name in names if has(evidence, f"{prefix}/{name}")}


def _refuse_contradictions(
    plan: Evidence,
    evaluation: Evidence,
    base_model: Evidence,
    training: Evidence | None,
    criteria: Evidence | None,
    judged_by: Judged,
) -> None:
    method = claim(plan, "/training/method")["value"]
    if training is None and _trains(plan):
        raise ValueError(f"the plan trains by {method!r}, so a model card needs the training log")
    _same(plan, "/model_version", evaluation, "/model_version")
    _same(plan, "/training/base/digest", base_model, "/digest")
    if training is not None:
        _same(plan, "/training/method", training, "/method")
    if judged_by.evidence is not plan:
        _same(plan, "/model_version", judged_by.evidence, "/model_version")
    named = f"{judged_by.prefix}/criteria/digest"
    if criteria is not None and claim(judged_by.evidence, named)["value"] != criteria.digest:
        raise ValueError(f"the plan names other criteria than {criteria.asset}@{criteria.digest}")


def _same(left: Evidence, left_pointer: str, right: Evidence, right_pointer: str) -> None:
    one, other = claim(left, left_pointer)["value"], claim(right, right_pointer)["value"]
    if one != other:
        raise ValueError(
            f"{left.asset}{left_pointer} says {one!r} but {right.asset}{right_pointer} says {other!r}: "
            "they do not describe the same model version"
        )
