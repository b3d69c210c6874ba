"""Names, towns and hosts that probes are made of, and what draws characters. All invented.

Belongs here: lists of words and the small functions that draw digits and letters. Does not: numbers that must check
(`probe_numbers.py`), ways of writing (`probe_formats.py`)."""

from __future__ import annotations

import string
from random import Random

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
