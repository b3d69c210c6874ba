#!/usr/bin/env bash
# openlineage-python 1.54.0.
# What happens: a number that is none of Python's own is written as text: "<<non-serializable: float32>>". The event is
#   built, written and kept; nothing is raised or logged. int64 alone is converted, and float64 happens to be a float.
# Guess: as json does: a value it cannot write raises TypeError; or, since int64 works, any number of numpy does.
# Why it matters: figures of data quality come from numpy, pandas and Decimal columns. Which of them arrive depends on
#   the width of the type: a mean of float32, a count of int32 or a sum of money is a text in the lineage store, and the
#   run counts as measured. Convert with float() and int() before.
# Seen: minimum float32 0.5, nulls int32 3 and sum Decimal 7.25 become texts; distinct int64 4 and maximum float64 2.5
#   stay numbers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq openlineage-python==1.54.0 numpy==2.4.6 || exit 2

"$work/venv/bin/python" -I -W ignore - "$work/events.jsonl" <<'PY'
import json
import sys
from decimal import Decimal
from importlib.metadata import version

import numpy as np
from openlineage.client import event_v2 as ol
from openlineage.client.facet_v2 import data_quality_metrics_input_dataset as quality
from openlineage.client.transport.file import FileConfig, FileTransport

file = sys.argv[1]
measured = quality.ColumnMetrics(
    nullCount=np.int32(3), distinctCount=np.int64(4), min=np.float32(0.5), max=np.float64(2.5), sum=Decimal("7.25")
)
facet = quality.DataQualityMetricsInputDatasetFacet(columnMetrics={"fee": measured}, rowCount=5)
event = ol.RunEvent(
    eventType=ol.RunState.COMPLETE,
    eventTime="2026-12-01T10:00:00Z",
    run=ol.Run("11111111-2222-5333-8444-555555555555"),
    job=ol.Job("bank", "measure"),
    inputs=[ol.InputDataset("bank", "fees", inputFacets={"dataQualityMetrics": facet})],
    outputs=[],
)
FileTransport(FileConfig(file, append=True)).emit(event)

print(f"versions: openlineage-python {version('openlineage-python')}, numpy {version('numpy')}")
with open(file) as lines:
    (line,) = lines
fee = json.loads(line)["inputs"][0]["inputFacets"]["dataQualityMetrics"]["columnMetrics"]["fee"]
for name in ("nullCount", "distinctCount", "min", "max", "sum"):
    print(f"{name}: {getattr(measured, name)!r} is written as {fee[name]!r}")
texts = {name for name in fee if isinstance(fee[name], str) and "non-serializable" in fee[name]}
if texts != {"nullCount", "min", "sum"} or (fee["distinctCount"], fee["max"]) != (4, 2.5):
    sys.exit("changed: expected int32, float32 and Decimal as texts, int64 and float64 as numbers")
PY
