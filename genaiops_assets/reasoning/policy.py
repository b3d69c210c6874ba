"""A policy as rules: what `policies/NAME.yaml` of a use case folder may say.

Belongs here: the form of the file, and mistakes in it by line. Does not belong here: what follows from the rules
(`deciding.py`), reading facts from a text (`reading.py`)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from genaiops_assets.reasoning.expressions import ExpressionProblem, Type, names_in, parsed
from genaiops_assets.use_case import UseCase, UseCaseError, read_document

FOLDER = "policies"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
RESERVED = ("and", "or", "not", "true", "false", "in", "is", "if", "else", "lambda", "for")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Part):
    """Words by which a text states a value: any of `words`, unless a negation stands before it."""

    value: bool | str
    words: list[str] = Field(min_length=1)


class Variable(_Part):
    """Something a rule speaks of. `ask`: the question that would tell its value; `unit`: words after a number;
    `named`: words by which an answer speaks of it, where the rules conclude a number."""

    type: Type
    ask: str = Field(min_length=3)
    choices: list[str] = Field(default_factory=list)
    at_least: float | None = None
    at_most: float | None = None
    unit: list[str] = Field(default_factory=list)
    named: list[str] = Field(default_factory=list, exclude_if=lambda stated: not stated)
    said: list[Said] = Field(default_factory=list)


class Rule(_Part):
    """Where `when` holds, `then` holds, unless one of the rules named in `unless` applies. `quote`: the sentence of
    the policy it stands for, word for word."""

    id: Name
    quote: str = Field(min_length=5)
    when: str = "True"
    then: str
    unless: list[str] = Field(default_factory=list)


class Policy(_Part):
    """Rules with the text they come from. `closed`: what holds only where a rule says so."""

    policy: Name
    title: str = Field(min_length=3)
    language: str = "en"
    text: str = Field(min_length=10, description="the policy's own words")
    variables: dict[Name, Variable] = Field(min_length=1)
    rules: list[Rule] = Field(min_length=1)
    closed: list[str] = Field(default_factory=list)

    @cached_property
    def types(self) -> dict[str, Type]:
        return {name: variable.type for name, variable in self.variables.items()}

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(v.choices) for name, v in self.variables.items() if v.type == "choice"}

    @cached_property
    def concluded(self) -> set[str]:
        """Variables about which the rules conclude something; nobody states them as facts."""
        return {name for rule in self.rules for name in concluded_by(self.tree(rule.then))}

    def tree(self, text: str) -> ast.expr:
        """An expression over the policy's variables. Raises ExpressionProblem."""
        return parsed(text, self.types, self.choices)

    def rule(self, name: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == name)


def concluded_by(tree: ast.expr) -> set[str]:
    """What a conclusion is about: `fee == 0.2 * days` concludes the fee, from the days."""
    match tree:
        case ast.BoolOp(values=parts):
            return {name for part in parts for name in concluded_by(part)}
        case ast.UnaryOp(operand=part):
            return concluded_by(part)
        case ast.Compare(left=left):
            return names_in(left)
    return names_in(tree)


def policies_of(uc: UseCase) -> list[Path]:
    """The policy files of a use case, in the order of their names."""
    folder = uc.path(FOLDER)
    return sorted(folder.glob("*.yaml")) if folder.is_dir() else []


def cases_of(file: Path) -> Path:
    """Where the labelled cases of a policy file lie."""
    return file.with_name(f"{file.stem}.cases.jsonl")


def read_policy(file: Path) -> Policy:
    """The rules of a file. Raises UseCaseError with every mistake in it, by line."""
    document = read_document(file)
    try:
        policy = Policy.model_validate(document.data)
    except ValidationError as error:
        raise UseCaseError(_mistake(document, item) for item in error.errors()) from None
    problems = [document.problem(place, message) for place, message in _mistakes(policy)]
    if problems:
        raise UseCaseError(problems)
    return policy


def _mistakes(policy: Policy) -> Iterator[tuple[str, str]]:
    yield from _variables(policy)
    ids = [rule.id for rule in policy.rules]
    for place, rule in enumerate(policy.rules):
        at = f"rules.{place}"
        if ids.count(rule.id) > 1:
            yield f"{at}.id", f"{rule.id} is there twice: each rule needs an id of its own"
        if _words(rule.quote) not in _words(policy.text):
            yield f"{at}.quote", "the text of the policy does not say this sentence: quote it word for word"
        yield from ((f"{at}.unless", f"there is no rule {name}") for name in rule.unless if name not in ids)
        if rule.id in _gives_way_to(policy, rule):
            yield f"{at}.unless", "a rule cannot give way to itself, nor to one that gives way to it"
        for field in ("when", "then"):
            try:
                policy.tree(getattr(rule, field))
            except ExpressionProblem as problem:
                yield f"{at}.{field}", str(problem)
    for name in policy.closed:
        if policy.types.get(name) != "yes_no":
            yield "closed", f"{name} is no variable of type yes_no"


def _variables(policy: Policy) -> Iterator[tuple[str, str]]:
    for name, variable in policy.variables.items():
        at = f"variables.{name}"
        if name in RESERVED:
            yield at, "this word means something in rules: choose another name"
        if (variable.type == "choice") != bool(variable.choices):
            yield f"{at}.choices", "choices belong to a variable of type choice, and only there"
        for said in variable.said:
            if variable.type == "yes_no" and not isinstance(said.value, bool):
                yield f"{at}.said", f"{said.value!r} is neither true nor false"
            if variable.type == "choice" and said.value not in variable.choices:
                yield f"{at}.said", f"{said.value!r} is none of {', '.join(variable.choices)}"


def _gives_way_to(policy: Policy, rule: Rule) -> set[str]:
    """The rules before which this one steps back, and those before which they do."""
    by_id = {r.id: r.unless for r in policy.rules}
    found: set[str] = set()
    waiting = list(rule.unless)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += by_id.get(name, [])
    return found


def _words(text: str) -> str:
    return " ".join(text.split())


def _mistake(document: Any, item: Any) -> Any:
    place = ".".join(str(part) for part in item["loc"])
    return document.problem(place, "this field is required" if item["type"] == "missing" else str(item["msg"]))
