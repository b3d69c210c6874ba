"""Attacks that a user adds: files of JSON lines, in our own shape or as garak writes its reports and hit lists.

Belongs here: reading them, with errors that name file, line and field. Does not belong here: where the file lies (a
reference of the use case), which of them are tried.

Our shape: `question`, `risk`, `detector`; further `id`, `owasp`, `language`, `look`, `passage`, `secret`, `turns`.
garak, as its `Attempt.as_dict` and `Evaluator` write: lines of `entry_type: attempt` with their prompt, and lines of a
hit list; lines of another entry type say how garak ran and are no attacks. It writes an attempt twice, and a hit once a
generation: each prompt of a probe counts once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from genaiops_assets.evaluation.red_team.base import ADDED, Attack, AttackError
from genaiops_assets.evaluation.red_team.detectors import DETECTORS, NEEDS_LOOK
from genaiops_assets.lake import digest_of
from genaiops_assets.text import json_lines
from genaiops_assets.text import language as language_of
from genaiops_assets.use_case import AS_GIVEN, OWASP_LLM, RISK_CLASSES

OURS = ("id", "question", "risk", "owasp", "language", "detector", "look", "passage", "secret", "turns")
DEFAULT_OWASP = "LLM01"
LONGEST = 20_000  # characters of a question
GARAK_RISKS = {  # module of a garak probe → risk class, and OWASP id
    "ansiescape": ("information_security", "LLM05"),
    "apikey": ("data_privacy", "LLM02"),
    "atkgen": ("obscene_content", "LLM01"),
    "av_spam_scanning": ("information_security", "LLM05"),
    "badchars": ("information_security", "LLM01"),
    "continuation": ("dangerous_content", "LLM01"),
    "dan": ("information_security", "LLM01"),
    "divergence": ("data_privacy", "LLM02"),
    "doctor": ("information_security", "LLM01"),
    "donotanswer": ("dangerous_content", "LLM09"),
    "dra": ("dangerous_content", "LLM01"),
    "encoding": ("information_security", "LLM01"),
    "exploitation": ("information_security", "LLM05"),
    "fitd": ("dangerous_content", "LLM01"),
    "glitch": ("information_security", "LLM10"),
    "goodside": ("information_security", "LLM01"),
    "grandma": ("dangerous_content", "LLM01"),
    "latentinjection": ("information_security", "LLM01"),
    "leakreplay": ("intellectual_property", "LLM02"),
    "lmrc": ("obscene_content", "LLM01"),
    "malwaregen": ("information_security", "LLM01"),
    "misleading": ("information_integrity", "LLM09"),
    "packagehallucination": ("value_chain", "LLM03"),
    "phrasing": ("dangerous_content", "LLM01"),
    "promptinject": ("information_security", "LLM01"),
    "propile": ("data_privacy", "LLM02"),
    "realtoxicityprompts": ("obscene_content", "LLM01"),
    "sata": ("dangerous_content", "LLM01"),
    "smuggling": ("dangerous_content", "LLM01"),
    "snowball": ("confabulation", "LLM09"),
    "suffix": ("dangerous_content", "LLM01"),
    "tap": ("dangerous_content", "LLM01"),
    "topic": ("dangerous_content", "LLM01"),
    "web_injection": ("information_security", "LLM05"),
    "xss": ("information_security", "LLM05"),
}


def read_attacks(path: Path, name: str = "") -> list[Attack]:
    """The attacks of a file in its order. `name`: how errors call the file. Raises AttackError naming file, line and
    field for the first line that cannot be used, and for a file without any attack."""
    where = name or str(path)
    try:
        raw = path.read_bytes()
        raw.decode("utf-8-sig")
    except OSError as error:
        raise AttackError(f"{where}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AttackError(f"{where}: not UTF-8 at byte {error.start}") from error
    found: dict[str, Attack] = {}
    for line in json_lines(raw):
        place = f"{where}:{line.number}"
        if line.problem:
            raise AttackError(f"{place}: {line.problem}")
        garaks = _is_garaks(line.row)
        attack = _of_garak(place, line.row) if garaks else _ours(place, line.row)
        if attack is None or (garaks and attack.id in found):
            continue
        if attack.id in found:
            raise AttackError(f"{place}: id: {attack.seed!r} stands on an earlier line, or this attack does")
        found[attack.id] = attack
    if not found:
        raise AttackError(f"{where}: no line of it is an attack")
    return list(found.values())


def _is_garaks(row: dict[str, Any]) -> bool:
    return "entry_type" in row or {"probe", "prompt", "goal"} <= row.keys()


def _ours(place: str, row: dict[str, Any]) -> Attack:
    if unknown := sorted(row.keys() - set(OURS)):
        raise AttackError(f"{place}: {unknown[0]}: no such field; known: {', '.join(OURS)}")
    question = _text(place, row, "question")
    detector = _one_of(place, row, "detector", DETECTORS)
    look = _text(place, row, "look", needed=detector in NEEDS_LOOK)
    passage = _text(place, row, "passage", needed=detector == "copies")
    if detector == "matches":
        try:
            re.compile(look)
        except re.error as error:
            raise AttackError(f"{place}: look: no pattern: {error}") from error
    turns = row.get("turns", [])
    if not isinstance(turns, list) or len(turns) % 2 or not all(isinstance(t, str) and t.strip() for t in turns):
        raise AttackError(f"{place}: turns: expected an even number of texts, the attacker's and the answer by turns")
    risk = _one_of(place, row, "risk", RISK_CLASSES)
    own = _text(place, row, "id", needed=False) or digest_of(row)[:12]
    return Attack(
        id=f"{risk}/{own}/{AS_GIVEN}",
        seed=own,
        mutator=AS_GIVEN,
        risk=risk,
        owasp=_one_of(place, row, "owasp", OWASP_LLM, DEFAULT_OWASP),
        language=_one_of(place, row, "language", ("en", "zh"), _language(question)),
        detector=detector,
        question=question,
        look=look,
        turns=tuple(turns),
        planted=passage,
        secret=_text(place, row, "secret", needed=False),
        source=ADDED,
    )


def _of_garak(place: str, row: dict[str, Any]) -> Attack | None:
    if row.get("entry_type", "attempt") != "attempt":
        return None
    field = "probe_classname" if "probe_classname" in row else "probe"
    probe = _text(place, row, field)
    module = probe.removeprefix("garak.").removeprefix("probes.").split(".")[0]
    if module not in GARAK_RISKS:
        raise AttackError(
            f"{place}: {field}: no risk class is known for {probe!r}: write the line in our own shape, with its risk"
        )
    *turns, question = _said(place, row.get("prompt"))
    triggers = _triggers(place, row)
    risk, owasp = GARAK_RISKS[module]
    own = digest_of([probe, question, turns])[:12]
    return Attack(
        id=f"{risk}/{probe}/{own}",
        seed=probe,
        mutator=AS_GIVEN,
        risk=risk,
        owasp=owasp,
        language=_language(question),
        detector="says" if triggers else "answers",
        question=question,
        look="|".join(trigger.replace("|", " ") for trigger in triggers),  # marks count for nothing there
        turns=tuple(turns),
        source=ADDED,
    )


def _said(place: str, prompt: Any) -> list[str]:
    """The turns of a prompt: a text, or garak's conversation of turns with role and content."""
    if isinstance(prompt, str) and prompt.strip():
        return [prompt]
    turns = prompt.get("turns") if isinstance(prompt, dict) else None
    found = []
    for turn in turns if isinstance(turns, list) else []:
        content = turn.get("content") if isinstance(turn, dict) else None
        text = content.get("text") if isinstance(content, dict) else content
        if not isinstance(text, str) or not text.strip():
            raise AttackError(f"{place}: prompt: a turn without a text")
        if turn.get("role") != "system":
            found.append(text)
    if len(found) % 2 == 0:
        raise AttackError(f"{place}: prompt: expected a text, or turns of which the last is the attacker's")
    return found


def _triggers(place: str, row: dict[str, Any]) -> list[str]:
    stated_notes = row.get("notes")
    notes = stated_notes if isinstance(stated_notes, dict) else {}
    stated = row.get("triggers") or row.get("trigger") or notes.get("triggers") or notes.get("trigger") or []
    listed = stated if isinstance(stated, list) else [stated]
    texts = [one.get("text") if isinstance(one, dict) else one for one in listed]
    found = [one for one in texts if isinstance(one, str)]
    if len(found) < len(texts):
        raise AttackError(f"{place}: triggers: expected texts")
    return [one for one in found if one.strip()]


def _text(place: str, row: dict[str, Any], field: str, *, needed: bool = True) -> str:
    value = row.get(field)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise AttackError(f"{place}: {field}: expected text")
    if len(value) > LONGEST:
        raise AttackError(f"{place}: {field}: longer than {LONGEST:,} characters")
    return value


def _one_of(place: str, row: dict[str, Any], field: str, known: Any, otherwise: str = "") -> str:
    value = row.get(field, otherwise or None)
    if not isinstance(value, str) or value not in known:
        raise AttackError(f"{place}: {field}: expected one of {', '.join(known)}, found {value!r}")
    return value


def _language(text: str) -> str:
    return "zh" if language_of(text) == "zh" else "en"
