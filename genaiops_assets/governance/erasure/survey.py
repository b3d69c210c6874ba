"""Survey: every copy of some documents, and of what derives from them, before anything is touched.

Belongs here: looking into all tables, and into files, inbox, caches and Dagster's history through the module of each.
Does not belong here: changing any of it (`erasure.py`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from genaiops_assets.governance.erasure.caches import clean_stage_files
from genaiops_assets.governance.erasure.consequences import standing_backups, standing_questions, trained_versions
from genaiops_assets.governance.erasure.derived import Collector, Derived
from genaiops_assets.governance.erasure.files import artifact_changes, home_changes
from genaiops_assets.governance.erasure.history import edited_history, history_files
from genaiops_assets.governance.erasure.inbox_files import clean_inbox
from genaiops_assets.governance.erasure.opt_out import Targets
from genaiops_assets.governance.erasure.plan import Change, Plan
from genaiops_assets.lake import (
    MANIFEST,
    Found,
    Lake,
    digest_of_bytes,
    digest_of_text,
    erased_rows,
    find,
    lies_under,
    manifest_sha256,
    rows_of,
    tables_of,
)
from genaiops_assets.use_case import UseCase

SAID = ("question", "answer", "chosen", "rejected", "excerpt")  # columns of texts that models and people made
STAYS = ("row_ledger",)  # ids, hashes and figures: what became of a document is still known after its text is gone
CITED = 300  # characters of an answer that a report may cite


def survey_copies(lake: Lake, uc: UseCase, targets: Targets, say: Callable[[str], Any] = lambda what: None) -> Plan:
    """Look everywhere. Raises NotAsPublished when a table is not what was published."""
    return Survey(lake, uc, targets, say).plan


class Survey:
    """One look at a use case. The order matters: documents, their passages, what repeats their words, what cites
    them."""

    def __init__(self, lake: Lake, uc: UseCase, targets: Targets, say: Callable[[str], Any]):
        self.lake, self.uc, self.targets, self.say = lake, uc, targets, say
        self.plan = Plan(targets)
        self.earlier = erased_rows(lake)
        self.names = tables_of(lake.tables, uc.name)
        self.columns = {n: set(lake.tables.open(n).schema.names) for n in self.names}
        self.ids: set[str] = set(targets.documents)
        self.origins: set[str] = set()
        self.sources: set[str] = set()
        self.passages: set[str] = set()  # ids of passages
        self.quoted: set[str] = set()  # passages as a model reads them
        self.collected = Collector()
        self.derived = Derived(self.collected)
        self.documents()
        self.parts()
        self.collect()
        self.compare()
        self.answers()
        self.redactions()
        self.leftovers()
        self.consequences()

    # --- tables

    def look(self, name: str, columns: tuple[str, ...], choose: Callable[[dict[str, Any]], bool]) -> Found:
        self.say(f"table {name}")
        found = find(self.lake.tables, name, columns, choose, self.earlier.get(name))
        if found.pairs:
            self.plan.found.append(found)
        return found

    def texts(self) -> list[str]:
        """Tables of documents: those with a text that is no part of another document."""
        return [n for n in self.names if {"id", "text"} <= self.columns[n] and "doc_id" not in self.columns[n]]

    def documents(self) -> None:
        """All versions of the documents, in every table that holds whole documents."""
        for name in sorted(self.texts(), key=lambda n: not n.endswith("/documents")):

            def choose(row: dict[str, Any]) -> bool:
                if not self.is_meant(row):
                    return False
                self.ids.add(row["id"])
                self.sources.add(row.get("source") or "")
                if row.get("origin"):
                    self.origins.add(row["origin"])
                if row.get("title"):
                    self.derived.names.add(row["title"])
                return True

            self.look(name, ("source", "origin", "url", "title"), choose)
        self.plan.documents, self.plan.sources = sorted(self.ids), sorted(self.sources - {""})

    def is_meant(self, row: dict[str, Any]) -> bool:
        if row["id"] in self.ids or row.get("source") in self.targets.sources:
            return True
        addresses = [a for a in (row["id"], row.get("origin"), row.get("url")) if a]
        return any(lies_under(a, prefix) for prefix in self.targets.opt_out for a in addresses)

    def parts(self) -> None:
        """Passages, vectors and whatever else belongs to one document."""
        for name in self.names:
            if "doc_id" in self.columns[name] and "passages" not in self.columns[name]:
                found = self.look(name, ("doc_id",), lambda row: row["doc_id"] in self.ids)
                for row in rows_of(self.lake.tables, name, ("title", "heading", "text"), found.pairs):
                    self.passages.add(row["id"])
                    self.derived.names.update(row[c] for c in ("title", "heading") if row.get(c))
                    if row.get("text"):
                        self.quoted.update({row["text"], f"{row.get('title')}\n{row['text']}"})
        for name in self.names:
            if "rights_basis" in self.columns[name] and "text" not in self.columns[name]:
                self.look(name, (), lambda row: row["id"].removeprefix("document:") in self.ids)
        self.derived.ids = self.ids | self.passages

    def saying(self) -> list[str]:
        """Tables of what models and people said."""
        return [n for n in self.names if self.columns[n] & {*SAID, "passages"} and not n.endswith(STAYS)]

    def collect(self) -> None:
        """Every text that may repeat an erased one."""
        for name in self.saying():
            columns = tuple(c for c in SAID if c in self.columns[name])

            def remember(row: dict[str, Any], columns: tuple[str, ...] = columns) -> bool:
                for column in columns:
                    self.collected.text(row.get(column) or "")
                return False

            find(self.lake.tables, name, columns, remember, self.earlier.get(name))
        for _ in artifact_changes(self.lake, self.uc, self.collected):
            pass
        for _ in home_changes(self.lake, self.uc, self.collected):
            pass
        for file in history_files(self.lake):
            for _ in edited_history(file, self.collected):
                pass

    def compare(self) -> None:
        """Mark what the erased documents say and no remaining one does."""
        for found in list(self.plan.found):
            for row in rows_of(self.lake.tables, found.table, ("title", "text"), found.pairs):
                self.derived.erase(row.get("text") or "", f"{row.get('title') or ''}\n{row.get('text') or ''}")
                if found.table == self.uc.key("documents"):
                    self.plan.texts.append(digest_of_text(row["text"]))
        for row in self.remaining():
            self.derived.keep(row["text"] or "", f"{row.get('title') or ''}\n{row['text'] or ''}")

    def remaining(self) -> Iterator[dict[str, Any]]:
        """The newest state of all other documents."""
        for name in self.texts():
            columns = [c for c in ("id", "title", "text") if c in self.columns[name]]
            for batch in self.lake.tables.open(name).search().select(columns).to_batches(1024):
                yield from (row for row in batch.to_pylist() if row["id"] not in self.ids)

    def answers(self) -> None:
        """Rows that cite the documents, repeat them, or are meant themselves; then what was said there is erased
        wherever it stands."""
        wanted = {*self.targets.interactions, *self.targets.quarantined}

        def choose(row: dict[str, Any]) -> bool:
            return (
                row.get("doc_id") in self.ids
                or row["id"] in wanted
                or (
                    "excerpt" in row
                    and (f"{row['file']}:{row['line']}" in wanted or row["source"] in self.targets.sources)
                )
                or any(p in self.passages or p in self.quoted for p in row.get("passages") or ())
                or any(self.derived.holds(row[c]) for c in SAID if row.get(c))
            )

        gone: set[str] = set()
        for name in self.saying():
            found = self.look(name, ("doc_id", "passages", "source", "file", "line", *SAID), choose)
            gone.update(i for i, _ in found.pairs)
            for row in rows_of(self.lake.tables, name, ("file", "line", *SAID), found.pairs):
                said = [
                    row[c] for c in SAID if row.get(c) and (c != "question" or "chosen" in row or row["id"] in wanted)
                ]
                self.derived.erase_said(
                    [
                        *said,
                        *(s[:CITED].rpartition(" ")[0] or s[:CITED] for s in said if len(s) > CITED),
                        *(s[:CITED] for s in said),
                    ]
                )
                if "excerpt" in row:
                    self.plan.lines.append(f"{row['file']}:{row['line']}")
        if self.derived.says_anything:
            for row in self.remaining():
                self.derived.keep_said(row["text"] or "")
        for name in self.names:
            if "log_hash" in self.columns[name]:  # copies of a log's rows without their text
                self.look(name, (), lambda row: row["id"] in gone)

    # --- files

    def redactions(self) -> None:
        self.say("artifacts, logs and history")
        for key, before, after in artifact_changes(self.lake, self.uc, self.derived):
            change = Change(key, digest_of_bytes(before), digest_of_bytes(after), after.decode())
            if not key.startswith("artifacts/"):
                self.plan.memos.append(change)
                continue
            self.plan.artifacts.append(change)
            if key.endswith(f"/{MANIFEST}"):
                asset, _, digest = key.removeprefix("artifacts/").removesuffix(f"/{MANIFEST}").rpartition("/")
                self.plan.manifests.append(
                    {"asset": asset, "digest": digest, "after": manifest_sha256(json.loads(after))}
                )
        self.plan.files = [
            Change(key, digest_of_bytes(before), digest_of_bytes(after), after.decode("utf-8", "surrogateescape"))
            for key, before, after in home_changes(self.lake, self.uc, self.derived)
        ]
        for file in history_files(self.lake):
            if changes := list(edited_history(file, self.derived)):
                self.plan.history[file.relative_to(self.lake.home).as_posix()] = changes

    def leftovers(self) -> None:
        whole = [o for o in self.origins if o.endswith((":0", ":1"))]
        self.plan.lines = sorted({*self.plan.lines, *whole})
        if "inbox" in self.sources or self.plan.lines or self.ids:
            self.plan.inbox = clean_inbox(self.lake, self.uc, self.ids, self.plan.lines, only_look=True)
        self.plan.stages = clean_stage_files(self.lake, self.uc, self.ids, only_look=True)

    # --- consequences

    def consequences(self) -> None:
        """Model versions trained on the documents, and copies that stand elsewhere."""
        self.plan.versions = trained_versions(self.lake, self.uc, self.plan.found)
        for source in self.uc.sources:
            if source.name in self.sources:
                self.plan.standing.append(f"source {source.name} ({source.ref}): the tombstone keeps it out")
        self.plan.standing += standing_questions(self.lake, self.uc, self.ids, self.derived)
        self.plan.standing += standing_backups(self.lake)
