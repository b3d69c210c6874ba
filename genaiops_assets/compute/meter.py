"""What a piece of work used: wall time, CPU seconds, the most memory it held, energy.

Belongs here: measuring, over all processes that one work took (a training that was killed goes on in another). Does not
belong here: what was worked on. These figures vary from run to run, so they never enter a digest: they stand in the
provenance of what was made."""

from __future__ import annotations

import json
import logging
import resource
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from genaiops_assets.lake import write_json

MEASURED, ESTIMATED, NOT_MEASURED = "codecarbon", "estimated from CPU seconds", "not measured"
ANY_COUNTRY = "DEU"  # codecarbon wants one for emissions, which are not kept
JOULES = 3.6e6  # of one kWh


class Meter:
    """Measures from entering to leaving. `file`: where the sums of earlier processes of the same work lie, and where
    `save` adds this one's; without it only this process counts. Energy is codecarbon's where the extra `energy` is
    installed: an estimate from load or from the processor's counters for the whole machine, whichever it finds."""

    def __init__(self, file: Path | None = None) -> None:
        self.file, self.earlier = file, _read(file)
        self.began, self.cpu = time.monotonic(), _cpu_seconds()
        self.tracker: Any = None
        self.energy: dict[str, Any] = {"method": NOT_MEASURED, "kwh": None}

    def __enter__(self) -> Meter:
        self.tracker = _tracker()
        self.began, self.cpu = time.monotonic(), _cpu_seconds()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.tracker is not None:
            self.energy = _energy_of(self.tracker)
            self.tracker = None
        self.save()

    def save(self) -> None:
        """Keep what was used until now, for a process that goes on after a kill."""
        if self.file is not None:
            write_json(self.file, self.used())

    def used(self) -> dict[str, Any]:
        """{seconds, cpu_seconds, peak_rss_bytes, peak_gpu_bytes, processes, energy} of all processes together."""
        before = self.earlier
        now = {
            "seconds": round(before.get("seconds", 0.0) + time.monotonic() - self.began, 2),
            "cpu_seconds": round(before.get("cpu_seconds", 0.0) + _cpu_seconds() - self.cpu, 2),
            "peak_rss_bytes": max(before.get("peak_rss_bytes", 0), peak_rss_bytes()),
            "peak_gpu_bytes": max(before.get("peak_gpu_bytes", 0), _peak_gpu_bytes()),
            "processes": before.get("processes", 0) + 1,
        }
        return {**now, "energy": _together(before.get("energy"), self.energy)}


def peak_rss_bytes() -> int:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def energy_estimate(cpu_seconds: float, watts: float | None) -> dict[str, Any]:
    """From CPU seconds and the power of one busy core, as the use case states it; not measured where it states none."""
    if watts is None:
        return {"method": NOT_MEASURED, "kwh": None}
    return {"method": ESTIMATED, "kwh": round(cpu_seconds * watts / JOULES, 9), "watts_per_cpu": watts}


def _together(before: dict[str, Any] | None, now: dict[str, Any]) -> dict[str, Any]:
    """Energy of earlier processes and of this one. A process that was killed said nothing of its own: then the sum is
    no sum, and is left out."""
    if before is None:
        return now
    if before.get("kwh") is None or now.get("kwh") is None:
        why = "one of the processes that the work took was killed before it could say"
        return {"method": NOT_MEASURED, "kwh": None, "why": why}
    return {**now, "kwh": round(before["kwh"] + now["kwh"], 9)}


def _read(file: Path | None) -> dict[str, Any]:
    with suppress(OSError, ValueError, TypeError):
        found = json.loads(file.read_text()) if file is not None else {}
        if isinstance(found, dict) and all(isinstance(found.get(k), (int, float)) for k in ("seconds", "cpu_seconds")):
            return found
    return {}


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _peak_gpu_bytes() -> int:
    """Of PyTorch's allocator, where torch is loaded and has a GPU."""
    import sys

    torch = sys.modules.get("torch")
    return int(torch.cuda.max_memory_allocated()) if torch is not None and torch.cuda.is_available() else 0


def _tracker() -> Any:
    """codecarbon's offline tracker of the whole machine, or None: its mode for one process gives that process more
    power than the machine has (codecarbon 3.3)."""
    try:
        from codecarbon import OfflineEmissionsTracker
    except ImportError:
        return None
    try:
        tracker = OfflineEmissionsTracker(
            country_iso_code=ANY_COUNTRY, tracking_mode="machine", save_to_file=False, log_level="error",
            allow_multiple_runs=True,
        )  # fmt: skip
        tracker.start()
    except Exception as error:  # whatever it is: an energy meter never ends a training
        logging.getLogger(__name__).warning("energy is not measured: %s", error)
        return None
    return tracker


def _energy_of(tracker: Any) -> dict[str, Any]:
    from importlib.metadata import version

    tracker.stop()
    found = tracker.final_emissions_data
    power = sorted({str(mode) for part in tracker._hardware if (mode := getattr(part, "_mode", None))})
    return {
        "method": MEASURED,
        "kwh": round(float(found.energy_consumed), 9),
        "cpu_kwh": round(float(found.cpu_energy), 9),
        "gpu_kwh": round(float(found.gpu_energy), 9),
        "ram_kwh": round(float(found.ram_energy), 9),
        "tracking_mode": found.tracking_mode,
        "power_from": ", ".join(power) or "unknown",
        "processor": found.cpu_model,
        "codecarbon": version("codecarbon"),
    }
