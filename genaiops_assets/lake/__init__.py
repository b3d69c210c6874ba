"""Where things live: artifacts, tables, memo, heads, references, ledger. No Dagster, no models, no meaning."""

from genaiops_assets.lake.artifacts import Artifact, NotPublishable
from genaiops_assets.lake.caches import made_once
from genaiops_assets.lake.canonical import digest_of, digest_of_file, digest_of_text, short, write_json
from genaiops_assets.lake.lake import Lake, Workplace
from genaiops_assets.lake.ledger import BrokenLedger, Ledger
from genaiops_assets.lake.memo import memo_key
from genaiops_assets.lake.references import Reference, UnresolvedReference, local_path, reference_stamp, resolve
from genaiops_assets.lake.remote import with_secrets, without_secrets
from genaiops_assets.lake.tables import Change, RowWriter, Snapshot, Tables, derived_field, vector_field, write_rows
from genaiops_assets.lake.tombstones import Tombstones, tombstones

__all__ = [
    "Artifact",
    "BrokenLedger",
    "Change",
    "Lake",
    "Ledger",
    "NotPublishable",
    "Reference",
    "RowWriter",
    "Snapshot",
    "Tables",
    "Tombstones",
    "UnresolvedReference",
    "Workplace",
    "derived_field",
    "digest_of",
    "digest_of_file",
    "digest_of_text",
    "local_path",
    "made_once",
    "memo_key",
    "reference_stamp",
    "resolve",
    "short",
    "tombstones",
    "vector_field",
    "with_secrets",
    "without_secrets",
    "write_json",
    "write_rows",
]  # fmt: skip
