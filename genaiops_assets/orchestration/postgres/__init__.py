"""Dagster's history in Postgres: pooled storages, the budget of connections, moving a home there, retention of events.

Belongs here: what is so only with Postgres. Does not belong here: reading Dagster's SQLite files (`cli/history.py`);
the lake, which stays where it is. Import the modules by name: nothing here is needed by a home on SQLite."""
