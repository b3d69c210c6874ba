"""Finding personal data and secrets in texts, and what a policy makes of each finding.

Belongs here: rules and names together, keep, mask, redact or drop. Does not: the rules (`shapes.py`), the models that
see names (`names.py`), where texts come from.

A policy is a plain mapping, `Privacy.model_dump()` of the use case: {"default": action, "by_kind": {kind: action}}.
keep: stays. mask: `<EMAIL>`. redact: `[j***@***]`, `[***1111]`. drop: the whole document goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genaiops_assets.privacy.names import Ner, find_names
from genaiops_assets.privacy.shapes import RULES
from genaiops_assets.text import Finding, replaced, scan, scan_one

if TYPE_CHECKING:
    import polars as pl

ID_KINDS = ("EMAIL", "SECRET", "IBAN", "RESIDENT_ID", "NINO", "ES_ID", "IT_FISCAL_CODE")
ACTIONS = ("keep", "mask", "redact", "drop")


@dataclass(frozen=True)
class Redaction:
    """A text after the policy ("" when dropped), what was found in it before, by kind, and whether the document must
    go."""

    text: str
    counts: dict[str, int]
    drop: bool


def find(text: str) -> list[Finding]:
    """Personal data and secrets in one text, by position, none overlapping; spans are exact, in characters."""
    return scan_one(text, RULES)


def find_all(texts: Sequence[str] | pl.Series, ner: Ner | None = None) -> list[list[Finding]]:
    """`find` for many texts, with names and places where a model for them is given. A clean text costs one fast
    scan."""
    found = scan(texts, RULES)
    return found if ner is None else find_names(list(texts), found, ner)


def find_in_ids(ids: Sequence[str] | pl.Series) -> list[list[Finding]]:
    """Personal data in ids and file names, of the kinds that an id is never by chance: digits alone are ids first."""
    return [[f for f in found if f.kind in ID_KINDS] for found in scan(ids, RULES)]


def redact(texts: Sequence[str], policy: Mapping[str, Any], ner: Ner | None = None) -> list[Redaction]:
    """Each text after the policy. Pure: the same texts and policy give the same result, whatever the batch.

    ValueError for an action that does not exist. Redacting a second time changes nothing.
    """
    _check(policy)
    return [_redaction(text, found, policy) for text, found in zip(texts, find_all(texts, ner), strict=True)]


def action_for(policy: Mapping[str, Any], kind: str) -> str:
    return policy.get("by_kind", {}).get(kind, policy["default"])


def _redaction(text: str, found: list[Finding], policy: Mapping[str, Any]) -> Redaction:
    if not found:
        return Redaction(text, {}, False)
    counts = dict(sorted(Counter(f.kind for f in found).items()))
    actions = {kind: action_for(policy, kind) for kind in counts}
    if "drop" in actions.values():
        return Redaction("", counts, True)
    changed = [f for f in found if actions[f.kind] != "keep"]
    return Redaction(
        replaced(text, changed, lambda f: _stand_in(f, text[f.start : f.end], actions[f.kind])), counts, False
    )


def _stand_in(finding: Finding, original: str, action: str) -> str:
    return f"<{finding.kind}>" if action == "mask" else f"[{_PARTS.get(finding.kind, _last_four)(original)}]"


def _last_four(original: str) -> str:
    return "***" + "".join(c for c in original if c.isalnum())[-4:]


def _address(original: str) -> str:
    return f"{original[0]}***@***"


def _network(original: str) -> str:
    separator = ":" if ":" in original else "."
    return separator.join([*original.split(separator)[:2], "***"])


def _initials(original: str) -> str:
    return " ".join(f"{word[0]}***" for word in original.split())


# In brackets, so that what is left of a number joins nothing beside it. A secret shows nothing: four characters can be
# a third of it.
_PARTS: dict[str, Callable[[str], str]] = {
    "EMAIL": _address,
    "IP": _network,
    "SECRET": lambda original: "***",
    "PERSON": _initials,
    "LOCATION": _initials,
}


def _check(policy: Mapping[str, Any]) -> None:
    for field, action in [
        ("default", policy["default"]),
        *((f"by_kind.{k}", a) for k, a in policy.get("by_kind", {}).items()),
    ]:
        if action not in ACTIONS:
            raise ValueError(f"privacy.{field}: no action {action!r}; one of {', '.join(ACTIONS)}")
