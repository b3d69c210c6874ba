"""HTML: what of a page is its text, the columns of its tables, what is hidden, and the character sets of the Web."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.corpus import Record, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Problem, Unreadable
from genaiops_assets.corpus.read.web_page import readable


def text(page: str) -> str:
    return readable(page)[1]


# --- what is text
# --------------------------------------------------------------------------------------------------------------


def test_a_page_inside_one_form_is_read_and_a_search_box_is_not() -> None:
    page = '<form id="aspnetForm"><h1>Fees</h1><p>A transfer costs $25.</p><select><option>EN</option></select></form>'
    assert text(page) == "# Fees\nA transfer costs $25."
    assert text("<form><label>Search</label><input><button>Go</button></form><p>Text.") == "Text."


def test_asides_and_footers_of_an_article_are_its_own_those_of_a_page_are_not() -> None:
    page = (
        "<aside>Menu</aside><article><p>Fees rise.</p><aside>Not for students.</aside><footer>Ada, "
        "2026</footer></article>"
        "<blockquote>Quote.<footer>Bob</footer></blockquote><footer>Imprint</footer>"
    )
    _title, found, left_out = readable(page)
    assert found == "Fees rise.\nNot for students.\nAda, 2026\nQuote.\nBob"
    assert left_out["characters beside the text"] == len("MenuImprint")


def test_what_stands_outside_the_main_content_is_counted() -> None:
    _title, found, left_out = readable("<div>Menu</div><main><p>Text.</p></main><div>Ads</div>")
    assert (found, left_out["characters beside the text"]) == ("Text.", len("Menu\nAds"))


HIDDEN = [
    "<p hidden>x</p>", '<p style="display:none">x</p>', '<p style="DISPLAY : none !important">x</p>',
    '<div style="visibility:hidden"><p>x</p></div>', '<p style="font-size:0px">x</p>', '<p style="opacity:0">x</p>',
    '<p style="position:absolute;left:-9999px">x</p>', '<p style="color:#fff;background:#fff">x</p>',
    '<p style="color: transparent">x</p>', "<dialog>x</dialog>", "<template>x</template>",
    "<style>.a{display:none}</style><p class=a>x</p>", "<style>/* { */ #b { display: none; } </style><p id=b>x</p>",
    "<style>p.c, div > i {visibility:hidden}</style><p class=c>x</p><div><i>x</i></div>",
    "<style>.d{display:block}.d{display:none}</style><p class=d>x</p>",
]  # fmt: skip


@pytest.mark.parametrize("page", HIDDEN)
def test_what_nobody_sees_is_not_read_and_counted(page: str) -> None:
    _, found, left_out = readable(f"<p>Shown.</p>{page}")
    assert found == "Shown."
    assert "template" in page or left_out["hidden characters"] >= 1


SHOWN = [
    '<p hidden="until-found">x</p>', '<p style="color:red;background:#fff">x</p>', "<dialog open>x</dialog>",
    "<details><summary>x</summary></details>", '<p style="opacity:0;transform:translateY(9px)">x</p>',
    "<style>@media print{p{display:none}} @import 'a'; .y{color:red}</style><p class=y>x</p>",
    "<style>.a{display:none}.a{display:block}</style><p class=a>x</p>",
    '<style>.a{display:none}</style><p class=a style="display:block">x</p>', "<p aria-hidden=true>x</p>",
    '<style>::bad[ {display:none}</style><p style="color:inherit;background:inherit">x</p>',
]  # fmt: skip


@pytest.mark.parametrize("page", SHOWN)
def test_what_is_shown_is_read(page: str) -> None:
    assert text(page) == "x"


def test_a_page_of_which_all_is_hidden_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p hidden>Obey me.</p>")
    [problem] = read_file(tmp_path / "a.html", "a.html")
    assert isinstance(problem, Problem) and problem.reason == "no readable text in the page: 7 characters are hidden"


# --- tables
# --------------------------------------------------------------------------------------------------------------------

TABLES = [
    ("<tr><th></th><th>EU</th><th>UK</th></tr><tr><td>Fee</td><td>1</td><td>2</td></tr>", "| EU | UK\nFee | 1 | 2"),
    ("<tr><td><p>Fee</p><p>total</p></td><td>1<br>2</td></tr>", "Fee total | 1 2"),
    ("<tr><td>a</td><td></td><td>c</td></tr><tr><td></td><td></td><td></td></tr>", "a |  | c"),
    ("<tr><td colspan=2>Fee</td><td>x</td></tr><tr><td>1</td><td>2</td><td>3</td></tr>", "Fee | Fee | x\n1 | 2 | 3"),
    ("<tr><td rowspan=2>Fee</td><td>1</td></tr><tr><td>2</td></tr><tr><td>b</td><td>3</td></tr>", "Fee | 1\nFee | 2\nb | 3"),
    ("<tr><td>1</td><td rowspan=2>Fee</td></tr><tr><td>2</td></tr>", "1 | Fee\n2 | Fee"),
    ("<caption>费用</caption><thead><tr><th>项目</th><th>价格</th></tr></thead><tfoot><tr><td>共</td><td>9</td></tr></tfoot>", "费用\n项目 | 价格\n共 | 9"),
    ("<tr><th colspan=3>All fees</th></tr><tr><td>1</td><td>2</td><td>3</td></tr>", "All fees\n1 | 2 | 3"),
    ("<tr hidden><td>x</td></tr><tr><td>1</td><td hidden>x</td><td>2</td></tr>", "1 | 2"),
    ("<tr><td><ul><li>a</li><li>b</li></ul></td><td>2</td></tr>", "a b | 2"),
    ('<tr><td colspan="0">a</td><td colspan="x">b</td><td rowspan="">c</td></tr>', "a | b | c"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "lines"), TABLES)
def test_a_row_is_a_line_in_which_every_column_keeps_its_place(rows: str, lines: str) -> None:
    assert text(f"<table>{rows}</table>") == lines


def test_a_table_that_only_places_things_is_read_as_what_it_holds() -> None:
    page = "<table><tr><td><h1>Fees</h1><p>One.</p><p>Two.</p></td></tr><tr><td><table><tr><td>a<td>b</table></td></tr></table>"
    assert text(page) == "# Fees\nOne.\nTwo.\na | b"
    assert text("<table role=presentation><tr><td><p>One.<p>Two.</td></tr></table>") == "One.\nTwo."


def test_spans_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MAX_CELLS", 5000)
    with pytest.raises(Unreadable, match="more than 5000 cells"):
        text("<table>" + "<tr><td colspan=1000>x</td><td>y</td></tr>" * 9 + "</table>")
    monkeypatch.setattr(outcomes, "MAX_LINE", 5000)
    with pytest.raises(Unreadable, match="more than 5000 characters in its tables"):
        text(f"<table><tr><td colspan=100>{'long text ' * 9}</td><td>y</td></tr></table>")


# --- character sets
# ------------------------------------------------------------------------------------------------------------

SETS = [
    ("shift_jis", "cp932", "①髙"), ("x-sjis", "cp932", "費用"), ("euc-kr", "cp949", "똠방각하"), ("ks_c_5601-1987", "cp949", "뷁"),
    ("gb2312", "gb18030", "镕㐀"), ("x-gbk", "gb18030", "费用"), ("big5", "big5hkscs", "嘅啲"), ("latin1", "cp1252", "“€”"),
    ("x-cp1251", "cp1251", "Плата"), ("koi8-u", "koi8-u", "ґ"), ("dos-874", "cp874", "ค่า"), ("x-mac-roman", "mac-roman", "é"),
    ("unicode-1-1-utf-8", "utf-8", "费用"), ("utf-16", "utf-8", "费用"), ("euc-jp", "euc_jis_2004", "①費"), ("x-user-defined", "cp1252", "é"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "codec", "words"), SETS)
def test_a_label_means_what_browsers_read_under_it(tmp_path: Path, label: str, codec: str, words: str) -> None:
    (tmp_path / "a.html").write_bytes(f'<meta charset="{label}"><p>{words}</p>'.encode(codec))
    [page] = read_file(tmp_path / "a.html", "a.html")
    assert isinstance(page, Record), page
    assert page.fields["text"] == words


@pytest.mark.parametrize(
    "content",
    [
        '<?xml version="1.0" encoding="gbk"?><html><p>费用</p></html>'.encode("gbk"),
        "\ufeff<p>费用</p>".encode("utf-16-be"),
        '<?xml version="1.0"?><p>费用</p>'.encode("utf-16-le"),
        "\ufeff<p>费用</p>".encode("utf-32-le"),
        '<?xml version="1.0" encoding="utf-8"?><meta charset="gbk"><p>费用</p>'.encode("gbk"),
    ],
)
def test_declarations_of_xml_and_marks_of_wide_sets_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.html").write_bytes(content)
    [page] = read_file(tmp_path / "a.html", "a.html")
    assert isinstance(page, Record), page
    assert page.fields["text"] == "费用"


def test_a_byte_that_a_windows_set_leaves_open_does_not_lose_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b'<meta charset="windows-1252"><p>caf\xe9\x81</p>')
    [page] = read_file(tmp_path / "a.html", "a.html")
    assert isinstance(page, Record) and page.fields["text"] == "café\x81"


def test_a_set_that_browsers_refuse_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b'<meta charset="hz-gb-2312"><p>x</p>')
    [problem] = read_file(tmp_path / "a.html", "a.html")
    assert isinstance(problem, Problem) and "unknown character set 'hz-gb-2312'" in problem.reason
