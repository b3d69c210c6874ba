#!/usr/bin/env bash
# LanceDB 0.40.0.
# What happens: merge_insert inserts incoming rows whose key is null as long as the key column has no index. With a
#   scalar index on it (BTREE or BITMAP) the same call leaves these rows out, without an error.
# Guess: an index makes a call faster and changes nothing else: a null matches nothing, so the row is inserted.
# Why it matters: rows vanish on the day somebody adds an index for speed. A refresh of documents of which some have
#   no outside id loses exactly those. Never index a nullable key; count rows before and after.
# Seen: no index: 4 rows, 2 of them inserted; BTREE and BITMAP: 3 rows, 1 inserted, the row without a key is gone.
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
from lancedb.index import Bitmap, BTree

print(f"versions: lancedb {version('lancedb')}")
schema = pa.schema([("key", pa.string()), ("text", pa.string())])
stored = pa.table({"key": ["a", "b"], "text": ["old", "old"]}, schema=schema)
incoming = pa.table({"key": ["b", "c", None], "text": ["new", "new", "no key"]}, schema=schema)
inserted = {}
for index in (None, BTree(), Bitmap()):
    table = lancedb.connect(tempfile.mkdtemp()).create_table("documents", stored)
    if index:
        table.create_index("key", config=index)
    result = table.merge_insert("key").when_matched_update_all().when_not_matched_insert_all().execute(incoming)
    name = type(index).__name__ if index else "no index"
    inserted[name] = (result.num_inserted_rows, table.count_rows("key IS NULL"), table.count_rows())
    print(f"{name}: {result.num_inserted_rows} inserted, {inserted[name][1]} without a key, {inserted[name][2]} rows")
if inserted != {"no index": (2, 1, 4), "BTree": (1, 0, 3), "Bitmap": (1, 0, 3)}:
    sys.exit("changed: expected the row without a key to be lost exactly where the key is indexed")
PY
