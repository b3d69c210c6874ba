"""Chunks follow structure, join small sections, stay under the limit, cover the document and keep their ids."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.retrieval import chunk_document, embedding_text
from genaiops_assets.text import words
from tests.retrieval.cut import chunks_of, count_words, covered

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


def _count_characters(texts: list[str]) -> list[int]:
    return [len(text) for text in texts]


def test_every_chunk_is_a_slice_under_its_heading_path() -> None:
    chunks = chunks_of(_ENGLISH, max_tokens=45)
    assert [chunk.heading for chunk in chunks] == ["Accounts", "Accounts > Fees", "Accounts > Fees > Cards"]
    assert all(chunk.text == _ENGLISH[chunk.start : chunk.end] for chunk in chunks)
    assert [chunk.position for chunk in chunks] == [0, 1, 2]
    assert "# not a heading" in chunks[2].text


def test_small_neighbouring_sections_share_a_chunk_under_their_common_heading() -> None:
    text = "# Cards\n\n## Fees\n\n### Debit\n\nIt is $1.\n\n### Credit\n\nIt is $2.\n\n## Limits\n\nNone.\n"
    assert [chunk.heading for chunk in chunks_of(text, max_tokens=40)] == ["Cards"]
    assert [chunk.heading for chunk in chunks_of(text, max_tokens=15)] == ["Cards > Fees", "Cards > Limits"]
    assert chunks_of(text, max_tokens=40)[0].text == text.strip()


def test_sections_are_joined_from_the_top_and_only_while_they_fit_whole() -> None:
    sections = [f"# S{n}\n\n" + "word " * (3 + n % 4) for n in range(12)]
    chunks = chunks_of("\n\n".join(sections), max_tokens=30)
    assert all(chunk.text.startswith("# S") for chunk in chunks) and len(chunks) < len(sections)
    for left, right in pairwise(chunks):
        first_of_right = "# " + right.text.split("# ")[1].strip()
        assert count_words([f"Guide\n{left.text}\n\n{first_of_right}"])[0] > 30


def test_a_section_larger_than_a_chunk_is_packed_alone() -> None:
    large = "# Large\n\n" + " ".join(f"Sentence number {n} is here." for n in range(20))
    chunks = chunks_of(f"# Before\n\nShort.\n\n{large}\n\n# After\n\nShort.\n", max_tokens=30, overlap_tokens=8)
    assert (chunks[0].text, chunks[-1].text) == ("# Before\n\nShort.", "# After\n\nShort.")
    assert {chunk.heading for chunk in chunks[1:-1]} == {"Large"}


def test_chinese_headings_and_sentences() -> None:
    chunks = chunks_of(_CHINESE, max_tokens=36, title="图书馆")
    assert {chunk.heading for chunk in chunks} == {"借阅规则", "借阅规则 > 续借"}
    assert all(chunk.text.endswith(("。", "借")) for chunk in chunks)
    assert covered(_CHINESE, chunks)


def test_a_paragraph_that_fits_a_chunk_is_not_cut() -> None:
    paragraphs = [" ".join(f"Sentence {n} of paragraph {p}." for n in range(4)) for p in range(6)]
    chunks = chunks_of("\n\n".join(paragraphs), max_tokens=35)
    assert all(any(paragraph in chunk.text for chunk in chunks) for paragraph in paragraphs)


def test_overlap_is_whole_sentences_within_its_limit() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(40))
    chunks = chunks_of(text, max_tokens=30, overlap_tokens=8)
    for before, after in pairwise(chunks):
        shared = text[after.start : before.end]
        assert shared.startswith("Sentence") and shared.endswith("here.")
        assert len(words(shared)) <= 8
    assert all(left.end <= right.start for left, right in pairwise(chunks_of(text, max_tokens=30)))


def test_overlap_never_repeats_a_whole_chunk() -> None:
    text = "# One\n\r\n# One\n# One\n# One\n# One"
    chunks = chunk_document("d", text, title="A title", count_tokens=_count_characters, max_tokens=20, overlap_tokens=6)
    assert all(left.start < right.start for left, right in pairwise(chunks))


def test_a_word_longer_than_a_chunk_is_cut_as_a_last_resort() -> None:
    text = "x" * 1000 + " " + "字" * 300
    chunks = chunk_document("d", text, title="", count_tokens=_count_characters, max_tokens=50, overlap_tokens=0)
    assert all(chunk.tokens <= 50 for chunk in chunks)
    assert covered(text, chunks)


def test_ids_survive_a_change_elsewhere_and_tell_repeats_apart() -> None:
    before = chunks_of(_ENGLISH, max_tokens=45)
    after = chunks_of(_ENGLISH.replace("It is free for students.", "It is free for everybody. Ask us."), max_tokens=45)
    assert {chunk.chunk_id for chunk in before[1:]} == {chunk.chunk_id for chunk in after[1:]}
    assert before[0].chunk_id != after[0].chunk_id
    repeated = chunks_of("# A\nSame.\n# A\nSame.\n", max_tokens=6)
    assert len({chunk.chunk_id for chunk in repeated}) == 2
    assert all(len(chunk.chunk_id) == 16 for chunk in repeated)
    assert before[0].chunk_id != chunks_of(_ENGLISH, max_tokens=45, doc_id="doc_2")[0].chunk_id


def test_embedding_text_is_title_heading_and_text() -> None:
    chunk = chunks_of(_ENGLISH, max_tokens=45)[1]
    assert embedding_text(chunk, "Guide").startswith("Guide\nAccounts > Fees\n## Fees\n")
    assert chunk.tokens == count_words([embedding_text(chunk, "Guide")])[0]


def test_a_long_heading_path_gives_way_to_the_text() -> None:
    chunks = chunks_of("# " + "outer " * 30 + "\n## inner\n\nThe text.", max_tokens=40)
    assert chunks[0].heading == "inner"
    assert all(chunk.tokens <= 40 for chunk in chunks)


def test_the_title_is_not_repeated_as_a_heading() -> None:
    assert chunks_of("# Guide\n\n" + "Text. " * 8 + "\n\n## Fees\n\nMore.", max_tokens=12)[-1].heading == "Fees"


@pytest.mark.parametrize("text", ["", " \n\n\t"])
def test_nothing_gives_no_chunks(text: str) -> None:
    assert chunks_of(text) == []


def test_impossible_limits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap_tokens"):
        chunks_of("a", max_tokens=10, overlap_tokens=10)
    with pytest.raises(ValueError, match="cannot hold"):
        chunks_of("word", max_tokens=2, title="one two three")


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
    count_tokens=st.sampled_from([count_words, _count_characters]),
)
def test_every_visible_character_is_covered_and_no_chunk_is_too_large(
    text, max_tokens, overlap_tokens, count_tokens
) -> None:
    chunks = chunk_document(
        "d", text, title="A title", count_tokens=count_tokens, max_tokens=max_tokens, overlap_tokens=overlap_tokens
    )
    assert covered(text, chunks)
    assert all(chunk.text.endswith(text[chunk.start : chunk.end]) and chunk.text.strip() for chunk in chunks)
    repeated = [chunk.text.removesuffix(text[chunk.start : chunk.end]) for chunk in chunks]
    assert all(header.startswith("|") and header.rstrip("\n") in text for header in repeated if header)
    assert [chunk.tokens for chunk in chunks] == count_tokens([embedding_text(chunk, "A title") for chunk in chunks])
    assert all(chunk.tokens <= max_tokens for chunk in chunks)
    assert len({chunk.chunk_id for chunk in chunks}) == len(chunks)
    assert all(left.start < right.start and left.end < right.end for left, right in pairwise(chunks))
