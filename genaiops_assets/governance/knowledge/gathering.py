"""The texts that are searched: pages of published artifacts, records, decisions, incidents, and what the ledger says.

Belongs here: which texts, cut into passages, with the place of each and who may read it. Does not belong here: making
them searchable (`index.py`). Tables are not read: what people asked and what the corpus says is not governance."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from genaiops_assets.lake import Artifact, Entry, Lake
from genaiops_assets.use_case import UseCase

LONGEST = 900  # characters of a passage
PARTITIONS = 12  # newest partitions of an asset that are searched
# Kinds of entries that say nothing in words, or what an artifact says better.
SILENT = ("materialized", "checks", "snapshot", "gates", "memo")
# Assets that quote neither passages nor answers; whatever is not named here may, and has the classes of all sources.
QUOTES_NOTHING = (
    *("use_case_scope", "success_criteria", "records", "risk_register", "test_plan", "scoping_documents", "incidents"),
    *("mitigation_plan", "residual_risk_acceptance", "ethics_checklist", "fmea", "ethical_risk_chart", "post_mortems"),
    *("audit_findings", "audit_summary", "goals_and_results", "rescoping_request", "data_risks", "test_hooks"),
    *("coverage_matrix", "internal_review", "design_history", "plain_page", "model_plan", "release_decision"),
    *("regulatory_classification", "technical_documentation", "downstream_documentation", "copyright_record"),
)
JSON_TEXTS = {"release_decision": "decision.json", "records": "records.json"}  # no page, and worth reading
HEADING = re.compile(r"^#{1,6}\s+(.*)$")
NO_WORDS = re.compile(r"^[\s|:>*#`–-]*$")
CITED = re.compile(r"\(?`[^`\s]*@[0-9a-f]{12}#[^`]*`\)?")  # where a claim comes from: no words to look for


@dataclass(frozen=True)
class Text:
    """One passage: `kind` ledger | page | record | decision, `asset` and `digest` of the artifact (of an entry its
    hash), `place` in it, `access` the classes of whoever may read it, sorted, "" for everybody in the house."""

    id: str
    kind: str
    asset: str
    digest: str
    place: str
    title: str
    text: str
    access: str = ""


def gather(lake: Lake, uc: UseCase) -> Iterator[Text]:
    """Every passage of a use case as it is now, the ledger's first."""
    for entry in lake.ledger.entries():
        if entry.kind not in SILENT and is_of(entry, uc):
            yield from of_entry(entry)
    for asset in sorted(uc.key(name) for name in lake.store.list(f"heads/{uc.name}")):
        for artifact in current(lake, asset):
            yield from of_artifact(artifact, classes(uc, asset.rpartition("/")[2]))


def is_of(entry: Entry, uc: UseCase) -> bool:
    stated = entry.body.get("use_case")
    return bool(stated == uc.name) if stated else str(entry.body.get("asset", "")).startswith(f"{uc.name}/")


def of_entry(entry: Entry) -> Iterator[Text]:
    said = "; ".join(f"{name}: {value}" for name, value in leaves(entry.body) if not is_digest(value))
    title = f"{entry.kind} {entry.at[:10]}"
    for n, part in enumerate(cut([said])):
        yield Text(f"ledger/{entry.seq}/{n}", "ledger", "ledger", entry.hash, f"entry {entry.seq}", title, part)


def current(lake: Lake, asset: str) -> list[Artifact]:
    """What is current of an asset; of one with partitions the newest."""
    partitions = lake.heads.partitions(asset)
    if not partitions:
        return [lake.current(asset)] if lake.heads.get(asset) else []
    return [lake.current(asset, partition) for partition in sorted(partitions, reverse=True)[:PARTITIONS]]


def of_artifact(artifact: Artifact, access: str) -> Iterator[Text]:
    name = artifact.asset.rpartition("/")[2]
    about = {"asset": artifact.asset, "digest": artifact.digest, "access": access}
    pages = sorted(f["path"] for f in artifact.manifest["files"] if f["path"].endswith(".md"))
    for page in pages:
        markdown = artifact.store.read(f"{artifact.key}/{page}").decode("utf-8")
        for heading, part, n in sections(markdown):
            place = f"{page}#{heading}" if heading else page
            ident = f"{artifact.asset}/{page}/{artifact.digest[:12]}/{n}"
            yield Text(ident, "page", place=place, title=title_of(markdown, name), text=part, **about)
    if not pages and name in JSON_TEXTS:
        for pointer, title, said in stated(name, artifact.json(JSON_TEXTS[name])):
            for n, part in enumerate(cut([said])):
                ident = f"{artifact.asset}{pointer}/{artifact.digest[:12]}/{n}"
                kind = "record" if name == "records" else "decision"
                yield Text(ident, kind, place=f"{JSON_TEXTS[name]}#{pointer}", title=title, text=part, **about)


def stated(name: str, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(pointer, title, words) of the parts of a JSON document that has no page."""
    rows = content["records"] if name == "records" else content["gates"]
    for place, row in enumerate(rows):
        said = "; ".join(f"{key}: {value}" for key, value in leaves(row) if not is_digest(value))
        yield f"/{'records' if name == 'records' else 'gates'}/{place}", str(row.get("title", row["id"])), said


def sections(markdown: str) -> Iterator[tuple[str, str, int]]:
    """(heading, passage, number) of a page; a passage is at most LONGEST characters, a longer line alone is cut."""
    heading, lines, n = "", list[str](), 0
    for line in [*markdown.splitlines(), "# "]:
        found = HEADING.match(line)
        if not found:
            lines.append(CITED.sub("", line).rstrip())
            continue
        for part in cut(line for line in lines if not NO_WORDS.match(line)):
            yield heading, part, n
            n += 1
        heading, lines = found.group(1).strip(), []


def title_of(markdown: str, name: str) -> str:
    first = next((m.group(1) for line in markdown.splitlines() if (m := HEADING.match(line))), "")
    return first or name


def cut(lines: Iterable[str]) -> Iterator[str]:
    """Lines joined into passages of at most LONGEST characters."""
    held, size = list[str](), 0
    for line in lines:
        for start in range(0, max(len(line), 1), LONGEST):
            piece = line[start : start + LONGEST]
            if held and size + len(piece) > LONGEST:
                yield "\n".join(held)
                held, size = [], 0
            held.append(piece)
            size += len(piece) + 1
    if any(part.strip() for part in held):
        yield "\n".join(held)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(name, text) of every text and number within a JSON value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    elif value not in (None, "", False):
        yield name, value if isinstance(value, str) else json.dumps(value)


def is_digest(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9a-f]{32,64}", text))


def classes(uc: UseCase, asset: str) -> str:
    """The classes of access that a reader of an asset's page needs; a source that states none counts as `unstated`."""
    if asset in QUOTES_NOTHING:
        return ""
    return " ".join(
        sorted({access or "unstated" for access in (*(source.access for source in uc.sources), uc.inbox.access)})
    )
