"""Check digits of national ids, tax numbers and company numbers.

Belongs here: from the characters of a number to whether it can exist, with the source of each rule. Does not: finding
numbers in text (`shapes.py`). Every function takes the bare number in upper case, without separators, of the right
length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from genaiops_assets.text import luhn

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
_FISCAL_ODD = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)) | dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)


def weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def mod_11_10(digits: str) -> bool:
    """ISO 7064 MOD 11,10: the last digit checks the others."""
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10 == int(digits[-1])


def spanish_id(number: str) -> bool:
    """DNI (8 digits) or NIE (X, Y or Z and 7 digits), then the letter of the number mod 23. Spain, Real Decreto
    1553/2005."""
    body = number[:-1].translate(str.maketrans("XYZ", "012"))
    return DNI_LETTERS[int(body) % 23] == number[-1]


def german_tax_id(digits: str) -> bool:
    """11 digits, no leading zero; of the first ten exactly one digit occurs two or three times; MOD 11,10. Germany, §
    139b AO."""
    repeated = [times for times in Counter(digits[:10]).values() if times > 1]
    return digits[0] != "0" and len(repeated) == 1 and repeated[0] in (2, 3) and mod_11_10(digits)


def french_nir(number: str) -> bool:
    """13 characters (Corsica: 2A, 2B as 19, 18) and a key of 97 minus the number mod 97. France, INSEE."""
    month = int(number[3:5])
    body = number[:13].replace("2A", "19", 1).replace("2B", "18", 1) if number[5:7] in ("2A", "2B") else number[:13]
    return (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and 97 - int(body) % 97 == int(number[13:])


def italian_fiscal_code(code: str) -> bool:
    """15 characters and a letter that checks them. Italy, D.M. 23 December 1976."""
    even = sum(int(c) if c.isdigit() else ord(c) - ord("A") for c in code[1:15:2])
    odd = sum(_FISCAL_ODD[c] for c in code[0:15:2])
    return chr(ord("A") + (even + odd) % 26) == code[15]


def credit_code(code: str) -> bool:
    """18 characters of the unified social credit code, MOD 31. China, GB 32100-2015."""
    weight, total = 1, 0
    for character in code[:17]:
        total += CREDIT_CODE_ALPHABET.index(character) * weight
        weight = weight * 3 % 31
    return CREDIT_CODE_ALPHABET[-total % 31] == code[17]


def vat_id(country: str, body: str) -> bool:
    """The national part of a VAT number, for the countries in `VAT_DIGITS`. European Commission, VIES algorithms."""
    digits = body.removeprefix("U").replace("B", "")
    match country:
        case "AT":
            total = sum(int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(digits[:7]))
            return (10 - (total + 4) % 10) % 10 == int(digits[7])
        case "BE":
            return digits[0] in "01" and 97 - int(digits[:8]) % 97 == int(digits[8:])
        case "DE":
            return digits[0] != "0" and mod_11_10(digits)
        case "DK":
            return weighted(digits, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
        case "FI":
            return (11 - weighted(digits[:7], (7, 9, 10, 5, 8, 4, 2)) % 11) % 11 == int(digits[7])
        case "FR":
            return (12 + 3 * (int(digits[2:]) % 97)) % 97 == int(digits[:2]) and luhn(digits[2:])
        case "IT":
            return luhn(digits)
        case "LU":
            return int(digits[:6]) % 89 == int(digits[6:])
        case "NL":
            mod_97 = int("".join(str(int(c, 36)) for c in f"NL{body}")) % 97 == 1
            return mod_97 or weighted(digits[:8], range(9, 1, -1)) % 11 == int(digits[8])
        case "PL":
            return weighted(digits[:9], (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(digits[9])
        case "PT":
            remainder = weighted(digits[:8], range(9, 1, -1)) % 11
            return (0 if remainder < 2 else 11 - remainder) == int(digits[8])
    return False


VAT_DIGITS = {"AT": 8, "BE": 10, "DE": 9, "DK": 8, "FI": 8, "FR": 11, "IT": 11, "LU": 8, "NL": 11, "PL": 10, "PT": 9}
