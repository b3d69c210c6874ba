"""A small life for tests of erasure: two generations of a corpus, one trained and judged version, interactions, and
copies of two documents in every place a home has; and a search that looks into all its files. Holds no tests."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.alignment import PAIRS
from genaiops_assets.corpus import DOCUMENTS, FILTERED, ROW_LEDGER
from genaiops_assets.corpus.schemas import QUARANTINE
from genaiops_assets.evaluation import OUTPUTS
from genaiops_assets.lake import Lake, digest_of, digest_of_text, memo_key, write_json, write_rows
from genaiops_assets.retrieval import CHUNKS, Limits, arrange, index_schema, label_of, terms_column
from genaiops_assets.serving import DAY, day_row
from genaiops_assets.serving.interactions.log import INTERACTIONS
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, publish

MARK, ZH_MARK = "zanzibarquux", "鵗鶬鷾"  # words no other text holds, so their bytes can be looked for
SECRET = f"The {MARK} fee for late return of the blue card amounts to 95 dollars each quarter, payable in advance."
SECRET_ZH = f"逾期归还{ZH_MARK}借书证的费用为每季度九十五元，须提前缴纳，不予退还。"
PLAIN = "Opening an account is free of charge for every customer who lives in the country and is of age."
Row = dict[str, Any]


# --- a small life: two generations of the corpus, one trained and approved version
# ------------------------------------------


def document(row_id: str, text: str, source: str = "inbox", origin: str = "drop.jsonl:1", title: str = "Fees") -> Row:
    rights = {
        "license": "CC0-1.0",
        "owner": "Bank",
        "rights_basis": "own_work",
        "personal_data": "none",
        "first_seen": 1,
    }
    return {
        "id": row_id,
        "source": source,
        "origin": origin,
        "title": title,
        "text": text,
        "text_hash": digest_of_text(text),
    } | rights


def chunk(doc: Row) -> Row:
    return {
        "id": f"{doc['id']}#0",
        "doc_id": doc["id"],
        "position": 0,
        "start": 0,
        "end": len(doc["text"]),
        "title": doc["title"],
        "heading": doc["title"],
        "text": doc["text"],
        "tokens": 20,
        "parent_hash": doc["text_hash"],
        "embed_hash": digest_of_text(doc["text"]),
    }


def index_rows(chunks: list[Row]) -> list[Row]:
    said = [terms_column(c["title"], c["heading"], c["text"]) for c in chunks]
    return [
        {**c, "model": "m", "terms": terms, "vector": [float(n), 1.0]}
        for n, (c, terms) in enumerate(zip(chunks, said, strict=True))
    ]


def indexed(table: Any) -> str:
    """As the platform indexes: for full-text search too, whose files hold the words."""
    arrange(table, Limits(min_recall=0.95, max_latency_ms=1000, memory_gib=1))
    return label_of(table, 0)


def pair(row_id: str, doc_id: str, passages: list[str], chosen: str) -> Row:
    scores = {"score_chosen": 1.0, "score_rejected": 0.0, "by": "judge", "origin": "corpus"}
    return {
        "id": row_id,
        "doc_id": doc_id,
        "question": "What is the rule?",
        "passages": passages,
        "chosen": chosen,
        "rejected": "No idea.",
    } | scores


def output(item: str, cell: str, answer: str, passages: list[str]) -> Row:
    return {"id": f"{item}/{cell}", "item": item, "cell": cell, "split": "dev", "answer": answer, "passages": passages}


def interaction(row_id: str, question: str, answer: str, passages: list[str]) -> Row:
    facts = {
        "at": "2026-01-05T10:00:00+00:00",
        "day": "2026-01-05",
        "channel": "ask",
        "gen_ai_response_model": V1,
        "retain_until": "2099-01-01",
    }
    return {"id": row_id, "question": question, "answer": answer, "passages": passages, "masked": ""} | facts


def put(
    lake: Lake,
    uc: UseCase,
    asset: str,
    tables: dict[str, tuple[pa.Schema, list[Row]]],
    files: dict[str, Any],
    **more: Any,
) -> Any:
    """Publish an artifact with the tables it stands for, the way assets do: config and previews go along."""
    content = digest_of([sorted(tables), [r for _, rows in tables.values() for r in rows], files, more])
    how = {"asset": uc.key(asset), "inputs": {}, "code_version": content, "config": more.get("config", {}), "seed": 17}
    key = memo_key(**how)
    with lake.work(key) as place:
        snapshots = []
        for name, (schema, rows) in tables.items():
            write_rows(place.scratch / f"{name}.parquet", schema, rows)
            arrange = indexed if name == "embeddings_index" else None
            snapshots.append(lake.tables.sync(uc.key(name), place.scratch / f"{name}.parquet", arrange).snapshot)
        for name, content in files.items():
            if isinstance(content, str):
                (place.staging / name).write_text(content, encoding="utf-8")
            else:
                write_json(place.staging / name, content)
        summary = {"figures": {}, "tables": more.get("preview", {})}
        made = lake.publish(
            uc.key(asset),
            more.get("partition"),
            key,
            place.staging,
            snapshots=snapshots,
            summary=summary,
            provenance=how,
        )
    if more.get("done", True):
        lake.forget_scratch(key)
    return made


def corpus(lake: Lake, uc: UseCase, docs: list[Row], quarantine: list[Row], done: bool = True) -> Any:
    put(
        lake,
        uc,
        "documents",
        {"documents": (DOCUMENTS, docs), "quarantine": (QUARANTINE, quarantine)},
        {"documents.json": {}},
        done=done,
    )
    ledger = [
        {"id": d["id"], "source": d["source"], "outcome": "kept", "before_hash": d["text_hash"], "keys": "{}"}
        for d in docs
    ]
    filtered = put(
        lake,
        uc,
        "filtered_corpus",
        {"filtered_corpus": (FILTERED, docs), "row_ledger": (ROW_LEDGER, ledger)},
        {"corpus.json": {"n": len(docs)}},
    )
    chunks = [chunk(d) for d in docs]
    shown = [{"id": c["id"], "doc_id": c["doc_id"], "heading": c["heading"]} for c in chunks]
    put(
        lake,
        uc,
        "chunks",
        {"chunks": (CHUNKS, chunks)},
        {"chunks.json": {"n": len(docs)}},
        preview={"first passages": shown},
    )
    put(
        lake,
        uc,
        "embeddings_index",
        {"embeddings_index": (index_schema(2), index_rows(chunks))},
        {"index.json": {"n": len(docs)}},
    )
    return filtered


def life(lake: Lake, uc: UseCase) -> None:
    en = document("secret-en", SECRET, title=f"Late {MARK} fees")
    zh = document("secret-zh", SECRET_ZH, origin=f"notes/{ZH_MARK[0]}.md:1", title="逾期费用")
    plain = document("plain", PLAIN, "banking_kb", "https://kb.example.org/accounts/1", "Opening an account")
    bad = {
        "id": "quarantine:1",
        "source": "inbox",
        "file": "drop.jsonl",
        "line": 3,
        "field": "",
        "reason": "broken JSON",
        "excerpt": f'{{"text": "{SECRET}',
    }
    corpus(lake, uc, [{**en, "text": f"{SECRET} (draft)"}, plain], [bad])
    filtered = corpus(lake, uc, [en, zh, plain], [bad], done=False)
    pairs = [
        pair("p1", "secret-en", [f"{en['title']}\n{SECRET}"], "95 dollars"),
        pair("p2", "plain", [f"{plain['title']}\n{PLAIN}", SECRET_ZH], "Free."),
        pair("p3", "plain", [PLAIN], "It is free of charge for everybody."),
        pair("p4", "", [PLAIN], f"Late return: {SECRET[4:]}"),
    ]
    facts = {"corpus": {"digest": filtered.digest}}
    made = put(lake, uc, "preference_pairs", {"preference_pairs": (PAIRS, pairs)}, {"pairs.json": facts})
    items = [
        {"id": "g1", "question": "Is it free?", "answer": "Yes, it is.", "documents": ["plain"], "split": "dev"},
        {
            "id": "g2",
            "question": "What does late return cost?",
            "answer": SECRET,
            "documents": ["secret-en"],
            "split": "dev",
        },
    ]
    put(lake, uc, "golden_set", {}, {"golden.json": {"items": items}}, config=items, preview={"dev questions": items})
    candidate_of(lake, uc, made.digest, filtered.digest, items)
    asked = [
        interaction("i1", "What does it cost?", f"It is the {MARK} fee.", ["secret-en#0"]),
        interaction("i2", "Is it free?", "Yes, an account is free of charge.", ["plain#0"]),
        interaction("i3", f"我的{ZH_MARK}借书证的费用为每季度九十五元吗", "是的。", ["plain#0"]),
        interaction("i4", "I am Jane and want to be forgotten, please.", "Of course.", []),
    ]
    write_rows(lake.home / "staging" / "log.parquet", INTERACTIONS, asked)
    lake.tables.add(uc.key("interactions"), lake.home / "staging" / "log.parquet")
    (lake.home / "staging" / "log.parquet").unlink()
    logged = lake.tables.open(uc.key("interactions")).search().to_list()
    put(
        lake,
        uc,
        "interactions",
        {"interactions_day": (DAY, [day_row(r) for r in logged])},
        {"interactions.json": {}},
        partition="2026-01-05",
    )
    leftovers(lake, uc)


def candidate_of(lake: Lake, uc: UseCase, pairs: str, filtered: str, items: list[Row]) -> None:
    training = {"pairs": {"digest": pairs}, "corpus": {"digest": filtered}}
    criteria = publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": []}})
    for partition in (None, V1):
        put(lake, uc, "model_plan", {}, {"plan.json": {"model_version": V1, "training": training}}, partition=partition)
    publish(lake, uc.key("aligned_checkpoint"), {"training_log.json": {"version": V1}}, partition=V1)
    said = [
        output("g1", "base_with", "Yes, an account is free of charge.", ["plain#0"]),
        output("g2", "base_with", f"One pays the {MARK} fee every quarter.", ["secret-en#0", "plain#0"]),
        output("g2", "base_without", "I cannot know that, sorry.", []),
    ]
    sample = {"question": items[1]["question"], "reference": SECRET, "answers": {"base_with": said[1]["answer"]}}
    report = put(
        lake,
        uc,
        "eval_report",
        {"eval_outputs": (OUTPUTS, said)},
        {"eval_report.json": {"of": V1, "samples": [sample]}},
        partition=V1,
    )
    prose = f"# Card\n\n- **Reference:** {SECRET}\n- Answer: {said[1]['answer']}\n- Limits: small\n"
    page = f"<html><p class='x'>{SECRET}</p><p>kept &amp; fine</p></html>"
    card = put(
        lake,
        uc,
        "model_card",
        {},
        {"model_card.json": {"samples": [sample]}, "README.md": prose, "page.html": page},
        partition=V1,
    )
    evidence = {"eval_report": report.digest, "model_card": card.digest, "success_criteria": criteria.digest}
    put(
        lake,
        uc,
        "release_decision",
        {},
        {"decision.json": {"model_version": V1, "verdict": "go", "evidence": evidence}},
        partition=V1,
    )


def leftovers(lake: Lake, uc: UseCase) -> None:
    """Copies outside tables and artifacts."""
    inbox = lake.home / "inbox" / uc.name / "documents"
    (inbox / "notes").mkdir(parents=True)
    lines = [
        json.dumps({"id": "secret-en", "text": SECRET}),
        json.dumps({"id": "other", "text": PLAIN}),
        f'{{"text": "{SECRET}',
    ]
    (inbox / "drop.jsonl").write_text("\n".join(lines) + "\n")
    (inbox / "packed.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[:2]).encode()))
    (inbox / "notes" / f"{ZH_MARK[0]}.md").write_text(SECRET_ZH)
    (inbox / "table.csv").write_text(f'doc_id,text\nsecret-en,"{SECRET}\nsecond line"\nother,{PLAIN}\n')
    (inbox / "list.json").write_text(
        json.dumps([{"id": "secret-zh", "text": SECRET_ZH}, {"id": "x", "text": PLAIN}], ensure_ascii=False)
    )
    pq.write_table(pa.table({"id": ["secret-en", "y"], "text": [SECRET, PLAIN]}), inbox / "rows.parquet")
    feedback = inbox.parent / "feedback"
    feedback.mkdir()
    texts = [
        {"question": "q", "chosen": SECRET, "rejected": "no", "reviewer": "r"},
        {"question": "q", "chosen": "a", "rejected": "b", "reviewer": "r"},
    ]
    (feedback / "f.jsonl").write_text("".join(json.dumps(t) + "\n" for t in texts))
    stage = lake.cache / "corpus" / uc.name / "ingest"
    stage.mkdir(parents=True)
    pq.write_table(pa.table({"id": ["secret-en", "plain"], "text": [SECRET, PLAIN]}), stage / "a.parquet")
    pq.write_table(pa.table({"id": ["secret-zh"], "text": [SECRET_ZH]}), stage / "b.parquet")
    scratch = lake.home / "scratch" / "abandoned" / "x"
    scratch.mkdir(parents=True)
    (scratch / "answers.json").write_text(json.dumps([SECRET]))
    killed = lake.home / "staging" / f"{'0' * 32}-deadbeef"
    killed.mkdir(parents=True)
    (killed / "half.json").write_text(SECRET)
    (lake.home / "logs").mkdir()
    (lake.home / "logs" / "daemon.log").write_text(f"started\nread: {SECRET}\nended\n")
    history = lake.home / "dagster" / "history" / "runs"
    history.mkdir(parents=True)
    event = {
        "metadata": {"first passages": [{"doc_id": "secret-en", "heading": f"Late {MARK} fees"}], "golden": SECRET}
    }
    db = sqlite3.connect(history / "run.db")
    with db:
        db.execute("create table event_logs (id integer primary key, event TEXT not null, kind VARCHAR(20))")
        db.executemany(
            "insert into event_logs (event, kind) values (?, 'x')",
            [(json.dumps(event),), (json.dumps({"message": PLAIN}),)],
        )
    db.close()


# --- looking into the files
# -----------------------------------------------------------------------------------------------


def decoded(path: Path) -> Iterator[bytes]:
    """What a file says, raw and unpacked."""
    raw = path.read_bytes()
    yield raw
    if path.suffix == ".gz":
        yield gzip.decompress(raw)
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist()).encode()
    if path.suffix == ".json":
        yield json.dumps(json.loads(raw), ensure_ascii=False).encode()


def files_with(lake: Lake, *marks: str) -> list[str]:
    """Files of the home that hold a mark anywhere: raw, unpacked, JSON-escaped, or in any version of a table."""
    wanted = [m.encode() for m in marks] + [json.dumps(m)[1:-1].encode() for m in marks]
    found = [
        p.relative_to(lake.home).as_posix()
        for p in sorted(lake.home.rglob("*"))
        if p.is_file() and any(m in content for content in decoded(p) for m in wanted)
    ]
    for folder in sorted((lake.home / "tables").glob("*.lance")):
        name = folder.name.removesuffix(".lance")
        for version in lake.tables.open(name).list_versions():
            table = lake.tables.open(name)
            table.checkout(version["version"])
            if any(m in str(table.search().to_arrow().to_pylist()) for m in marks):
                found.append(f"{name}@{version['version']}")
    return found


def data_files(lake: Lake) -> set[str]:
    return {p.relative_to(lake.home).as_posix() for p in (lake.home / "tables").rglob("*.lance") if p.is_file()}


AT_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def said(row_id: str, question: str, answer: str = "Yes.") -> Row:
    """An exchange as an import brings it."""
    return {"id": row_id, "question": question, "answer": answer, "channel": "import", "at": AT_NOON}
