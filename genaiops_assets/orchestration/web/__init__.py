"""The web side of `genaiops up`: the guarded Dagster UI and the workspace file it shares with the daemon.

Belongs here: serving the UI and deciding which requests may pass. Does not belong here: starting and watching the
processes (`cli/services.py`), or the rules of people's decisions (`orchestration/decision_jobs.py`)."""
