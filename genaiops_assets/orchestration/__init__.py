"""Orchestration: the Dagster kit that assets, sensors and schedules are written with."""
