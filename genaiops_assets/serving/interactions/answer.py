"""One answer, from its row in the log to the documents it was given from.

Belongs here: following an interaction id through release, index and passages. Does not belong here: printing
(`cli/`), the life of a document (`governance/lineage`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from genaiops_assets.lake import Lake, in_list
from genaiops_assets.serving.interactions.log import INTERACTIONS, bring_up_to_date, log_name
from genaiops_assets.serving.interactions.spool import spooled
from genaiops_assets.use_case import UseCase

Rows = list[tuple[str, str]]
ABOUT = ("id", "at", "channel", "question", "answer", "masked", "retain_until")


@dataclass(frozen=True)
class AnswerLife:
    """An interaction (`row`, as the log has it), and its passages with their documents: {id, doc_id, title, heading},
    of which only the id is left where the index no longer has the passage."""

    row: dict[str, Any]
    passages: list[dict[str, Any]]
    prompts: str = ""  # digest

    def sections(self) -> list[tuple[str, Rows]]:
        """Titles and named values for people; texts are masked, as they were stored."""
        row = self.row
        released = {True: "in production then", False: "not released then", None: "not recorded"}[row["released"]]
        made = [
            ("model", row["gen_ai_response_model"] or "none"),
            ("release", released),
            ("prompts", self.prompts or row["prompt_version"] or "not recorded"),
            ("index", row["index_digest"] or "not recorded"),
            *self.by_the_gateway(),
        ]
        cited = [(p["id"], described(p)) for p in self.passages]
        return [("Interaction", [(n, str(row[n])) for n in ABOUT]), ("Made by", made), ("Passages", cited)]

    def by_the_gateway(self) -> Rows:
        """What only rows of the gateway say."""
        row = self.row
        if not row["release_bundle"]:
            return []
        rules = ", ".join(row["rules"] or []) or "none fired"
        return [
            ("bundle", row["release_bundle"]),
            ("asked with", row["key_name"] or "not recorded"),
            ("rules", rules),
            ("ended by", row["finish"] or "not recorded"),
            ("seconds", str(row["gen_ai_client_operation_duration"])),
        ]


def described(passage: dict[str, Any]) -> str:
    if "doc_id" not in passage:
        return "no longer in the index"
    where = " > ".join(part for part in (passage["title"], passage["heading"]) if part)
    return f"{passage['doc_id']}: {where}" if where else passage["doc_id"]


def life_of_answer(lake: Lake, uc: UseCase, interaction: str) -> AnswerLife | None:
    """None where the log has no such interaction."""
    row = interaction_row(lake, uc, interaction)
    return AnswerLife(row, passages_of(lake, uc, row), prompts_of_release(lake, uc, row)) if row else None


def interaction_row(lake: Lake, uc: UseCase, interaction: str) -> dict[str, Any] | None:
    """A row of the log, or one that the gateway wrote and that waits to be taken in."""
    if waiting := spooled(lake, uc, interaction):
        until = (waiting["at"] + timedelta(days=uc.monitoring.retention_days)).date().isoformat()
        return {**dict.fromkeys(INTERACTIONS.names), **waiting, "at": waiting["at"].isoformat(), "retain_until": until}
    if not bring_up_to_date(lake, uc):
        return None
    query = lake.tables.open(log_name(uc)).search().where(in_list("id", [interaction]))
    return next(iter(query.to_list()), None)


def prompts_of_release(lake: Lake, uc: UseCase, row: dict[str, Any]) -> str:
    """Digest of the prompts of the bundle that answered; "" where no bundle is named or it is gone."""
    asset, digest = uc.key("release_bundle"), row.get("release_bundle")
    if not (digest and lake.artifacts.has(asset, digest)):
        return ""
    return str(lake.artifacts.get(asset, digest).json("release_bundle.json")["prompts"]["digest"])


def passages_of(lake: Lake, uc: UseCase, row: dict[str, Any]) -> list[dict[str, Any]]:
    """As the index had them that the answer was given from, or else as the present one has them."""
    asset, cited = uc.key("embeddings_index"), list(row["passages"] or [])
    digest = row["index_digest"]
    if not (digest and lake.artifacts.has(asset, digest)):
        digest = lake.heads.digest(asset) if lake.heads.get(asset) else None
    if not (digest and cited):
        return [{"id": i} for i in cited]
    snapshot = lake.artifacts.get(asset, digest).snapshot(asset)
    try:
        found = lake.tables.rows(snapshot, ["id", "doc_id", "title", "heading"], in_list("id", cited))
        known = {r["id"]: r for r in found}
    except KeyError:  # the snapshot was erased
        known = {}
    return [known.get(i, {"id": i}) for i in cited]
