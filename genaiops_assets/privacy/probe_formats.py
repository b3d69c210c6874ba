"""Values of every kind of personal data in several ways of writing. All invented.

Ways of writing come from outside the rules they measure: from numbering plans and the ranges these keep for examples,
from DIN 5008 and its like. A way that the rules miss stays in.

Belongs here: ways of writing, common ones and those that people use to hide a value or mistype it. Does not: the
sentences around a value (`probe_sentences.py`), numbers that must check (`probe_numbers.py`)."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

from genaiops_assets.privacy.probe_names import (
    FIRST,
    HOSTS,
    LAST,
    STREETS,
    TOWNS,
    WORLD_HOSTS,
    WORLD_NAMES,
    ZH_GIVEN,
    ZH_STREETS,
    ZH_SURNAMES,
    ZH_TOWNS,
    digits,
    grouped,
    nonzero,
    pick,
)
from genaiops_assets.privacy.probe_numbers import (
    card,
    card_in_groups,
    credit_code,
    dni,
    fiscal_code,
    german_tax,
    iban,
    in_fours,
    nino,
    nir,
    resident_id,
    spanish,
    ssn,
    vat,
    with_luhn,
)

Draw = Callable[[Random], str]


def mailbox(rng: Random) -> str:
    first, last = rng.choice(FIRST).lower(), rng.choice(LAST).lower()
    return rng.choice(
        [f"{first}.{last}", f"{first[0]}{last}", f"{first}_{digits(rng, 2)}", f"{last}+bank", f"{digits(rng, 9)}"]
    )


def us_phone(rng: Random) -> tuple[str, str, str]:
    return rng.choice("23456789") + digits(rng, 2), rng.choice("23456789") + digits(rng, 2), digits(rng, 4)


def cn_mobile(rng: Random) -> str:
    return "1" + rng.choice("3456789") + digits(rng, 9)


def key(rng: Random, n: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return pick(rng, string.digits, 1) + pick(rng, alphabet, n - 2) + pick(rng, string.ascii_letters, 1)


FORMATS: dict[str, dict[str, Draw]] = {
    "EMAIL": {
        "plain": lambda r: f"{mailbox(r)}@{r.choice(HOSTS)}",
        "capitals": lambda r: f"{r.choice(FIRST)}.{r.choice(LAST)}@{r.choice(HOSTS)}",
        "subdomain": lambda r: f"{mailbox(r)}@{r.choice(FIRST).lower()}.{r.choice(HOSTS)}",
        "international": lambda r: f"{r.choice(WORLD_NAMES)}@{r.choice(WORLD_HOSTS)}",
        "at in brackets": lambda r: f"{mailbox(r)}{r.choice([' (at) ', '(at)', ' [at] '])}{r.choice(HOSTS)}",
    },
    "PHONE": {
        "us dashes": lambda r: "-".join(us_phone(r)),
        "us brackets": lambda r: "({}) {}-{}".format(*us_phone(r)),
        "us plus": lambda r: "+1 {} {} {}".format(*us_phone(r)),
        "uk plus": lambda r: f"+44 20 7{digits(r, 3)} {digits(r, 4)}",
        "de plus": lambda r: f"+49 (0) 30 {nonzero(r, 8)}" if r.random() < 0.3 else f"+49 30 {nonzero(r, 7)}",
        "fr points": lambda r: f"+33.1.{digits(r, 2)}.{digits(r, 2)}.{digits(r, 2)}.{digits(r, 2)}",
        "00 prefix": lambda r: f"0049 151 {nonzero(r, 8)}",
    },
    "PHONE national": {  # from the ranges that the numbering plans keep for films and books, where they do
        "uk Ofcom": lambda r: f"{r.choice(['020 7946 0', '0161 496 0', '01632 960', '07700 900'])}{digits(r, 3)}",
        "de Bundesnetzagentur": lambda r: (
            f"{r.choice(['030 23125 ', '(069) 90009-', '040/66969', '0171 39200'])}{digits(r, 3)}"
        ),
        "fr Arcep": lambda r: f"{r.choice(['01 99 00', '02 61 91', '06 39 98'])} {digits(r, 2)} {digits(r, 2)}",
        "fr points": lambda r: f"04.65.71.{digits(r, 2)}.{digits(r, 2)}",
        "es CNMC": lambda r: grouped(r.choice("69") + nonzero(r, 8), *r.choice([(3, 3, 3), (3, 2, 2, 2)])),
        "it AGCOM": lambda r: f"{r.choice(['06', '02', '011', '347'])} {nonzero(r, 7)}",
        "at and ch": lambda r: f"{r.choice(['01', '044'])} {grouped(nonzero(r, 7), 3, 2, 2)}",
    },
    "PHONE zh": {
        "mobile": cn_mobile,
        "mobile groups": lambda r: grouped(cn_mobile(r), 3, 4, 4, gap=r.choice(" -")),
        "mobile plus": lambda r: "+86 " + cn_mobile(r),
        "landline brackets": lambda r: f"({r.choice(['010', '0755', '028'])}){r.choice(['', ' '])}{nonzero(r, 8)}",
        "landline blank": lambda r: f"{r.choice(['020', '0571'])} {nonzero(r, 8)}",
        "landline": lambda r: f"{r.choice(['010', '021', '0755', '0571'])}-{nonzero(r, 8)}",
        "full width": lambda r: cn_mobile(r).translate({ord(d): ord(d) + 0xFEE0 for d in string.digits}),
    },
    "IP": {
        "v4": lambda r: ".".join(str(r.randint(11, 254)) for _ in range(4)),
        "v6": lambda r: "2a01:" + ":".join(f"{r.randint(1, 65535):x}" for _ in range(7)),
        "v6 short": lambda r: f"2001:db8:{r.randint(1, 65535):x}::{r.randint(1, 65535):x}",
    },
    "IBAN": {
        "plain": iban,
        "fours": lambda r: in_fours(iban(r)),
        "lower": lambda r: iban(r).lower(),
        "points": lambda r: in_fours(iban(r), "."),
    },
    "CARD": {"plain": card, "spaces": lambda r: card_in_groups(r, " "), "dashes": lambda r: card_in_groups(r, "-")},
    "SECRET": {
        "openai": lambda r: "sk" + "-proj-" + key(r, 40),
        "aws": lambda r: "AK" + "IA" + pick(r, string.ascii_uppercase + "234567", 16),
        "github": lambda r: "gh" + "p_" + key(r, 36),
        "slack": lambda r: "xo" + f"xb-{digits(r, 11)}-{key(r, 24)}",
        "google": lambda r: "AI" + "za" + key(r, 35),
        "jwt": lambda r: "ey" + f"J{key(r, 20)}.ey" + f"J{key(r, 40)}.{key(r, 43)}",
        "stripe": lambda r: "sk" + f"_live_{key(r, 24)}",
        "pem": lambda r: (
            "-----BEGIN RSA PRIV" + f"ATE KEY-----\n{key(r, 64)}\n{key(r, 64)}\n-----END RSA PRIVATE KEY-----"
        ),
    },
    "SECRET bearer": {
        "opaque": lambda r: key(r, r.randint(24, 60), string.ascii_letters + string.digits + "-._~"),
        "base64": lambda r: key(r, 40) + "==",
    },
    "SECRET assigned": {
        "random": lambda r: key(r, r.randint(20, 40)),
        "hex": lambda r: pick(r, "0123456789abcdef", 32),
    },
    "RESIDENT_ID": {"plain": resident_id, "lower x": lambda r: resident_id(r).lower()},
    "CREDIT_CODE": {"plain": credit_code},
    "SSN": {"dashes": lambda r: "-".join(ssn(r))},
    "SSN labelled": {"plain": lambda r: "".join(ssn(r)), "spaces": lambda r: " ".join(ssn(r))},
    "NINO": {"plain": nino, "spaces": lambda r: grouped(nino(r), 2, 2, 2, 2, 1)},
    "ES_ID": {
        "plain": spanish,
        "dash": lambda r: (lambda n: f"{n[:-1]}-{n[-1]}")(spanish(r)),
        "points": lambda r: (lambda n: f"{n[:2]}.{n[2:5]}.{n[5:8]}-{n[8]}")(dni(r)),
    },
    "DE_TAX_ID": {"plain": german_tax, "groups": lambda r: grouped(german_tax(r), 2, 3, 3, 3)},
    "FR_NIR": {
        "plain": nir,
        "groups": lambda r: grouped(nir(r), 1, 2, 2, 2, 3, 3, 2),
        "corsica": lambda r: grouped(nir(r, r.choice(["2A", "2B"])), 1, 2, 2, 2, 3, 3, 2),
    },
    "IT_FISCAL_CODE": {"plain": fiscal_code},
    "VAT_ID": {"plain": lambda r: "".join(vat(r)), "space": lambda r: " ".join(vat(r))},
    "PASSPORT": {
        "cn": lambda r: r.choice("EG") + digits(r, 8),
        "cn two letters": lambda r: "E" + r.choice("ABCDEFGHJK") + digits(r, 7),
        "us": lambda r: nonzero(r, 9),
    },
    "PERSON": {
        "full": lambda r: f"{r.choice(FIRST)} {r.choice(LAST)}",
        "middle": lambda r: f"{r.choice(FIRST)} {r.choice('ABDJKLMPR')}. {r.choice(LAST)}",
    },
    "PERSON zh": {"full": lambda r: r.choice(ZH_SURNAMES) + pick(r, ZH_GIVEN, r.choice([1, 2, 2]))},
    "LOCATION": {
        "town": lambda r: r.choice(TOWNS),
        "street": lambda r: f"{r.randint(1, 240)} {r.choice(STREETS)}, {r.choice(TOWNS)}",
    },
    "LOCATION zh": {"street": lambda r: f"{r.choice(ZH_TOWNS)}{r.choice(ZH_STREETS)}{r.randint(1, 240)}号"},
}


# Written to be missed: hidden, or mistyped in a way a person still reads.
HARD_FORMATS: dict[str, dict[str, Draw]] = {
    "EMAIL": {
        "at and dot": lambda r: f"{mailbox(r)} at {r.choice(HOSTS).replace('.', ' dot ')}",
        "spaces": lambda r: f"{mailbox(r)} @ {r.choice(HOSTS)}",
    },
    "PHONE": {
        "brackets": lambda r: f"+49 (0)30/{nonzero(r, 5)}-{digits(r, 3)}",
        "no groups": lambda r: "".join(us_phone(r)),
    },
    "PHONE zh": {"points": lambda r: grouped(cn_mobile(r), 3, 4, 4, gap=".")},
    "CARD": {"odd groups": lambda r: grouped(with_luhn("4" + digits(r, 14)), 8, 8)},
    "SSN": {"points": lambda r: ".".join(ssn(r))},
    "RESIDENT_ID": {"spaces": lambda r: grouped(resident_id(r), 6, 8, 4)},
    "IT_FISCAL_CODE": {"groups": lambda r: grouped(fiscal_code(r), 3, 3, 5, 5)},
    "NINO": {"dashes": lambda r: grouped(nino(r), 2, 2, 2, 2, 1, gap="-")},
}
