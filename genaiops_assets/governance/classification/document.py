"""The regulatory classification of a model version: what it is before the law, and which documents it therefore owes.

Belongs here: the document as JSON and page, and its checks on itself. Does not belong here: rules (`rules/*.yaml`),
tests and facts (`facts.py`), who signed (`signing.py`), Dagster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has, labels, render_template
from genaiops_assets.governance.classification.answers import Answers, Stated, as_json, read_answers
from genaiops_assets.governance.classification.computation import computation, disagreeing, two_figures
from genaiops_assets.governance.classification.facts import facts_of, needed, tests_of
from genaiops_assets.governance.classification.owing import Judged, judged_duties, owed_documents, says
from genaiops_assets.governance.classification.rules import applies_from, dates_passed, duties, rules_of
from genaiops_assets.governance.classification.systemic import factors_of, notification_of
from genaiops_assets.governance.compliance import all_in_words, every_article, in_words
from genaiops_assets.governance.documents import Check, Earlier, Finding, Plain, Source
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
NAME = "regulatory_classification"
LAST = "aligned_checkpoint"


def today_utc() -> date:
    return datetime.now(UTC).date()


class RegulatoryClassification(Plain):
    """What a version is before the law, and what it owes. `before`: assets of the stages before the last."""

    name = NAME
    phase = "release"
    article = "article-51"
    kinds: set[str] = {"markdown", "json"}  # noqa: RUF012
    description = (
        "What a model version is before the law: roles, computation against the thresholds (direct and cumulative), "
        "high-risk or not, the exemption of free models, dates; and for each document whether it is owed, why and by "
        "which article."
    )
    page = f"{NAME}.md"
    checks: tuple[Check, ...] = (
        Check("methods_agree", "Both ways of counting operations agree within 30 % for each stage of the training."),
        Check("no_threshold_is_near", "No amount is so near a threshold that another estimate could decide otherwise."),
        Check("nothing_is_assumed", "Every fact that decides something is stated by a person or computed."),
        Check("no_practice_is_prohibited", "A person ruled out the practices that Art. 5 prohibits."),
        Check(
            "follows_from_its_facts",
            "What is owed follows from amounts, answers and rules: computed again, it is the same.",
            blocking=True,
        ),
    )

    reads: tuple[str, ...]

    def __init__(self, before: Sequence[str] = (), today: Callable[[], date] = today_utc) -> None:
        self.before, self.today = tuple(before), today
        self.reads = (*self.before, LAST, "model_plan", "base_model")
        self.optional = ("model_plan",)
        self.of_version = (*self.before, LAST, "model_plan")

    def settings(self, uc: UseCase) -> dict[str, Any]:
        stated = read_answers(uc)
        return {
            **uc.section("title", "language"),
            "stated": stated.model_dump(mode="json"),
            "dates_passed": dates_passed(stated.jurisdiction, self.today()),
        }

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        found = {name: source.evidence for name, source in sources.items()}
        return build_classification(uc, read_answers(uc), found, (*self.before, LAST), self.today())

    def render(self, document: dict[str, Any]) -> str:
        return render_classification(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        other = "zh" if document["language"] == "en" else "en"
        return {f"{NAME}.{other}.md": render_classification(document, other)}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {
            "jurisdiction": document["jurisdiction"],
            "own_training_flop": two_figures(document["compute"]["own"]["direct"]),
            "with_upstream_flop": two_figures(document["compute"]["whole"]["cumulative"]),
            **{name: document["facts"][name]["value"] for name in ("gpai_provider", "systemic", "high_risk")},
            "documents_owed": sum(one["owed"] for one in document["owed"].values()),
        }

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        return {
            "owed": [
                {"document": name, "owed": one["owed"], "because": one["because"], "from": one["applies_from"] or "–"}
                for name, one in sorted(document["owed"].items(), key=lambda item: not item[1]["owed"])
            ]
        }

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        if check == "methods_agree":
            return Finding(disagreeing(document["compute"]))
        if check == "no_threshold_is_near":
            return Finding(
                [f"{n}: {two_figures(t['compared'])} FLOP" for n, t in document["tests"].items() if t["close"]]
            )
        if check == "nothing_is_assumed":
            return Finding(assumptions(document))
        if check == "no_practice_is_prohibited":
            fact = document["facts"]["prohibited_practice"]
            return Finding([fact["says"]["en"]] if fact["value"] and document["duties"] else [])
        return Finding(problems(document))


def build_classification(
    uc: UseCase, stated: Stated, found: Mapping[str, Evidence], stages: Sequence[str], today: date
) -> dict[str, Any]:
    """The document as JSON. `found`: evidence by asset; `stages`: checkpoints in order. `today` decides which
    dates have passed and is not part of it."""
    law, answers = rules_of(stated.jurisdiction), stated.counted
    compute = computation([found[name] for name in stages if name in found], found["base_model"], answers, law)
    follows = conclusions(compute, answers, stated.jurisdiction, today)
    plan = found.get("model_plan")
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": NAME,
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "model_version": claim(plan, "/model_version") if plan and has(plan, "/model_version") else None,
        "jurisdiction": stated.jurisdiction,
        "place": law["name"],
        "law": {key: law[key] for key in ("act", "checked_on", "secondary", "notify_within")},
        "as_of": dates_passed(stated.jurisdiction, today)[-1],
        "said_by": {
            "author": stated.author or "",
            "written_on": stated.written_on.isoformat() if stated.written_on else "",
            "drafted_by_model": stated.drafted_by_model,
            "signed_by": stated.signed_by or "",
        },
        "answers": as_json(stated, follows.pop("needed")),
        "base": {
            "license": claim(found["base_model"], "/license") if has(found["base_model"], "/license") else None,
            "ref": claim(found["base_model"], "/ref") if has(found["base_model"], "/ref") else None,
            "modality": "text",
        },
        "compute": compute,
        "annex_XIII": factors_of(
            found["base_model"],
            found[stages[-1]],
            compute,
            answers,
            due=bool(law["duties"]) and follows["facts"]["gpai_provider"]["value"],
        ),
        "notification": follows.pop("notification"),
        "dates": dates_of(stated.jurisdiction, answers, today),
        **{name: localised(value, uc.language) if name == "owed" else value for name, value in follows.items()},
    }


def conclusions(compute: Mapping[str, Any], answers: Answers, jurisdiction: str, today: date) -> dict[str, Any]:
    """Tests, facts, duties and what is owed: a pure function of amounts, answers, rules and day."""
    law = rules_of(jurisdiction)
    tests = tests_of(compute, answers, law)
    facts = facts_of(tests, answers, law)
    placed = answers.said("first_placed_on")
    judged = judged_duties(jurisdiction, facts, placed.value if placed else None, today)
    return {
        "tests": tests,
        "facts": {name: {**asdict(fact), "says": says(name, fact)} for name, fact in facts.items()},
        "duties": [duty_of(one) for one in judged],
        "owed": owed_documents(jurisdiction, judged),
        "needed": needed(facts, tests, answers, law),
        "notification": notification_of(facts, compute, answers, law["notify_within"]),
    }


def dates_of(jurisdiction: str, answers: Answers, today: date) -> list[dict[str, Any]]:
    """From when each article that a duty cites applies here, and whether it does already."""
    placed = answers.said("first_placed_on")
    cited = dict.fromkeys(a for duty in duties(jurisdiction) for a in duty.articles)
    days = {a: applies_from(a, jurisdiction, placed.value if placed else None) for a in cited}
    register = every_article()
    return [
        {
            "article": article,
            "title": dict(register[article].title),
            "applies_from": day.isoformat(),
            "applies": day <= today,
            "source": register[article].source,
        }
        for article, day in sorted(days.items(), key=lambda item: item[1])
    ]


def duty_of(one: Judged) -> dict[str, Any]:
    return {
        "id": one.duty.id,
        "text": dict(one.duty.text),
        "articles": list(one.duty.articles),
        "assets": list(one.duty.assets),
        "holds": one.holds,
        "applies_from": one.since.isoformat(),
        "applies": one.now,
        "assumed": one.assumed,
        "reasons": [dict(reason) for reason in one.reasons],
    }


def localised(owed: Mapping[str, Any], language: str) -> dict[str, Any]:
    """`because` in the use case's language, and in both under `because_in`."""
    return {
        asset: {**one, "because": one["because"][language], "because_in": one["because"]} for asset, one in owed.items()
    }


def assumptions(document: Mapping[str, Any]) -> list[str]:
    """What a duty that holds rests on and nobody said: in English, for whoever maintains it."""
    return [
        f"{one['id']}: {r['en']}"
        for one in document["duties"]
        if one["holds"] and one["assumed"]
        for r in one["reasons"]
    ]


def problems(document: Mapping[str, Any]) -> list[str]:
    """What does not follow from the document's own amounts, answers and rules."""
    answers = Answers.model_validate({n: a for n, a in document["answers"].items() if "gap" not in a})
    again = conclusions(document["compute"], answers, document["jurisdiction"], date.fromisoformat(document["as_of"]))
    again["owed"] = localised(again["owed"], document["language"])
    return [
        f"{part} is not what follows"
        for part in ("tests", "facts", "duties", "owed", "notification")
        if again[part] != document[part]
    ]


def render_classification(document: dict[str, Any], language: str) -> str:
    """The page as Markdown in a language, from the same JSON."""
    shown: dict[str, list[tuple[str, str, str]]] = {"owed": [], "later": [], "free": []}
    for name, one in document["owed"].items():
        part = "owed" if one["owed"] else "later" if one["applies_from"] else "free"
        shown[part].append((name, one["because_in"][language], all_in_words(one["articles"])))
    context = {
        "c": document,
        **shown,
        "language": language,
        "figures": two_figures,
        "article": in_words,
        "t": labels(language),
    }
    return render_template(f"{NAME}.md.j2", context)
