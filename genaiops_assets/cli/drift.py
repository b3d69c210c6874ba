"""`genaiops drift`: a day's drift report with the questions themselves.

Belongs here: reading the report and, by their ids, the questions that the log still holds, and printing both. Does not
belong here: how drift is measured (`drift/`)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import say, stop, table

SCHEMA = 2
DELETED = "(deleted from the log)"


def drift(
    day: Annotated[str | None, typer.Argument(help="UTC, YYYY-MM-DD; the newest report unless given.")] = None,
    use_case: UseCaseOption = None,
) -> None:
    """What moved in a day's questions: topics with example questions, features, knowledge gaps, and what the report
    recommends."""
    session = Session(reads=True)
    uc = session.use_case(use_case)
    name = uc.key("drift_report")
    days = sorted(session.lake.heads.partitions(name))
    chosen = day or (days[-1] if days else None)
    if chosen is None or chosen not in days:
        stop(
            f"no drift report of {chosen}"
            if chosen
            else "no drift report yet: log interactions and let `genaiops up` measure"
        )
    report = session.lake.current(name, chosen).json("drift.json")
    if report["schema_version"] < SCHEMA:
        stop(f"the report of {chosen} was made by an earlier version: measure the day again")
    questions = questions_by_id(session, uc, chosen, report)
    verdict = "drift" if report["drifted"] else "no drift" if report["enough"] else "not enough questions"
    say(f"{chosen}: {verdict}", style="bold")
    for reason in report["reasons"]:
        say(f"  {reason}")
    show(
        "Topics that grew or shrank",
        ("topic", "before", "now", "examples"),
        [topic_row(t, questions) for t in report["topics"]],
    )
    show(
        "Knowledge gaps",
        ("topic", "share", "median score", "examples"),
        [gap_row(g, questions) for g in report["gaps"]],
    )
    show(
        "Features",
        ("feature", "before", "now", "Wasserstein", "PSI", "KS", ""),
        [feature_row(f) for f in report["features"]],
    )
    for what in ("answers", "documents"):
        if found := report.get(what):
            say(f"{what}: {'moved' if found['drifted'] else 'not moved'}: {'; '.join(found['reasons'])}")
    say(f"→ {report['recommendation']}: {report['why']}")
    print_tasks(session.lake, uc)


def print_tasks(lake: Any, uc: Any) -> None:
    """The tasks that drift reports opened and none closed."""
    from genaiops_assets.drift import open_tasks

    for task in open_tasks(lake, uc):
        say(f"open task {task.id}: {task.in_words()}", style="yellow")


def questions_by_id(session: Session, uc: Any, day: str, report: dict[str, Any]) -> dict[str, str]:
    from genaiops_assets.serving import asked_on

    wanted = {i for found in (*report["topics"], *report["gaps"]) for i in found["examples"]}
    return {row["id"]: row["question"] for row in asked_on(session.lake, uc, day, wanted)} if wanted else {}


def show(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        table(title, columns, rows)


def examples(ids: list[str], questions: dict[str, str]) -> str:
    return "\n".join(questions.get(i, DELETED) for i in ids)


def topic_row(topic: dict[str, Any], questions: dict[str, str]) -> tuple[str, ...]:
    return (
        topic["topic"],
        f"{topic['share_before']:.1%}",
        f"{topic['share_now']:.1%}",
        examples(topic["examples"], questions),
    )


def gap_row(gap: dict[str, Any], questions: dict[str, str]) -> tuple[str, ...]:
    return gap["topic"], f"{gap['share']:.1%}", f"{gap['median_score']:.2f}", examples(gap["examples"], questions)


def feature_row(f: dict[str, Any]) -> tuple[str, ...]:
    numbers = (f"{f[name]:.2f}" for name in ("mean_before", "mean_now", "wasserstein", "psi", "ks"))
    return f["name"], *numbers, "clear" if f["is_clear"] else ""
