"""The bias log of a corpus: what share each language, topic, source and group has, against thresholds people set, with
their own notes.

Belongs here: the entries, their status, and what changed since the log before. Does not belong here: the counts
(corpus package) or what to do about them: that is for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, labels, render_template
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1


class DataBiasLog(Plain):
    """Examination in view of possible biases (AI Act, Article 10(2)(f)), as a log that compares itself with the
    last."""

    name = "data_bias_log"
    article = "article-10.2.f"
    description = (
        "Shares of languages, topics, sources and groups of people against thresholds, people's notes, and what "
        "changed "
        "since the log before."
    )
    reads: tuple[str, ...] = ("filtered_corpus", "corpus_profile")
    page = "data_bias_log.md"
    keeps_history = True
    checks: tuple[Check, ...] = (
        Check(
            "shares_within_thresholds",
            "No measured share lies above its threshold; a person looks at those that do.",
        ),
    )

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {**uc.section("data_bias"), "language": uc.language, "title": uc.title}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        corpus, profile = sources["filtered_corpus"].evidence, sources["corpus_profile"].evidence
        return build_bias_log(uc, corpus, profile, earlier.document, earlier.digest)

    def render(self, document: dict[str, Any]) -> str:
        return render_bias_log(document)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {name: len(document[name]) for name in ("outside", "changes", "notes")}

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        columns = ("id", "largest", "share", "threshold", "status", "n")
        entries = [{k: entry[k] for k in columns} for entry in document["entries"]]
        return {"entries": entries, "notes": document["notes"], "changes": document["changes"]}

    def shares(self, document: dict[str, Any]) -> dict[str, float]:
        return {entry["id"]: entry["share"] for entry in document["entries"] if entry["n"]}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        return Finding(list(document["outside"]))


def build_bias_log(
    use_case: UseCase,
    corpus: Evidence,
    profile: Evidence,
    previous: dict[str, Any] | None = None,
    previous_digest: str = "",
) -> dict[str, Any]:
    """The log as JSON. An entry is {id, kind, share, threshold, status: within | outside | too_few, largest, measured:
    claim, note}; `changes` lists entries whose share or status differs from `previous`, the log before, whose digest
    is kept: no entry is ever lost."""
    limits = use_case.data_bias
    entries = [
        _language(use_case, corpus),
        _largest("source", "source", corpus, "/documents_by_source", limits.max_source_share),
        _topic(profile, limits.max_topic_share),
        _duplicates(profile, limits.max_duplicate_share),
        *(
            _largest(
                "group", f"group_{c}", profile, f"/group_mentions/{c}", limits.max_group_share, limits.min_mentions
            )
            for c in profile.document["group_mentions"]
        ),
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "data_bias_log",
        "use_case": use_case.name,
        "title": use_case.title,
        "language": use_case.language,
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "entries": entries,
        "outside": [e["id"] for e in entries if e["status"] == "outside"],
        "notes": [n.model_dump() for n in limits.notes],
        "diversity": {
            name: claim(profile, f"/{name}")
            for name in (
                "source_entropy",
                "topic_entropy",
                "lexical_diversity",
                "lexical_diversity_definition",
                "topic_method",
                "sample",
            )
        },
        "previous": previous_digest,
        "changes": changes(previous, entries),
    }


def render_bias_log(log: dict[str, Any]) -> str:
    """The log as Markdown, in the language of its use case."""
    return render_template("data_bias_log.md.j2", {"log": log, "t": labels(log["language"])})


def changes(previous: dict[str, Any] | None, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """{id, before, after} for entries that are new, gone, or differ in share, largest class or status; empty without a
    log before."""
    if previous is None:
        return []
    short = lambda e: {k: e[k] for k in ("share", "largest", "status", "threshold")} if e else None  # noqa: E731
    before, after = {e["id"]: e for e in previous["entries"]}, {e["id"]: e for e in entries}
    names = [*after, *(i for i in before if i not in after)]
    return [
        {"id": i, "before": short(before.get(i)), "after": short(after.get(i))}
        for i in names
        if short(before.get(i)) != short(after.get(i))
    ]


def _entry(
    kind: str, name: str, share: float, limit: float, largest: str, made: dict[str, Any], n: int, needed: int = 1
) -> dict[str, Any]:
    status = "too_few" if n < needed else "outside" if share > limit else "within"
    return {
        "id": name,
        "kind": kind,
        "share": round(share, 6),
        "threshold": limit,
        "status": status,
        "largest": largest,
        "n": n,
        "measured": made,
    }


def _largest(kind: str, name: str, evidence: Evidence, pointer: str, limit: float, needed: int = 1) -> dict[str, Any]:
    made = claim(evidence, pointer)
    counts: dict[str, int] = made["value"]
    total = sum(counts.values())
    top = max(sorted(counts), key=lambda k: counts[k], default="")
    return _entry(kind, name, counts[top] / total if total else 0.0, limit, top if total else "", made, total, needed)


def _language(use_case: UseCase, corpus: Evidence) -> dict[str, Any]:
    made = claim(corpus, "/languages")
    others = {k: v for k, v in made["value"].items() if k != use_case.language}
    total = sum(made["value"].values())
    top = max(sorted(others), key=lambda k: others[k], default="")
    share = sum(others.values()) / total if total else 0.0
    return _entry("language", "other_languages", share, use_case.data_bias.max_other_language_share, top, made, total)


def _topic(profile: Evidence, limit: float) -> dict[str, Any]:
    made = claim(profile, "/topics")
    top: dict[str, Any] = made["value"][0] if made["value"] else {"share": 0.0, "terms": [], "documents": 0}
    return _entry(
        "topic",
        "topic",
        top["share"],
        limit,
        ", ".join(top["terms"][:3]),
        made,
        sum(t["documents"] for t in made["value"]),
    )


def _duplicates(profile: Evidence, limit: float) -> dict[str, Any]:
    made = claim(profile, "/duplication")
    found = made["value"]
    return _entry("duplication", "duplicates", found["rate"], limit, "", made, found["rows_read"])
