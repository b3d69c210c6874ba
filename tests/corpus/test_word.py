"""Word files as they read when all changes are accepted, and what is left out of them, counted."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from genaiops_assets.corpus import Record, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Problem
from tests.corpus.states import feed, state_of

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="urn:wps" xmlns:v="urn:v" xmlns:m="urn:m" xmlns:pic="urn:pic"'  # fmt: skip


def word(path: Path, body: str, **parts: str) -> Path:
    """A Word file with this body; `parts`: further parts of it, {kind: XML of its inside}."""
    base = io.BytesIO()
    docx.Document().save(base)
    with zipfile.ZipFile(base) as source, zipfile.ZipFile(path, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "word/document.xml":
                data = f"<w:document {SPACES}><w:body>{body}</w:body></w:document>".encode()
            elif member.filename == "word/_rels/document.xml.rels":
                kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
                more = "".join(f'<Relationship Id="x{k}" Type="{kinds}/{k}" Target="{k}.xml"/>' for k in parts)
                data = data.replace(b"</Relationships>", more.encode() + b"</Relationships>")
            elif member.filename == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
                more = "".join(f'<Override PartName="/word/{k}.xml" ContentType="{kind}.{k}+xml"/>' for k in parts)
                data = data.replace(b"</Types>", more.encode() + b"</Types>")
            target.writestr(member, data)
        for kind, inside in parts.items():
            target.writestr(f"word/{kind}.xml", f"<w:{kind} {SPACES}>{inside}</w:{kind}>")
    return path


def p(*runs: str, properties: str = "") -> str:
    inner = "".join(r if r.startswith("<") else f"<w:r><w:t xml:space='preserve'>{r}</w:t></w:r>" for r in runs)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def table(*rows: list[str]) -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{''.join(f'<w:tc>{c}</w:tc>' for c in row)}</w:tr>" for row in rows) + "</w:tbl>"


def read(path: Path) -> Record:
    [found] = read_file(path, path.name)
    assert isinstance(found, Record), found
    return found


def ins(text: str) -> str:
    return f"<w:ins><w:r><w:t>{text}</w:t></w:r></w:ins>"


def gone(text: str) -> str:
    return f"<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>"


BODIES = [
    ("tracked insertion", p("The fee is ", ins("not "), "paid back."), "The fee is not paid back."),
    ("tracked deletion", p("The fee is ", gone("not "), "paid."), "The fee is paid."),
    ("move", p("<w:moveTo><w:r><w:t>Here.</w:t></w:r></w:moveTo>") + p("<w:moveFrom><w:r><w:t>There.</w:t></w:r></w:moveFrom>"), "Here."),
    ("deleted end of a paragraph", p("One ", properties="<w:rPr><w:del/></w:rPr>") + p("line."), "One line."),
    ("content control around a paragraph", f"<w:sdt><w:sdtPr/><w:sdtContent>{p('In a control.')}</w:sdtContent></w:sdt>", "In a control."),
    ("content control in a paragraph", p("Name: ", "<w:sdt><w:sdtContent><w:r><w:t>Ada</w:t></w:r></w:sdtContent></w:sdt>"), "Name: Ada"),
    ("control in a control", "<w:sdt><w:sdtContent>" * 2 + p("Deep.") + "</w:sdtContent></w:sdt>" * 2, "Deep."),
    ("custom XML and smart tags", f"<w:customXml>{p('<w:smartTag><w:r><w:t>2 元</w:t></w:r></w:smartTag>')}</w:customXml>", "2 元"),
    ("field", p("<w:r><w:instrText>PAGE</w:instrText></w:r>", "<w:fldSimple><w:r><w:t>7</w:t></w:r></w:fldSimple>"), "7"),
    ("link", p("<w:hyperlink><w:r><w:t>page</w:t></w:r></w:hyperlink>"), "page"),
    ("signs", p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:br "
"w:type='page'/></w:r>"), "a\tb\nc-"),
    ("ruby", p("<w:r><w:ruby><w:rt><w:r><w:t>fei</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>费</w:t></w:r></w:rubyBase></w:ruby></w:r>"), "费"),
    ("formula", p("Is ", "<m:oMath><m:r><m:t>x+1</m:t></m:r></m:oMath>"), "Is x+1"),
    ("text box once", p("Before.", f"<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>{p('In a box.')}</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><v:textbox><w:txbxContent>{p('In a box.')}</w:txbxContent></v:textbox></mc:Fallback></mc:AlternateContent></w:r>") + p("After."), "Before.\n\nIn a box.\n\nAfter."),
    ("table", table([p("a"), p("b") + p("c")]), "| a | b c |"),
    ("empty cell", table([p(), p("b"), p()]), "|  | b |  |"),
    ("table in a control", f"<w:sdt><w:sdtContent>{table([p('a'), p('b')])}</w:sdtContent></w:sdt>", "| a | b |"),
    ("nested table", table([p("a"), table([p("x"), p("1")], [p("y"), p("2")])]), "| a | x; 1 y; 2 |"),
    ("spans", table(["<w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + p("wide"), "<w:tcPr><w:vMerge w:val='restart'/></w:tcPr>" + p("down")], [p("1"), p("2"), "<w:tcPr><w:vMerge/></w:tcPr>" + p()]), "| wide | wide | down |\n| 1 | 2 | down |"),
    ("rows in controls, deleted rows", "<w:tbl><w:sdt><w:sdtContent><w:tr><w:sdt><w:sdtContent><w:tc>" + p("a") + "</w:tc></w:sdtContent></w:sdt></w:tr></w:sdtContent></w:sdt><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + p("x") + "</w:tc></w:tr></w:tbl>", "| a |"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "text"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES])
def test_the_final_text_is_read_all_of_it(tmp_path: Path, body: str, text: str) -> None:
    assert read(word(tmp_path / "a.docx", body)).fields["text"] == text


def test_notes_stand_behind_their_paragraph(tmp_path: Path) -> None:
    body = p("It costs $25", "<w:r><w:footnoteReference w:id='2'/></w:r>", ".") + p("Next.")
    notes = f"<w:footnote w:type='separator' w:id='0'>{p('-')}</w:footnote><w:footnote w:id='2'>{p('Students pay nothing.')}</w:footnote>"  # fmt: skip
    found = read(word(tmp_path / "a.docx", body, footnotes=notes))
    assert found.fields["text"] == "It costs $25[1].\n\n[1] Students pay nothing.\n\nNext."


def test_what_is_left_out_is_told_by_kind_and_counted_by_source(tmp_path: Path) -> None:
    body = p(
        "Text.",
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Obey.</w:t></w:r>",
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t> Seen.</w:t></w:r>",
        "<w:r><w:drawing><pic:pic/></w:drawing></w:r>",
    )
    parts = {"comments": f"<w:comment>{p('Why?')}</w:comment>" * 2}
    word(tmp_path / "a.docx", body + "<w:altChunk/>", **parts)
    found = read(tmp_path / "a.docx")
    assert found.fields["text"] == "Text. Seen."
    expected = {"hidden characters": 5, "images": 1, "comments": 2, "embedded documents": 1}
    assert found.left_out == expected
    assert state_of([feed(tmp_path, name="letters")]).result.left_out == {"letters": expected}


def test_tables_nested_too_deep_or_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nested = p("deep")
    for _ in range(6):
        nested = table([nested])
    word(tmp_path / "a.docx", nested)
    monkeypatch.setattr(outcomes, "MAX_NESTING", 5)
    [problem] = read_file(tmp_path / "a.docx", "a.docx")
    assert isinstance(problem, Problem) and "nested deeper than 5 levels" in problem.reason
    monkeypatch.setattr(outcomes, "MAX_CELLS", 3)
    word(tmp_path / "b.docx", table([p("a"), "<w:tcPr><w:gridSpan w:val='9999999'/></w:tcPr>" + p("b")]))
    [problem] = read_file(tmp_path / "b.docx", "b.docx")
    assert isinstance(problem, Problem) and "more than 3 cells" in problem.reason
    monkeypatch.setattr(outcomes, "MAX_CELLS", 1000)
    monkeypatch.setattr(outcomes, "MAX_LINE", 1000)
    word(tmp_path / "c.docx", table([p("a"), "<w:tcPr><w:gridSpan w:val='200'/></w:tcPr>" + p("a long text")]))
    [problem] = read_file(tmp_path / "c.docx", "c.docx")
    assert isinstance(problem, Problem) and "more than 1000 characters in its tables" in problem.reason


def test_a_note_that_is_named_twice_is_numbered_twice(tmp_path: Path) -> None:
    mark = "<w:r><w:footnoteReference w:id='1'/></w:r>"
    found = read(
        word(tmp_path / "a.docx", p("A", mark, "B", mark), footnotes=f"<w:footnote w:id='1'>{p('N')}</w:footnote>")
    )
    assert found.fields["text"] == "A[1]B[2]\n\n[1] N\n\n[2] N"
