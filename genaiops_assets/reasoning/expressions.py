"""Expressions of rules, such as `sudden and not wear` or `damage > excess + 50`: read, and checked for their types.

Belongs here: what may be written, and the type of each part. Does not belong here: solving (`solving.py`), or files
(`policy.py`). They are read with Python's own parser and never run; what is not in the list below is refused."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from genaiops_assets.errors import Unusable

Type = Literal["yes_no", "number", "choice", "day"]
COMPARISONS = {ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
ORDERED = ("number", "day")
SUMS = (ast.Add, ast.Sub, ast.Mult)
LONGEST = 2000  # characters


class ExpressionProblem(Unusable):
    """What is wrong with an expression, in words."""


def parsed(text: str, types: Mapping[str, Type], choices: Mapping[str, tuple[str, ...]]) -> ast.expr:
    """The tree of a yes-or-no expression over variables of these `types`. Raises ExpressionProblem."""
    if len(text) > LONGEST:
        raise ExpressionProblem(f"longer than {LONGEST} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionProblem(f"{text!r} cannot be read; write for instance: sudden and not wear") from None
    if type_of(tree, types, choices) != "yes_no":
        raise ExpressionProblem(f"{text!r} is neither true nor false")
    return tree


def names_in(tree: ast.expr) -> set[str]:
    """The names of variables in a tree."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def type_of(tree: ast.expr, types: Mapping[str, Type], choices: Mapping[str, tuple[str, ...]]) -> Type:
    """The type of a part. A text is a choice where it is compared with one, a day where with a day. Raises
    ExpressionProblem."""
    match tree:
        case ast.BoolOp(values=parts):
            _all_yes_no(parts, types, choices)
            return "yes_no"
        case ast.UnaryOp(op=ast.Not(), operand=part):
            _all_yes_no([part], types, choices)
            return "yes_no"
        case ast.UnaryOp(op=ast.USub(), operand=part):
            return _number(part, types, choices)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, SUMS):
            if isinstance(op, ast.Mult) and names_in(left) and names_in(right):
                raise ExpressionProblem(f"{ast.unparse(tree)}: two variables cannot be multiplied")
            _number(left, types, choices)
            return _number(right, types, choices)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return _comparison(tree, left, op, right, types, choices)
        case ast.Name(id=name):
            if name not in types:
                raise ExpressionProblem(f"{name} is no variable of this policy; there are {', '.join(types)}")
            return types[name]
        case ast.Constant(value=bool()):
            return "yes_no"
        case ast.Constant(value=int() | float()):
            return "number"
    raise ExpressionProblem(f"{ast.unparse(tree)}: only and, or, not, comparisons, + - * and values can be used")


def literal(value: object) -> Decimal:
    """A number exactly as it was written."""
    return Decimal(str(value))


def as_day(text: str) -> int:
    """2026-11-30 as a number of days. Raises ExpressionProblem."""
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise ExpressionProblem(f"{text!r} is no day; write 2026-11-30") from None


def _comparison(
    tree: ast.expr,
    left: ast.expr,
    op: ast.cmpop,
    right: ast.expr,
    types: Mapping[str, Type],
    choices: Mapping[str, tuple[str, ...]],
) -> Type:
    named, given = (left, right) if isinstance(right, ast.Constant) else (right, left)
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        kind = type_of(named, types, choices)
        if kind == "day":
            as_day(given.value)
        elif kind == "choice" and isinstance(named, ast.Name):
            if given.value not in choices[named.id]:
                raise ExpressionProblem(f"{named.id} is one of {', '.join(choices[named.id])}, never {given.value!r}")
        else:
            raise ExpressionProblem(f"{ast.unparse(tree)}: {ast.unparse(named)} is no text")
    else:
        kind, other = type_of(left, types, choices), type_of(right, types, choices)
        if kind != other:
            raise ExpressionProblem(f"{ast.unparse(tree)} compares a {kind} with a {other}")
        if kind == "choice" and {choices[n] for n in names_in(tree)} != {choices[min(names_in(tree))]}:
            raise ExpressionProblem(f"{ast.unparse(tree)} compares different lists of choices")
    if kind not in ORDERED and not isinstance(op, ast.Eq | ast.NotEq):
        raise ExpressionProblem(f"{ast.unparse(tree)}: a {kind} has no order")
    return "yes_no"


def _all_yes_no(parts: list[ast.expr], types: Mapping[str, Type], choices: Mapping[str, tuple[str, ...]]) -> None:
    for part in parts:
        if type_of(part, types, choices) != "yes_no":
            raise ExpressionProblem(f"{ast.unparse(part)} is neither true nor false")


def _number(part: ast.expr, types: Mapping[str, Type], choices: Mapping[str, tuple[str, ...]]) -> Type:
    if type_of(part, types, choices) != "number":
        raise ExpressionProblem(f"{ast.unparse(part)} is no number")
    return "number"
