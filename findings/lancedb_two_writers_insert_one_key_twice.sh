#!/usr/bin/env bash
# LanceDB 0.40.0.
# What happens: two writers who opened the table at the same version upsert the same new key with merge_insert. Both
#   calls succeed and the table holds two rows of that key. For a key that is there already the second call is made
#   again on the new version, and one row stays.
# Guess: an upsert keeps its key unique; the second commit conflicts, so it is tried again or raises, new key or old.
# Why it matters: two refreshes that overlap (a schedule and a person) index a document twice; later upserts keep both
#   rows, so search returns it twice and erasing one row leaves the text. Upserts need one writer, or a lock.
# Seen: key "new": 2 rows, values [2, 3], both calls report 1 inserted; key "old": 1 row, value 3.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq lancedb==0.40.0 pyarrow==26.0.1 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import sys
import tempfile
from importlib.metadata import version

import lancedb
import pyarrow as pa

print(f"versions: lancedb {version('lancedb')}")
rows = {}
for key in ("new", "old"):
    folder = tempfile.mkdtemp()
    lancedb.connect(folder).create_table("documents", pa.table({"key": ["old"], "value": [1]}))
    writers = [lancedb.connect(folder).open_table("documents") for _ in range(2)]
    for value, table in enumerate(writers, start=2):
        upsert = table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all()
        result = upsert.execute(pa.table({"key": [key], "value": [value]}))
        print(f"key {key!r}, value {value}: {result.num_inserted_rows} inserted, {result.num_updated_rows} updated")
    found = lancedb.connect(folder).open_table("documents").to_arrow().to_pylist()
    rows[key] = sorted(row["value"] for row in found if row["key"] == key)
    print(f"key {key!r} is there {len(rows[key])} times: {rows[key]}")
if rows != {"new": [2, 3], "old": [3]}:
    sys.exit("changed: expected two rows of the new key and one of the old")
PY
