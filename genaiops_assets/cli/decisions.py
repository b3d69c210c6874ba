"""Commands for people's decisions: approve, reject, promote, roll back, revoke. The same functions as the jobs of the
UI's launchpad.

Belongs here: asking for the decision and having Dagster's history show it (`show_decision.py`). The ledger holds it
before Dagster hears of it.
Does not belong here: the rules (`governance/release`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.show_decision import showing
from genaiops_assets.cli.signing import KeyOption, SignatureOption, StatementOption, signer
from genaiops_assets.cli.terminal import console, done, note, say

AcceptOption = Annotated[
    str, typer.Option("--accept", help="Why what is left of the risk is accepted, where not everything was shown.")
]
UntilOption = Annotated[str, typer.Option("--until", help="The last day of that acceptance: YYYY-MM-DD.")]


def approve(
    model_version: str,
    name: AsOption,
    reason: ReasonOption,
    use_case: UseCaseOption = None,
    accept: AcceptOption = "",
    until: UntilOption = "",
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Approve a model version, as a named approver."""
    from genaiops_assets.governance.release import Accepts

    accepts = Accepts(accept, until) if accept or until else None
    decide_on(model_version, name, reason, "approved", use_case, signer(key, statement, signature), accepts)


def reject(
    model_version: str,
    name: AsOption,
    reason: ReasonOption,
    use_case: UseCaseOption = None,
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Reject a model version, as a named approver."""
    decide_on(model_version, name, reason, "rejected", use_case, signer(key, statement, signature))


def decide_on(
    version: str,
    name: str,
    reason: str,
    decision: Literal["approved", "rejected"],
    use_case: str | None,
    sign: Any = None,
    accepts: Any = None,
) -> None:
    from genaiops_assets.governance.release import approval_in_words, decide

    session = Session()
    uc = session.use_case(use_case)
    with showing(session.home) as shows, console.status("verifying what the decision rests on") as line:
        told: dict[str, Any] = {"name": name, "decision": decision, "reason": reason, "accepts": accepts}
        decide(session.lake, uc, version, sign=quietly(sign, line), **told)
        shows.approval(session.lake, uc, version)
    words = approval_in_words(session.lake, uc, version, session.option_for(uc))
    done(f"{version} {decision} by {name} ({words.signature})")
    if words.override:
        note(words.override)
    for command in words.commands:
        say(f"  {command}")


def quietly(sign: Any, line: Any) -> Any:
    """The signer with the spinner off, so that a passphrase can be asked for."""
    if sign is None:
        return None

    def signing(content: bytes) -> str:
        line.stop()
        return sign(content)

    return signing


def promote(
    model_version: str,
    name: AsOption,
    reason: ReasonOption,
    use_case: UseCaseOption = None,
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Release an approved model version, after verifying everything it rests on."""
    move("promote", model_version, name, reason, use_case, signer(key, statement, signature))


def rollback(
    name: AsOption,
    reason: ReasonOption,
    model_version: Annotated[str, typer.Argument(help="An earlier release; the last one when left out.")] = "",
    use_case: UseCaseOption = None,
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Go back to an earlier release."""
    move("rollback", model_version, name, reason, use_case, signer(key, statement, signature))


def move(
    kind: Literal["promote", "rollback"], version: str, name: str, reason: str, use_case: str | None, sign: Any
) -> None:
    from genaiops_assets.governance.release import last_good, release

    session = Session()
    uc = session.use_case(use_case)
    with showing(session.home) as shows, console.status("verifying everything it rests on") as line:
        version = version or last_good(session.lake, uc)
        release(session.lake, uc, version, kind=kind, by=name, reason=reason, sign=quietly(sign, line))
        shows.release(session.lake, uc)
    done(f"{version} is in production")
    say_anchored(session.lake, uc)


def revoke(
    model_version: str,
    name: AsOption,
    reason: ReasonOption,
    use_case: UseCaseOption = None,
    key: KeyOption = None,
    statement: StatementOption = None,
    signature: SignatureOption = None,
) -> None:
    """Take a model version out for good: nobody can approve, release or ask it again."""
    from genaiops_assets.governance.release import production_release, way_back
    from genaiops_assets.governance.release import revoke as take_out

    session, sign = Session(), signer(key, statement, signature)
    uc = session.use_case(use_case)
    with showing(session.home) as shows:
        take_out(session.lake, uc, model_version, by=name, reason=reason, sign=sign)
        shows.revocation(session.lake, uc, model_version)
    done(f"{model_version} is revoked")
    now = production_release(session.lake, uc)
    if now is not None and now.model_version == model_version:
        back = way_back(session.lake, uc)
        note("it was in production: nothing answers now" + ("" if back else ", and there is no release to go back to"))
        if back:
            say(f'  genaiops rollback{session.option_for(uc)} --as NAME --reason "…"    goes back to {back}')
    say_anchored(session.lake, uc)


def say_anchored(lake: Any, uc: Any) -> None:
    """The ledger's head noted outside, where the use case or the home says so; what fails there undoes no decision."""
    from genaiops_assets.governance.anchors import anchor_where_configured

    made = anchor_where_configured(lake, [uc])
    for place in made.written:
        say(f"  entry {made.seq} of the ledger is anchored in {place}")
    for problem in made.problems:
        note(f"not anchored: {problem}; genaiops anchor tries again")
