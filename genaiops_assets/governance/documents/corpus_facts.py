"""What documents read from the statistics of a corpus, checked before it is used.

Belongs here: reading the corpus statistics as claims. Does not belong here: computing them (corpus package) or what a
document makes of them (`datasheet.py`, `model_card.py`). The keys of the statistics are listed in `datasheet.py`.
"""

from __future__ import annotations

from typing import Any

from genaiops_assets.evidence import Evidence, claim

SOURCE_KEYS = ("name", "ref", "license", "owner", "documents", "rights_basis", "personal_data")


def corpus_facts(corpus: Evidence, names: list[str]) -> dict[str, Any]:
    """Named statistics as claims: {name: claim}. KeyError names the missing statistic, or the missing field of a
    source."""
    return {name: _sources(corpus) if name == "sources" else claim(corpus, f"/{name}") for name in names}


def relates_to_people(corpus: Evidence) -> bool:
    """Whether a source declares personal data or the scan found some."""
    declared = [source["personal_data"] for source in _sources(corpus)["value"]]
    return any(level != "none" for level in declared) or any(claim(corpus, "/pii_counts")["value"].values())


def _sources(corpus: Evidence) -> dict[str, Any]:
    made = claim(corpus, "/sources")
    for place in range(len(made["value"])):
        for key in SOURCE_KEYS:
            claim(corpus, f"/sources/{place}/{key}")
    return made
