"""What probes are made of: values of every kind in several ways of writing, sentences for them, and traps. All
invented.

Ways of writing come from outside the rules they measure: from numbering plans and the ranges these keep for examples,
from DIN 5008 and its like, from what copying from web pages leaves behind. A way that the rules miss stays in.

Belongs here: data and the small functions that compute valid check digits from the standards, on their own, not
through the engine's checks. Does not: how a probe is put together (`probe.py`)."""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

Draw = Callable[[Random], str]

FIRST = [
    "Anna",
    "James",
    "Maria",
    "Wei",
    "Olivia",
    "Noah",
    "Fatima",
    "Lukas",
    "Chloe",
    "Pedro",
    "Ingrid",
    "Samuel",
    "Priya",
    "Tomasz",
    "Giulia",
    "Henry",
    "Amelie",
    "Kenji",
    "Nadia",
    "Oscar",
]
LAST = [
    "Kowalska",
    "Thompson",
    "Garcia",
    "Schneider",
    "Dubois",
    "Rossi",
    "Okafor",
    "Larsen",
    "Patel",
    "Novak",
    "Murphy",
    "Bianchi",
    "Fischer",
    "Moreau",
    "Silva",
    "Jensen",
    "Clarke",
]
TOWNS = [
    "London",
    "Berlin",
    "Madrid",
    "Chicago",
    "Dublin",
    "Toronto",
    "Lyon",
    "Milan",
    "Warsaw",
    "Porto",
    "Boston",
    "Leeds",
    "San Francisco",
    "New York",
    "Cape Town",
]
STREETS = [
    "High Street",
    "Station Road",
    "Elm Avenue",
    "Oak Lane",
    "Park Drive",
    "Mill Road",
    "Church Street",
    "Maple Court",
]
ZH_SURNAMES, ZH_GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英"
ZH_TOWNS = ["北京市朝阳区", "上海市浦东新区", "广州市天河区", "杭州市西湖区", "成都市武侯区", "南京市鼓楼区"]
ZH_STREETS = ["人民路", "建国路", "中山东路", "解放大街", "文化路", "和平西街"]
HOSTS = ["example.com", "example.org", "mail.example.net", "post.example.de", "kunden.example.fr", "qq.example.cn"]
WORLD_NAMES = ["почта", "иван.петров", "jürgen.weiß", "josé_luis", "anna", "ελένη"]
WORLD_HOSTS = ["пример.рф", "müller-beispiel.de", "例子.中国", "xn--e1afmkfd.xn--p1ai", "bücher.example"]
REGIONS = ["110105", "310115", "440106", "330106", "510107", "320106", "420111", "500103"]


def digits(rng: Random, n: int) -> str:
    return "".join(rng.choices(string.digits, k=n))


def nonzero(rng: Random, n: int) -> str:
    return rng.choice("123456789") + digits(rng, n - 1)


def pick(rng: Random, alphabet: str, n: int) -> str:
    return "".join(rng.choices(alphabet, k=n))


def grouped(text: str, *sizes: int, gap: str = " ") -> str:
    parts, place = [], 0
    for size in sizes:
        parts.append(text[place : place + size])
        place += size
    return gap.join(parts)


# --- numbers with check digits
# -----------------------------------------------------------------------------------------


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


# --- values in their ways of writing
# -----------------------------------------------------------------------------------


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
        "de Bundesnetzagentur": lambda r: f"{r.choice(['030 23125 ', '(069) 90009-', '040/66969', '0171 39200'])}{digits(r, 3)}",
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
        "pem": lambda r: "-----BEGIN RSA PRIV" + f"ATE KEY-----\n{key(r, 64)}\n{key(r, 64)}\n-----END RSA PRIVATE "
"KEY-----",
    },
    "SECRET bearer": {
        "opaque": lambda r: key(r, r.randint(24, 60), string.ascii_letters + string.digits + "-._~"),
        "base64": lambda r: key(r, 40) + "==",
    },
    "SECRET assigned": {"random": lambda r: key(r, r.randint(20, 40)), "hex": lambda r: pick(r, "0123456789abcdef", 32)},
    "RESIDENT_ID": {"plain": resident_id, "lower x": lambda r: resident_id(r).lower()},
    "CREDIT_CODE": {"plain": credit_code},
    "SSN": {"dashes": lambda r: "-".join(ssn(r))},
    "SSN labelled": {"plain": lambda r: "".join(ssn(r)), "spaces": lambda r: " ".join(ssn(r))},
    "NINO": {"plain": nino, "spaces": lambda r: grouped(nino(r), 2, 2, 2, 2, 1)},
    "ES_ID": {"plain": spanish, "dash": lambda r: (lambda n: f"{n[:-1]}-{n[-1]}")(spanish(r)), "points": lambda r: (lambda n: f"{n[:2]}.{n[2:5]}.{n[5:8]}-{n[8]}")(dni(r))},
    "DE_TAX_ID": {"plain": german_tax, "groups": lambda r: grouped(german_tax(r), 2, 3, 3, 3)},
    "FR_NIR": {
        "plain": nir,
        "groups": lambda r: grouped(nir(r), 1, 2, 2, 2, 3, 3, 2),
        "corsica": lambda r: grouped(nir(r, r.choice(["2A", "2B"])), 1, 2, 2, 2, 3, 3, 2),
    },
    "IT_FISCAL_CODE": {"plain": fiscal_code},
    "VAT_ID": {"plain": lambda r: "".join(vat(r)), "space": lambda r: " ".join(vat(r))},
    "PASSPORT": {"cn": lambda r: r.choice("EG") + digits(r, 8), "cn two letters": lambda r: "E" + r.choice("ABCDEFGHJK") + digits(r, 7), "us": lambda r: nonzero(r, 9)},
    "PERSON": {"full": lambda r: f"{r.choice(FIRST)} {r.choice(LAST)}", "middle": lambda r: f"{r.choice(FIRST)} {r.choice('ABDJKLMPR')}. {r.choice(LAST)}"},
    "PERSON zh": {"full": lambda r: r.choice(ZH_SURNAMES) + pick(r, ZH_GIVEN, r.choice([1, 2, 2]))},
    "LOCATION": {"town": lambda r: r.choice(TOWNS), "street": lambda r: f"{r.randint(1, 240)} {r.choice(STREETS)}, "
f"{r.choice(TOWNS)}"},
    "LOCATION zh": {"street": lambda r: f"{r.choice(ZH_TOWNS)}{r.choice(ZH_STREETS)}{r.randint(1, 240)}号"},
}  # fmt: skip

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

SENTENCES: dict[str, dict[str, list[str]]] = {
    "en": {
        "EMAIL": [
            "Write to {} for details.",
            "The customer's address is {}, as stated.",
            "cc: {}",
            "Mail <{}> bounced.",
        ],
        "PHONE": [
            "Call {} after nine.",
            "Phone: {}.",
            "The number on file is {}, please confirm.",
            "She can be reached at {}.",
        ],
        "IP": ["The login came from {} last night.", "Host {} was blocked.", "Client address: {}."],
        "IBAN": ["Transfer the amount to {}.", "IBAN: {}.", "The account {} was closed."],
        "CARD": ["The card {} was declined.", "Card number {}, valid until 11/27.", "He read out {} over the line."],
        "SECRET": ["The log shows {} in clear text.", "Authorization: Bearer {}", "Rotate {} today."],
        "SECRET bearer": [
            "Authorization: Bearer {}",
            "curl -H 'authorization: bearer {}'",
            "sent with Bearer {} to us",
        ],
        "PHONE national": [
            "Tel. {}, weekdays only.",
            "Telefon: {}.",
            "Tél. : {}.",
            "Teléfono {}, gracias.",
            "Fax: {}.",
            "her mobile is {}.",
        ],
        "SECRET assigned": [
            "api_key = {} in the settings.",
            "The password is {} for now.",
            'export CLIENT_SECRET="{}"',
        ],
        "SSN": ["Her SSN is {}.", "The applicant gave {} on the form.", "Tax payer {} was verified."],
        "SSN labelled": ["SSN: {}.", "Social security number {}, as on the card."],
        "NINO": ["National Insurance number {}.", "His NINO {} was checked.", "Please quote {} in your reply."],
        "ES_ID": ["DNI {}, issued in Spain.", "The holder of {} signed.", "NIF: {}."],
        "DE_TAX_ID": ["Steuer-ID: {}.", "The German tax id {} is missing.", "IdNr. {} applies."],
        "FR_NIR": ["Numéro de sécurité sociale : {}.", "The French insured person {} called.", "NIR {}, verified."],
        "IT_FISCAL_CODE": ["Codice fiscale {}.", "The tax code {} belongs to the heir.", "CF: {}, checked."],
        "VAT_ID": ["VAT number {}.", "The sole trader {} sent an invoice.", "USt-IdNr.: {}."],
        "PASSPORT": ["Passport no. {}.", "passport number: {}, expires next year.", "Her passport {} was copied."],
        "PERSON": [
            "The claim was filed by {} yesterday.",
            "Please ask {} to sign.",
            "We spoke with {} about the fee.",
            "{} opened the account.",
        ],
        "LOCATION": [
            "The customer moved to {} in spring.",
            "Letters go to {} from now on.",
            "The branch in {} is closed.",
        ],
    },
    "zh": {
        "EMAIL": ["请发送邮件至{}。", "邮箱：{}，请查收。", "联系地址为{}。"],
        "PHONE": ["请拨打{}咨询。", "联系电话：{}。", "手机号{}已登记。", "客户预留号码为{}，请核对。"],
        "IP": ["登录地址为{}。", "来自{}的请求已被拦截。"],
        "IBAN": ["请汇款至{}。", "收款账号：{}。"],
        "CARD": ["银行卡号{}已挂失。", "卡号：{}，有效期至2027年。", "请核对{}是否正确。"],
        "SECRET": ["日志中出现了{}。", "请立即更换{}。"],
        "SECRET assigned": ["密码：{}。", "密钥为{}，请妥善保管。", "api_key={}，请勿外传。"],
        "RESIDENT_ID": ["身份证号：{}。", "居民身份证{}已核验。", "申请人号码{}有效。"],
        "CREDIT_CODE": ["统一社会信用代码：{}。", "企业{}已注册。"],
        "PASSPORT": ["护照号码：{}。", "护照号{}已过期。", "持护照{}入境。"],
        "PERSON": ["客户{}昨日来电。", "联系人：{}。", "请找{}签字。", "{}先生已开户。"],
        "LOCATION": ["地址：{}。", "现居住于{}。", "请寄至{}，谢谢。"],
    },
}

TRAPS: dict[str, list[Draw]] = {
    "en": [
        lambda r: f"Order {nonzero(r, r.choice([8, 10]))} was shipped.",
        lambda r: f"The fee is ${r.randint(1, 9)},{digits(r, 3)},{digits(r, 3)}.{digits(r, 2)} or "
f"{r.randint(1, 9)}.{digits(r, 2)}%.",
        lambda r: f"Effective {r.randint(2001, 2030)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d} to "
f"{r.randint(1, 12)}/{r.randint(1, 28)}/{r.randint(2001, 2030)}.",
        lambda r: f"See § {r.randint(1002, 1030)}.{r.randint(1, 40)}(a)({r.randint(1, 9)}) and section "
f"{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.",
        lambda r: f"Product code {pick(r, 'QUVIDF', 2)}-{digits(r, 4)}-{pick(r, 'ABCD', 1)}, lot {digits(r, 6)}.",
        lambda r: f"Version {r.randint(1, 9)}.{r.randint(10, 40)}.{r.randint(1, 9)} at "
f"{r.randint(10, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)}.",
        lambda r: f"Section {r.randint(2, 30)}.{r.randint(2, 40)}.{r.randint(10, 40)}.{r.randint(2, 9)} applies; see "
f"clause {r.randint(10, 30)}.{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}.",
        lambda r: f"Chrome version {r.randint(10, 120)}.0.{r.randint(10, 250)}.{r.randint(10, 250)} is needed.",
        lambda r: f"![fees](fees@{r.randint(2, 3)}x.{r.choice(['png', 'webp', 'svg'])}) shows the fees.",
        lambda r: f"Ticket #{digits(r, 5)} of {r.randint(2001, 2030)}, page {r.randint(1, 300)}, 12 CFR "
f"{r.randint(1002, 1030)}.{r.randint(1, 40)}.",
        lambda r: f"A test card {wrong_card(r)} is refused.",
        lambda r: f"Totals: {r.randint(100, 999)} {digits(r, 3)} {digits(r, 3)} units and "
f"+{r.randint(1, 9)}.{digits(r, 2)} points.",
        lambda r: f"Commit {pick(r, '0123456789abcdef', 10)} and id "
f"{pick(r, '0123456789abcdef', 8)}-{pick(r, '0123456789abcdef', 4)}-4{pick(r, '0123456789abcdef', 3)}.",
        lambda r: "Your password must have at least 12 characters and one of 0123456789.",
        lambda r: "Under Regulation E the Consumer Financial Protection Bureau sets the limits.",
    ],
    "zh": [
        lambda r: f"订单号{nonzero(r, 10)}已发货。",
        lambda r: f"金额为{r.randint(1, 9)},{digits(r, 3)},{digits(r, 3)}.{digits(r, 2)}元，年利率{r.randint(1, 9)}.{digits(r, 2)}%。",
        lambda r: f"自{r.randint(2001, 2030)}年{r.randint(1, 12)}月{r.randint(1, 28)}日起生效。",
        lambda r: f"见第{r.randint(1, 9)}.{r.randint(1, 9)}.{r.randint(1, 9)}节，编号{r.randint(2001, 2030)}-{digits(r, 4)}。",
        lambda r: f"详见第{r.randint(2, 30)}.{r.randint(2, 40)}.{r.randint(10, 40)}.{r.randint(2, 9)}条。",
        lambda r: f"工单{digits(r, 6)}，共{r.randint(1, 300)}页。",
        lambda r: f"卡号{wrong_card(r)}无效。",
        lambda r: f"版本{r.randint(1, 9)}.{r.randint(10, 40)}.{r.randint(1, 9)}发布。",
        lambda r: "密码长度至少为12位，须含数字。",
    ],
}  # fmt: skip

# Kinds that are also written in other sentences or other ways, by language: drawn as often as the kind's own.
_OTHER = {
    ("en", "SECRET"): ("SECRET assigned", "SECRET bearer"),
    ("zh", "SECRET"): ("SECRET assigned",),
    ("en", "SSN"): ("SSN labelled",),
    ("en", "PHONE"): ("PHONE national",),
}
# Characters that come with a copy from a page and that nobody sees; one value of fifty holds one.
COPIED = 0.02
UNSEEN = ("\u200b", "\u2060", "\u00ad", "\ufeff")


def wrong_card(rng: Random) -> str:
    """Sixteen digits of which the last is wrong by one."""
    right = with_luhn("4" + digits(rng, 14))
    return in_fours(right[:-1] + str((int(right[-1]) + 1) % 10))


def kinds_of(language: str) -> list[str]:
    return sorted({name.split(" ")[0] for name in SENTENCES[language]})


def draw(rng: Random, language: str, kind: str, hard: bool) -> tuple[str, str, str]:
    """Name of the format, the value, and a sentence with `{}` for it."""
    name = rng.choice((kind, *_OTHER.get((language, kind), ())))
    of_language = f"{name} {language}" if f"{name} {language}" in FORMATS else name
    ways = HARD_FORMATS[of_language] if hard and of_language in HARD_FORMATS else FORMATS[of_language]
    way = rng.choice(sorted(ways))
    value, written = ways[way](rng), f"{of_language.removeprefix(kind).strip()} {way}".strip()
    if rng.random() < COPIED and len(value) > 4:
        place = rng.randint(1, len(value) - 1)
        value, written = value[:place] + rng.choice(UNSEEN) + value[place:], f"{written}, copied"
    return written, value, rng.choice(SENTENCES[language][name])
