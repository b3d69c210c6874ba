"""A corpus of any size from real sentences, English and Chinese, with planted dirt, exact and near duplicates. Holds
no benchmark.

How a document is made, from a seed: pick a language (20 % Chinese), then sentences at random from real texts (US and
EU regulations, a bank's articles, complaints, encyclopaedia passages, web text; Chinese writing tasks), until a length
drawn from a log-normal with a median of 1.6 thousand characters is reached; Chinese sentences are joined by blanks, so
that Data-Juicer's blank-separated shingles mean something there. 3 % are exact copies of an earlier document, 5 %
copies with three words changed, 2 % carry markup, 3 % links and addresses, 2 % wrongly decoded characters, 2 % odd
blanks, 1 % are too short, 1 % repeat one sentence, 1 % are mostly symbols, 1 % are sworn at."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ENGLISH = (
    "cfpb_regs/docs.jsonl", "eu_regs/articles.jsonl", "banking_kb/docs.jsonl", "boolq/passages.jsonl", "cfpb_complaints/complaints.jsonl",
    "web_raw/c4_demo.jsonl",
)  # fmt: skip
PACKAGED = "tau2/data/domains/banking_knowledge/documents.json.gz"  # in the package inspect-evals
CHINESE = "writingbench/benchmark_all.jsonl"  # in the package inspect-evals
SWEARS = ("damn", "hell", "crap", "混蛋")
MEDIAN, SPREAD = 1600, 0.6


def sentences() -> dict[str, list[str]]:
    """Real sentences of 20 to 400 characters (Chinese: 8 to 150), by language, sorted, each once."""
    folder = Path(next(iter(find_spec("inspect_evals").submodule_search_locations)))  # type: ignore[union-attr, arg-type]
    english = {s.strip() for text in english_texts(folder) for s in re.split(r"(?<=[.;:?!])\s+", text)}
    chinese = {
        s.strip() for text in texts(folder / CHINESE, "query") for s in re.split(r"(?<=[。！？])|[\n\"\\]", text)
    }
    han = re.compile(r"[\u4e00-\u9fff]")
    return {
        "en": sorted(s for s in english if 20 <= len(s) <= 400),
        "zh": sorted(
            s for s in chinese if 8 <= len(s) <= 150 and len(han.findall(s)) * 2 > len(s) and s[-1] in "。！？"
        ),
    }


def english_texts(folder: Path) -> Iterator[str]:
    """Of the data sets beside the project; without them, of the one that a package carries: enough for tests, too
    uniform to measure with."""
    if SHARED.is_dir():
        for name in ENGLISH:
            yield from texts(SHARED / name, "text")
    else:
        yield from (d["content"] for d in json.loads(gzip.decompress((folder / PACKAGED).read_bytes())))


def texts(file: Path, field: str) -> Iterator[str]:
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)[field]


def documents(count: int, seed: int = 7) -> Iterator[dict[str, str]]:
    """`count` documents {id, text}; ids sort in the order they come."""
    chance, pool = random.Random(seed), sentences()
    earlier: list[str] = []
    for number in range(count):
        kind, text = chance.random(), plain(chance, pool)
        if kind < 0.08 and earlier:
            text = chance.choice(earlier)
            text = text if kind < 0.03 else with_words_changed(chance, text)
        elif kind < 0.20:
            text = dirty(chance, text, kind)
        if len(earlier) < 5000:
            earlier.append(text)
        elif chance.random() < 0.05:
            earlier[chance.randrange(5000)] = text
        yield {"id": f"d{number:08d}", "text": text}


def plain(chance: random.Random, pool: dict[str, list[str]]) -> str:
    language = "zh" if chance.random() < 0.2 else "en"
    wanted = chance.lognormvariate(0, SPREAD) * MEDIAN * (0.5 if language == "zh" else 1)
    parts: list[str] = []
    size = 0
    while size < wanted:
        sentence = chance.choice(pool[language])
        parts.append(sentence)
        size += len(sentence) + 1
    if language == "zh":
        return " ".join(parts)
    return "".join(s + (" " if chance.random() < 0.85 else "\n") for s in parts).strip()


def with_words_changed(chance: random.Random, text: str) -> str:
    words = text.split(" ")
    for _ in range(3):
        words[chance.randrange(len(words))] = f"item{chance.randrange(1000)}"
    return " ".join(words)


def dirty(chance: random.Random, text: str, kind: float) -> str:
    if kind < 0.10:
        return "<div><p>" + text.replace("\n", "</p><p>") + "</p><ul><li>one</li><li>two &amp; three</li></ul></div>"
    if kind < 0.13:
        return f"{text} See https://www.example.org/path?x={chance.randrange(999)} or write to desk{chance.randrange(99)}@example.org today."
    if kind < 0.15:
        return text.replace(" the ", " theâ€™s ").replace("e", "Ã©", 3) + " â€œquotedâ€\x9d"
    if kind < 0.17:
        return "\u3000" + text.replace(" ", "\u00a0", 20).replace(",", "，", 5) + "\t\u200b "
    if kind < 0.18:
        return text[: chance.randrange(1, 9)]
    if kind < 0.19:
        return (text[:60] + " ") * 40
    return (
        "*** $$$ ### 123 --- " * 30 + text[:50]
        if kind < 0.195
        else " ".join(chance.choice(SWEARS) for _ in range(60)) + " " + text[:100]
    )


def write(path: Path, count: int, seed: int = 7) -> int:
    """One document a line. Returns the bytes of all texts."""
    size = 0
    with open(path, "w", encoding="utf-8") as f:
        for document in documents(count, seed):
            size += len(document["text"].encode())
            f.write(json.dumps(document, ensure_ascii=False) + "\n")
    return size
