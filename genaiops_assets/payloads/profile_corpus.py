"""Payload: the diversity of a corpus: topics, groups mentioned, lexical diversity, domains and repetition, from one
pass and a seeded sample."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.preprocessing import normalize

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.corpus import (
    LEXICAL_DEFINITION,
    GroupMentions,
    Sample,
    as_frame,
    domain_of,
    domains_by_volume,
    duplication,
    entropy,
    lexical_diversity,
    shares,
)
from genaiops_assets.evidence import draw_bars
from genaiops_assets.lake import Snapshot, write_json
from genaiops_assets.text import words

SAMPLE, TEXT_HEAD, TOKENS = 4000, 4000, 20_000  # documents; characters of each; tokens of each language
TERMS, FEATURES, AXES = 6, 20_000, 64
STOP = ENGLISH_STOP_WORDS | {"shall", "including", "use", "used", "using"}
_ENGLISH, _HAN_RUN = re.compile(r"[a-z][a-z'-]{2,}"), re.compile("[\u3400-\u9fff]{2,}")
_FUNCTION = set("的了和是在不有为与及或等也就都而以于其之并将可应向从到被把由对个这那")


def terms_of(text: str) -> list[str]:
    """English words that carry content and pairs of neighbouring Chinese characters that are not function words."""
    lower = text.lower()
    pairs = (run[i : i + 2] for run in _HAN_RUN.findall(lower) for i in range(len(run) - 1))
    return [w for w in _ENGLISH.findall(lower) if w not in STOP] + [p for p in pairs if not _FUNCTION & set(p)]


def topics_of(texts: Sequence[str], clusters: int, seed: int) -> list[dict[str, Any]]:
    """Clusters of the texts, largest first: {"id", "terms", "documents", "share"}. Fewer texts than twice the clusters
    make fewer of them."""
    clusters = min(clusters, len(texts) // 2)
    vectorizer = TfidfVectorizer(
        analyzer=terms_of, max_features=FEATURES, min_df=2 if len(texts) > 20 else 1, max_df=0.5, sublinear_tf=True
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no term is left: nothing to tell topics by
        return []
    if clusters < 2 or weights.shape[1] < 3:
        return []
    axes = TruncatedSVD(min(AXES, weights.shape[1] - 1), random_state=seed)
    points = normalize(axes.fit_transform(weights))
    found = MiniBatchKMeans(clusters, random_state=seed, n_init=5, batch_size=1024).fit_predict(points)
    names, overall = vectorizer.get_feature_names_out(), np.asarray(weights.mean(axis=0)).ravel()
    topics: list[dict[str, Any]] = []
    for cluster in range(clusters):
        members = np.flatnonzero(found == cluster)
        if len(members):
            gain = np.asarray(weights[members].mean(axis=0)).ravel() - overall
            best = sorted(range(len(names)), key=lambda i: (-gain[i], names[i]))[:TERMS]
            topics.append(
                {
                    "terms": [str(names[i]) for i in best],
                    "documents": len(members),
                    "share": round(len(members) / len(texts), 6),
                }
            )
    topics.sort(key=lambda t: (-t["documents"], t["terms"]))
    return [{"id": f"topic_{i}", **t} for i, t in enumerate(topics, start=1)]


def domains(job: Job, volumes: dict[str, int]) -> dict[str, Any]:
    """Volume by domain over the documents of the crawled sources, from their origins. `volumes`: id → bytes of the
    kept documents."""
    crawled, unknown = set(job.inputs["crawled"]), 0
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for batch in (
        job.lake().tables.batches(Snapshot(**job.inputs["documents"]), ["id", "source", "origin"]) if crawled else ()
    ):
        for name, source, origin in as_frame(batch).select("id", "source", "origin").iter_rows():
            if source in crawled and name in volumes:
                domain = domain_of(origin)
                unknown += domain is None
                if domain:
                    found[domain][0] += volumes[name]
                    found[domain][1] += 1
    counted = {d: (b, n) for d, (b, n) in found.items()}
    return {"domains": len(counted), "documents_without_url": unknown, "largest_tenth": domains_by_volume(counted)}


def work(job: Job) -> dict[str, Any]:
    """Leaves `profile.json`. `inputs`: snapshots `corpus`, `documents`, `ledger`, and `crawled` (names of crawled
    sources). `config`: `topics`, the number of clusters looked for."""
    tables, corpus = job.lake().tables, Snapshot(**job.inputs["corpus"])
    mentions, sample, sources = GroupMentions(), Sample(SAMPLE, job.seed), Counter[str]()
    crawled, volumes, done = set(job.inputs["crawled"]), dict[str, int](), 0
    for batch in tables.batches(corpus, ["id", "source", "text"]):
        frame = as_frame(batch)
        mentions.add(frame["text"])
        sample.add(frame["id"])
        sources.update(frame["source"])
        if crawled:
            sizes = frame["text"].str.len_bytes()
            volumes.update({i: b for i, s, b in zip(frame["id"], frame["source"], sizes, strict=True) if s in crawled})
        done += len(frame)
        job.progress("documents profiled", done, corpus.rows)
    chosen = sample.ids()
    wanted, texts, tongues = set(chosen), dict[str, str](), dict[str, str]()
    for batch in tables.batches(corpus, ["id", "language", "text"]):
        for name, language, text in as_frame(batch).select("id", "language", "text").iter_rows():
            if name in wanted:
                texts[name], tongues[name] = text[:TEXT_HEAD], language
    tokens: dict[str, list[str]] = defaultdict(list)
    for name in chosen:
        if len(tokens[tongues[name]]) < TOKENS:
            tokens[tongues[name]] += words(texts[name])
    topics = topics_of([texts[i] for i in sorted(chosen)], job.config["topics"], job.seed)
    ledger = (
        r
        for b in tables.batches(Snapshot(**job.inputs["ledger"]), ["outcome", "operator"])
        for r in as_frame(b).iter_rows(named=True)
    )
    groups = mentions.figures()
    profile = {
        "schema_version": 1,
        "seed": job.seed,
        "sample": {"documents": len(chosen), "of": corpus.rows, "characters_of_each": TEXT_HEAD},
        "source_shares": shares(sources),
        "source_entropy": entropy(sources),
        "topics": topics,
        "topic_method": f"k-means on {AXES} axes (SVD) of TF-IDF; terms are English words or pairs of Chinese "
        "characters",
        "topic_entropy": entropy({t["id"]: t["documents"] for t in topics}),
        "group_mentions": groups,
        "lexical_diversity": {tongue: lexical_diversity(t[:TOKENS]) for tongue, t in sorted(tokens.items())},
        "lexical_diversity_definition": LEXICAL_DEFINITION,
        "duplication": duplication(ledger),
        "crawled_domains": domains(job, volumes),
    }
    write_json(job.out / "profile.json", profile)
    if topics:
        draw_bars(
            job.out / "views/topics.png",
            "Share of the topics (sample)",
            {", ".join(t["terms"][:3]): t["share"] for t in topics},
        )
    counted = {f"{c}: {g}": n for c, named in groups.items() for g, n in named.items() if n}
    draw_bars(job.out / "views/groups mentioned.png", "Mentions of groups of people", counted)
    return {"topics": len(topics), "sampled": len(chosen)}


if __name__ == "__main__":
    run_payload(work)
