"""Placeholders: what stands in the graph for something that could not be loaded, so that nobody overlooks it."""

import re

import dagster as dg

from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.use_case import BrokenUseCase


def placeholder_asset(broken: BrokenUseCase) -> dg.AssetsDefinition:
    """One asset that carries the error of a use case file. It is requested once by itself, fails, and so stands there
    in red."""

    @dg.asset(
        key=dg.AssetKey([broken.name, "use_case_file"]),
        group_name=f"{broken.name}__broken",
        kinds={"yaml"},
        owners=["team:whoever-edits-the-file"],
        tags={"phase": "scoping", "smactr": "scoping"},
        description=f"This use case could not be loaded:\n\n{verbatim(broken.error)}\n\nCorrect the file: `genaiops "
        "up` "
        "loads it anew by itself.",
        metadata={"file": dg.MetadataValue.path(str(broken.path))},
        automation_condition=dg.AutomationCondition.missing().newly_true().with_label("once, to show the error"),
    )
    def use_case_file() -> None:
        raise PermanentFailure(broken.error)

    return use_case_file


def verbatim(text: str) -> str:
    """Text of a file as a Markdown block that it cannot leave: the fence is longer than any in the text."""
    printable = "".join(c for c in text if c.isprintable() or c == "\n")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", printable)), default=0))
    return f"{fence}text\n{printable}\n{fence}"


def setup_warning(problem: str) -> dg.AssetSpec:
    """An asset that says loudly that this UI looks at the wrong home."""
    return dg.AssetSpec(
        "THIS_UI_RECORDS_ELSEWHERE",
        group_name="setup_problem",
        description=problem,
        owners=["team:whoever-started-this"],
        kinds={"warning"},
        tags={"phase": "scoping", "smactr": "scoping"},
    )
