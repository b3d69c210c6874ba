#!/usr/bin/env bash
# openlineage-python 1.54.0.
# What happens: writing an event takes None and empty dicts out of lists too, so what follows moves up. Nothing is
#   said.
# Guess: None leaves the fields of an object (documented style), a list keeps its length: null is valid JSON.
# Why it matters: a facet with one value for each sample, fold or class, where one could not be computed, is read with
#   every later value at the wrong place, and the mean over the list leaves the failures out. Key values by id
#   instead.
# Seen: scores [0.5, None, 0.7] become [0.5, 0.7]; settings [{}, {"k": 5}] become [{"k": 5}].
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq openlineage-python==1.54.0 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import json
import sys
from importlib.metadata import version

import attr
from openlineage.client.facet_v2 import RunFacet
from openlineage.client.serde import Serde

print(f"versions: openlineage-python {version('openlineage-python')}")


@attr.define
class EvaluationRunFacet(RunFacet):
    scores: list = attr.field(factory=list)
    settings: list = attr.field(factory=list)


facet = EvaluationRunFacet(scores=[0.5, None, 0.7], settings=[{}, {"k": 5}])
written = json.loads(Serde.to_json(facet))
print(f"scores {facet.scores} become {written['scores']}")
print(f"settings {facet.settings} become {written['settings']}")
if written["scores"] != [0.5, 0.7] or written["settings"] != [{"k": 5}]:
    sys.exit("changed: expected lists without None and without empty dicts")
PY
