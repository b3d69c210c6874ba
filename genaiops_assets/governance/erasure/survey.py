"""Survey: every copy of some documents, and of what derives from them, before anything is touched.

Belongs here: looking into tables, artifacts, inbox, caches, logs and Dagster's history. Does not belong here: changing
any of it (`erasure.py`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.governance.erasure.derived import Collector, Derived
from genaiops_assets.governance.erasure.leftovers import (
    clean_inbox,
    clean_stage_files,
    edited_feedback,
    edited_history,
    feedback_files,
    history_files,
    log_files,
)
from genaiops_assets.governance.erasure.opt_out import Known, Targets
from genaiops_assets.lake import (
    MANIFEST,
    Editor,
    Found,
    Lake,
    digest_of_bytes,
    digest_of_text,
    edited,
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


@dataclass(frozen=True)
class Change:
    """A file to be replaced by `content`, which holds no erased text. `before` and `after` are hashes of the two."""

    key: str
    before: str
    after: str
    content: str


@dataclass
class Plan:
    """Everything an erasure will touch. `found`: tables; `artifacts`, `memos`: keys in the lake; `files`: paths in the
    home; `history`: database → changes; `inbox`, `stages`: paths that hold the documents; `versions`: model version →
    `pairs` or `corpus`, through which it was trained on them; `standing`: copies that are not ours to remove."""

    targets: Targets
    documents: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    artifacts: list[Change] = field(default_factory=list)
    manifests: list[dict[str, str]] = field(default_factory=list)
    memos: list[Change] = field(default_factory=list)
    files: list[Change] = field(default_factory=list)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    inbox: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    standing: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.found, self.artifacts, self.memos, self.files, self.history, self.inbox, self.stages))

    def rows(self) -> list[dict[str, Any]]:
        """What people read before they confirm: one line a place."""
        listed = [
            {
                "place": f"table {f.table}",
                "rows": len({i for i, _ in f.pairs}),
                "snapshots": sum(bool(held) for held in f.states.values()),
            }
            for f in self.found
        ]
        for place, keys in (
            (
                "artifact",
                {c.key.rpartition("/")[0].removeprefix("artifacts/").removesuffix("/views") for c in self.artifacts},
            ),
            ("provenance records of", {"memo"} if self.memos else set()),
            ("inbox file", self.inbox),
            ("stage file", self.stages),
            ("file", [c.key for c in self.files]),
            ("history", list(self.history)),
        ):
            listed += [{"place": f"{place} {key}", "rows": None, "snapshots": None} for key in sorted(keys)]
        return listed


def known_names(lake: Lake, uc: UseCase) -> Known:
    """What an argument or a line of an opt-out file may name."""
    names = {n.rpartition("/")[2]: n for n in tables_of(lake.tables, uc.name)}
    ids = {
        n: distinct(lake, names[n], ("id", "source", "file", "line"))
        for n in ("documents", "quarantine", "interactions")
        if n in names
    }
    documents, quarantine = ids.get("documents", []), ids.get("quarantine", [])
    return Known(
        documents={r["id"] for r in documents},
        sources={s.name for s in uc.sources} | {r["source"] for r in [*documents, *quarantine]},
        interactions={r["id"] for r in ids.get("interactions", [])},
        quarantined={r["id"] for r in quarantine} | {f"{r['file']}:{r['line']}" for r in quarantine},
    )


def distinct(lake: Lake, name: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every row a table ever had, of all its versions."""
    rows: list[dict[str, Any]] = []

    def remember(row: dict[str, Any]) -> bool:
        rows.append(row)
        return False

    find(lake.tables, name, columns, remember, erased_rows(lake).get(name))
    return rows


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
    # -----------------------------------------------------------------------------------------------------------

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
        for _ in self.artifact_changes(self.collected):
            pass
        for _ in self.home_changes(self.collected):
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
    # ------------------------------------------------------------------------------------------------------------

    def artifact_changes(self, editor: Editor) -> Iterator[tuple[str, bytes, bytes]]:
        """(key, before, after) of artifact and memo files that an editor changes."""
        store = self.lake.store
        for asset in store.list(f"artifacts/{self.uc.name}"):
            for digest in store.list(f"artifacts/{self.uc.name}/{asset}"):
                folder = store.local(f"artifacts/{self.uc.name}/{asset}/{digest}")
                for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                    name = path.relative_to(folder).as_posix()
                    before = path.read_bytes()
                    if (after := edited(before, name, editor)) != before:
                        yield f"artifacts/{self.uc.name}/{asset}/{digest}/{name}", before, after
        for start in store.list("memo"):
            for name in store.list(f"memo/{start}"):
                before = store.read(f"memo/{start}/{name}")
                if f'"{self.uc.name}/'.encode() in before and (after := edited(before, name, editor)) != before:
                    yield f"memo/{start}/{name}", before, after

    def home_changes(self, editor: Editor) -> Iterator[tuple[str, bytes, bytes]]:
        """(path in the home, before, after) of logs and feedback."""
        for file in log_files(self.lake):
            before = file.read_bytes()
            if (after := edited(before, file.name, editor)) != before:
                yield file.relative_to(self.lake.home).as_posix(), before, after
        for file in feedback_files(self.lake.home / "inbox" / self.uc.name / "feedback"):
            before = file.read_bytes()
            if (after := edited_feedback(before, editor)) != before:
                yield file.relative_to(self.lake.home).as_posix(), before, after

    def redactions(self) -> None:
        self.say("artifacts, logs and history")
        for key, before, after in self.artifact_changes(self.derived):
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
            for key, before, after in self.home_changes(self.derived)
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
    # -----------------------------------------------------------------------------------------------------

    def consequences(self) -> None:
        """Model versions trained on the documents, and copies that stand elsewhere."""
        held = {(f.table, digest) for f in self.plan.found for digest, pairs in f.states.items() if pairs}
        plans = self.uc.key("model_plan")
        for version in self.lake.heads.partitions(plans):
            if through := self.trained_through(self.lake.current(plans, version).json("plan.json"), held):
                self.plan.versions[version] = through
        for source in self.uc.sources:
            if source.name in self.sources:
                self.plan.standing.append(f"source {source.name} ({source.ref}): the tombstone keeps it out")
        self.golden()

    def trained_through(self, plan: dict[str, Any], held: set[tuple[str, str]]) -> str:
        training = plan.get("training", {})
        for asset, key in (("preference_pairs", "pairs"), ("filtered_corpus", "corpus")):
            digest = training.get(key, {}).get("digest")
            name = self.uc.key(asset)
            if digest and self.lake.artifacts.has(name, digest):
                made = self.lake.artifacts.get(name, digest).snapshots
                if name in made and (name, made[name].digest) in held:
                    return key
        return ""

    def golden(self) -> None:
        head = self.lake.heads.get(self.uc.key("golden_set"))
        if head is None:
            return
        items = self.lake.current(self.uc.key("golden_set")).json("golden.json").get("items", [])
        resting = [i["id"] for i in items if self.ids & set(i.get("documents", ()))]
        repeating = [i["id"] for i in items if self.derived.holds(i["question"]) or self.derived.holds(i["answer"])]
        if resting or repeating:
            which = ", ".join(sorted({*resting, *repeating}))
            self.plan.standing.append(
                f"golden questions {which} rest on it or repeat it: amend {self.uc.evaluation.golden}"
            )
