"""Chunks of tables, lists and pictures: cut between rows, each part with its header, and no picture as text."""

import base64
import hashlib
import re
from pathlib import Path

import docx
import pytest

from genaiops_assets.corpus.read.docx import docx_text
from genaiops_assets.retrieval.outline import outline
from tests.retrieval.cut import chunks_of, covered


def test_tables_and_lists_are_cut_between_rows_and_items() -> None:
    rows = "\n".join(f"| Service number {i} | ${i} each |" for i in range(30))
    chunks = chunks_of(f"| Name | Fee |\n| --- | --- |\n{rows}\n")
    assert len(chunks) > 3
    assert all(line.startswith("|") and line.endswith("|") for chunk in chunks for line in chunk.text.splitlines())
    items = "\n".join(f"- Item {i} has two lines.\n  This is the second." for i in range(30))
    assert all(chunk.text.startswith("- ") and chunk.text.endswith("second.") for chunk in chunks_of(items))


def _table(rows: int, rule: bool = True) -> str:
    lines = [f"| Service number {i} | ${i} each |" for i in range(rows)]
    return "\n".join(["| Name | Fee |", *(["| --- | --- |"] if rule else []), *lines])


@pytest.mark.parametrize("rule", [True, False])
@pytest.mark.parametrize("overlap_tokens", [0, 8])
def test_every_part_of_a_long_table_repeats_its_header(rule: bool, overlap_tokens: int) -> None:
    text = f"# Fees\n\nWhat we charge.\n\n{_table(40, rule)}\n\nAll fees in dollars."
    chunks = chunks_of(text, overlap_tokens=overlap_tokens)
    header = "| Name | Fee |\n| --- | --- |" if rule else "| Name | Fee |"
    parts = [chunk for chunk in chunks if "Service" in chunk.text]
    assert len(parts) > 5 and all(header in chunk.text for chunk in parts)
    assert all(chunk.text.startswith(header) for chunk in parts[1:])
    assert all(chunk.text.count("| Name | Fee |") == 1 and chunk.tokens <= 40 for chunk in parts)
    assert all(chunk.text.endswith(text[chunk.start : chunk.end]) for chunk in chunks) and covered(text, chunks)
    assert "".join(chunk.text for chunk in chunks).count("number 17 |") >= 1


@pytest.mark.parametrize("between", ["\n", "\n\n"])  # web pages, Word files
@pytest.mark.parametrize("row", ["Service number {} | ${} each", "| Service number {} | ${} each |"])
def test_tables_without_a_rule_are_tables(between: str, row: str) -> None:
    if between == "\n\n" and not row.startswith("|"):
        pytest.skip("rows of web pages stand on neighbouring lines")
    header = row.replace("Service number {}", "Name").replace("${} each", "Fee")
    text = "Before the table.\n\n" + between.join([header, *(row.format(i, i) for i in range(30))]) + "\n\nAfter it."
    parts = [chunk for chunk in chunks_of(text) if "Service" in chunk.text]
    assert len(parts) > 4 and all(chunk.text.startswith(header) for chunk in parts[1:]) and header in parts[0].text
    assert covered(text, chunks_of(text))


def test_a_table_of_a_word_file_reaches_the_chunker_as_one(tmp_path: Path) -> None:
    file = docx.Document()
    table = file.add_table(rows=30, cols=2)
    for n, row in enumerate(table.rows):
        row.cells[0].text, row.cells[1].text = ("Name", "Fee") if n == 0 else (f"Service number {n}", f"${n} each")
    file.save(str(tmp_path / "fees.docx"))
    (read,) = docx_text(tmp_path / "fees.docx", "fees.docx")
    chunks = chunks_of(read.fields["text"])
    assert len(chunks) > 4 and all(chunk.text.startswith("| Name | Fee |") for chunk in chunks)


def test_tables_apart_and_prose_with_bars_stay_what_they_are() -> None:
    two = "| A | B |\n|---|---|\n| 1 | 2 |\n\n| C | D |\n|---|---|\n| 3 | 4 |"
    assert [len(section.blocks) for section in outline(two)] == [2]
    prose = "One sentence | with a bar. Another one.\nA line without."
    (section,) = outline(prose)
    assert len(section.blocks) == 1 and not section.headers


def test_a_header_larger_than_half_a_chunk_is_not_repeated() -> None:
    wide = "| " + " | ".join(f"column {i}" for i in range(14)) + " |"
    text = "\n".join([wide, "|---|", *(f"| row {i} | some more words |" for i in range(20))])
    chunks = chunks_of(text)
    assert len(chunks) > 2 and sum("column 3" in chunk.text for chunk in chunks) == 1
    assert all(chunk.tokens <= 40 for chunk in chunks)


_PICTURE = base64.b64encode(hashlib.shake_256(b"a picture").digest(60_000)).decode()


@pytest.mark.parametrize(
    "picture",
    [
        f"![chart](data:image/png;base64,{_PICTURE})",
        f'<img src="data:image/svg+xml;charset=utf-8;base64,{_PICTURE}">',
        "![chart](data:image/png;base64,\n" + "\n".join(re.findall(".{1,76}", _PICTURE)) + ")",
        _PICTURE,
    ],
)
def test_a_picture_in_base64_is_no_text(picture: str) -> None:
    text = f"# Fees\n\nA lost card costs $10.\n\n{picture}\n\nA new card is free."
    chunks = chunks_of(text)
    assert len(chunks) == 1 and "$10" in chunks[0].text and "is free." in chunks[0].text
    assert len(chunks[0].text) < 150 and (chunks[0].start, chunks[0].end) == (0, len(text))
    long = "\n\n".join(f"Sentence {n} of the guide. {picture}" for n in range(20))
    assert all(len(chunk.text) < 1000 and "Sentence" in chunk.text for chunk in chunks_of(long))
    assert chunks_of(picture) == [] or len(chunks_of(picture)[0].text) < 40


@pytest.mark.parametrize(
    "word", ["a" * 300, "0" * 300, "ACGT" * 80, "x-" * 200, "Donaudampfschifffahrt" * 15, "字" * 300]
)
def test_long_words_are_text(word: str) -> None:
    chunks = chunks_of(f"Before {word} after.", max_tokens=40)
    assert covered(f"Before {word} after.", chunks)
