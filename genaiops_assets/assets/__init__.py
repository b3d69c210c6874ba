"""The Dagster layer, thin: one folder a phase (a group in the UI), one file an asset with its checks beside it.

Belongs here: declaring assets and checks. Does not belong here: the work (domain rooms, payloads) or what assets share
(orchestration)."""
