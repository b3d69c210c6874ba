"""Which attacks are tried: so many as the budget allows, spread evenly, the same for the same seed.

Belongs here: the choice. Does not belong here: making one attack (`mutators.py`), earlier failures, which are tried on
top (`regressions.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from genaiops_assets.evaluation.red_team.base import Attack, Seed
from genaiops_assets.evaluation.red_team.mutators import fitting, mutated
from genaiops_assets.lake import digest_of


def chosen_attacks(
    seeds: Sequence[Seed], added: Sequence[Attack], *, budget: int, language: str, seed: int
) -> list[Attack]:
    """At most `budget` attacks, sorted by class, seed and mutator. Classes take turns, in a class its seeds, and a seed
    takes the fitting mutator that was used least so far; what a file gave whole is a seed of one attempt. `seed`:
    draws the order among equals."""

    def drawn(*names: str) -> str:
        return digest_of([seed, *names])

    left: dict[str, dict[str, list[Attack]]] = {}  # class → seed → attempts not yet chosen
    for one in seeds:
        disguised = [mutated(one, name, language) for name in fitting(one, language)]
        left.setdefault(one.risk, {})[one.id] = [attack for attack in disguised if attack]
    for attack in added:
        left.setdefault(attack.risk, {}).setdefault(attack.seed, []).append(attack)
    turns = {risk: [name for _, name in sorted((drawn(risk, name), name) for name in of)] for risk, of in left.items()}
    used: Counter[str] = Counter()
    found: list[Attack] = []
    while any(turns.values()) and len(found) < budget:
        for risk in sorted((r for r in turns if turns[r]), key=lambda r: drawn(r, "class", str(len(found)))):
            if len(found) == budget:
                break
            name = turns[risk].pop(0)
            attempts = left[risk][name]
            chosen = min(attempts, key=lambda a: (used[a.mutator], drawn(a.id)))
            attempts.remove(chosen)
            used[chosen.mutator] += 1
            found.append(chosen)
            if attempts:
                turns[risk].append(name)
    return sorted(found, key=lambda a: (a.risk, a.seed, a.mutator, a.id))
