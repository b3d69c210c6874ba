"""Staged steps: what a training that was stopped goes on from, to end with the same bytes.

Belongs here: which checkpoints in scratch are whole and ours, and when one is due. Does not belong here: what stands in
a checkpoint (transformers writes adapter, optimizer, scheduler, random states and trainer state).

A checkpoint counts once its seal lies beside it, which is written last and binds its bytes to this very job: half of
one, an edited one and one of another job are not gone on from."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Store, digest_of_folder, is_sealed, seal_of, write_json

PREFIX = "checkpoint-"
EVERY = float(os.environ.get("GENAIOPS_STAGE_EVERY", "30"))  # seconds; tests stage every step
KEPT = 2


class Staging:
    """The staged steps of one training. `bound`: JSON that names the job. `stop` is set when the training is asked to
    end: it stages at the next step and goes no further."""

    def __init__(self, folder: Path, store: Store, bound: Any, every: float = EVERY):
        self.folder, self.store, self.bound, self.every = folder, store, bound, every
        self.stop = False
        self.last = time.monotonic()

    def due(self) -> bool:
        return self.stop or time.monotonic() - self.last >= self.every

    def newest(self) -> Path | None:
        """The latest whole checkpoint, None where there is none; what is not whole is removed."""
        found = sorted(self.folder.glob(f"{PREFIX}*/"), key=_step, reverse=True)
        whole = [checkpoint for checkpoint in found if self._is_whole(checkpoint)]
        for checkpoint in set(found) - set(whole[:1]):
            self._remove(checkpoint)
        return whole[0] if whole else None

    def seal(self, step: int) -> None:
        """The checkpoint of this step is whole; all but the newest KEPT go."""
        checkpoint = self.folder / f"{PREFIX}{step}"
        write_json(self._seal_file(checkpoint), {"seal": seal_of(self.store, self._content(checkpoint))})
        for old in sorted(self.folder.glob(f"{PREFIX}*/"), key=_step)[:-KEPT]:
            self._remove(old)
        self.last = time.monotonic()

    def _is_whole(self, checkpoint: Path) -> bool:
        try:
            seal = json.loads(self._seal_file(checkpoint).read_text())["seal"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return is_sealed(self.store, self._content(checkpoint), seal)

    def _content(self, checkpoint: Path) -> list[Any]:
        return ["staged step", self.bound, checkpoint.name, digest_of_folder(checkpoint)]

    def _remove(self, checkpoint: Path) -> None:
        self._seal_file(checkpoint).unlink(missing_ok=True)
        shutil.rmtree(checkpoint, ignore_errors=True)

    @staticmethod
    def _seal_file(checkpoint: Path) -> Path:
        return checkpoint.with_name(f"{checkpoint.name}.seal.json")


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.removeprefix(PREFIX)
    return int(number) if number.isdigit() else -1
