"""Titles: from front matter, headings and properties, never from code, hashtags, pictures or programs."""

from __future__ import annotations

import pytest

from genaiops_assets.corpus.read.titles import given, title_of_text
from genaiops_assets.corpus.read.web_page import readable

TEXTS = [
    ("---\n# generated, do not edit\ntitle: 'Fees: 2026'\ndate: 99999-01-01\n---\n# Other\n", "Fees: 2026"),
    ("---\r\nTitle: 费用\r\n---\r\n正文", "费用"),
    ('+++\ntitle = "Fees"\n+++\nText', "Fees"),
    ("---\n# comment\nlayout: page\n---\n## Body ##\n", "Body"),
    ("---\nno: [front\n---\n# Heading\n", "Heading"),
    ("---\n# A heading after a rule\nText", "A heading after a rule"),
    ("```sh\n# install it\npip install x\n```\n# Install\n", "Install"),
    ("~~~\n```\n# no\n~~~\n# Yes\n", "Yes"),
    ("#!/bin/sh\n# Copyright\necho\n", ""),
    ("#费用 #转账\n今天。", ""),
    ("#1 in the list\n", ""),
    ("Intro\n\n  ### 费用  ###  \n", "费用"),
    ("####### seven\n# \n#\n# C#\n", "C#"),
]


@pytest.mark.parametrize(("text", "title"), TEXTS)
def test_a_text_is_titled_by_its_front_matter_or_its_first_real_heading(text: str, title: str) -> None:
    assert title_of_text(text) == title


NOBODYS = [
    "Microsoft Word - Document1", "Document1", "Untitled Document", "untitled", "Word Document", "Dokument 2", "文档1",
    "无标题文档", "新建 Microsoft Word 文档", "PowerPoint Presentation", "New Page 1", "Unbenanntes Dokument", " ",
]  # fmt: skip


@pytest.mark.parametrize("title", NOBODYS)
def test_what_a_program_writes_where_nobody_gave_a_title_is_none(title: str) -> None:
    assert given(title) == ""


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Microsoft Word - fees 2026.docx", "fees 2026"),
        ("Fees.docx", "Fees.docx"),
        ("Documents we need", "Documents we need"),
        ("Untitled Goose", "Untitled Goose"),
        ("Word Document formats", "Word Document formats"),
        ("文件管理办法", "文件管理办法"),
        (" Two\n lines ", "Two lines"),
    ],
)
def test_what_people_write_stays(title: str, kept: str) -> None:
    assert given(title) == kept


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<svg><title>icon</title></svg><h1>Fees</h1><p>x", "Fees"),
        ("<svg><title>icon</title></svg><title>Fees</title><p>x", "Fees"),
        ("<title>Untitled Document</title><h1>Fees</h1>", "Fees"),
        ("<title> </title><p>x", ""),
        ("<title>Microsoft Word - Fees.doc</title><p>x", "Fees"),
    ],
)
def test_a_page_is_titled_by_itself_or_its_first_heading(page: str, title: str) -> None:
    assert readable(page)[0] == title
