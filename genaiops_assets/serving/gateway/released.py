"""A release that answers: its bundle verified, its parts loaded.

Belongs here: loading one. Does not belong here: noticing that production changed (`switch.py`), answering
(`exchange.py`). Nothing is served that is not in production, but the approved candidate of a rollout that goes on
(`challenger.py`): no other candidate, no base model."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import Bundle, production_release
from genaiops_assets.lake import Lake
from genaiops_assets.models import Messages, Prompts
from genaiops_assets.retrieval import Only, Passage
from genaiops_assets.serving.answering import Assistant
from genaiops_assets.serving.conditions import INBOX
from genaiops_assets.serving.gateway.engines import Engine
from genaiops_assets.serving.gateway.guarding import Guards
from genaiops_assets.serving.gateway.transformers_engine import TransformersEngine
from genaiops_assets.serving.gateway.upstream_engine import UpstreamEngine
from genaiops_assets.serving.served import ServedVersion, choose_version
from genaiops_assets.serving.transparency.provenance import NOTICE, Origin
from genaiops_assets.use_case import UseCase


@dataclass(eq=False)
class Released:
    """What answers now. `most`: tokens of an answer; `users`: answers in the making."""

    uc: UseCase
    version: str
    bundle_digest: str
    index_digest: str
    index_seen: str  # the newest index when this was loaded; by the bundle's policy an older one may answer
    warning: str
    prompts: Prompts
    guards: Guards
    most: int
    engine: Engine
    weights: str  # what the engine was loaded from: the same weights are not loaded twice
    assistant: Any
    in_production: bool = True  # False of a candidate in shadow or canary
    watermark: str = "none"
    users: int = 0
    searching: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "search"))

    @cached_property
    def prompt_version(self) -> str:
        return self.prompts.version

    @property
    def origin(self) -> Origin:
        return Origin(self.uc.name, self.version, self.bundle_digest, self.engine.name)

    @property
    def notice(self) -> str:
        return self.uc.serving.gateway.notice or NOTICE[self.uc.language]

    async def find(self, question: str, access: Collection[str]) -> list[Passage]:
        """The passages for a question among the sources that these classes may read."""
        only = self.readable(access)
        if only.sources == ():
            return []
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self.searching, self.assistant.retrieve, [question], only)
        return found[0]

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Vectors of texts by the embedder of the index, unit length."""
        loop = asyncio.get_running_loop()
        vectors = await loop.run_in_executor(self.searching, self.assistant.retriever.embedder.encode, list(texts))
        return [[float(x) for x in vector] for vector in vectors]

    def readable(self, access: Collection[str]) -> Only:
        """As the use case file classes the sources today; where answers are written elsewhere, only of those classes
        that may go there."""
        upstream = self.uc.serving.gateway.upstream
        allowed = set(access) & set(upstream.access) if upstream else set(access)
        classes = {**{s.name: s.access for s in self.uc.sources}, INBOX: self.uc.inbox.access}
        return Only(tuple(name for name, its in classes.items() if its in allowed))

    def fitted(self, question: str, history: Messages, passages: Sequence[Passage]) -> tuple[Messages, list[Passage]]:
        """The prompt with as many passages as the model can read, the most relevant first. Raises Refused when the
        conversation alone is too long."""
        room = (self.engine.context_tokens or 2**31) - self.most
        for count in range(len(passages), -1, -1):
            *before, asked = self.prompts.messages(question, [p.quoted for p in passages[:count]])
            prompt = [*before, *history, asked]
            if (self.engine.length(prompt) or 0) <= room:
                return prompt, list(passages[:count])
        raise Refused(f"the conversation is longer than the model can read ({room} tokens with the prompt)")


def production_version(lake: Lake, uc: UseCase) -> tuple[ServedVersion, Bundle, str]:
    """What is in production, its bundle and that one's digest. Raises Refused where nothing is, where it does not
    verify, where its approval was taken back, and where it was released without a bundle of its own."""
    choice, release = choose_version(lake, uc), production_release(lake, uc)
    if release is None or not choice.released or choice.bundle is None:
        raise Refused(f"nothing of {uc.name} is in production: genaiops promote MODEL_VERSION")
    if "release_bundle" not in release.digests:
        raise Refused(f"{release.model_version} was released without a bundle: genaiops run makes one, then promote it")
    if choice.warning.startswith("rejected by "):
        raise Refused(f"{release.model_version} was {choice.warning}")
    return choice, choice.bundle, release.digests["release_bundle"]


def open_released(lake: Lake, uc: UseCase, before: Released | None = None) -> Released:
    """The release in production, loaded. `before`: what answers now, whose engine goes on where it has the same
    weights. Raises Refused, and what `Assistant` raises."""
    return opened(lake, uc, *production_version(lake, uc), before)


def opened(
    lake: Lake, uc: UseCase, choice: ServedVersion, bundle: Bundle, digest: str, before: Released | None = None
) -> Released:
    """A bundle that was verified, with its parts loaded."""
    upstream = uc.serving.gateway.upstream
    weights = f"{upstream.url} {upstream.model}" if upstream else f"{bundle.checkpoint.digest} {bundle.base.digest}"
    if bundle.marking and not upstream:
        weights += f" {bundle.model_version} {bundle.marking}"  # another key or scheme is another engine
    same = before is not None and before.weights == weights
    assistant = Assistant(lake, uc, with_model=not (upstream or same), choice=choice)
    guards = Guards(assistant.guards, uc.language, assistant.prompts.refusal, assistant.guard_policy)
    guards.on_question(["?"])  # a rule that is not there is missed now, not at the first question
    if before is not None and same:
        engine = before.engine
    elif upstream:
        engine = UpstreamEngine(upstream)
    else:
        assert assistant.generator is not None
        engine = TransformersEngine(assistant.generator, uc.serving.gateway.limits.at_once, assistant.watermark)
    return Released(
        uc=uc,
        version=bundle.model_version,
        bundle_digest=digest,
        index_digest=assistant.index_digest,
        index_seen=lake.heads.digest(uc.key("embeddings_index")),
        warning=choice.warning,
        prompts=assistant.prompts,
        guards=guards,
        most=assistant.max_new_tokens,
        engine=engine,
        weights=weights,
        assistant=assistant,
        in_production=choice.released,
        watermark="none" if upstream else str(bundle.marking.get("watermark", "none")),
    )
