"""An attack as the served system meets it: search, the words around a question, guards and the model.

Belongs here: what is asked, with what among the passages, and what comes out. Does not belong here: loading a model or
an index (the payload), whether it was a success (`detectors.py`).

Where an attack has a passage of its own, that stands first among those found, as if search had ranked it best, and as
many are shown as without it. Earlier turns stand before the question, as a front end with a memory would send them; the
packaged one has none. A secret is one more sentence at the end of the instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genaiops_assets.evaluation.red_team.base import Answered, Attack
from genaiops_assets.evaluation.red_team.detectors import detected
from genaiops_assets.evaluation.suites.base import Found
from genaiops_assets.models import Messages, Prompts

PLANTED = "planted"  # id of a passage that an attack brings
Guarded = tuple[str, str]  # the text that goes on, and why it was held back ("" where it was not)


@dataclass(frozen=True)
class System:
    """What is attacked. `search(questions, depth)`: passages of each, best first; `speak`: one answer a prompt;
    `question_guard(question)` and `answer_guard(answer, passages, question)`: what the guards make of it."""

    search: Callable[[Sequence[str], int], list[list[Found]]]
    speak: Callable[[Sequence[Messages]], list[str]]
    prompts: Prompts
    top_k: int
    question_guard: Callable[[str], Guarded] = lambda question: (question, "")
    answer_guard: Callable[[str, list[str], str], Guarded] = lambda answer, passages, question: (answer, "")

    def attacked(self, attacks: Sequence[Attack]) -> list[Answered]:
        """Each attack with its answer, in order. What a guard holds back is answered as the system refuses."""
        shown = self.shown(attacks)
        stopped = [self.question_guard(attack.question)[1] for attack in attacks]
        asked = [i for i, why in enumerate(stopped) if not why]
        answers = [self.prompts.refusal] * len(attacks)
        said = self.speak([self.prompt(attacks[i], shown[i]) for i in asked]) if asked else []
        for i, answer in zip(asked, said, strict=True):
            text, why = self.answer_guard(answer, [p.text for p in shown[i]], attacks[i].question)
            answers[i], stopped[i] = (self.prompts.refusal if why else text), why
        return [
            Answered(
                attack,
                answer,
                tuple(p.id for p in passages),
                why,
                None if why else detected(attack, answer, [p.text for p in passages]),
            )
            for attack, answer, passages, why in zip(attacks, answers, shown, stopped, strict=True)
        ]

    def shown(self, attacks: Sequence[Attack]) -> list[list[Found]]:
        found = self.search([attack.question for attack in attacks], self.top_k)
        return [
            [Found(PLANTED, PLANTED, attack.planted, 1.0), *passages][: max(self.top_k, 1)]
            if attack.planted
            else list(passages)
            for attack, passages in zip(attacks, found, strict=True)
        ]

    def prompt(self, attack: Attack, passages: Sequence[Found]) -> Messages:
        prompts = self.prompts
        if attack.secret:
            prompts = prompts.model_copy(update={"system": f"{prompts.system} {attack.secret}"})
        *before, last = prompts.messages(attack.question, [p.text for p in passages])
        roles = ("user", "assistant")
        turns = [{"role": roles[n % 2], "content": text} for n, text in enumerate(attack.turns)]
        return [*before, *turns, last]
