"""Cost follows the change: a table of 50,000 rows of which 1 % changed, synced by difference against written anew."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pyarrow as pa

from genaiops_assets.lake import Tables, write_rows
from tests.benchmarks.harness import Figure, report

ROWS = 50_000
SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


def write(path: Path, changed: int) -> None:
    write_rows(
        path, SCHEMA, ({"id": f"{i:06d}", "text": f"{'new' if i < changed else 'old'} {i} " * 40} for i in range(ROWS))
    )


def timed(action) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root / "old.parquet", 0)
        write(root / "new.parquet", ROWS // 100)
        ours = Tables(root / "tables")
        ours.sync("t", root / "old.parquet")
        before = sum(f.stat().st_size for f in root.glob("tables/**/*") if f.is_file())
        by_difference = timed(lambda: ours.sync("t", root / "new.parquet"))
        after = sum(f.stat().st_size for f in root.glob("tables/**/*") if f.is_file())
        anew = timed(lambda: Tables(root / "anew").sync("t", root / "new.parquet"))
        report(
            "lake",
            [
                Figure("sync of 1 % changed rows", by_difference, "s"),
                Figure("the same table written anew", anew, "s"),
                Figure("time by difference / anew", by_difference / anew, "x", at_most=1.0),
                Figure("bytes added / bytes of the table", (after - before) / before, "x", at_most=0.05),
            ],
        )
