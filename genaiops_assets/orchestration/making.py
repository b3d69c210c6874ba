"""One asset at work: what it reads, and how its output is made.

Belongs here: the declaration of what an asset reads, from which both its lineage in Dagster and its memo key follow,
and the object an asset's function is given. Does not belong here: the memo, the lease and publishing (`produce.py`), or
what any asset computes.

An asset declares three kinds of things it depends on. `reads`: artifacts whose digests enter the memo key. `parts`:
artifacts of which it uses parts that enter the key by themselves (a plan names digests and settings; a golden set gives
items): another digest with the same parts is no new work. `gates`: what must stand, and have passed its checks, before;
nothing of it is read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import dagster as dg

from genaiops_assets.lake import Artifact, Lake, Workplace
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.use_case import UseCase


class UndeclaredRead(RuntimeError):
    """An asset read what it does not declare, or declares what it did not read: its lineage would not be true. A fault
    of ours, so no error for people."""


@dataclass(frozen=True)
class Reads:
    """What an asset depends on. `digests`: {name in the memo key: asset}; `parts` and `gates`: names of assets."""

    digests: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()

    @classmethod
    def declared(
        cls, reads: Sequence[str] | Mapping[str, str], parts: Sequence[str] = (), gates: Sequence[str] = ()
    ) -> Reads:
        """`reads`: names of assets, or {name in the memo key: asset} where the two differ."""
        digests = reads if isinstance(reads, Mapping) else {name: name for name in reads}
        return cls(dict(digests), tuple(parts), tuple(gates))

    @property
    def deps(self) -> list[str]:
        """All assets depended on, each once."""
        return list(dict.fromkeys((*self.digests.values(), *self.parts, *self.gates)))


@dataclass
class Making:
    """What an asset's function is given: the run, the platform, the use case and what it declared to read."""

    context: Any
    platform: Platform
    uc: UseCase
    name: str
    code_version: str
    reads: Reads
    partitioned: bool = False
    taken: dict[str, str | None] = field(default_factory=dict)

    @property
    def lake(self) -> Lake:
        return self.platform.lake

    @property
    def log(self) -> Any:
        return self.context.log

    @property
    def partition(self) -> str:
        """The partition of this run; "" for an asset without partitions, which a run for a day may make too."""
        return self.context.partition_key if self.partitioned else ""

    def read(self, asset: str, digest: str | None = None, *, partition: str | None = None) -> Artifact:
        """The current artifact of a declared asset, or the one of this digest. Raises NotMaterialized naming it."""
        key = self.uc.key(asset)
        artifact = self.lake.artifacts.get(key, digest) if digest else self.lake.current(key, partition)
        self.take(asset, artifact.digest)
        return artifact

    def read_if_there(self, asset: str) -> Artifact | None:
        """As `read`; None before the asset's first materialization, which counts in the memo key as such."""
        if self.lake.heads.get(self.uc.key(asset)):
            return self.read(asset)
        self.take(asset, "")
        return None

    def read_of_version(self, asset: str) -> Artifact | None:
        """As `read`, in this run's partition; None where the asset was never made in it, which is then no part of the
        memo key."""
        if self.lake.heads.get(self.uc.key(asset), self.partition):
            return self.read(asset, partition=self.partition)
        self.take(asset, None)
        return None

    def read_of_newest(self, asset: str) -> Artifact | None:
        """As `read`, of the model version whose output of this asset was made last; None before the first, which is
        then no part of the memo key."""
        key = self.uc.key(asset)
        heads = {version: self.lake.heads.get(key, version) for version in self.lake.heads.partitions(key)}
        made = {version: head["at"] for version, head in heads.items() if head}
        newest = max(made, key=lambda version: made[version], default=None)
        if newest is None:
            self.take(asset, None)
            return None
        return self.read(asset, partition=newest)

    def take(self, asset: str, digest: str | None) -> None:
        """Note the digest of a declared asset that was read by other means. None: not needed this time, and no part of
        the memo key. Raises UndeclaredRead."""
        names = [name for name, declared in self.reads.digests.items() if declared == asset]
        if not names and asset not in self.reads.parts:
            raise UndeclaredRead(f"{self.name} reads {asset}, which it does not declare")
        self.taken |= dict.fromkeys(names, digest)

    def launch(
        self,
        place: Workplace,
        payload: str,
        inputs: dict[str, Any],
        config: dict[str, Any],
        *,
        seed: int = 0,
        online: bool = False,
    ) -> dict[str, Any]:
        """Run a payload. Raises PayloadFailed."""
        return self.platform.launch(self.context, self.uc, place, payload, inputs, config, seed=seed, online=online)

    def inputs(self, also: Mapping[str, str] | None = None) -> dict[str, str]:
        """{name: digest} for the memo key: all that was declared and read, and `also`, what is no asset (a model, a
        folder) or is named by a plan. Raises UndeclaredRead where something declared was not read."""
        unread = sorted(set(self.reads.digests) - set(self.taken))
        if unread:
            raise UndeclaredRead(f"{self.name} declares {', '.join(unread)} and did not read it")
        return {name: digest for name, digest in self.taken.items() if digest is not None} | dict(also or {})

    def produce(
        self,
        build: Callable[[Workplace], Built],
        *,
        config: Any,
        also: Mapping[str, str] | None = None,
        seed: int | None = None,
        planned_code: str = "",
    ) -> dg.MaterializeResult:
        """Make the output, or find that it was made before. `planned_code`: the code version that a plan froze."""
        return produce(
            self.context,
            self.platform,
            self.uc,
            self.name,
            inputs=self.inputs(also),
            config=config,
            code_version=planned_code or self.code_version,
            planned_code=bool(planned_code),
            seed=seed,
            build=build,
            partition=self.partition or None,
        )


def given_making(
    uc: UseCase, name: str, code_version: str, reads: Reads, function: Callable[..., Any], *, partitioned: bool = False
) -> Any:
    """The function Dagster calls for an asset: it gives ours a `Making`, and the run's configuration if ours asks."""
    hints: dict[str, Any] = {"context": dg.AssetExecutionContext, "platform": Platform}

    def making(context: Any, platform: Platform) -> Making:
        return Making(context, platform, uc, name, code_version, reads, partitioned)

    compute: Any
    if "config" in inspect.signature(function).parameters:
        hints["config"] = get_type_hints(function)["config"]

        def compute(context: Any, platform: Any, config: Any) -> dg.MaterializeResult:
            return function(making(context, platform), config)
    else:

        def compute(context: Any, platform: Any) -> dg.MaterializeResult:
            return function(making(context, platform))

    compute.__name__, compute.__doc__, compute.__annotations__ = function.__name__, function.__doc__, hints
    return compute
