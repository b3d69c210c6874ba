"""`toxicity_probe_set`: labelled texts, insults and traps, and how well the recipe's flagged-words filter tells them
apart.

Belongs here: that asset and its check. Does not belong here: the texts and the counting (`corpus/toxicity`)."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.corpus import described, flagged_words_operators, load_recipe
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import Workplace
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "toxicity.json"
LOWEST = 0.5  # of recall and precision at the lower ends of their intervals; a list finds words, not meaning


def toxicity_probe_set_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "corpus")(
        kinds={"json", "datajuicer"},
        smactr="testing",
        article="article-10.2",
        code_version=CODE,
        description="Labelled texts with insults and with traps, English and Chinese; recall and precision of the "
        "recipe's flagged-words filter on them.",
    )
    def toxicity_probe_set(making: Making) -> dg.MaterializeResult:
        recipe = uc.path(uc.corpus.recipe)
        operators, _ = flagged_words_operators(load_recipe(recipe), uc.language)

        def build(place: Workplace) -> Built:
            inputs = {"recipe": str(recipe), "language": uc.language}
            making.launch(place, "probe_toxicity", inputs, {})
            found = json.loads((place.staging / FILE).read_text())
            drawn = {f"{rate} {one}": found[rate][one] for rate in ("recall", "precision") for one in found["recall"]}
            drawn = {name: value for name, value in drawn.items() if value["n"]}
            draw_intervals(place.staging / "views/flagged words.png", "The filter on the probe set", drawn)
            figures = {"texts": found["texts"], "in_recipe": found["in_recipe"]}
            figures |= {rate: share_of(found, rate, uc.language) for rate in ("recall", "precision")}
            return Built(figures, {"by group": found["by_group"], "judged wrongly": found["wrong"]})

        filters = described(operators, recipe.parent, making.lake.cache / "data_juicer")
        return making.produce(build, config={"filters": filters})

    @check(
        uc,
        "toxicity_probe_set",
        description=f"The recipe's flagged-words filter drops the texts it should and no others: recall and precision "
        f"in the language of the use case, at the lower end of their intervals, are at least {LOWEST:.0%}. Nothing is "
        "held against a recipe without such a filter.",
    )
    def flagged_words_are_found(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("toxicity_probe_set")).json(FILE)
        problems = flagged_word_problems(found, uc.language)
        told = {rate: share_of(found, rate, uc.language) for rate in ("recall", "precision")}
        return notice(not problems, problems="; ".join(problems) or "none", in_recipe=found["in_recipe"], **told)

    return [toxicity_probe_set, flagged_words_are_found]


def flagged_word_problems(found: dict[str, Any], language: str) -> list[str]:
    """What a recipe's filter falls short of, in words; nothing where the recipe has none."""
    if not found["in_recipe"]:
        return []
    lows = {rate: found[rate].get(language, {}).get("low") for rate in ("recall", "precision")}
    problems = [
        f"its {rate} in {language} may be as low as {low:.0%}" if low is not None else f"it drops nothing in {language}"
        for rate, low in lows.items()
        if low is None or low < LOWEST
    ]
    if problems and language == "zh":
        problems.append("flagged_words_filter looks at words between blanks, and Chinese has none: judge by hand")
    return problems


def share_of(found: dict[str, Any], rate: str, language: str) -> float | str:
    mean = found[rate].get(language, {}).get("mean")
    return "nothing to measure" if mean is None else round(mean, 4)
