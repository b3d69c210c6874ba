"""Alignment: prompts, models, preference pairs and the plan that fixes a training. No Dagster; the trainings themselves are payloads."""

from genaiops_assets.alignment.models import (
    Generator,
    TransformersGenerator,
    be_deterministic,
    describe_model,
    load_model,
    load_tokenizer,
    model_directory,
)
from genaiops_assets.alignment.observed import TOPIC_JUDGE, is_covered, measuring, teaching, topic_score
from genaiops_assets.alignment.pairs import (
    JUDGE,
    PAIRS,
    Fact,
    best_and_worst,
    fact_to_dict,
    facts_of,
    judge,
    leaks,
    pair_row,
    read_feedback,
)
from genaiops_assets.alignment.plan import TRAINING_CODE, build_plan, version_of
from genaiops_assets.alignment.prompts import PROMPT_VERSION, REFUSAL, Messages, messages

__all__ = [
    "JUDGE", "PAIRS", "PROMPT_VERSION", "REFUSAL", "TOPIC_JUDGE", "TRAINING_CODE", "Fact", "Generator", "Messages", "TransformersGenerator", "be_deterministic",
    "best_and_worst", "build_plan", "describe_model", "fact_to_dict", "facts_of", "is_covered", "judge", "leaks", "load_model", "load_tokenizer", "measuring", "messages",
    "model_directory", "pair_row", "read_feedback", "teaching", "topic_score", "version_of",
]  # fmt: skip
