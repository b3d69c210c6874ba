"""Numbers with check digits for the probes, computed from the standards on their own, not through the engine's checks.

Belongs here: one function a kind of number that draws a valid one. Does not: the ways of writing it
(`probe_formats.py`)."""

from __future__ import annotations

import string
from random import Random

from genaiops_assets.privacy.probe_names import REGIONS, digits, grouped, nonzero, pick


def with_luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def card(rng: Random) -> str:
    start, length = rng.choice(
        [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("62", 16), ("6222", 19), ("6011", 16)]
    )
    return with_luhn(start + digits(rng, length - len(start) - 1))


def card_in_groups(rng: Random, gap: str) -> str:
    number = card(rng)
    return (
        grouped(number, 4, 6, 5, gap=gap)
        if len(number) == 15
        else grouped(number, 4, 4, 4, *([4, 3] if len(number) == 19 else [4]), gap=gap)
    )


def iban(rng: Random) -> str:
    country, bban = rng.choice(
        [
            ("DE", digits(rng, 18)),
            ("GB", pick(rng, "ABCDEFGHKLMNPRSTW", 4) + digits(rng, 14)),
            ("FR", digits(rng, 10) + pick(rng, string.ascii_uppercase + string.digits, 11) + digits(rng, 2)),
            ("ES", digits(rng, 20)),
            ("NL", pick(rng, "ABGINR", 4) + digits(rng, 10)),
            ("AT", digits(rng, 16)),
            ("NO", digits(rng, 11)),
        ]
    )
    number = int("".join(str(int(c, 36)) for c in bban + country) + "00")
    return f"{country}{98 - number % 97:02d}{bban}"


def in_fours(text: str, gap: str = " ") -> str:
    return gap.join(text[i : i + 4] for i in range(0, len(text), 4))


def resident_id(rng: Random) -> str:
    body = (
        rng.choice(REGIONS)
        + f"{rng.randint(1945, 2012)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        + digits(rng, 3)
    )
    return body + "10X98765432"[sum(int(d) * 2 ** (17 - i) for i, d in enumerate(body)) % 11]


def credit_code(rng: Random) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = rng.choice(["91", "92", "12", "51", "93"]) + rng.choice(REGIONS) + pick(rng, alphabet, 9)
    return body + alphabet[-sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31]


def german_tax(rng: Random) -> str:
    while True:
        order = rng.sample(string.digits, 9)
        body = [*order, rng.choice(order)]
        rng.shuffle(body)
        if body[0] != "0":
            break
    p = 10
    for digit in body:
        s = (int(digit) + p) % 10
        p = (10 if s == 0 else s) * 2 % 11
    return "".join(body) + str((11 - p) % 10)


def nir(rng: Random, department: str = "") -> str:
    department = department or f"{rng.randint(1, 95):02d}".replace("20", "21")
    body = (
        rng.choice("12")
        + digits(rng, 2)
        + f"{rng.randint(1, 12):02d}"
        + department
        + f"{rng.randint(1, 990):03d}"
        + f"{rng.randint(1, 999):03d}"
    )
    value = int(body.replace("2A", "19").replace("2B", "18")) if department in ("2A", "2B") else int(body)
    return body + f"{97 - value % 97:02d}"


def spanish(rng: Random) -> str:
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    if rng.random() < 0.5:
        number = digits(rng, 8)
        return number + letters[int(number) % 23]
    first, number = rng.choice("XYZ"), digits(rng, 7)
    return first + number + letters[int("XYZ".index(first) * 10**7 + int(number)) % 23]


def dni(rng: Random) -> str:
    number = digits(rng, 8)
    return number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23]


def fiscal_code(rng: Random) -> str:
    consonants = "BCDFGLMNPRSTVZ"
    body = (
        pick(rng, consonants, 6)
        + f"{rng.randint(40, 99)}"
        + rng.choice("ABCDEHLMPRST")
        + f"{rng.choice([0, 40]) + rng.randint(1, 28):02d}"
    )
    body += rng.choice("ABCDEFGHILM") + digits(rng, 3)
    odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
    order = [int(c) if c.isdigit() else ord(c) - 65 for c in body]
    return body + chr(65 + sum(odd[v] if i % 2 == 0 else v for i, v in enumerate(order)) % 26)


def vat(rng: Random) -> tuple[str, str]:
    country = rng.choice(["DE", "FR", "IT", "BE", "PL", "PT", "LU"])
    while True:
        if country == "DE":
            body, p = nonzero(rng, 8), 10
            for digit in body:
                p = ((int(digit) + p) % 10 or 10) * 2 % 11
            return country, body + str((11 - p) % 10)
        if country == "FR":
            siren = with_luhn(nonzero(rng, 8))
            return country, f"{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
        if country == "IT":
            return country, with_luhn(digits(rng, 10))
        if country == "BE":
            body = "0" + nonzero(rng, 7)
            return country, f"{body}{97 - int(body) % 97:02d}"
        if country == "LU":
            body = nonzero(rng, 6)
            return country, f"{body}{int(body) % 89:02d}"
        weights, body = (
            ((6, 5, 7, 2, 3, 4, 5, 6, 7), nonzero(rng, 9)) if country == "PL" else (range(9, 1, -1), nonzero(rng, 8))
        )
        rest = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
        check = rest if country == "PL" else (0 if rest < 2 else 11 - rest)
        if check < 10:
            return country, f"{body}{check}"


def ssn(rng: Random) -> tuple[str, str, str]:
    return (
        f"{rng.choice([*range(1, 666), *range(667, 900)]):03d}",
        f"{rng.randint(1, 99):02d}",
        f"{rng.randint(1, 9999):04d}",
    )


def nino(rng: Random) -> str:
    while True:
        prefix = rng.choice("ABCEGHJKLMNOPRSTWXYZ") + rng.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ"):
            return prefix + digits(rng, 6) + rng.choice("ABCD")


def wrong_card(rng: Random) -> str:
    """Sixteen digits of which the last is wrong by one."""
    right = with_luhn("4" + digits(rng, 14))
    return in_fours(right[:-1] + str((int(right[-1]) + 1) % 10))
