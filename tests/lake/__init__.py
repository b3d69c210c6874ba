"""Tests of the lake: bytes, artifacts, tables, memo, ledger, leases, references and verify."""
