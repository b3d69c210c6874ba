"""Payload: what tuning lost: base and tuned model side by side on packaged texts and questions, and in the answers
that an evaluation kept.

Belongs here: the order of the work, one model in memory at a time. Does not belong here: what is measured of an answer,
tolerances and verdicts (`evaluation/losses`)."""

from __future__ import annotations

import gc
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import (
    AnsweredTwice,
    Choice,
    Comparing,
    LossInputs,
    LossSettings,
    answer_length,
    asked_as,
    is_likeliest,
    learned_runs,
    loss_forest,
    packaged_choices,
    packaged_languages,
    packaged_texts,
    problems_of_form,
    recalls,
    refuses,
    repetition,
    sets_digest,
)
from genaiops_assets.evidence import draw_forest
from genaiops_assets.lake import ERASED_TEXT, Snapshot, in_list, write_json
from genaiops_assets.models import (
    BaseModelFiles,
    Likelihood,
    ModelSpec,
    Prompts,
    be_deterministic,
    packaged_prompts,
    token_ids,
)
from genaiops_assets.retrieval import Passage

REPORT = "tuning_losses.json"
GOLDEN = "golden"
AT_ONCE = 200  # ids in one condition on a table


@dataclass
class Reading:
    """What one model makes of the packaged sets, by language: bits per byte of each text, 1 or 0 for each question;
    and how many tokens texts have."""

    bits: dict[str, list[float]] = field(default_factory=dict)
    right: dict[str, list[float]] = field(default_factory=dict)
    tokens: Callable[[str], int] = len


def work(job: Job) -> dict[str, Any]:
    """Inputs `LossInputs`, config `LossSettings`. Leaves `tuning_losses.json` and `views/*.png` in `job.out`. The same
    job leaves the same bytes. Raises PayloadError where a model gives no finite likelihood."""
    be_deterministic(job.seed, job.cpus)
    inputs, settings = LossInputs.model_validate(job.inputs), LossSettings.model_validate(job.config)
    base = reading_of(job, inputs, settings, "base model", None)
    tuned = reading_of(job, inputs, settings, "tuned model", inputs.adapter)
    comparing = Comparing(settings.confidence, settings.resamples, job.seed)
    figures: dict[str, Any] = {}
    for kind, one, other in (("bits_per_byte", base.bits, tuned.bits), ("capability", base.right, tuned.right)):
        for language in packaged_languages(settings.language):
            figures[f"{kind}_{language}"] = comparing.figure(kind, (one[language], other[language]), language)
    said, forms = of_answers(job, inputs, settings, base.tokens)
    figures |= {kind: comparing.figure(kind, values) for kind, values in said.items()}
    report = {
        "schema_version": 1,
        "model_version": inputs.model_version,
        "tuned": True,
        "language": settings.language,
        "of_each": settings.of_each,
        "packaged_sets": sets_digest(),
        "figures": figures,
        "broken_form": forms,
        "notes": {
            "capability": 'the option whose text the model holds most likely, per byte, behind question and "Answer:"; '
            "a tie counts as wrong",
            "answers": "golden questions with retrieval, as the evaluation kept them; recall also looks at the "
            "questions that nothing answers",
        },
    }
    write_json(job.out / REPORT, report)
    draw_forest(
        job.out / "views" / "what tuning lost.png",
        "Differences in units of their tolerance; beyond 1 is lost",
        loss_forest(report),
    )
    return {"figures": len(figures)}


def reading_of(job: Job, inputs: LossInputs, settings: LossSettings, who: str, adapter: str | None) -> Reading:
    spec = ModelSpec(
        base=BaseModelFiles.model_validate(inputs.base),
        adapter=adapter,
        dtype=settings.dtype,
        load_in_4bit=settings.load_in_4bit,
    )
    opened = spec.open(job.cache)  # as it is judged and served
    likely, tokenizer = Likelihood(opened.model, opened.tokenizer), opened.tokenizer
    found = Reading(tokens=lambda text: len(token_ids(tokenizer, text)))
    languages = packaged_languages(settings.language)
    texts = {language: packaged_texts(language)[: settings.of_each] for language in languages}
    choices = {language: packaged_choices(language)[: settings.of_each] for language in languages}
    total = sum(len(texts[language]) + len(choices[language]) for language in languages)
    done = 0
    for language in languages:
        found.bits[language], found.right[language] = [], []
        for paragraph in texts[language]:
            nats = likely.of_text(paragraph.text, f"{who}, text {language}/{paragraph.id}")
            found.bits[language].append(-nats / math.log(2) / paragraph.bytes)
            done += 1
            job.progress(f"{who} reads", done, total)
        for choice in choices[language]:
            found.right[language].append(float(is_right(likely, choice, language, who)))
            done += 1
            job.progress(f"{who} reads", done, total)
    del opened, likely
    gc.collect()
    return found


def is_right(likely: Likelihood, choice: Choice, language: str, who: str) -> bool:
    asked, ways = asked_as(choice, language)
    return is_likeliest(likely.of_continuations(asked, ways, f"{who}, question {choice.id}"), choice.options)


def of_answers(
    job: Job, inputs: LossInputs, settings: LossSettings, tokens: Callable[[str], int]
) -> tuple[dict[str, tuple[list[float], list[float]]], dict[str, dict[str, int]]]:
    """Kind of figure → values of base and tuned model; and how often which part of the form is broken, by model."""
    golden = [a for a in inputs.answers if a.suite == GOLDEN]
    forms: dict[str, Counter[str]] = {"base": Counter(), "tuned": Counter()}

    def keeps_form(who: str, answer: str) -> float:
        broken = problems_of_form(answer, tokens(answer), settings.max_new_tokens)
        forms[who].update(broken)
        return float(not broken)

    found = {
        "answered": both(golden, lambda answer: float(not refuses(answer))),
        "format_kept": (
            [keeps_form("base", a.base) for a in golden],
            [keeps_form("tuned", a.tuned) for a in golden],
        ),
        "repetition": both(golden, repetition),
        "length": both(golden, answer_length),
        "recall": recalled(job, inputs, settings),
    }
    return found, {who: dict(sorted(counted.items())) for who, counted in forms.items()}


def both(answers: Sequence[AnsweredTwice], score: Callable[[str], float]) -> tuple[list[float], list[float]]:
    return [score(a.base) for a in answers], [score(a.tuned) for a in answers]


def recalled(job: Job, inputs: LossInputs, settings: LossSettings) -> tuple[list[float], list[float]]:
    """1 for an answer that holds training text which nothing the model was shown holds. A refusal is none: it was
    taught word by word. A question whose passages are not in the index any more is left out."""
    language, tables = settings.language, job.lake().tables
    pairs = tables.rows(Snapshot(**inputs.pairs), ["chosen"])
    learned = learned_runs((row["chosen"] for row in pairs if row["chosen"] != ERASED_TEXT), language)
    passages = passages_of(job, inputs)
    prompts = Prompts(**inputs.prompts) if inputs.prompts else packaged_prompts(language)
    base: list[float] = []
    tuned: list[float] = []
    for answer in inputs.answers:
        if any(i not in passages for i in answer.passages):
            continue
        asked = prompts.messages(answer.question, [passages[i] for i in answer.passages])
        shown = [*(message["content"] for message in asked), prompts.refusal]
        for said, values in ((answer.base, base), (answer.tuned, tuned)):
            values.append(float(not refuses(said) and recalls(said, learned, shown, language)))
    return base, tuned


def passages_of(job: Job, inputs: LossInputs) -> dict[str, str]:
    """Id → text as the model read it, of those that stood before an answer."""
    wanted = sorted({i for answer in inputs.answers for i in answer.passages})
    index, found = Snapshot(**inputs.index), {}
    for start in range(0, len(wanted), AT_ONCE):
        where = in_list("id", wanted[start : start + AT_ONCE])
        for row in job.lake().tables.rows(index, ["id", "doc_id", "title", "heading", "text"], where):
            found[row["id"]] = Passage(**row, score=0.0).quoted
    return found


if __name__ == "__main__":
    run_payload(work)
