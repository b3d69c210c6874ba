"""What a person decided is not kept beside a judge's word on the same two answers."""

from __future__ import annotations

from genaiops_assets.alignment import pair_row, without_decided
from genaiops_assets.use_case import Origin


def pair(origin: Origin, question: str, chosen: str, rejected: str) -> dict[str, object]:
    return pair_row(origin, "", question, [], (chosen, 1.0), (rejected, 0.0), "x")


def test_a_person_overrules_and_confirms_a_judge() -> None:
    human = [pair(Origin.HUMAN, "Q?", "B", "A"), pair(Origin.HUMAN, "P?", "A", "B")]
    judged = [
        pair(Origin.CORPUS, "Q?", "A", "B"),  # the person said the opposite
        pair(Origin.OBSERVED, "P? ", "A", "B\u200b"),  # the person said the same
        pair(Origin.CORPUS, "Q?", "A", "C"),  # other answers
        pair(Origin.DEMONSTRATION, "R?", "A", "B"),  # another question
    ]
    kept, left_out = without_decided([*judged, *human])
    assert (kept, left_out) == ([*judged[2:], *human], 2)
    assert without_decided(judged) == (judged, 0)
