"""Markdown pages become HTML that loads nothing and in which a text cannot become markup."""

from genaiops_assets.evidence import html_page

PAGE = """---
title: front
---
# Card of \\*bank\\* &amp; co

| figure | value |
|---|---|
| F1 | 0.4 |

<script>alert(1)</script>

[a link](javascript:alert(1)) and ![a picture](https://example.org/a.png)
"""


def test_a_page_has_its_title_tables_and_language() -> None:
    page = html_page(PAGE, "zh")
    assert '<html lang="zh">' in page and "<title>Card of *bank* &amp; co</title>" in page
    assert "<td>0.4</td>" in page and "title: front" not in page


def test_text_stays_text_and_nothing_is_run() -> None:
    page = html_page(PAGE)
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "javascript:" not in page.replace("(javascript:alert(1))", "")
    assert "default-src 'none'" in page
