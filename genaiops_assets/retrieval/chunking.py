"""Cuts one document into the passages an index holds: along its structure first, never above a number of tokens.

Belongs here: reading a document's outline (headings, paragraphs, lists, tables, fenced code) and packing it into chunks.
Does not: loading documents, the tokeniser (callers pass a counting function), embedding or storing.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from genaiops_assets.text import normalise, sentence_spans

CountTokens = Callable[[list[str]], list[int]]
Span = tuple[int, int]

TITLE_CHARACTERS = 120

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t\r\n]|$)")
_FENCE = re.compile(r" {0,3}(`{3,}+(?!.*`)|~{3,})")
_LIST_ITEM = re.compile(r"[ \t]*(?:(?:[-*+•]|[0-9]{1,3}[.)])[ \t]|[0-9]{1,3}、|[（(]?[一二三四五六七八九十]{1,3}[、）)])")


@dataclass(frozen=True)
class Chunk:
    """A passage of one document: text == document[start:end], heading is its path ("Fees > Cards", "" at the top).

    tokens counts embedding_text(chunk, title), the text that is embedded, not the passage alone.
    """

    chunk_id: str
    doc_id: str
    position: int
    start: int
    end: int
    text: str
    heading: str
    tokens: int


@dataclass
class _Section:
    """The blocks under one heading. A block is a list of spans (sentences, items, rows) best kept together."""

    path: tuple[str, ...] = ()
    blocks: list[list[Span]] = field(default_factory=list)


@dataclass(frozen=True)
class _Unit:
    """The smallest piece to pack: its span, the number of its block, its tokens, and whether it was left whole."""

    start: int
    end: int
    block: int
    tokens: int
    whole: bool


def embedding_text(chunk: Chunk, title: str) -> str:
    """What is embedded for a chunk, on lines of their own: the title's first 120 characters, the heading path, the text."""
    return _with_context(title, chunk.heading, chunk.text)


def chunk_document(
    doc_id: str, text: str, *, title: str, count_tokens: CountTokens, max_tokens: int, overlap_tokens: int
) -> list[Chunk]:
    """The document's chunks in order; together they hold every character of it that is not white space.

    A chunk never crosses a heading, and splits a paragraph, list, table or code block only when that is larger than a
    chunk: first between sentences, items or rows, then between words, last between characters. Within a section a chunk
    repeats up to overlap_tokens of whole sentences from the one before. embedding_text(chunk, title) never counts more
    than max_tokens. A chunk_id is made of doc_id, the text and how often the same text came before in the document, so
    text that did not change keeps its id when another section does; it does not depend on title or heading.

    count_tokens takes texts and gives their token counts in order. Raises ValueError when overlap_tokens is not in
    [0, max_tokens) or max_tokens cannot hold a single character beside the title.
    """
    if not 0 <= overlap_tokens < max_tokens:
        raise ValueError(f"overlap_tokens must be in [0, max_tokens), but is {overlap_tokens} with max_tokens={max_tokens}")
    packer = _Packer(text, title, count_tokens, max_tokens, overlap_tokens)
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for section in _outline(text):
        for chunk in packer.chunks(section):
            chunk_id = _chunk_id(doc_id, chunk.text, seen[chunk.text])
            chunks.append(replace(chunk, chunk_id=chunk_id, doc_id=doc_id, position=len(chunks)))
            seen[chunk.text] += 1
    return chunks


def _with_context(title: str, heading: str, text: str) -> str:
    return "\n".join(part for part in (title[:TITLE_CHARACTERS].strip(), heading, text) if part)


def _chunk_id(doc_id: str, text: str, occurrence: int) -> str:
    text_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return hashlib.sha256(json.dumps([doc_id, text_hash, occurrence]).encode()).hexdigest()[:16]


def _outline(text: str) -> Iterator[_Section]:
    """The sections of the document; a heading without a body of its own opens the section that follows."""
    section, levels, heading = _Section(), list[tuple[int, str]](), list[Span]()
    for kind, lines in _blocks(text):
        if kind == "heading":
            if section.blocks:
                yield section
            level, name = _read_heading(text[lines[0][0] : lines[0][1]])
            levels = [*(upper for upper in levels if upper[0] < level), (level, name)]
            section = _Section(tuple(name for _, name in levels if name))
            heading += _pieces(text, kind, lines)
        else:
            section.blocks.append(heading + _pieces(text, kind, lines))
            heading = []
    if heading:
        section.blocks.append(heading)
    if section.blocks:
        yield section


def _blocks(text: str) -> Iterator[tuple[str, list[Span]]]:
    """Runs of lines of one kind: heading, code, list, table or paragraph, each with the spans of its lines."""
    kind, lines, fence = "", list[Span](), ""
    for line in _LINE.finditer(text):
        found = _kind(line.group(), kind, fence)
        opens_fence = found == "code" and not fence
        if lines and (found != kind or found == "heading" or opens_fence):
            yield kind, lines
            lines = []
        kind = found
        if found:
            lines.append(line.span())
        fence = _fence_after(line.group(), fence)
    if lines:
        yield kind, lines


def _kind(line: str, before: str, fence: str) -> str:
    if fence or _fence_after(line, ""):
        return "code"
    if not line.strip():
        return ""
    if _HEADING.match(line):
        return "heading"
    if line.lstrip().startswith("|"):
        return "table"
    if _LIST_ITEM.match(line) or (before == "list" and line[0] in " \t"):
        return "list"
    return "paragraph"


def _fence_after(line: str, fence: str) -> str:
    """The code fence that is open after this line, "" for none, given the one open before it."""
    if not fence:
        opening = _FENCE.match(line)
        return opening.group(1) if opening else ""
    closing = line.strip()
    return "" if len(closing) >= len(fence) and not closing.strip(fence[0]) else fence


def _read_heading(line: str) -> tuple[int, str]:
    marks, *names = line.split()
    if names and not names[-1].strip("#"):
        names.pop()
    return len(marks), " ".join(names)


def _pieces(text: str, kind: str, lines: list[Span]) -> list[Span]:
    """The spans between which a block of this kind may be cut: sentences, list items, table rows or lines of code."""
    if kind == "paragraph":
        return _sentences_within(text, (lines[0][0], lines[-1][1]))
    pieces = [lines[0]]
    for start, end in lines[1:]:
        continues_item = kind == "list" and not _LIST_ITEM.match(text, start)
        is_rule_under_header = kind == "table" and len(pieces) == 1 and not text[start:end].strip(" \t\r\n|:-")
        if continues_item or is_rule_under_header:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return [piece for piece in (_trimmed(text, *piece) for piece in pieces) if piece[0] < piece[1]]


def _sentences_within(text: str, span: Span) -> list[Span]:
    return [(span[0] + start, span[0] + end) for start, end in sentence_spans(text[span[0] : span[1]])]


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _halves(text: str, span: Span) -> list[Span]:
    """The span cut near its middle, at white space when the middle half has some."""
    start, end = span
    middle = (start + end) // 2
    reach = (end - start) // 4
    spaces = [i for i in range(middle - reach, middle + reach + 1) if text[i].isspace()]
    cut = min(spaces, key=lambda i: abs(i - middle)) if spaces else middle
    return [_trimmed(text, start, cut), _trimmed(text, cut, end)]


@dataclass(frozen=True)
class _Packer:
    """Fills chunks of one document, section by section."""

    text: str
    title: str
    count_tokens: CountTokens
    max_tokens: int
    overlap_tokens: int

    def chunks(self, section: _Section) -> Iterator[Chunk]:
        """The section's chunks, without ids and positions, which only the whole document can give."""
        heading = self._heading(section.path)
        context_tokens = self._count(heading, [(0, 0)])[0]
        units = self._units(section, heading, context_tokens)
        done = 0
        while done < len(units):
            first, last, tokens = self._fill(units, done, heading, context_tokens)
            start, end = units[first].start, units[last - 1].end
            yield Chunk("", "", 0, start, end, self.text[start:end], heading, tokens)
            done = last

    def _count(self, heading: str, spans: Sequence[Span]) -> list[int]:
        return self.count_tokens([_with_context(self.title, heading, self.text[start:end]) for start, end in spans])

    def _heading(self, path: tuple[str, ...]) -> str:
        """The path without the title, its outer levels given up until title and heading take half a chunk at most."""
        names = [name for name in path if normalise(name) != normalise(self.title)]
        while names and self._count(" > ".join(names), [(0, 0)])[0] * 2 > self.max_tokens:
            names.pop(0)
        return " > ".join(names)

    def _units(self, section: _Section, heading: str, context_tokens: int) -> list[_Unit]:
        """Every piece of the section, the oversized ones cut until each fits a chunk of its own."""
        waiting = [(span, block, True) for block, spans in enumerate(section.blocks) for span in spans]
        fitting: list[_Unit] = []
        while waiting:
            counts = self._count(heading, [span for span, _, _ in waiting])
            oversized = []
            for (span, block, whole), tokens in zip(waiting, counts, strict=True):
                if tokens <= self.max_tokens:
                    fitting.append(_Unit(*span, block, max(tokens - context_tokens, 0), whole))
                else:
                    oversized.append((span, block))
            waiting = [part for span, block in oversized for part in self._parts(span, block)]
        return sorted(fitting, key=lambda unit: unit.start)

    def _parts(self, span: Span, block: int) -> list[tuple[Span, int, bool]]:
        if span[1] - span[0] <= 1:
            raise ValueError(f"max_tokens={self.max_tokens} cannot hold {self.text[span[0] : span[1]]!r} beside the title")
        sentences = _sentences_within(self.text, span)
        if len(sentences) > 1:
            return [(sentence, block, True) for sentence in sentences]
        return [(half, block, False) for half in _halves(self.text, span)]

    def _fill(self, units: list[_Unit], done: int, heading: str, context_tokens: int) -> tuple[int, int, int]:
        """The units [first, last) of the next chunk, last > done, and its tokens; those before done are the overlap.

        Counts of parts only estimate the count of their whole, so the chunk is counted again and trimmed if need be.
        """
        room = self.max_tokens - context_tokens
        needed = _block_end(units, done, room) or done + 1
        first = self._overlap_start(units, done, room - sum(unit.tokens for unit in units[done:needed]))
        last, used = needed, sum(unit.tokens for unit in units[first:needed])
        while last < len(units) and used + units[last].tokens <= room:
            used += units[last].tokens
            last += 1
        last = _without_broken_block(units, done, last, room)
        while (tokens := self._count(heading, [(units[first].start, units[last - 1].end)])[0]) > self.max_tokens:
            first, last = (first + 1, last) if first < done else (first, last - 1)
        return first, last, tokens

    def _overlap_start(self, units: list[_Unit], done: int, spare: int) -> int:
        first, allowed = done, min(self.overlap_tokens, spare)
        while first > 0 and units[first - 1].whole and units[first - 1].tokens <= allowed:
            first -= 1
            allowed -= units[first].tokens
        return first


def _block_end(units: list[_Unit], begin: int, room: int) -> int:
    """Where the block from begin on ends, or 0 when that is more than there is room for."""
    end, used = begin, 0
    while end < len(units) and units[end].block == units[begin].block and used <= room:
        used += units[end].tokens
        end += 1
    return end if used <= room else 0


def _without_broken_block(units: list[_Unit], done: int, last: int, room: int) -> int:
    """Gives back the beginning of a block that did not fit any more but will fit the next chunk whole."""
    begin = last
    while last < len(units) and begin > done and units[begin - 1].block == units[last].block:
        begin -= 1
    return begin if done < begin < last and _block_end(units, begin, room) else last
