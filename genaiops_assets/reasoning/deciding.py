"""Whether a statement follows from a policy's rules and what is known: proven, refuted, or unknown, and why.

Belongs here: the three outcomes, their reasons, what to ask where nothing follows, and what is wrong with a policy as a
whole. Does not belong here: formulas (`solving.py`), or reading facts from a text (`reading.py`)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any, Literal

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.reasoning.expressions import ExpressionProblem, names_in
from genaiops_assets.reasoning.policy import Policy, concluded_by
from genaiops_assets.reasoning.solving import Formulas, applies, asked, formulas_of

CLAIM = "the statement"
MOST_ASKED = 8
Verdict = Literal["proven", "refuted", "unknown"]
Value = bool | str | float


class BadQuestion(GenaiopsError):
    """A statement or a fact that the policy cannot speak about; the message says what it can."""


@dataclass(frozen=True)
class Outcome:
    """`rules` and `facts`: those the verdict rests on, no more than needed. `contradiction`: rules and facts that
    cannot hold together, and then nothing is decided. `asks`: {variable, question, decides} for what is not known,
    those first of which one value alone would decide."""

    verdict: Verdict
    rules: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    contradiction: list[str] = field(default_factory=list)
    asks: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def decide(policy: Policy, facts: Mapping[str, Value], claim: str) -> Outcome:
    """Whether `claim`, an expression over the policy's variables, follows from its rules and the `facts` (variable →
    value; days as 2026-11-30). Proven: rules and facts leave no way in which it is false; refuted: none in which it is
    true; unknown otherwise, and where rules and facts contradict each other. Raises BadQuestion, NoSolver."""
    made = formulas_of(policy)
    known = {fact_name(name): _fact(made, name, value) for name, value in facts.items()}
    statement = _statement(made, claim)
    said, broken = asked(made, known)
    if said != "sat":
        return Outcome("unknown", contradiction=broken)
    for verdict, opposite in (("proven", made.z3.Not(statement)), ("refuted", statement)):
        said, core = asked(made, {**known, CLAIM: opposite})
        if said == "unsat":
            rules = [name for name in core if name in made.parts]
            return Outcome(verdict, rules, [name for name in core if name in known])  # type: ignore[arg-type]
    return Outcome("unknown", asks=_asks(made, known, facts, statement, claim))


class Refuter:
    """Refutes statements by one policy, again and again: its formulas are made once, and one thread asks at a time.
    Raises NoSolver."""

    def __init__(self, policy: Policy):
        self.policy, self._made, self._asking = policy, formulas_of(policy), Lock()

    def refuted_by(self, facts: Mapping[str, Value], claim: str) -> list[str]:
        """The rules by which a statement cannot be true; none where it may be, or where rules and facts contradict each
        other. As `decide` has it, without what could be asked. Raises BadQuestion."""
        with self._asking:
            made = self._made
            known = {fact_name(name): _fact(made, name, value) for name, value in facts.items()}
            said, core = asked(made, {**known, CLAIM: _statement(made, claim)})
            if said != "unsat" or asked(made, known)[0] != "sat":
                return []
            return [name for name in core if name in made.parts]


def policy_problems(policy: Policy) -> list[str]:
    """What is wrong with the rules taken together, one sentence each: rules that cannot all hold, rules that never
    apply, pairs of rules that contradict each other where both apply."""
    made = formulas_of(policy)
    said, core = asked(made, {})
    if said != "sat":
        return [f"these cannot hold together: {', '.join(core)}"]
    return [*_dead(made), *_clashes(made)]


def fact_name(variable: str) -> str:
    return f"{variable} as stated"


def _fact(made: Formulas, name: str, value: Value) -> Any:
    if name not in made.variables:
        raise BadQuestion(f"{name} is no variable of {made.policy.policy}; there are {', '.join(made.variables)}")
    if name in made.policy.concluded:
        raise BadQuestion(f"{name} is what the rules of {made.policy.policy} conclude; state what they ask for")
    kind = made.policy.types[name]
    fits = {
        "yes_no": isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "choice": value in made.policy.choices.get(name, ()),
        "day": isinstance(value, str),
    }
    if not fits[kind]:
        wanted = f"one of {', '.join(made.policy.choices[name])}" if kind == "choice" else f"a {kind}"
        raise BadQuestion(f"{name} is {wanted.replace('yes_no', 'yes or no (true, false)')}, not {value!r}")
    try:
        return made.variables[name] == made.value(name, value)
    except ExpressionProblem as problem:
        raise BadQuestion(f"{name}: {problem}") from None


def _statement(made: Formulas, claim: str) -> Any:
    try:
        return made.of(made.policy.tree(claim))
    except ExpressionProblem as problem:
        raise BadQuestion(f"the statement {problem}") from None


def _asks(
    made: Formulas, known: Mapping[str, Any], facts: Mapping[str, Value], statement: Any, claim: str
) -> list[dict[str, Any]]:
    """Variables that bear on the statement and are not known."""
    open_ones = [n for n in _bearing(made.policy, claim) if n not in facts and n not in made.policy.concluded]
    found = [
        {
            "variable": name,
            "question": made.policy.variables[name].ask,
            "decides": any(_decided(made, {**known, name: fact}, statement) for fact in _values(made, name)),
        }
        for name in open_ones
    ]
    return sorted(found, key=lambda ask: not ask["decides"])[:MOST_ASKED]


def _decided(made: Formulas, known: Mapping[str, Any], statement: Any) -> bool:
    """Possible, and then the statement is true in every way, or false in every way."""
    if asked(made, known)[0] != "sat":
        return False
    return any(asked(made, {**known, CLAIM: s})[0] == "unsat" for s in (statement, made.z3.Not(statement)))


def _values(made: Formulas, name: str) -> Iterator[Any]:
    """Values worth trying: each of a short list; of a number, either side of each limit that a rule compares with."""
    kind, variable = made.policy.types[name], made.variables[name]
    if kind == "yes_no":
        yield from (variable, made.z3.Not(variable))
    elif kind == "choice":
        yield from (variable == made.value(name, choice) for choice in made.policy.choices[name])
    else:
        for rule in made.policy.rules:
            for node in ast.walk(made.policy.tree(rule.when)):
                if isinstance(node, ast.Compare) and name in names_in(node):
                    formula = made.of(node)
                    yield from (formula, made.z3.Not(formula))


def _bearing(policy: Policy, claim: str) -> list[str]:
    """Variables the statement depends on through rules, in the order of the policy."""
    reached = names_in(policy.tree(claim))
    while True:
        more = {
            name
            for rule in policy.rules
            if concluded_by(policy.tree(rule.then)) & reached
            for part in (rule, *(policy.rule(other) for other in rule.unless))
            for name in names_in(policy.tree(part.when)) | names_in(policy.tree(rule.then))
        } | reached
        if more == reached:
            return [name for name in policy.variables if name in reached]
        reached = more


def _dead(made: Formulas) -> list[str]:
    condition = "its condition"
    found = []
    for rule in made.policy.rules:
        said, core = asked(made, {condition: applies(made, rule)}, without=[rule.id])
        if said == "unsat":
            against = ", ".join(name for name in core if name != condition) or "itself"
            found.append(f"the rule {rule.id} never applies: its condition contradicts {against}")
    return found


def _clashes(made: Formulas) -> list[str]:
    """Two rules that can apply at once, and then cannot both hold."""
    rules, found = made.policy.rules, []
    conclusions = {rule.id: concluded_by(made.policy.tree(rule.then)) for rule in rules}
    for place, one in enumerate(rules):
        for other in rules[place + 1 :]:
            if not conclusions[one.id] & conclusions[other.id]:
                continue
            both = {"one": applies(made, one), "other": applies(made, other)}
            free = asked(made, both, without=[one.id, other.id])[0]
            if free == "sat" and asked(made, both)[0] == "unsat":
                found.append(
                    f"the rules {one.id} and {other.id} can both apply and contradict each other: let one give way "
                    "to the other (unless)"
                )
    return found
