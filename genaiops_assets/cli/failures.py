"""`genaiops accept-failure`: a failure of the red team becomes a preference pair, on a person's word.

Belongs here: asking for it and saying what follows. Does not belong here: the rules (`labelling/failures.py`)."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import AsOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import done, say


def accept_failure(
    failure: Annotated[
        str, typer.Argument(help="Id of a row of red_team_regressions, or of an attack that one version failed at.")
    ],
    name: AsOption,
    answer: Annotated[
        str, typer.Option("--answer", help="What should have been answered to the question, in your words.")
    ],
    use_case: UseCaseOption = None,
) -> None:
    """Turn a failure of the red team into a preference pair: the failing answer loses against yours. The pair is
    feedback, which the feedback sensor takes in; it holds the question alone."""
    from genaiops_assets.labelling import accept_failure as accept

    session = Session()
    uc = session.use_case(use_case)
    row = accept(session.lake, uc, failure, name=name, answer=answer)
    done(f"{row['id']}: your answer is preferred to that of {row['failed_in']}")
    say(f"  the question: {row['question']}")
    if row["planted"] or row["secret"] or row["turns"]:
        say("  what else carried the attack (a passage, a secret, earlier turns) is no part of the pair")
