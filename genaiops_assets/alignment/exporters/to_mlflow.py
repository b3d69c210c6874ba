"""Export to MLflow: a SQLite store below the folder, which `mlflow ui --backend-store-uri sqlite:///…` shows.

Belongs here: MLflow's client. Does not belong here: what is exported. Its store of plain files is refused by MLflow
itself since version 3 ("maintenance mode")."""

from __future__ import annotations

import os
import time
from pathlib import Path

from genaiops_assets.alignment.exporters.base import TrackedRun
from genaiops_assets.errors import Missing

STORE = "mlflow.db"
LONGEST = 5000  # characters of a parameter or tag that MLflow takes


class ToMlflow:
    def export(self, run: TrackedRun, folder: Path) -> str:
        """The run's id in `mlflow.db`. Exporting again adds a run."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        try:
            from mlflow.entities import Metric, Param, RunTag
            from mlflow.tracking import MlflowClient
        except ImportError:
            raise Missing("MLflow is not installed: pip install 'genaiops-assets[mlflow]'") from None
        folder.mkdir(parents=True, exist_ok=True)
        client = MlflowClient(tracking_uri=f"sqlite:///{folder.absolute() / STORE}")
        known = client.get_experiment_by_name(run.project)
        experiment = known.experiment_id if known else client.create_experiment(run.project, artifact_location="none:")
        made = client.create_run(experiment, run_name=run.name).info.run_id
        now = int(time.time() * 1000)
        metrics = [Metric(n, v, now, step) for step, series in run.steps for n, v in series.items()]
        metrics += [Metric(f"final_{name}", value, now, 0) for name, value in run.results.items()]
        for start in range(0, len(metrics), 1000):
            client.log_batch(made, metrics=metrics[start : start + 1000])
        settings = [Param(name, value[:LONGEST]) for name, value in run.settings.items()]
        for start in range(0, len(settings), 100):
            client.log_batch(made, params=settings[start : start + 100])
        client.log_batch(made, tags=[RunTag(name, value[:LONGEST]) for name, value in run.tags.items()])
        client.set_terminated(made)
        return str(made)
