"""Governance: releases, documents, erasure and lineage, each a room of its own.

Belongs here: what those rooms share (`people.py`). Does not belong here: statistics, models, Dagster. Governance never
imports evaluation: it reads reports through JSON pointers."""
