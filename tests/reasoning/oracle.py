"""The labelled cases of the packaged policies, labelled by plain Python written from the policies' words, without a solver.

    python -m tests.reasoning.oracle     writes policies/*.cases.jsonl of the examples anew

Belongs here: what each policy says of a whole case, and texts that state a case in people's words: as the policy's
author expected them, in words nobody expected, denied, supposed, or in two ways at once. A case that leaves something
out is labelled by trying every value of what it leaves out."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.use_case.workspace import PACKAGED

Facts = dict[str, Any]
# How a text may state a value. True: it must be read as that value; False: words that must not be taken for it.
Sayings = Mapping[tuple[str, Any], list[str]]


@dataclass(frozen=True)
class Policy:
    example: str
    name: str
    values: Mapping[str, tuple[Any, ...]]  # of each variable, enough to meet every limit from both sides
    concludes: Callable[[Facts], Facts]  # from a whole case
    claims: Mapping[str, Callable[[Facts], bool]]  # statement → whether it holds of what was concluded
    sayings: Sayings
    end: str


def card_fees(f: Facts) -> Facts:
    free_month = f["paid_in"] >= 1000 or f["age"] < 27
    other = 0 if f["earlier_withdrawals"] < 2 else 2.5
    return {
        "monthly_fee": 0 if free_month else 3.9,
        "withdrawal_fee": 0 if f["machine"] == "ours" else other,
        "payment_fee": min(30, round(0.015 * f["amount"], 6)) if f["outside_euro"] else None,
        "replacement_fee": 0 if f["stolen"] else 8,
        "overdraft": False if f["age"] < 18 else None,
    }


def home_insurance(f: Facts) -> Facts:
    insured = f["cause"] in ("pipe", "appliance", "basin") or (f["cause"] == "rain" and f["storm_opened_roof"])
    lost = f["gradual"] or f["wear"] or f["days_to_report"] > 14 or (f["empty_days"] > 60 and not f["water_off"])
    covered = insured and not lost
    return {"covered": covered, "paid": max(0, f["damage"] - 200) if covered else 0}


def overdue_fines(f: Facts) -> Facts:
    free = f["age"] < 14 or f["closed"]
    price = f["price"] * (3 if f["rare"] else 1)
    return {"fine": 0 if free else min(20, round(0.2 * f["days"], 6)), "compensation": price if f["lost"] else None}


POLICIES = (
    Policy(
        "bank_support",
        "card_fees",
        {
            "paid_in": (0, 999, 1000, 2400),
            "age": (12, 17, 18, 26, 27, 40),
            "machine": ("ours", "another_bank"),
            "earlier_withdrawals": (0, 1, 2, 5),
            "outside_euro": (True, False),
            "amount": (40, 2000, 2500),
            "stolen": (True, False),
        },
        card_fees,
        {
            "monthly_fee == 0": lambda c: c["monthly_fee"] == 0,
            "monthly_fee == 3.90": lambda c: c["monthly_fee"] == 3.9,
            "withdrawal_fee == 0": lambda c: c["withdrawal_fee"] == 0,
            "withdrawal_fee > 2": lambda c: c["withdrawal_fee"] > 2,
            "replacement_fee == 8": lambda c: c["replacement_fee"] == 8,
        },
        {
            ("paid_in", 999): ["999 EUR paid in.", "Nearly a thousand came in."],
            ("paid_in", 2400): ["2,400 EUR of income arrived.", "A good salary arrived."],
            ("age", 26): ["She is 26 years old.", "She is in her mid twenties."],
            ("age", 40): ["He is 40 years old.", "He is middle-aged."],
            ("machine", "ours"): ["It was your own machine.", "It was not a machine of another bank."],
            ("machine", "another_bank"): ["It was another bank's machine.", "It was a stranger's machine."],
            ("earlier_withdrawals", 5): ["There were 5 earlier withdrawals.", "There were many before."],
            ("earlier_withdrawals", 1): ["There was 1 withdrawals before.", "There was one before."],
            ("stolen", True): ["The card was stolen.", "A thief has it now."],
            ("stolen", False): ["I broke it.", "The card was not stolen."],
        },
        " ",
    ),
    Policy(
        "bank_support",
        "home_insurance",
        {
            "cause": ("pipe", "appliance", "basin", "rain", "groundwater"),
            "gradual": (True, False),
            "wear": (True, False),
            "storm_opened_roof": (True, False),
            "empty_days": (0, 60, 61),
            "water_off": (True, False),
            "days_to_report": (1, 14, 15),
            "damage": (150, 200, 1250),
        },
        home_insurance,
        {
            "covered": lambda c: c["covered"],
            "not covered": lambda c: not c["covered"],
            "paid == 0": lambda c: c["paid"] == 0,
            "paid == 1050": lambda c: c["paid"] == 1050,
        },
        {
            ("cause", "pipe"): ["A pipe burst in the bathroom.", "Something in the wall gave way."],
            ("cause", "appliance"): ["The washing machine leaked.", "One of our machines leaked."],
            ("cause", "groundwater"): ["Groundwater came up.", "It rose from below."],
            ("cause", "rain"): ["Rain came in.", "It poured through the ceiling."],
            ("gradual", True): ["It went on for weeks.", "It did not come suddenly."],
            ("gradual", False): ["It came suddenly.", "It did not come gradually."],
            ("wear", True): ["The seal was worn out.", "Nobody had looked after it."],
            ("wear", False): ["It was newly installed.", "There was no old seal."],
            ("storm_opened_roof", True): ["A storm tore the roof open.", "The roof was gone after the storm."],
            ("storm_opened_roof", False): ["It came through an open window.", "Maybe the storm opened the roof."],
            ("empty_days", 0): ["0 days empty.", "We were at home."],
            ("empty_days", 61): ["It was 61 days empty.", "It stood empty all summer."],
            ("water_off", True): ["The water was turned off at the main.", "We had closed the valve."],
            ("days_to_report", 1): ["We called 1 days later.", "We called at once."],
            ("days_to_report", 15): ["We called 15 days after we found it.", "We called late."],
            ("damage", 1250): ["The damage is 1,250 EUR.", "The damage is considerable."],
        },
        " ",
    ),
    Policy(
        "library_zh",
        "overdue_fines",
        {
            "days": (0, 10, 100, 101, 300),
            "age": (9, 13, 14, 35),
            "closed": (True, False),
            "lost": (True, False),
            "rare": (True, False),
            "price": (30, 80),
        },
        overdue_fines,
        {
            "fine == 0": lambda c: c["fine"] == 0,
            "fine == 2": lambda c: c["fine"] == 2,
            "fine <= 20": lambda c: c["fine"] <= 20,
            "fine == 20": lambda c: c["fine"] == 20,
        },
        {
            ("days", 10): ["逾期10天。", "逾期一个多星期。"],
            ("days", 300): ["逾期300天。", "逾期快一年了。"],
            ("age", 9): ["读者9岁。", "读者还在上小学。"],
            ("age", 35): ["读者35岁。", "读者早已成年。"],
            ("closed", True): ["那段时间一直闭馆。", "那段时间图书馆没有开放。"],
            ("closed", False): ["图书馆照常开馆。", "图书馆没有一直闭馆。"],
            ("lost", True): ["书弄丢了。", "书找不到了。"],
            ("lost", False): ["书已归还。", "书没有弄丢了。"],
        },
        "",
    ),
)


def label(policy: Policy, facts: Facts, claim: str) -> str:
    """`true`, `false`, or `open` where it depends on what is not stated."""
    free = [name for name in policy.values if name not in facts]
    holds = {
        policy.claims[claim](policy.concludes({**facts, **dict(zip(free, values, strict=True))}))
        for values in itertools.product(*(policy.values[name] for name in free))
    }
    return "open" if len(holds) == 2 else str(holds.pop()).lower()


def cases(policy: Policy, count: int, seed: int) -> list[dict[str, Any]]:
    """Half of them as facts, half as texts, whole or with gaps."""
    chance, found = random.Random(seed), []
    for place in range(count):
        claim = chance.choice(list(policy.claims))
        if place % 2:
            facts, text = told(policy, chance)
            stated: dict[str, Any] = {"text": text}
        else:
            names = [name for name in policy.values if chance.random() < 0.75]
            facts = {name: chance.choice(policy.values[name]) for name in names}
            stated = {"facts": facts}
        found.append(
            {"id": f"{policy.name}-{place + 1}", **stated, "claim": claim, "label": label(policy, facts, claim)}
        )
    return found


def told(policy: Policy, chance: random.Random) -> tuple[Facts, str]:
    """Facts and a text that states them; a fifth of the sentences in words nobody expected."""
    by_name: dict[str, list[tuple[Any, list[str]]]] = {}
    for (name, value), sentences in policy.sayings.items():
        by_name.setdefault(name, []).append((value, sentences))
    facts, said = {}, []
    for name, ways in by_name.items():
        if chance.random() < 0.8:
            value, sentences = chance.choice(ways)
            facts[name] = value
            said.append(sentences[chance.random() < 0.2])
    chance.shuffle(said)
    return facts, policy.end.join(said) or policy.end.join(next(iter(policy.sayings.values()))[1:])


def cases_file(policy: Policy) -> Path:
    return PACKAGED / policy.example / "policies" / f"{policy.name}.cases.jsonl"


def written(policy: Policy) -> str:
    rows = cases(policy, 120, seed=17)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    for one in POLICIES:
        cases_file(one).write_text(written(one), "utf-8")
