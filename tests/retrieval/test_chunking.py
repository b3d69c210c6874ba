"""Chunks follow structure, join small sections, stay under the limit, cover the document and keep their ids."""

import base64
import hashlib
import re
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus.read.docx import docx_text
from genaiops_assets.retrieval import Chunk, chunk_document, embedding_text
from genaiops_assets.retrieval.outline import outline
from genaiops_assets.text import words

_ENGLISH = """# Accounts

An account holds money. It is free for students.

## Fees

The monthly fee is $4.50. It is waived above $1,000. See Fig. 2 for details.

| Service | Fee |
| --- | --- |
| Wire | $25 |
| Cash | $0 |

- Wire transfers cost more.
  They take a day.
- Cash is free.

### Cards

```python
# not a heading
fee = 4.5
```

A lost card costs $10 to replace.
"""
_CHINESE = """# 借阅规则

读者每次可以借五本书。借期为三十天。逾期每天罚款0.5元。

## 续借

一、网上续借
二、电话续借

续借不得超过两次。有人预约的图书不能续借。
"""


def _count_words(texts: list[str]) -> list[int]:
    return [len(words(text)) + 2 for text in texts]


def _count_characters(texts: list[str]) -> list[int]:
    return [len(text) for text in texts]


def _chunks(
    text: str, max_tokens: int = 40, overlap_tokens: int = 0, title: str = "Guide", doc_id: str = "doc_1"
) -> list[Chunk]:
    return chunk_document(
        doc_id, text, title=title, count_tokens=_count_words, max_tokens=max_tokens, overlap_tokens=overlap_tokens
    )


def _covered(text: str, chunks: list[Chunk]) -> bool:
    covered = {i for chunk in chunks for i in range(chunk.start, chunk.end)}
    return all(i in covered or character.isspace() for i, character in enumerate(text))


def test_every_chunk_is_a_slice_under_its_heading_path() -> None:
    chunks = _chunks(_ENGLISH, max_tokens=45)
    assert [chunk.heading for chunk in chunks] == ["Accounts", "Accounts > Fees", "Accounts > Fees > Cards"]
    assert all(chunk.text == _ENGLISH[chunk.start : chunk.end] for chunk in chunks)
    assert [chunk.position for chunk in chunks] == [0, 1, 2]
    assert "# not a heading" in chunks[2].text


def test_small_neighbouring_sections_share_a_chunk_under_their_common_heading() -> None:
    text = "# Cards\n\n## Fees\n\n### Debit\n\nIt is $1.\n\n### Credit\n\nIt is $2.\n\n## Limits\n\nNone.\n"
    assert [chunk.heading for chunk in _chunks(text, max_tokens=40)] == ["Cards"]
    assert [chunk.heading for chunk in _chunks(text, max_tokens=15)] == ["Cards > Fees", "Cards > Limits"]
    assert _chunks(text, max_tokens=40)[0].text == text.strip()


def test_sections_are_joined_from_the_top_and_only_while_they_fit_whole() -> None:
    sections = [f"# S{n}\n\n" + "word " * (3 + n % 4) for n in range(12)]
    chunks = _chunks("\n\n".join(sections), max_tokens=30)
    assert all(chunk.text.startswith("# S") for chunk in chunks) and len(chunks) < len(sections)
    for left, right in pairwise(chunks):
        first_of_right = "# " + right.text.split("# ")[1].strip()
        assert _count_words([f"Guide\n{left.text}\n\n{first_of_right}"])[0] > 30


def test_a_section_larger_than_a_chunk_is_packed_alone() -> None:
    large = "# Large\n\n" + " ".join(f"Sentence number {n} is here." for n in range(20))
    chunks = _chunks(f"# Before\n\nShort.\n\n{large}\n\n# After\n\nShort.\n", max_tokens=30, overlap_tokens=8)
    assert (chunks[0].text, chunks[-1].text) == ("# Before\n\nShort.", "# After\n\nShort.")
    assert {chunk.heading for chunk in chunks[1:-1]} == {"Large"}


def test_chinese_headings_and_sentences() -> None:
    chunks = _chunks(_CHINESE, max_tokens=36, title="图书馆")
    assert {chunk.heading for chunk in chunks} == {"借阅规则", "借阅规则 > 续借"}
    assert all(chunk.text.endswith(("。", "借")) for chunk in chunks)
    assert _covered(_CHINESE, chunks)


def test_tables_and_lists_are_cut_between_rows_and_items() -> None:
    rows = "\n".join(f"| Service number {i} | ${i} each |" for i in range(30))
    chunks = _chunks(f"| Name | Fee |\n| --- | --- |\n{rows}\n")
    assert len(chunks) > 3
    assert all(line.startswith("|") and line.endswith("|") for chunk in chunks for line in chunk.text.splitlines())
    items = "\n".join(f"- Item {i} has two lines.\n  This is the second." for i in range(30))
    assert all(chunk.text.startswith("- ") and chunk.text.endswith("second.") for chunk in _chunks(items))


def _table(rows: int, rule: bool = True) -> str:
    lines = [f"| Service number {i} | ${i} each |" for i in range(rows)]
    return "\n".join(["| Name | Fee |", *(["| --- | --- |"] if rule else []), *lines])


@pytest.mark.parametrize("rule", [True, False])
@pytest.mark.parametrize("overlap_tokens", [0, 8])
def test_every_part_of_a_long_table_repeats_its_header(rule: bool, overlap_tokens: int) -> None:
    text = f"# Fees\n\nWhat we charge.\n\n{_table(40, rule)}\n\nAll fees in dollars."
    chunks = _chunks(text, overlap_tokens=overlap_tokens)
    header = "| Name | Fee |\n| --- | --- |" if rule else "| Name | Fee |"
    parts = [chunk for chunk in chunks if "Service" in chunk.text]
    assert len(parts) > 5 and all(header in chunk.text for chunk in parts)
    assert all(chunk.text.startswith(header) for chunk in parts[1:])
    assert all(chunk.text.count("| Name | Fee |") == 1 and chunk.tokens <= 40 for chunk in parts)
    assert all(chunk.text.endswith(text[chunk.start : chunk.end]) for chunk in chunks) and _covered(text, chunks)
    assert "".join(chunk.text for chunk in chunks).count("number 17 |") >= 1


@pytest.mark.parametrize("between", ["\n", "\n\n"])  # web pages, Word files
@pytest.mark.parametrize("row", ["Service number {} | ${} each", "| Service number {} | ${} each |"])
def test_tables_without_a_rule_are_tables(between: str, row: str) -> None:
    if between == "\n\n" and not row.startswith("|"):
        pytest.skip("rows of web pages stand on neighbouring lines")
    header = row.replace("Service number {}", "Name").replace("${} each", "Fee")
    text = "Before the table.\n\n" + between.join([header, *(row.format(i, i) for i in range(30))]) + "\n\nAfter it."
    parts = [chunk for chunk in _chunks(text) if "Service" in chunk.text]
    assert len(parts) > 4 and all(chunk.text.startswith(header) for chunk in parts[1:]) and header in parts[0].text
    assert _covered(text, _chunks(text))


def test_a_table_of_a_word_file_reaches_the_chunker_as_one(tmp_path: Path) -> None:
    file = docx.Document()
    table = file.add_table(rows=30, cols=2)
    for n, row in enumerate(table.rows):
        row.cells[0].text, row.cells[1].text = ("Name", "Fee") if n == 0 else (f"Service number {n}", f"${n} each")
    file.save(str(tmp_path / "fees.docx"))
    (read,) = docx_text(tmp_path / "fees.docx", "fees.docx")
    chunks = _chunks(read.fields["text"])
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
    chunks = _chunks(text)
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
    chunks = _chunks(text)
    assert len(chunks) == 1 and "$10" in chunks[0].text and "is free." in chunks[0].text
    assert len(chunks[0].text) < 150 and (chunks[0].start, chunks[0].end) == (0, len(text))
    long = "\n\n".join(f"Sentence {n} of the guide. {picture}" for n in range(20))
    assert all(len(chunk.text) < 1000 and "Sentence" in chunk.text for chunk in _chunks(long))
    assert _chunks(picture) == [] or len(_chunks(picture)[0].text) < 40


@pytest.mark.parametrize(
    "word", ["a" * 300, "0" * 300, "ACGT" * 80, "x-" * 200, "Donaudampfschifffahrt" * 15, "字" * 300]
)
def test_long_words_are_text(word: str) -> None:
    chunks = _chunks(f"Before {word} after.", max_tokens=40)
    assert _covered(f"Before {word} after.", chunks)


def test_a_paragraph_that_fits_a_chunk_is_not_cut() -> None:
    paragraphs = [" ".join(f"Sentence {n} of paragraph {p}." for n in range(4)) for p in range(6)]
    chunks = _chunks("\n\n".join(paragraphs), max_tokens=35)
    assert all(any(paragraph in chunk.text for chunk in chunks) for paragraph in paragraphs)


def test_overlap_is_whole_sentences_within_its_limit() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(40))
    chunks = _chunks(text, max_tokens=30, overlap_tokens=8)
    for before, after in pairwise(chunks):
        shared = text[after.start : before.end]
        assert shared.startswith("Sentence") and shared.endswith("here.")
        assert len(words(shared)) <= 8
    assert all(left.end <= right.start for left, right in pairwise(_chunks(text, max_tokens=30)))


def test_overlap_never_repeats_a_whole_chunk() -> None:
    text = "# One\n\r\n# One\n# One\n# One\n# One"
    chunks = chunk_document("d", text, title="A title", count_tokens=_count_characters, max_tokens=20, overlap_tokens=6)
    assert all(left.start < right.start for left, right in pairwise(chunks))


def test_a_word_longer_than_a_chunk_is_cut_as_a_last_resort() -> None:
    text = "x" * 1000 + " " + "字" * 300
    chunks = chunk_document("d", text, title="", count_tokens=_count_characters, max_tokens=50, overlap_tokens=0)
    assert all(chunk.tokens <= 50 for chunk in chunks)
    assert _covered(text, chunks)


def test_ids_survive_a_change_elsewhere_and_tell_repeats_apart() -> None:
    before = _chunks(_ENGLISH, max_tokens=45)
    after = _chunks(_ENGLISH.replace("It is free for students.", "It is free for everybody. Ask us."), max_tokens=45)
    assert {chunk.chunk_id for chunk in before[1:]} == {chunk.chunk_id for chunk in after[1:]}
    assert before[0].chunk_id != after[0].chunk_id
    repeated = _chunks("# A\nSame.\n# A\nSame.\n", max_tokens=6)
    assert len({chunk.chunk_id for chunk in repeated}) == 2
    assert all(len(chunk.chunk_id) == 16 for chunk in repeated)
    assert before[0].chunk_id != _chunks(_ENGLISH, max_tokens=45, doc_id="doc_2")[0].chunk_id


def test_embedding_text_is_title_heading_and_text() -> None:
    chunk = _chunks(_ENGLISH, max_tokens=45)[1]
    assert embedding_text(chunk, "Guide").startswith("Guide\nAccounts > Fees\n## Fees\n")
    assert chunk.tokens == _count_words([embedding_text(chunk, "Guide")])[0]


def test_a_long_heading_path_gives_way_to_the_text() -> None:
    chunks = _chunks("# " + "outer " * 30 + "\n## inner\n\nThe text.", max_tokens=40)
    assert chunks[0].heading == "inner"
    assert all(chunk.tokens <= 40 for chunk in chunks)


def test_the_title_is_not_repeated_as_a_heading() -> None:
    assert _chunks("# Guide\n\n" + "Text. " * 8 + "\n\n## Fees\n\nMore.", max_tokens=12)[-1].heading == "Fees"


@pytest.mark.parametrize("text", ["", " \n\n\t"])
def test_nothing_gives_no_chunks(text: str) -> None:
    assert _chunks(text) == []


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap_tokens"):
        _chunks("a", max_tokens=10, overlap_tokens=10)
    with pytest.raises(ValueError, match="cannot hold"):
        _chunks("word", max_tokens=2, title="one two three")


_LINES = st.sampled_from(
    [
        *[
            "# One",
            "## Two two",
            "### 三",
            "#",
            "",
            "  ",
            "```",
            "~~~~",
            "| a | b |",
            "| a | b |\n|---|\n" + "| long row | of a table |\n" * 30,
            "|---|",
            "- item one. And more",
            "  continued",
        ],
        *[
            "1. First",
            "一、条款。内容",
            "A sentence. Another one! A third?",
            "利率是3.5%。真的吗？",
            "word " * 30,
            "字" * 70,
            "x" * 90,
            "\r",
        ],
    ]
)


@settings(max_examples=250, deadline=None)
@given(
    text=st.lists(_LINES, max_size=14).map("\n".join) | st.text(max_size=150),
    max_tokens=st.integers(20, 90),
    overlap_tokens=st.integers(0, 15),
    count_tokens=st.sampled_from([_count_words, _count_characters]),
)
def test_every_visible_character_is_covered_and_no_chunk_is_too_large(
    text, max_tokens, overlap_tokens, count_tokens
) -> None:
    chunks = chunk_document(
        "d", text, title="A title", count_tokens=count_tokens, max_tokens=max_tokens, overlap_tokens=overlap_tokens
    )
    assert _covered(text, chunks)
    assert all(chunk.text.endswith(text[chunk.start : chunk.end]) and chunk.text.strip() for chunk in chunks)
    repeated = [chunk.text.removesuffix(text[chunk.start : chunk.end]) for chunk in chunks]
    assert all(header.startswith("|") and header.rstrip("\n") in text for header in repeated if header)
    assert [chunk.tokens for chunk in chunks] == count_tokens([embedding_text(chunk, "A title") for chunk in chunks])
    assert all(chunk.tokens <= max_tokens for chunk in chunks)
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
    assert all(left.start < right.start and left.end < right.end for left, right in pairwise(chunks))
