"""The table of ways of searching: sorted by what is sure, ties shown as ties."""

from genaiops_assets.assets.evaluation.retrieval_report import shown


def test_ways_that_cannot_be_told_apart_share_a_place() -> None:
    def scores(mean: float, low: float, high: float) -> dict:
        return {"mrr": {"mean": mean, "low": low, "high": high, "n": 40}}

    modes = {"words": scores(0.7, 0.3, 0.9), "both": scores(0.6, 0.5, 0.7), "meaning": scores(0.2, 0.1, 0.3)}
    assert [(r["mode"], r["place"]) for r in shown({"golden": modes})] == [("both", 1), ("words", 1), ("meaning", 3)]
