"""Pages: html, pdf and docx become one document each, in English and Chinese; what is hostile or locked becomes a
problem.

Belongs here: formats that are markup around text. Does not belong here: rows and plain text (`test_read.py`).
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader, PdfWriter

from genaiops_assets.corpus import Record, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Problem


def only(folder: Path, name: str, content: bytes) -> Record | Problem:
    (folder / name).write_bytes(content)
    [outcome] = read_file(folder / name, name)
    return outcome


def fields(folder: Path, name: str, content: bytes) -> dict[str, str]:
    outcome = only(folder, name, content)
    assert isinstance(outcome, Record), outcome
    return outcome.fields


def reason(folder: Path, name: str, content: bytes) -> str:
    outcome = only(folder, name, content)
    assert isinstance(outcome, Problem), outcome
    assert (outcome.file, outcome.line) == (name, 0)
    return outcome.reason


# --- html
# ---------------------------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html><html><head><title> 转账 费用 </title><meta charset="{charset}"><style>p {{}}</style></head>
<body><nav><a href="/">首页</a></nav><header><h1>费用</h1></header><p>跨行<b>转账</b>每笔收费
二元。</p><script>var x = "隐藏";</script><ul><li>现金</li><li>支票</li></ul><table><tr><th>项目</th><th>价格</th></tr><tr><td>转账</td><td>2 元</td></tr>
</table><pre>a
  b</pre>one<br>two &amp; three<!-- hidden --><footer>页脚</footer></body></html>"""
READ = "# 费用\n跨行转账每笔收费 二元。\n- 现金\n- 支票\n项目 | 价格\n转账 | 2 元\na\n  b\none\ntwo & three"


TRADITIONAL = str.maketrans("转账费页项价现隐笔脚", "轉帳費頁項價現隱筆腳")


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "GBK", "gb18030", "big5"])
def test_a_page_is_read_in_the_character_set_it_declares(tmp_path: Path, charset: str) -> None:
    script = TRADITIONAL if charset == "big5" else {}
    found = fields(tmp_path, "费用.html", PAGE.format(charset=charset).translate(script).encode(charset))
    assert (found["doc_id"], found["title"], found["text"]) == (
        "费用",
        "转账 费用".translate(script),
        READ.translate(script),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_byte_order_mark_says_more_than_the_page(tmp_path: Path, encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    assert fields(tmp_path, "a.htm", mark + PAGE.format(charset="ascii").encode(encoding))["title"] == "转账 费用"


def test_a_page_that_marks_its_main_content_gives_that_alone(tmp_path: Path) -> None:
    page = (
        b"<title>Fees</title><div>Menu</div><main><h2>Transfer</h2><p>It costs <em>$25</em>.</p></main><div>Ads</div>"
    )
    assert fields(tmp_path, "a.html", page) == {"doc_id": "a", "title": "Fees", "text": "## Transfer\nIt costs $25."}


def test_latin_1_is_read_as_browsers_do(tmp_path: Path) -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><p>“Café” €5</p>'.encode("cp1252")
    assert fields(tmp_path, "a.html", page)["text"] == "“Café” €5"


def test_a_page_nested_deeper_than_python_recurses_is_read(tmp_path: Path) -> None:
    assert fields(tmp_path, "a.html", b"<div>" * 5_000 + b"deep" + b"</div>" * 5_000)["text"] == "deep"


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (
            "<p>费用</p>".encode("gbk"),
            "wrong encoding: no character set is declared, so utf-8 was expected, but byte 3 is not",
        ),
        (b'<meta charset="utf-8"><p>caf\xe9</p>', "wrong encoding: it declares utf-8,"),
        (b'<meta charset="klingon"><p>x</p>', "unknown character set 'klingon'"),
        (b"<title>Empty</title><script>only()</script>", "no readable text"),
        (b"<p>a\0b</p>", "null bytes in the page"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(tmp_path: Path, page: bytes, why: str) -> None:
    assert why in reason(tmp_path, "a.html", page)


# --- pdf
# ----------------------------------------------------------------------------------------------------------------------


def pdf(*pages: str, title: str = "") -> bytes:
    """A PDF written by hand: each character is a glyph of a font with a ToUnicode map, as Chinese PDFs are."""
    letters = sorted({c for page in pages for c in page})
    shown = ["".join(f"{letters.index(c) + 1:04X}" for c in page) for page in pages]
    mapping = "\n".join(f"<{i + 1:04X}> <{c.encode('utf-16-be').hex()}>" for i, c in enumerate(letters))
    unicode_map = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        f"{len(letters)} beginbfchar\n{mapping}\nendbfchar endcmap end"
    )
    stream = "<< /Length {} >>\nstream\n{}\nendstream"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{7 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R "
        ">>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        "/Supplement 0 >> >>",
        stream.format(len(unicode_map), unicode_map),
        f"<< /Title <FEFF{title.encode('utf-16-be').hex()}> >>",
    ]
    for i, glyphs in enumerate(shown):
        resources = "/Resources << /Font << /F 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {8 + 2 * i} 0 R {resources} >>")
        content = f"BT /F 12 Tf 50 700 Td <{glyphs}> Tj ET"
        objects.append(stream.format(len(content), content))
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{at:010d} 00000 n \n" for at in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def locked(content: bytes, user: str) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt(user, "owner's own", algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("text", ["A transfer costs $25.", "跨行转账每笔收费二元。"])
def test_a_pdf_gives_the_text_of_its_pages(tmp_path: Path, text: str) -> None:
    found = fields(tmp_path, "fees.pdf", pdf(text, "第二页", title="费用"))
    assert found == {"doc_id": "fees", "title": "费用", "text": f"{text}\n\n第二页"}


def test_a_pdf_that_only_forbids_changes_is_read(tmp_path: Path) -> None:
    assert fields(tmp_path, "a.pdf", locked(pdf("Open."), ""))["text"] == "Open."


def test_a_pdf_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    blank, out = PdfWriter(), io.BytesIO()
    blank.add_blank_page(100, 100)
    blank.write(out)
    assert "password-protected PDF" in reason(tmp_path, "a.pdf", locked(pdf("Secret."), "word"))
    assert "no text in the PDF: scanned pages?" in reason(tmp_path, "a.pdf", out.getvalue())
    assert "broken PDF" in reason(tmp_path, "a.pdf", b"no pdf at all")
    assert "broken PDF" in reason(tmp_path, "a.pdf", pdf("Cut.")[:200])


# --- docx
# ---------------------------------------------------------------------------------------------------------------------


def word(add_text: bool = True) -> bytes:
    file, out = docx.Document(), io.BytesIO()
    if add_text:
        file.add_heading("费用", 1)
        file.add_paragraph("A transfer costs $25.")
        table = file.add_table(2, 2)
        for cell, text in zip(
            [c for row in table.rows for c in row.cells], ["项目", "价格", "转账", "2 元"], strict=True
        ):
            cell.text = text
        file.add_paragraph("After the table.")
    file.save(out)
    return out.getvalue()


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_a_word_file_gives_headings_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    found = fields(tmp_path, "fees.docx", word())
    assert found["doc_id"] == "fees" and found["title"] in ("费用", "Word Document")
    assert found["text"] == "# 费用\n\nA transfer costs $25.\n\n| 项目 | 价格 |\n| 转账 | 2 元 |\n\nAfter the table."


def test_a_word_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "password-protected, or an old .doc" in reason(tmp_path, "a.docx", ole)
    assert "broken Word file" in reason(tmp_path, "a.docx", b"PK no zip")
    assert "broken Word file" in reason(tmp_path, "a.docx", word()[:-300])
    assert "no text in the Word file" in reason(tmp_path, "a.docx", word(add_text=False))


def test_zip_bombs_are_refused_by_what_they_declare_and_lies_by_their_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "word/bomb.xml declares 60000000 bytes" in reason(
        tmp_path, "a.docx", with_member(word(), "word/bomb.xml", bytes(60_000_000))
    )
    monkeypatch.setattr(outcomes, "EXPANSION_FLOOR", 1_000_000)
    assert "a zip bomb?" in reason(tmp_path, "a.docx", with_member(word(), "word/media/image.bmp", bytes(30_000_000)))
    honest = word()
    at = honest.index(b"PK\x01\x02")
    while b"word/document.xml" not in honest[at : at + 70]:
        at = honest.index(b"PK\x01\x02", at + 1)
    liar = honest[: at + 24] + (40).to_bytes(4, "little") + honest[at + 28 :]
    assert "broken Word file" in reason(tmp_path, "a.docx", liar)


def test_entities_of_a_word_file_do_not_expand(tmp_path: Path) -> None:
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
        + "]>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "word/document.xml":
                head, _, rest = data.decode().partition("?>")
                data = (f"{head}?>{laughs}" + rest.replace("A transfer", "&j; A transfer")).encode()
            target.writestr(member.filename, data)
    found = only(tmp_path, "a.docx", out.getvalue())
    assert isinstance(found, Problem) or len(found.fields["text"]) < 1000
