"""Export to Weights & Biases, offline: a folder that `wandb sync` sends where its owner wants.

Belongs here: W&B's client. Does not belong here: what is exported."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.alignment.exporters.base import TrackedRun
from genaiops_assets.errors import Missing


class ToWandb:
    def export(self, run: TrackedRun, folder: Path) -> str:
        """The run's folder, below the given one. Nothing leaves the machine, and nothing of it is looked at: no code,
        no git, no hardware, no terminal."""
        try:
            import wandb
        except ImportError:
            raise Missing("Weights & Biases is not installed: pip install 'genaiops-assets[wandb]'") from None
        folder.mkdir(parents=True, exist_ok=True)
        settings = wandb.Settings(
            console="off", silent=True, disable_git=True, save_code=False, x_disable_stats=True, x_disable_meta=True
        )
        made = wandb.init(
            mode="offline",
            project=run.project,
            name=run.name,
            dir=str(folder.absolute()),
            config={**run.settings, **{f"tag.{name}": value for name, value in run.tags.items()}},
            settings=settings,
        )
        for step, series in run.steps:
            made.log(series, step=step)
        made.summary.update(run.results)
        place = Path(made.dir).parent.name
        made.finish()
        wandb.teardown()  # ends W&B's own process, which writes the file to its end
        return place
