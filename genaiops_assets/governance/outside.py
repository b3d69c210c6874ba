"""What leaves the house: every server that a use case may send text to, what kind of text, and under which class of
access.

Belongs here: listing them from the use case file, and what of it is not allowed. Does not belong here: sending
(`models/endpoint.py`, the gateway's engine, guards and judges), counting rows (the caller gives counts). A server on
this machine is listed, and nothing leaves for it. Passages go to an upstream by its own `access`; to all others by
`privacy.may_leave`. Classes are those of the use case file today."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from genaiops_assets.use_case import UseCase

INBOX, UNCLASSED = "inbox", "no class stated"
LLAMA, LLAMA_ANSWER, SHIELDS = "llama_guard", "llama_guard_answer", "prompt_shields"
QUESTIONS, ANSWERS, PASSAGES = "questions", "answers", "passages"
FIGURES = "figures and names of interactions, no text"


@dataclass(frozen=True)
class Endpoint:
    """One server: `sends`, the kinds of text; `access`, the classes whose passages it may be sent."""

    what: str
    url: str
    sends: tuple[str, ...]
    access: tuple[str, ...]

    @property
    def is_outside(self) -> bool:
        return not is_this_machine(self.url)

    @property
    def is_encrypted(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    def to_dict(self) -> dict[str, Any]:
        where = "outside" if self.is_outside else "this machine"
        return {**asdict(self), "where": where, "encrypted": self.is_encrypted}


def endpoints_of(uc: UseCase) -> list[Endpoint]:
    """Each server that is set up, whether or not it was asked yet."""
    leave, settings, found = tuple(uc.privacy.may_leave), uc.serving.guard_settings, list[Endpoint]()
    if (embedding := uc.knowledge.embedding).route == "endpoint":
        found.append(Endpoint("embedding", embedding.url, (PASSAGES, QUESTIONS), leave))
    if upstream := uc.serving.gateway.upstream:
        turns = (QUESTIONS, "conversations", PASSAGES)
        found.append(Endpoint("upstream", upstream.url, turns, tuple(upstream.access)))
    if otlp := uc.serving.gateway.otlp:
        found.append(Endpoint("collector", otlp.url, (FIGURES,), leave))
    guards = (
        (LLAMA, settings.llama_guard.url, (QUESTIONS,)),
        (LLAMA_ANSWER, settings.llama_guard.url, (QUESTIONS, ANSWERS)),
        (SHIELDS, settings.prompt_shields.url, (QUESTIONS,)),
    )
    found += [
        Endpoint(f"guard {name}", url, sends, leave) for name, url, sends in guards if name in uc.serving.guards and url
    ]
    for name in uc.evaluation.judges:
        told = uc.evaluation.judge_settings.get(name)
        if told and told.url:
            golden = tuple(PASSAGES if kind == PASSAGES else f"golden {kind}" for kind in told.sends)
            found.append(Endpoint(f"judge {name}", told.url, golden, leave))
    if (judging := uc.alignment.judging) and judging.url:
        ranked = ("questions of pairs", "answers of pairs", PASSAGES)
        found.append(Endpoint("judge of pairs", judging.url, ranked, leave))
    return found


def class_of_sources(uc: UseCase) -> dict[str, str]:
    """{source: its class of access today}"""
    return {
        **{s.name: s.access or UNCLASSED for s in uc.sources},
        INBOX: uc.inbox.access or UNCLASSED,
    }


def passages_by_class(uc: UseCase, sources: Mapping[str, int]) -> dict[str, int]:
    """{class: passages} from {source: passages}; a source that the file does not name has no class."""
    classes, found = class_of_sources(uc), dict[str, int]()
    for source, count in sources.items():
        name = classes.get(source, UNCLASSED)
        found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))


def restricted(endpoint: Endpoint, counts: Mapping[str, int]) -> dict[str, int]:
    """{class: passages} that go to a server outside which may not read them."""
    if not endpoint.is_outside or PASSAGES not in endpoint.sends:
        return {}
    return {name: n for name, n in counts.items() if n and name not in endpoint.access}


def restricted_in_words(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        f"{row['what']} ({row['url']}): {count} passages of class {name!r}"
        for row in rows
        for name, count in row["restricted"].items()
    ]


def is_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
