"""Placeholders: what stands in the graph for something that could not be loaded, so that nobody overlooks it."""

import dagster as dg

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
        description=f"This use case could not be loaded:\n\n```\n{broken.error}\n```\n\nCorrect the file and reload "
        "the code location.",
        metadata={"file": dg.MetadataValue.path(str(broken.path))},
        automation_condition=dg.AutomationCondition.missing().newly_true().with_label("once, to show the error"),
    )
    def use_case_file() -> None:
        raise dg.Failure(broken.error, metadata={"permanent": True}, allow_retries=False)

    return use_case_file


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
