"""The candidate of a rollout inside the gateway: loaded beside the release, answering as the rollout says, compared.

Belongs here: noticing the rollout, whose answer a person sees, the other version's answer behind their back, and the
pair of both as figures. Does not belong here: tests and steps (`governance/rollout`), loading (`released.py`). Nobody
waits for a comparison: one is made at a time, and a question that comes while WAITING others wait is not compared.
Where no rollout goes on, a request costs one look at an attribute. A candidate that cannot be loaded harms nobody: the
release answers alone, and `/status` says why."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from genaiops_assets.errors import GenaiopsError, Refused
from genaiops_assets.governance.release import approval_of, bundle_of, refuse_broken_bundle
from genaiops_assets.governance.rollout import State, answers_for, both_answer, keep, keep_thumb, quality, rollout_of
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.exchange import FALLBACK, Exchange, unrecorded
from genaiops_assets.serving.gateway.released import Released, opened
from genaiops_assets.serving.gateway.switch import STILL_THERE, Switch
from genaiops_assets.serving.interactions.answer import interaction_row
from genaiops_assets.serving.served import ServedVersion
from genaiops_assets.serving.shadow import Told, paired
from genaiops_assets.use_case import UseCase

WAITING = 64  # questions that wait to be compared
ENDED_BADLY = ("error", FALLBACK)


class Challenger:
    """`state`: the rollout that goes on and is not paused, None without one; `released`: its candidate, loaded;
    `problem`: why it is not. `counts`: a counter of Prometheus by what became of a question."""

    def __init__(self, lake: Lake, switch: Switch, counts: Any):
        self.lake, self.switch, self._counts = lake, switch, counts
        self.state: State | None = None
        self.released: Released | None = None
        self.problem = ""
        self._todo: asyncio.Queue[tuple[Exchange, Collection[str]]] = asyncio.Queue(WAITING)
        self._worker: asyncio.Task[None] | None = None
        self._loading: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None

    def in_words(self) -> str:
        """For the page of the gateway; "" while no rollout goes on."""
        if self.state is None:
            return ""
        told = f"{self.state.candidate} in {self.state.stage} beside {self.state.released}"
        return f"{told}: {self.problem}" if self.problem else told

    async def look(self) -> None:
        """Notice that a rollout began, moved or ended; the candidate is loaded beside, and nobody waits for it."""
        current = self.switch.current
        uc = current.uc if current else None
        try:
            state = await asyncio.to_thread(rollout_of, self.lake, uc) if uc else None
        except (GenaiopsError, KeyError, ValueError, OSError) as error:
            self.problem = str(error)
            return
        self.state = state if both_answer(state) else None
        if self.state is None or uc is None:
            self._drop()
        elif not self._has(self.state.candidate, uc) and (self._loading is None or self._loading.done()):
            self._loading = asyncio.create_task(self._load(uc, self.state))

    def _has(self, version: str, uc: UseCase) -> bool:
        return self.released is not None and (self.released.version, self.released.uc) == (version, uc)

    async def _load(self, uc: UseCase, state: State) -> None:
        before, self.problem = self.released, ""
        try:
            found = await asyncio.to_thread(open_candidate, self.lake, uc, state, before)
        except (GenaiopsError, KeyError, ValueError, OSError, RuntimeError) as error:
            self.problem = str(error.args[0]) if error.args else str(error)
            return
        self._drop(found)
        self.released = found
        self._worker = self._worker or asyncio.create_task(self._compare_all())

    def _drop(self, now: Released | None = None) -> None:
        """Let the candidate finish its answers, then free it."""
        left, self.released = self.released, None
        if left is not None:
            self._leaving = asyncio.create_task(finish(left, now))

    @contextmanager
    def chosen(self, release: Released, asked: Asked, key_name: str) -> Iterator[Released]:
        """The version whose answer a person sees: the candidate for the share and the keys of a canary."""
        candidate = self.released
        if candidate is None or self.state is None or release.version != self.state.released:
            yield release
            return
        plan = candidate.uc.serving.rollout
        if answers_for(self.state, plan, conversation_of(asked), key_name) == "released":
            yield release
            return
        candidate.users += 1
        try:
            yield candidate
        finally:
            candidate.users -= 1

    def compare(self, exchange: Exchange, access: Collection[str]) -> None:
        """Have the other version answer too, later. Answers that a person gave up say nothing."""
        if self.released is None or self.state is None or exchange.finish == "cancelled":
            return
        try:
            self._todo.put_nowait((exchange, access))
        except asyncio.QueueFull:
            self._counts.labels("not_compared").inc()

    async def _compare_all(self) -> None:
        while True:
            exchange, access = await self._todo.get()
            try:
                await self._compare(exchange, access)
            except (GenaiopsError, KeyError, ValueError, OSError, RuntimeError) as error:
                self.problem = f"a question was not compared ({type(error).__name__})"
                self._counts.labels("not_compared").inc()

    async def _compare(self, exchange: Exchange, access: Collection[str]) -> None:
        candidate, release, state = self.released, self.switch.current, self.state
        seen = exchange.released
        if candidate is None or release is None or state is None or release.version != state.released:
            return
        if self.switch.halt.stop is not None or seen not in (candidate, release):
            return
        other = release if seen is candidate else candidate
        other.users += 1
        try:
            behind = Exchange(replace(exchange.asked, model=other.uc.name, stream=False), other, exchange.key_name)
            await unrecorded(behind, access, other.uc.serving.gateway.limits.seconds)
        finally:
            other.users -= 1
        ours, theirs = (exchange, behind) if seen is candidate else (behind, exchange)
        pair = await asyncio.to_thread(lambda: paired(told_by(ours), told_by(theirs)))
        await asyncio.to_thread(keep, self.lake, candidate.uc, state.candidate, state.stage, pair, exchange.id)
        self._counts.labels("compared").inc()

    def note_thumb(self, answer: str, thumb: str | None) -> None:
        """A thumb on an answer of the candidate that a person saw counts for its pair."""
        candidate, state = self.released, self.state
        if candidate is None or state is None or thumb not in ("up", "down"):
            return
        row = interaction_row(self.lake, candidate.uc, answer)
        if row is not None and row["gen_ai_response_model"] == state.candidate:
            keep_thumb(self.lake, candidate.uc, state.candidate, state.stage, thumb, answer)

    async def close(self) -> None:
        for task in (self._worker, self._loading):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        left, self.released = self.released, None
        if left is not None:
            await finish(left, None, at_once=True)


def conversation_of(asked: Asked) -> str:
    """Its id, or what it began with: later turns of it begin alike, so that it stays with whom it began."""
    return asked.conversation or digest_of(asked.typed[0])


def open_candidate(lake: Lake, uc: UseCase, state: State, before: Released | None) -> Released:
    """The candidate as its bundle has it. Raises Refused where it does not verify or is not approved any more, and
    where an upstream writes the answers that has no name for it."""
    bundle = bundle_of(lake, uc, state.candidate)
    if bundle is None:
        raise Refused(f"{state.candidate} has no bundle: genaiops run makes one")
    refuse_broken_bundle(lake, uc, bundle)
    if (standing := approval_of(lake, uc, state.candidate).status) != "approved":
        raise Refused(f"{state.candidate} is not approved any more ({standing})")
    upstream = uc.serving.gateway.upstream
    served = uc
    if upstream is not None:
        if not upstream.candidate:
            raise Refused("an upstream answers: name the candidate there (serving.gateway.upstream.candidate)")
        gateway = uc.serving.gateway.model_copy(
            update={"upstream": upstream.model_copy(update={"model": upstream.candidate})}
        )
        served = uc.model_copy(update={"serving": uc.serving.model_copy(update={"gateway": gateway})})
    digest = lake.heads.digest(uc.key("release_bundle"), state.candidate)
    made = opened(lake, served, ServedVersion(state.candidate, False, bundle), bundle, digest, before)
    made.uc = uc
    return made


def told_by(exchange: Exchange) -> Told:
    """An answer as a pair needs it: what a rule held back before it was written has no score."""
    failed = exchange.finish in ENDED_BADLY
    intervened = any(one.action != "skipped" for one in exchange.fired)
    if failed or not exchange.generated:
        return Told(None, failed, intervened, None)
    uc, refusal = exchange.released.uc, exchange.released.prompts.refusal
    score = quality(exchange.text, exchange.passages, uc, refusal)
    return Told(score, not exchange.text.strip(), intervened, exchange.seconds)


async def finish(left: Released, now: Released | None, *, at_once: bool = False) -> None:
    """Close a candidate after its last answer; an engine that goes on is kept."""
    waited = 0.0
    while left.users and waited < STILL_THERE and not at_once:
        await asyncio.sleep(0.05)
        waited += 0.05
    left.searching.shutdown(wait=False)
    if now is None or now.engine is not left.engine:
        await left.engine.close()
