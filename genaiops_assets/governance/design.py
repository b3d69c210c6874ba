"""Design history: every decision about a model, who took it, what else there was, why, and what exactly was decided.

Belongs here: the file in which people write decisions down, the entry of each in the ledger, and what became of entries
that stood there before. Does not belong here: the assets, or the page.

People append to `design_history.yaml` beside the use case file. At its first reading an entry goes into the ledger with
the digests of what the newest plan says of its subject. From then on the ledger is the history: an entry that is
changed or taken out of the file stays as it was, and is named as a problem."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.use_case import UseCase, UseCaseError, UseCaseProblem, read_document

FILE = "design_history.yaml"
KIND = "design_decision"  # of the ledger's entries
GIT_SECONDS = 5
SUBJECTS = ("base", "data", "method", "settings", "prompt")
Subject = Literal["base", "data", "method", "settings", "prompt"]
NO_SETTINGS = {  # of a plan: what has a subject of its own, or is no decision
    "base", "pairs", "corpus", "method", "stages", "prompts", "prompt_texts", "code_version", "language",
    "demonstrations",
}  # fmt: skip


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Decision(_Written):
    """One decision, in a person's words."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")
    about: Subject
    decided_on: date
    author: str = Field(min_length=1)
    decision: str = Field(min_length=1)
    alternatives: list[str] = Field(min_length=1)
    rationale: str = Field(min_length=1)


class _File(_Written):
    decisions: list[Decision] = Field(default_factory=list)


def read_decisions(uc: UseCase) -> list[Decision]:
    """What people wrote down, in their order; none without the file. Raises UseCaseError with every mistake in it."""
    file = uc.path(FILE)
    if not file.exists():
        return []
    document = read_document(file)
    try:
        found = _File.model_validate(document.data).decisions
    except ValidationError as error:
        raise UseCaseError(_mistake(document, item) for item in error.errors()) from None
    names = [decision.id for decision in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UseCaseError(
            [document.problem("decisions", f"{', '.join(twice)} is there twice: each needs an id of its own")]
        )
    return found


def enter_decisions(lake: Lake, uc: UseCase, decisions: Sequence[Decision], training: Mapping[str, Any]) -> None:
    """Put those that are new into the ledger, each with the digest of what the plan says of its subject now."""
    known = {entry["decision"]["id"] for entry in entered(lake, uc)}
    decided = digests_of(training)
    for decision in decisions:
        if decision.id not in known:
            content = decision.model_dump(mode="json")
            body = {
                "use_case": uc.name,
                "decision": content,
                "sha256": digest_of(content),
                "decided": decided[decision.about],
            }
            lake.ledger.append(KIND, body)


def entered(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """The history: {decision, sha256, decided, entered_at, entered_by} of every decision ever entered, oldest first."""
    return [
        {
            **{name: entry.body[name] for name in ("decision", "sha256", "decided")},
            "entered_at": entry.at,
            "entered_by": entry.actor,
        }
        for entry in lake.ledger.entries(KIND)
        if entry.body["use_case"] == uc.name
    ]


def rewritten(history: Sequence[Mapping[str, Any]], decisions: Sequence[Decision]) -> list[str]:
    """Entries that the file no longer says as they were entered, one line each."""
    now = {d.id: digest_of(d.model_dump(mode="json")) for d in decisions}
    changed = [entry for entry in history if now.get(entry["decision"]["id"]) != entry["sha256"]]
    return [
        f"{name} was {'changed' if name in now else 'removed'} after it was entered on {entry['entered_at'][:10]}: "
        "put it back, and append a new decision that replaces it"
        for entry in changed
        for name in [entry["decision"]["id"]]
    ]


def digests_of(training: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Subject → what the plan says of it, as digests and short values."""
    settings = {name: value for name, value in training.items() if name not in NO_SETTINGS}
    return {
        "base": {"ref": training["base"]["ref"], "digest": training["base"]["digest"]},
        "data": {
            "pairs": training["pairs"]["digest"],
            "rows": training["pairs"]["rows"],
            "corpus": training["corpus"]["digest"],
        },
        "method": {"method": training["method"], "digest": digest_of([training["method"], training.get("stages")])},
        "settings": {"digest": digest_of(settings)},
        "prompt": {
            "version": training["prompts"],
            "digest": digest_of([training["prompts"], training.get("prompt_texts")]),
        },
    }


def design_history(uc: UseCase, history: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]) -> dict[str, Any]:
    """design_history.json: how the newest plan stands on each subject, by whose decisions, and all decisions so far.

    A subject whose last decision was bound to another digest has changed since without a decision; one without any has
    nobody's reasons. Both are said as such, and nobody is named as the author of what they did not write. When an entry
    reached the ledger stands there alone: the same decisions make the same file in every home."""
    decided = digests_of(plan["training"])
    subjects = {}
    for subject in SUBJECTS:
        about = [entry for entry in history if entry["decision"]["about"] == subject]
        last = about[-1] if about else None
        subjects[subject] = {
            "decided": decided[subject],
            "decisions": [entry["decision"]["id"] for entry in about],
            "state": "no decision"
            if last is None
            else "decided"
            if last["decided"] == decided[subject]
            else "changed since",
        }
    return {
        "schema_version": 1,
        "kind": "design_history",
        "use_case": uc.name,
        "model_version": plan["model_version"],
        "subjects": subjects,
        "decisions": [{**entry["decision"], "decided": entry["decided"]} for entry in history],
    }


def last_author(uc: UseCase) -> str:
    """Who last committed the file of decisions, by git; "" where there is no git or no commit of it. Said beside the
    author a decision names, never in their place: whoever commits need not have decided."""
    command = ["git", "-C", str(uc.folder), "log", "-1", "--format=%an", "--", FILE]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=GIT_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.strip()


def _mistake(document: Any, item: Any) -> UseCaseProblem:
    place = ".".join(str(part) for part in item["loc"])
    message = "this field is required" if item["type"] == "missing" else str(item["msg"])
    return document.problem(place, message)
