#!/usr/bin/env bash
# opentelemetry-sdk 1.45.2.
# What happens: a span keeps 128 attributes by default. The 129th is not refused: it pushes out the oldest one. The
#   warning names no attribute. The specification says that what would exceed the limit must be discarded.
# Guess: the first 128 stay, the 129th is dropped.
# Why it matters: model, run and conversation id are set first, then one attribute for each retrieved passage. A long
#   answer loses precisely the ids by which it is found, and only long answers do. Set ids last.
# Seen: 128 attributes, gen_ai.request.model gone, passage.127 there, dropped_attributes 1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq opentelemetry-sdk==1.45.2 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import sys
from importlib.metadata import version

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

print(f"versions: opentelemetry-sdk {version('opentelemetry-sdk')}")
exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
with provider.get_tracer("finding").start_as_current_span("chat") as span:
    span.set_attribute("gen_ai.request.model", "answers")
    for number in range(128):
        span.set_attribute(f"passage.{number}", number)
ended = exporter.get_finished_spans()[0]
first, last = "gen_ai.request.model" in ended.attributes, "passage.127" in ended.attributes
print(f"{len(ended.attributes)} attributes; first is there: {first}; last is there: {last}; "
      f"dropped: {ended.dropped_attributes}")
if (len(ended.attributes), first, last) != (128, False, True):
    sys.exit("changed: expected the first attribute to make room for the last")
PY
