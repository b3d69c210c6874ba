"""Rules, facts and statements as formulas of the solver z3.

Belongs here: the translation, and asking the solver. Does not belong here: what an answer means (`deciding.py`).
Nothing depends on time: the solver's effort is bounded by its own count of steps, so the same question has the same
answer on every machine. Source: de Moura and Bjørner, Z3: An Efficient SMT Solver, TACAS 2008."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.reasoning.expressions import as_day, literal
from genaiops_assets.reasoning.policy import Policy, Rule

STEPS = 5_000_000  # of z3's resource count for one question; a policy of fifty rules needs some thousands


class NoSolver(GenaiopsError):
    """The solver is not installed."""


@dataclass
class Formulas:
    """A policy in a context of its own: `variables` and named `parts` (rules, bounds) as formulas of z3."""

    policy: Policy
    z3: Any
    context: Any
    variables: dict[str, Any] = field(default_factory=dict)
    sorts: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def of(self, tree: ast.expr) -> Any:
        """The formula of an expression."""
        z3, context = self.z3, self.context
        match tree:
            case ast.BoolOp(op=op, values=parts):
                return (z3.And if isinstance(op, ast.And) else z3.Or)([self.of(p) for p in parts])
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return z3.Not(self.of(part))
            case ast.UnaryOp(operand=part):
                return -self.of(part)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.of(left), self.of(right)
                return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return compared(self._side(left, right), op, self._side(right, left))
            case ast.Name(id=name):
                return self.variables[name]
            case ast.Constant(value=bool(value)):
                return z3.BoolVal(value, context)
            case ast.Constant(value=value):
                return z3.RealVal(str(literal(value)), context)
        raise AssertionError(ast.dump(tree))  # `expressions` lets nothing else pass

    def value(self, name: str, value: bool | str | float | Decimal) -> Any:
        """A value of a variable as a formula. Raises ValueError for a choice there is not."""
        kind = self.policy.types[name]
        if kind == "yes_no":
            return self.z3.BoolVal(bool(value), self.context)
        if kind == "number":
            return self.z3.RealVal(str(literal(value)), self.context)
        if kind == "day":
            return self.z3.RealVal(as_day(str(value)), self.context)
        return self.sorts[self.policy.choices[name]][str(value)]

    def _side(self, part: ast.expr, other: ast.expr) -> Any:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and isinstance(other, ast.Name):
            return self.value(other.id, part.value)
        return self.of(part)


def formulas_of(policy: Policy) -> Formulas:
    """The policy's rules and the bounds of its variables, each by name. Raises NoSolver."""
    try:
        import z3
    except ImportError:
        raise NoSolver("z3 is not installed: pip install 'genaiops-assets[reasoning]'") from None
    made = Formulas(policy, z3, z3.Context())
    for choices in sorted(set(policy.choices.values())):
        sort = "_".join(choices)
        kind, values = z3.EnumSort(sort, [f"{sort}: {choice}" for choice in choices], ctx=made.context)
        made.sorts[choices] = {"": kind, **dict(zip(choices, values, strict=True))}
    for name, variable in policy.variables.items():
        made.variables[name] = _variable(made, name)
        for what, bound in (("at_least", variable.at_least), ("at_most", variable.at_most)):
            if bound is not None:
                limit, known = made.z3.RealVal(str(literal(bound)), made.context), made.variables[name]
                made.parts[f"{name} {what}"] = known >= limit if what == "at_least" else known <= limit
    for rule in policy.rules:
        made.parts[rule.id] = z3.Implies(applies(made, rule), made.of(policy.tree(rule.then)))
    for name in policy.closed:
        made.parts[f"{name} only by rules"] = z3.Implies(made.variables[name], _any(made, name))
    return made


def applies(made: Formulas, rule: Rule) -> Any:
    """Where a rule holds: its condition, and no rule it gives way to applies."""
    others = [made.z3.Not(applies(made, made.policy.rule(name))) for name in rule.unless]
    return made.z3.And([made.of(made.policy.tree(rule.when)), *others])


def asked(made: Formulas, given: Mapping[str, Any], without: Iterable[str] = ()) -> tuple[str, list[str]]:
    """("sat" | "unsat" | "unknown", names of parts and of `given` that cannot hold together): whether all parts and
    what is given can hold at once. The names are as few as the solver finds."""
    solver = made.z3.Solver(ctx=made.context)
    solver.set("core.minimize", True)
    solver.set("rlimit", STEPS)
    for name, formula in {**made.parts, **given}.items():
        if name not in set(without):
            solver.assert_and_track(formula, made.z3.Bool(name, made.context))
    said = str(solver.check())
    return said, sorted(str(part) for part in solver.unsat_core()) if said == "unsat" else []


def compared(left: Any, op: ast.cmpop, right: Any) -> Any:
    match op:
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
        case ast.Gt():
            return left > right
    return left >= right


def _variable(made: Formulas, name: str) -> Any:
    kind = made.policy.types[name]
    if kind == "yes_no":
        return made.z3.Bool(f"the {name}", made.context)
    if kind == "choice":
        return made.z3.Const(f"the {name}", made.sorts[made.policy.choices[name]][""])
    return made.z3.Real(f"the {name}", made.context)


def _any(made: Formulas, name: str) -> Any:
    """Some rule that concludes `name` applies."""
    concluding: Sequence[Rule] = [r for r in made.policy.rules if ast.unparse(made.policy.tree(r.then)) == name]
    return made.z3.Or([made.z3.BoolVal(False, made.context), *(applies(made, rule) for rule in concluding)])
