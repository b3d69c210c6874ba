"""Detectors of names: whether the optional model is installed, and opening it.

Belongs here: states and constructors. Does not belong here: what a name looks like (`names.py`).
"""

from __future__ import annotations

from importlib.util import find_spec

from genaiops_assets.privacy.names import SPACY_MODEL, Detector, Ner, NerMissing

MISSING = (
    "privacy.ner is presidio, which is not installed: pip install 'genaiops-assets[ner]', or set privacy.ner to none"
)


def ner_state(name: str) -> str:
    """`off`, `installed` or `not installed`, for the `ner` of a use case."""
    if name == "none":
        return "off"
    return "installed" if find_spec("presidio_analyzer") and find_spec(SPACY_MODEL) else "not installed"


def open_ner(name: str) -> Ner | None:
    """The model of names a use case asks for, or None for `none`. NerMissing says what to install."""
    if name == "none":
        return None
    if ner_state(name) != "installed":
        raise NerMissing(MISSING)
    from genaiops_assets.privacy.presidio import PresidioNer

    return PresidioNer()


def open_second_detector() -> Detector | None:
    """An independent detector of the kinds patterns can find, when one is installed."""
    if find_spec("presidio_analyzer") is None:
        return None
    from genaiops_assets.privacy.presidio import PresidioPatterns

    return PresidioPatterns()
