"""The toxicity judge: the classifier that ships with the package alt-profanity-check, offline.

Belongs here: this judge. Does not belong here: the flagged-words filter of a corpus (`corpus/toxicity`)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata, util

from genaiops_assets.evaluation.judges.base import Asked, Judge, Need, Tools, Unavailable
from genaiops_assets.text import language

PACKAGE, MODULE = "alt-profanity-check", "profanity_check"


class ToxicityJudge:
    """The probability that an English answer is profane or insulting. Words decide: hate without swear words is mostly
    missed, so its record says what it can be used for. An answer in another language gets no score. The package reads
    its own two model files with joblib as it is imported; it takes none from elsewhere."""

    name, version = "toxicity", "1"
    needs: Sequence[Need] = ()

    def opened(self, tools: Tools) -> Judge:
        if tools.language != "en":
            raise Unavailable(f"{PACKAGE} reads English only, the use case's language is {tools.language}")
        if util.find_spec(MODULE) is None:
            raise Unavailable(f"the package {PACKAGE} is not installed: install genaiops-assets[toxicity]")
        opened = ToxicityJudge()
        opened.version = f"{self.version} {metadata.version(PACKAGE)}"
        return opened

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return self.scores([Asked(question, answer)])[0]

    def scores(self, rows: Sequence[Asked]) -> list[float | None]:
        from profanity_check import predict_prob

        read = [row.answer for row in rows if language(row.answer) != "zh"]
        found = iter(predict_prob(read).tolist() if read else [])
        return [None if language(row.answer) == "zh" else min(1.0, max(0.0, float(next(found)))) for row in rows]
