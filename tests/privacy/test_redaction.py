"""What a policy makes of findings: keep, mask, redact, drop; and that doing it twice changes nothing."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.privacy import redact
from genaiops_assets.privacy.redaction import find
from genaiops_assets.text import Finding
from genaiops_assets.use_case.corpus import Privacy
from tests.privacy.test_finding import MESSY

TEXT = "Mail josé@example.com or call +86 138 0013 8000 from 192.168.10.24, card 4111 1111 1111 1111."


def policy(**fields: object) -> dict:
    return Privacy.model_validate(fields).model_dump()


def test_keep_changes_nothing_and_still_counts() -> None:
    (kept,) = redact([TEXT], policy())
    assert (kept.text, kept.counts, kept.drop) == (TEXT, {"CARD": 1, "EMAIL": 1, "IP": 1, "PHONE": 1}, False)


def test_mask_and_redact() -> None:
    (masked,) = redact([TEXT], policy(default="mask"))
    assert masked.text == "Mail <EMAIL> or call <PHONE> from <IP>, card <CARD>."
    (partial,) = redact([TEXT], policy(default="redact"))
    assert partial.text == "Mail [j***@***] or call [***8000] from [192.168.***], card [***1111]."


def test_each_kind_has_its_own_action() -> None:
    (mixed,) = redact([TEXT], policy(default="keep", by_kind={"EMAIL": "mask", "CARD": "redact"}))
    assert mixed.text == TEXT.replace("josé@example.com", "<EMAIL>").replace("4111 1111 1111 1111", "[***1111]")


def test_a_kind_to_drop_takes_the_whole_document_with_it() -> None:
    dropped, clean = redact([TEXT, "年费为九十五元。"], policy(default="mask", by_kind={"CARD": "drop"}))
    assert (dropped.text, dropped.drop, dropped.counts["CARD"]) == ("", True, 1)
    assert (clean.text, clean.drop, clean.counts) == ("年费为九十五元。", False, {})


def test_a_secret_shows_nothing_of_itself() -> None:
    assert redact(["密码：Xk29fLq81ZtPw03b"], policy(default="redact"))[0].text == "密码：[***]"


def test_the_policy_travels_as_json_and_the_result_as_it_is() -> None:
    settings_ = json.loads(json.dumps(policy(default="mask")))
    made = redact([TEXT], settings_)
    assert pickle.loads(pickle.dumps(made)) == made == redact([TEXT], policy(default="mask"))


def test_an_action_that_does_not_exist_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"privacy\.by_kind\.EMAIL: no action 'erase'; one of keep, mask, redact, drop"
    ):
        redact(["a"], {"default": "keep", "by_kind": {"EMAIL": "erase"}})


@settings(max_examples=600, deadline=None)
@given(MESSY, st.sampled_from(["mask", "redact"]))
def test_doing_it_twice_changes_nothing(text: str, action: str) -> None:
    once = redact([text], policy(default=action))[0].text
    assert find(once) == []
    assert redact([once], policy(default=action))[0].text == once


class Names:
    """A model that finds every "Anna Kowalska"."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def names(self, texts):
        self.asked += texts
        return [
            [Finding("PERSON", t.index("Anna"), t.index("Anna") + 13)] if "Anna Kowalska" in t else [] for t in texts
        ]


def test_names_are_asked_for_only_where_they_can_be_and_never_over_a_rule() -> None:
    model = Names()
    texts = [
        "We spoke with Anna Kowalska.",
        "The fee is 95 dollars.",
        "The password: AnnaKowalska12x9 for Anna Kowalska.",
        "客户王小明先生来电。",
    ]
    made = redact(texts, policy(default="mask", ner="presidio"), model)
    assert made[0].text == "We spoke with <PERSON>."
    assert made[2].counts == {"SECRET": 1}  # the model pointed into the password
    assert model.asked == [texts[0], texts[2], texts[3]]
