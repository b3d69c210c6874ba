#!/usr/bin/env bash
# huggingface_hub 2.4.0.
# What happens: a model card with two results on one data set, 5-shot from one source and 0-shot from another, is
#   loaded and written again. Both scores now stand under the first result: the 0-shot score is called 5-shot and
#   cites a source that never measured it. The second setting and source are gone.
# Guess: loading and saving keeps two entries that differ in dataset.args and source.
# Why it matters: a card is evidence. A tool that loads it only to add a tag falsifies who measured what, and how.
# Seen: results before 2: {"num_few_shot": 5} 0.61 ours, {"num_few_shot": 0} 0.42 theirs; results after 1:
#   {"num_few_shot": 5} 0.61 and 0.42, both ours.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq huggingface_hub==2.4.0 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import sys
from importlib.metadata import version

import yaml
from huggingface_hub import ModelCard

print(f"versions: huggingface_hub {version('huggingface_hub')}")
CARD = """---
model-index:
- name: answers
  results:
  - task: {type: text-generation}
    dataset: {name: MMLU, type: cais/mmlu, args: {num_few_shot: 5}}
    metrics: [{type: accuracy, value: 0.61}]
    source: {name: ours, url: "https://example.org/ours"}
  - task: {type: text-generation}
    dataset: {name: MMLU, type: cais/mmlu, args: {num_few_shot: 0}}
    metrics: [{type: accuracy, value: 0.42}]
    source: {name: theirs, url: "https://example.org/theirs"}
---
# A model
"""


def scores(card):
    """[(examples shown, value, source)] of a card's text"""
    results = yaml.safe_load(card.split("---")[1])["model-index"][0]["results"]
    return [
        (result["dataset"]["args"]["num_few_shot"], metric["value"], result["source"]["name"])
        for result in results
        for metric in result["metrics"]
    ]


before, after = scores(CARD), scores(str(ModelCard(CARD)))
print(f"before: {before}")
print(f"after:  {after}")
if before != [(5, 0.61, "ours"), (0, 0.42, "theirs")] or after != [(5, 0.61, "ours"), (5, 0.42, "ours")]:
    sys.exit("changed: expected the second score under the first setting and source")
PY
