"""Payload: preference pairs from the corpus, from observed questions, and from people's feedback and demonstrations.

Belongs here: answers of the base model and their comparison. Does not belong here: choosing facts or wording questions
(`alignment/pairs.py`), reading feedback files (the asset does)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from genaiops_assets.alignment import (
    PAIRS,
    PairConfig,
    PairInputs,
    facts_of,
    find_leaks,
    is_covered,
    open_judge,
    pair_row,
    without_decided,
)
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import Judge, OverlapJudge, ranked
from genaiops_assets.lake import write_rows
from genaiops_assets.models import ModelSpec, be_deterministic, prompts_in
from genaiops_assets.retrieval import open_embedder, open_retriever
from genaiops_assets.use_case import Origin

SPARE = 1.25  # some candidates do not differ enough and fall out
JUDGE = "judge"
PEOPLE = "people"
TEMPERATURE = 0.8  # at which answers are drawn
DEPTH = 50  # passages searched for the one a demonstration rests on
COUNTS = ("facts", "observed_questions", "empty_answers", "equal_answers", "below_margin", "without_document")


class Maker:
    """Everything a pair needs: passages for a question and answers with and without them. `counts` says what became of
    the candidates."""

    def __init__(self, job: Job, inputs: PairInputs, config: PairConfig):
        be_deterministic(job.seed, job.cpus)
        self.job, self.config, self.counts = job, config, Counter[str]()
        self.prompts = prompts_in(config.model_dump())
        search = inputs.model_dump(include={"index", "embedder", "reranker"})
        self.retriever = open_retriever(job.lake().tables, search, cache=job.cache, cpus=job.cpus)
        spec = ModelSpec(base=inputs.base, dtype=config.dtype, load_in_4bit=config.load_in_4bit)
        self.generator = spec.open(job.cache)
        self.judge = self.opened_judge(inputs) if config.judging else OverlapJudge()

    def opened_judge(self, inputs: PairInputs) -> Judge:
        assert self.config.judging is not None
        return open_judge(
            self.config.judging,
            language=self.config.language,
            embedder=lambda: open_embedder(inputs.embedder, cache=self.job.cache, cpus=self.job.cpus),
            generator=lambda: self.generator,
            prompts=self.prompts,
        )

    def accepted(self, asked: int, pairs: int) -> None:
        self.counts["sampled_questions"] += asked
        self.counts["sampled_accepted"] += pairs

    def acceptance(self) -> dict[str, Any]:
        """How many of the questions whose answers were drawn gave a pair; empty where none are drawn."""
        asked, taken = self.counts["sampled_questions"], self.counts["sampled_accepted"]
        if self.config.best_of == 1 or not asked:
            return {}
        return {"best_of": self.config.best_of, "sampled_questions": asked, "acceptance_rate": taken / asked}

    def best_and_worst(
        self, question: str, candidates: list[str], passages: list[str], fact: str | None
    ) -> tuple[tuple[str, float], tuple[str, float]]:
        """The candidates the judge scores highest and lowest; those it abstains from are no candidates."""
        return ranked(self.judge, question, candidates, passages, fact)

    def passages(self, questions: list[str]) -> list[list[Any]]:
        return self.retriever.find(questions, self.config.passages)

    def answers(self, what: str, questions: list[str], passages: list[list[str]]) -> list[str]:
        """Generated once: a killed run finds its answers in scratch, sealed."""
        kept = self.job.kept(what)
        if kept and kept["questions"] == questions and kept["passages"] == passages:
            return kept["answers"]
        self.generator.progress = partial(self.job.progress, f"{what} answers")
        prompts = [self.prompts.messages(q, p) for q, p in zip(questions, passages, strict=True)]
        made = self.generator.generate(prompts, self.config.max_new_tokens)
        self.job.keep(what, {"questions": questions, "passages": passages, "answers": made})
        return made

    def own_answers(self, what: str, questions: list[str], passages: list[list[str]]) -> list[list[str]]:
        """The model's answers with passages: one each, or `best_of` drawn at random, kept as `answers` are."""
        count = self.config.best_of
        if count == 1:
            return [[answer] for answer in self.answers(what, questions, passages)]
        name = f"{what}, {count} each"
        kept = self.job.kept(name)
        if kept and kept["questions"] == questions and kept["passages"] == passages:
            return kept["answers"]
        self.generator.progress = partial(self.job.progress, f"{name} answers")
        prompts = [self.prompts.messages(q, p) for q, p in zip(questions, passages, strict=True)]
        made = self.generator.sample(
            prompts, self.config.max_new_tokens, count, temperature=TEMPERATURE, seed=self.job.seed
        )
        self.job.keep(name, {"questions": questions, "passages": passages, "answers": made})
        return made

    def differ(self, chosen: tuple[str, float], rejected: tuple[str, float], margin: float) -> bool:
        """Whether two judged answers make a pair; those that do not are counted by their reason."""
        if not rejected[0]:
            self.counts["empty_answers"] += 1
        elif chosen[0] == rejected[0]:
            self.counts["equal_answers"] += 1
        elif chosen[1] - rejected[1] < margin:
            self.counts["below_margin"] += 1
        else:
            return True
        return False


def corpus_pairs(maker: Maker, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grounded answer, ungrounded answer and the source sentence, ranked by the judge; or the answers drawn by the
    model, all its own, so that it learns from what it says itself."""
    facts = facts_of(documents, int(maker.config.count * SPARE))
    maker.counts["facts"] = len(facts)
    questions = [f.question for f in facts]
    passages = [with_source(p, f) for p, f in zip(maker.passages(questions), facts, strict=True)]
    grounded = maker.own_answers("grounded", questions, passages)
    drawn = maker.config.best_of > 1
    ungrounded = [""] * len(questions) if drawn else maker.answers("ungrounded", questions, [[] for _ in questions])
    rows = []
    for fact, quoted, g, u in zip(facts, passages, grounded, ungrounded, strict=True):
        candidates = g if drawn else [fact.sentence, *g, u]
        chosen, rejected = maker.best_and_worst(fact.question, candidates, quoted, fact.sentence)
        if maker.differ(chosen, rejected, maker.config.min_margin):
            rows.append(pair_row(Origin.CORPUS, fact.doc_id, fact.question, quoted, chosen, rejected, JUDGE))
    maker.accepted(len(questions), len(rows))
    return rows[: maker.config.count]


def with_source(found: list[Any], fact: Any) -> list[str]:
    """The passages found, and the one the fact stands in: it replaces the last where search missed it."""
    quoted = [p.quoted for p in found]
    if not any(fact.sentence in text for text in quoted):
        quoted[-1:] = [f"{fact.title}\n{fact.sentence}"]
    return quoted


def observed_pairs(maker: Maker, questions: list[str]) -> list[dict[str, Any]]:
    """For questions people really asked: the better grounded answer, or a refusal where the corpus says nothing."""
    maker.counts["observed_questions"] = len(questions)
    found = maker.passages(questions)
    passages = [[p.quoted for p in ps] for ps in found]
    grounded = maker.own_answers("observed grounded", questions, passages)
    ungrounded = maker.answers("observed ungrounded", questions, [[] for _ in questions])
    rows = []
    for question, ps, quoted, g, u in zip(questions, found, passages, grounded, ungrounded, strict=True):
        covered = is_covered(p.score for p in ps)
        chosen, rejected = (
            maker.best_and_worst(question, [*g, u], quoted, None)
            if covered
            else ((maker.prompts.refusal, 1.0), (u, 0.0))
        )
        if maker.differ(chosen, rejected, margin=maker.config.min_margin if covered else 0):
            doc_id = ps[0].doc_id if covered else ""
            rows.append(pair_row(Origin.OBSERVED, doc_id, question, quoted, chosen, rejected, JUDGE))
    maker.accepted(len(questions), len(rows))
    return rows


def demonstration_pairs(maker: Maker, demonstrations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A person's answer against the model's own, with the passage search finds or, where it misses the document, the
    document's best. One whose documents are not in the index is left out."""
    found = maker.retriever.find([d["question"] for d in demonstrations], DEPTH)
    shown = [
        (d, basis) for d, ps in zip(demonstrations, found, strict=True) if (basis := basis_of(d, ps, maker.config))
    ]
    maker.counts["without_document"] = len(demonstrations) - len(shown)
    questions, passages = [d["question"] for d, _ in shown], [[p.quoted for p in ps] for _, ps in shown]
    own = maker.answers("demonstration", questions, passages) if maker.config.compares else [""] * len(shown)
    rows = []
    for (demonstration, ps), texts, answer in zip(shown, passages, own, strict=True):
        chosen, rejected = (demonstration["answer"], 1.0), (answer, 0.0)
        if not maker.config.compares or maker.differ(chosen, rejected, margin=0):
            doc_id = ps[0].doc_id if demonstration["documents"] else ""
            rows.append(
                pair_row(Origin.DEMONSTRATION, doc_id, demonstration["question"], texts, chosen, rejected, PEOPLE)
            )
    return rows


def basis_of(demonstration: dict[str, Any], found: list[Any], config: PairConfig) -> list[Any]:
    """The passages to show, best first; none where the demonstration's documents were not found."""
    documents = demonstration["documents"]
    if not documents:
        return found[: config.passages]
    own = [p for p in found if p.doc_id in documents]
    if not own:
        return []
    first = found[: config.passages]
    return first if any(p.doc_id in documents for p in first) else [own[0], *first][: config.passages]


def human_pairs(maker: Maker, feedback: list[dict[str, str]]) -> list[dict[str, Any]]:
    """What people prefer; a thumb has an answer on one side, and an answer that is not there scores 0."""
    passages = maker.passages([f["question"] for f in feedback])
    return [
        pair_row(
            Origin.HUMAN,
            "",
            f["question"],
            [p.quoted for p in ps],
            (f["chosen"], 1.0 if f["chosen"] else 0.0),
            (f["rejected"], 0.0),
            f["reviewer"],
        )
        for f, ps in zip(feedback, passages, strict=True)
    ]


def work(job: Job) -> dict[str, Any]:
    """Inputs: `PairInputs`. Config: `PairConfig`. Leaves `pairs.parquet` in scratch, rows of `PAIRS` sorted by id.
    Returns what became of the candidates. Raises PayloadError when no pair came of them, with the numbers."""
    inputs, config = PairInputs.model_validate(job.inputs), PairConfig.model_validate(job.config)
    cited = {d for item in inputs.golden for d in item["documents"]}
    rows_of = job.lake().tables.read(inputs.corpus.snapshot(), ["id", "title", "text"]).to_pylist()
    documents = [d for d in rows_of if d["id"] not in cited]
    maker = Maker(job, inputs, config)
    rows = corpus_pairs(maker, documents) if config.count else []
    rows += observed_pairs(maker, inputs.observed) if inputs.observed else []
    rows += human_pairs(maker, inputs.feedback) if inputs.feedback else []
    rows += demonstration_pairs(maker, inputs.demonstrations) if inputs.demonstrations else []
    rows, decided = without_decided(rows)
    leaking = {pair for pair, _ in find_leaks(rows, inputs.golden)}
    unique = {r["id"]: r for r in rows if r["id"] not in leaking}
    made = {**{name: maker.counts[name] for name in COUNTS}, "leaking_dropped": len(leaking), **maker.acceptance()}
    made |= {"decided_by_people": decided} if decided else {}
    if not unique:
        raise PayloadError(no_pairs(made, len(documents), config.min_margin))
    write_rows(job.resume / "pairs.parquet", PAIRS, (unique[i] for i in sorted(unique)))
    return made


def no_pairs(made: dict[str, Any], documents: int, margin: float) -> str:
    """Why there are no pairs, in numbers, and what would make some."""
    way_out = (
        "add documents with figures in full sentences, or feedback"
        if not made["facts"]
        else "lower alignment.pairs.min_margin, raise alignment.pairs.count, or add feedback"
    )
    return (
        f"no preference pairs: {made['facts']} facts in {documents} documents that no golden question rests on and "
        f"{made['observed_questions']} observed questions; {made['empty_answers']} had an empty answer, "
        f"{made['equal_answers']} equal answers, {made['below_margin']} answers that differ by less than "
        f"alignment.pairs.min_margin {margin:g}, {made['leaking_dropped']} repeated a golden question. {way_out}"
    )


if __name__ == "__main__":
    run_payload(work)
