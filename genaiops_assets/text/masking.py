"""Replaces personal data and secrets that have a recognisable shape with placeholders such as <EMAIL>.

Belongs here: patterns and checksums, each linear in the length of the text, and the placeholders. Does not: telephone
numbers (`phones.py`), how rules are run (`scanning.py`), names, street addresses or anything else that takes a model to
see, national ids beyond the Chinese one (the privacy package), and no decision about what happens to a text once it is
masked."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from genaiops_assets.text.lone_numbers import ALONE_LEFT, ALONE_RIGHT, NUMBER_LEFT, NUMBER_RIGHT, checked, number
from genaiops_assets.text.phones import PHONE_RULES
from genaiops_assets.text.scanning import Finding, Need, Rule, Span, replaced, scan, scan_one

_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        "([A-Z]{2})([0-9]{2})",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
        "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 "
        "LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 "
        "QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30",
    )
}
_AS_NUMBER = {ord(letter): str(int(letter, 36)) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_CARD_ISSUER = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|(?:6011|65\d{2}|64[4-9]\d|62\d{2}|81\d{2})\d{12,15}|(?:50|5[6-8]|6[0378])\d{11,17}"
)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Masked:
    """A text with its placeholders, and how many of each kind were put in (kinds that did not occur are absent)."""

    text: str
    counts: dict[str, int]


def mask(text: str) -> Masked:
    """The text with personal data replaced by <EMAIL>, <SECRET>, <IBAN>, <IP>, <RESIDENT_ID>, <CARD> or <PHONE>.

    Checked where a checksum exists: IBAN by mod 97 (ISO 13616), cards by Luhn (ISO/IEC 7812), Chinese resident ids by
    mod 11-2 (GB 11643). Phones are international (+ or 00), North American, Chinese, and the national forms of France,
    Germany and the United Kingdom; any other number counts only after a word such as "phone". An 11-digit order number
    that starts with 13 to 19 cannot be told from a Chinese mobile and is masked. Amounts, dates, percentages and
    document ids stay. Masking is idempotent."""
    return _masked(text, scan_one(text, MASK_RULES))


def mask_all(texts: Sequence[str]) -> list[Masked]:
    """`mask` for many texts at once: clean ones cost a scan only."""
    return [_masked(text, found) for text, found in zip(texts, scan(texts, MASK_RULES), strict=True)]


def _masked(text: str, found: list[Finding]) -> Masked:
    return Masked(
        replaced(text, found, lambda f: f"<{f.kind}>") if found else text, dict(Counter(f.kind for f in found))
    )


def _digits(candidate: str) -> str:
    return "".join(character for character in candidate if character.isdigit())


def _iban_length(candidate: str) -> int:
    wanted = _IBAN_LENGTHS.get(candidate[:2].upper(), 0)
    account = "".join(c for c in candidate if c.isalnum())[:wanted].upper()
    if not wanted or len(account) < wanted or int((account[4:] + account[:4]).translate(_AS_NUMBER)) % 97 != 1:
        return 0
    end = [i for i, character in enumerate(candidate) if character.isalnum()][wanted - 1] + 1
    return 0 if candidate[end : end + 1].isalnum() else end


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def _card_length(candidate: str) -> int:
    digits = _digits(candidate)
    return len(candidate) if _CARD_ISSUER.fullmatch(digits) and luhn(digits) else 0


def _resident_id_length(candidate: str) -> int:
    bare = candidate.replace(" ", "")
    remainder = sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, bare, strict=False)) % 11
    return len(candidate) if "10X98765432"[remainder] == bare[-1].upper() else 0


# What a number with points is where no address is meant: the word before it, the word after it, a heading.
_SECTION_BEFORE = re.compile(
    r"(?:§|第|(?<![a-z])(?:sections?|sec|clauses?|chapters?|articles?|art|paragraphs?|para|annex|appendix|tables?|figures?"
    r"|fig|versions?|ver|v|release|build|firmware|abschnitt|kapitel|ziffer|sección|sezione|chapitre)|版本|章节|条款|编号)"
    r"[ .:：#]{0,3}(?:(?:no|nr)[. ]{1,2})?$",
    re.IGNORECASE,
)
_SECTION_AFTER = re.compile(r" ?[节章条款版]")
_HEADING = re.compile(r"[ #*>]{0,8}$")


def _ipv4(found: re.Match[str]) -> Span | None:
    """Four single digits are a section number far more often than an address, and no such address is a person's; so
    are numbers with such a word beside them, and small ones that begin a heading."""
    octets = [int(octet) for octet in found.group().split(".")]
    if max(octets) > 255 or octets[0] == 0 or all(octet < 10 for octet in octets):
        return None
    before = found.string[max(0, found.start() - 24) : found.start()].rpartition("\n")[2]
    after = found.string[found.end() : found.end() + 2]
    begins = found.start() < 24 or "\n" in found.string[found.start() - 24 : found.start()]
    is_heading = begins and _HEADING.match(before) and max(octets) < 50 and octets[0] != 10
    if _SECTION_BEFORE.search(before) or _SECTION_AFTER.match(after):
        return None
    return None if is_heading and re.match(r" [^\W\d_]", after) else found.span()


def _ipv6_length(candidate: str) -> int:
    for address in (candidate, candidate.rstrip("."), candidate.rstrip(".:")):
        try:
            ipaddress.IPv6Address(address)
        except ValueError:
            continue
        return len(address)
    return 0


_AT = Need("@")
_HIDDEN_AT = Need(r" @ |[\[({] ?(?:at|At|AT|ät) ?[\])}]")
_KEY_PREFIX = Need(r"sk-|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|hf_|xox[abeprs]-|AIza|eyJ")
_ACCOUNT = Need(r"[A-Za-z]{2}[0-9]{2}(?:[ .-]?[A-Za-z0-9]){11}", before=2, after=72)
_COLONS = Need(r"[23Ff][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]", before=4, after=48)
_POINTS = Need(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]", before=8, after=16)


_LOCAL = r"A-Za-z0-9._%+\-\u00c0-\u024f"
_TLD = r"(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24})"
_ADDRESS = rf"[{_LOCAL}]++@(?:[A-Za-z0-9\u00c0-\u024f-]++\.)+{_TLD}"
# Written so that machines pass it over: (at), [at], blanks around the sign, (dot).
_AT_IN_WORDS = r" ?[\[({] ?(?:at|At|AT|ät) ?[\])}] ?"
_DOT_IN_WORDS = r"(?:\.| ?[\[({] ?(?:dot|Dot|DOT|punkt|point|punto) ?[\])}] ?)"
_HIDDEN_ADDRESS = rf"[{_LOCAL}]++(?:{_AT_IN_WORDS}| @ )(?:[A-Za-z0-9-]++{_DOT_IN_WORDS})+{_TLD}"
# Letters of any script on both sides of the sign (RFC 6531); the 32 characters before it are its name at most.
_WORLDWIDE = r"[\w.%+-]++@(?:[\w-]++\.)+(?:xn--[A-Za-z0-9-]{2,59}|[^\W\d_]{2,24})"
_FILE_ENDINGS = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "bmp",
        "ico",
        "tif",
        "tiff",
        "css",
        "js",
        "jsx",
        "tsx",
        "json",
        "html",
        "htm",
        "pdf",
        "xml",
        "yaml",
        "yml",
        "csv",
        "woff",
        "ttf",
        "eot",
        "mp3",
        "mp4",
        "webm",
        "avi",
    ]
)
_SECRET_SHAPES = (
    r"sk-(?=[A-Za-z0-9_-]{0,60}[0-9])[A-Za-z0-9_-]{16,}",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{20,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{35,}",
    r"(?<!-)eyJ[A-Za-z0-9_-]{10,}+\.eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{10,}+",
)
_DAY = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_CARD = (
    r"(?:[0-9]{13,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3})?|[0-9]{4}([ -])[0-9]{6}\2[0-9]{4,5})"
)
_IPV6 = r"(?<![A-Za-z0-9_:.])[23Ff][0-9A-Fa-f]{3}:[0-9A-Fa-f:.]{1,40}" + ALONE_RIGHT


def _not_a_file(found: re.Match[str]) -> Span | None:
    """An address, unless it ends like a file: `icon@2x.png`."""
    return None if found.group().rpartition(".")[2].lower() in _FILE_ENDINGS else found.span()


def _worldwide(found: re.Match[str]) -> Span | None:
    """Where no blank parts words, what stands before a name runs into it: 32 characters are the most a name has."""
    at = found.start() + found.group().index("@")
    return _not_a_file(found) and (max(found.start(), at - 32), found.end())


# Each rule sees the text without what the rules before it found. Starting an address only where its run starts keeps it
# linear; addresses written without a gap count as one, because only the first has a start of its own.
EARLY_RULES = (
    Rule("EMAIL", re.compile(rf"(?<![{_LOCAL}])(?:{_ADDRESS})+"), _AT, _not_a_file),
    Rule("EMAIL", re.compile(rf"(?<![{_LOCAL}]){_HIDDEN_ADDRESS}"), _HIDDEN_AT, _not_a_file),
    Rule("EMAIL", re.compile(rf"(?<![\w.%+-]){_WORLDWIDE}"), _AT, _worldwide),
    Rule("SECRET", re.compile(f"{ALONE_LEFT}(?:{'|'.join(_SECRET_SHAPES)})"), _KEY_PREFIX),
    Rule(
        "IBAN",
        re.compile(ALONE_LEFT + r"[A-Za-z]{2}[0-9]{2}(?:[ .-]?[A-Za-z0-9]){11,30}"),
        _ACCOUNT,
        checked(_iban_length),
    ),
    Rule("IP", re.compile(_IPV6), _COLONS, checked(_ipv6_length)),
    Rule("IP", re.compile(NUMBER_LEFT + r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}" + NUMBER_RIGHT), _POINTS, _ipv4),
    number("RESIDENT_ID", rf"[1-9][0-9]{{5}} ?{_DAY} ?[0-9]{{3}}[0-9Xx]", _resident_id_length),
)
CARD_RULE = number("CARD", _CARD, _card_length)
MASK_RULES = (*EARLY_RULES, CARD_RULE, *PHONE_RULES)
