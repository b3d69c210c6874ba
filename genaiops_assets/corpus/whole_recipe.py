"""The whole recipe of a use case: the operators of its recipe file, then the platform's own where the use case asks
for them.

Belongs here: that composition, for the asset and for whoever explains it. Does not belong here: what an operator does.
"""

from pathlib import Path

from genaiops_assets.corpus.decontamination import Contamination
from genaiops_assets.corpus.operators.own import closing_operators, decontamination_operator, privacy_operators
from genaiops_assets.corpus.recipe import Operator, load_recipe
from genaiops_assets.corpus.test_items import contamination_items
from genaiops_assets.lake import Lake, digest_of, write_json
from genaiops_assets.use_case import UseCase


def operators_of(lake: Lake, uc: UseCase) -> list[Operator]:
    """Raises RecipeError; GoldenError and UnresolvedReference where test items are to be removed and cannot be read."""
    operators = load_recipe(uc.path(uc.corpus.recipe))
    settings = uc.corpus.decontaminate
    if settings.action == "remove":
        operators.append(decontamination_operator(items_file(lake, uc), settings.n, settings.min_overlap))
    operators += privacy_operators(uc.privacy.model_dump(mode="json"))
    return operators + closing_operators(operators)


def items_file(lake: Lake, uc: UseCase) -> Path:
    """The test items as the operator reads them; named by content, so it is written once."""
    config = Contamination.from_items(contamination_items(lake, uc), uc.corpus.decontaminate.n).to_config()
    file = lake.cache / "test_items" / f"{digest_of(config)[:32]}.json"
    if not file.exists():
        write_json(file, config)
    return file
