"""Names of people: which spellings are one person, and which are refused."""

from __future__ import annotations

import pytest

from genaiops_assets.text import UnusableName, canonical_name, same_person, says_something


@pytest.mark.parametrize(
    "other", ["ada approver", "ADA  APPROVER", "Ａｄａ Approver", " Ada Approver ", "Аԁа Approver"]
)
def test_spellings_of_one_person_are_one_person(other: str) -> None:
    assert same_person("Ada Approver", other)


@pytest.mark.parametrize("other", ["Ada Approve", "Adam Approver", "Arif Approver", "张伟"])
def test_other_people_are_other_people(other: str) -> None:
    assert not same_person("Ada Approver", other)


@pytest.mark.parametrize(
    "name", ["张伟", "José García", "山田 たろう", "Zoë O'Neil-Smith", "Łukasz", "Иван Петров", "김 민수"]
)
def test_real_names_are_accepted(name: str) -> None:
    assert canonical_name(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "at least one letter"),
        ("  ", "at least one letter"),
        ("123", "at least one letter"),
        ("Ada\u200bApprover", "invisible characters .U.200B."),
        ("Ada\u202e", "invisible"),
        ("Аdа Approver", "mixes CYRILLIC and LATIN"),
    ],
)
def test_names_nobody_can_tell_apart_are_refused(name: str, why: str) -> None:
    with pytest.raises(UnusableName, match=why):
        canonical_name(name)


def test_a_reason_says_something() -> None:
    assert says_something("ok") and says_something("可以") and says_something("1")
    assert not any(says_something(text) for text in ("", "  \n", "\u200b", "...", "\u2060 \u200d"))
