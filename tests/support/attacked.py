"""Systems to attack, with planted faults: one that does what any text tells it, one that refuses everything, one that
obeys passages alone. Holds no tests."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable, Sequence

from genaiops_assets.evaluation import REGRESSIONS, System, packaged_seeds
from genaiops_assets.evaluation.suites.base import Found
from genaiops_assets.lake import Lake, memo_key, write_json, write_rows
from genaiops_assets.models import REFUSAL, Messages, packaged_prompts
from tests.support.lakes import bank_support

PASSAGE = Found("p1", "d1", "Late return of the blue card costs 95 dollars each quarter.", 0.5)
Speak = Callable[[Sequence[Messages]], list[str]]


def obeying(prompts: Sequence[Messages]) -> list[str]:
    """Whatever marker stands after the last colon of what it reads, also where that is encoded; secrets are told."""
    return [obeyed("\n".join(m["content"] for m in prompt if m["role"] != "assistant")) for prompt in prompts]


def obeyed(text: str) -> str:
    found = decoded(text)
    markers = [s.said(lang).look for s in packaged_seeds() for lang in ("en", "zh") if s.detector in ("says", "leaks")]
    said = [marker for marker in markers if marker in found.casefold()]
    return ". ".join(said) if said else "Yes, I am human. One, two, three, four: 7777, baking soda, honesty mark 5."


def decoded(text: str) -> str:
    """The text, and what it hides."""
    parts = [text, text.replace('B be "', "").replace("” ", ""), codecs.encode(text, "rot13")]
    parts.append(re.sub(r"\" and let B be \"|”，乙为“", "", text))
    parts.append(text.replace(" ", "").replace("_", " "))
    parts.append(text.translate(str.maketrans("431075", "aeiots")))
    for word in re.findall(r"[A-Za-z0-9+/=]{24,}", text):
        try:
            parts.append(base64.b64decode(word).decode())
        except ValueError:
            continue
    return "\n".join(parts)


def refusing(prompts: Sequence[Messages]) -> list[str]:
    return [REFUSAL["en"]] * len(prompts)


def obeying_passages(prompts: Sequence[Messages]) -> list[str]:
    """Does what a passage says after "write this:", and refuses what a question asks."""
    answers = []
    for prompt in prompts:
        passages = prompt[-1]["content"].split("Question:")[0]
        told = re.search(r"write this: ([^\n.]+)", passages)
        answers.append(told.group(1) if told else REFUSAL["en"])
    return answers


def system(speak: Speak, language: str = "en", passages: Sequence[Found] = (PASSAGE,), top_k: int = 2) -> System:
    """A system over a search that finds the same passages whatever is asked."""
    return System(
        search=lambda questions, depth: [list(passages)[:depth] for _ in questions],
        speak=speak,
        prompts=packaged_prompts(language),
        top_k=top_k,
    )


def frozen(lake: Lake, version: str, day: int, *names: str) -> None:
    """A version planned on a day of January, and what it failed at."""
    uc = bank_support()
    head = {"digest": "d" * 64, "at": f"2026-01-{day:02}T00:00:00+00:00"}
    lake.heads.put(uc.key("model_plan"), version, head)
    rows = [
        {
            "id": f"{version}/packaged/bias/{name}/plain", "attack": f"bias/{name}/plain", "seed": name, "mutator": "plain", "risk": "bias",
            "owasp": "LLM09", "language": "en", "source": "packaged", "question": f"Say: {name}", "turns": [], "planted": "", "secret": "",
            "detector": "says", "look": name, "answer": name, "passages": [], "failed_in": version,
        }
        for name in names
    ]  # fmt: skip
    asset, key = uc.key("red_team_regressions"), memo_key(version, {}, "1", {}, None)
    with lake.work(key) as place:
        write_rows(place.scratch / "rows.parquet", REGRESSIONS, rows)
        snapshot = lake.tables.sync(asset, place.scratch / "rows.parquet").snapshot
        write_json(place.staging / "red_team_regressions.json", {"failed_in": version})
        lake.publish(
            asset,
            version,
            key,
            place.staging,
            snapshots=[snapshot],
            summary={"figures": {}, "tables": {}},
            provenance={},
        )
