"""Command `reason`: does a statement follow from the rules of a policy?"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import done, note, say
from genaiops_assets.errors import GenaiopsError


def reason(
    policy: Annotated[str, typer.Argument(help="name of the policy: its file in the folder policies")],
    claim: Annotated[str, typer.Option(help="the statement, for instance: covered, or fee <= 5")],
    text: Annotated[str, typer.Option(help="a text that states the case")] = "",
    fact: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, as often as needed; counts over the text")] = None,
    use_case: Annotated[str, typer.Option("--use-case", help="name of the use case")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Say whether a statement follows from a policy's rules: proven, refuted or unknown, with the rules it rests on."""
    from genaiops_assets.reasoning import decide, facts_in, policies_of, read_policy

    uc = Session().use_case(use_case or None)
    files = {file.stem: file for file in policies_of(uc)}
    if policy not in files:
        raise GenaiopsError(f"{uc.name} has no policy {policy}; it has {', '.join(files) or 'none (folder policies)'}")
    rules = read_policy(files[policy])
    facts: dict[str, Any] = dict(facts_in(rules, text))
    facts |= dict(_fact(stated) for stated in fact or [])
    outcome = decide(rules, facts, claim)
    if as_json:
        typer.echo(json.dumps({"facts": facts, **outcome.to_dict()}, ensure_ascii=False, indent=1))
        return
    for name, value in facts.items():
        note(f"known: {name} = {value}")
    if outcome.contradiction:
        say(f"what is known contradicts the rules: {', '.join(outcome.contradiction)}", "bad")
        return
    quotes = {rule.id: rule.quote for rule in rules.rules}
    for name in outcome.rules:
        note(f"rule {name}: {quotes.get(name, 'limit of a value')}")
    for ask in outcome.asks:
        note(f"to ask{' (decides)' if ask['decides'] else ''}: {ask['question']} --fact {ask['variable']}=…")
    done(f"{claim}: {outcome.verdict}")


def _fact(stated: str) -> tuple[str, Any]:
    name, equals, value = stated.partition("=")
    if not equals:
        raise GenaiopsError(f"--fact {stated}: write NAME=VALUE")
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        return name.strip(), value.strip()
