"""Cuts one document into the passages an index holds: along its structure first, never above a number of tokens.

Belongs here: packing the sections of an outline (`outline.py`) into chunks, and what a chunk is.
Does not: loading documents, the tokeniser (callers pass a counting function), embedding or storing.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from genaiops_assets.errors import Unusable
from genaiops_assets.retrieval.embedded_data import embedded_data
from genaiops_assets.retrieval.outline import Section, Span, outline, sentences_within, trimmed
from genaiops_assets.text import normalise

CountTokens = Callable[[list[str]], list[int]]

TITLE_CHARACTERS = 120
CHUNKING = 2  # another number: passages of unchanged documents are cut anew


@dataclass(frozen=True)
class Chunk:
    """A passage of one document: text is document[start:end] without embedded data (pictures in base64), after the
    header of the table where it begins within one; heading is its path ("Fees > Cards", "" at the top), for a chunk of
    several sections what their paths have in common.

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


@dataclass(frozen=True)
class _Unit:
    """The smallest piece to pack: its span, the number of its block, its tokens, whether it was left whole, and the
    header that a chunk beginning with it repeats."""

    start: int
    end: int
    block: int
    tokens: int
    whole: bool
    header: Span | None = None


def embedding_text(chunk: Chunk, title: str) -> str:
    """What is embedded for a chunk, on lines of their own: the title's first 120 characters, the heading path, the
    text."""
    return _with_context(title, chunk.heading, chunk.text)


def chunk_document(
    doc_id: str, text: str, *, title: str, count_tokens: CountTokens, max_tokens: int, overlap_tokens: int
) -> list[Chunk]:
    """The document's chunks in order; together they hold every character of it that is not white space or embedded
    data.

    From the top, neighbouring sections share a chunk while they fit it whole; a section larger than a chunk is packed
    alone. A paragraph, list, table or code block is split only when that is larger than a chunk: first between
    sentences, items or rows, then between words, last between characters. Within a section a chunk repeats up to
    overlap_tokens of whole sentences from the one before. Every part of a table repeats the table's header, unless that
    takes more than half a chunk. embedding_text(chunk, title) never counts more than
    max_tokens. A chunk_id is made of doc_id, the text and how often the same text came before in the document, not of
    title or heading: a chunk keeps its id when the text elsewhere changes, unless that changes which sections share a
    chunk.

    count_tokens takes texts and gives their token counts in order. Raises ValueError when overlap_tokens is not in
    [0, max_tokens) or max_tokens cannot hold a single character beside the title.
    """
    if not 0 <= overlap_tokens < max_tokens:
        raise Unusable(
            f"overlap_tokens must be in [0, max_tokens), but is {overlap_tokens} with max_tokens={max_tokens}"
        )
    packer = _Packer(text, title, count_tokens, max_tokens, overlap_tokens, embedded_data(text))
    chunks: list[Chunk] = []
    seen: Counter[str] = Counter()
    for section in packer.joined(outline(text)):
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


def _halves(text: str, span: Span) -> list[Span]:
    """The span cut near its middle, at white space when the middle half has some."""
    start, end = span
    middle = (start + end) // 2
    reach = (end - start) // 4
    spaces = [i for i in range(middle - reach, middle + reach + 1) if text[i].isspace()]
    cut = min(spaces, key=lambda i: abs(i - middle)) if spaces else middle
    return [trimmed(text, start, cut), trimmed(text, cut, end)]


@dataclass(frozen=True)
class _Packer:
    """Fills chunks of one document, section by section."""

    text: str
    title: str
    count_tokens: CountTokens
    max_tokens: int
    overlap_tokens: int
    data: Sequence[Span] = ()  # spans that are no text, in order
    counted: dict[Span, int] = field(default_factory=dict)  # tokens of headers

    def joined(self, sections: Iterable[Section]) -> Iterator[Section]:
        """The sections, neighbours made one as long as that fits a chunk."""
        held: Section | None = None
        for section in sections:
            both = held.joined(section) if held else section
            if held and not self._whole(both):
                yield held
                both = section
            held = both
        if held:
            yield held

    def chunks(self, section: Section) -> Iterator[Chunk]:
        """The section's chunks, without ids and positions, which only the whole document can give."""
        if whole := self._whole(section):
            yield whole
            return
        heading = self._heading(section.path)
        context_tokens = self._count(heading, [(0, 0)])[0]
        units = self._units(section, heading, context_tokens)
        least = done = 0
        while done < len(units):
            first, last, tokens = self._fill(units, least, done, heading, context_tokens)
            yield self._chunk((units[first].start, units[last - 1].end), heading, tokens, units[first].header)
            least, done = first + 1, last

    def _whole(self, section: Section) -> Chunk | None:
        """The section as one chunk, None when it is too large for that or holds no text."""
        if not self._text(section.span).strip():
            return None
        heading = self._heading(section.path)
        tokens = self._count(heading, [section.span])[0]
        return self._chunk(section.span, heading, tokens) if tokens <= self.max_tokens else None

    def _chunk(self, span: Span, heading: str, tokens: int, header: Span | None = None) -> Chunk:
        return Chunk("", "", 0, *span, self._text(span, header), heading, tokens)

    def _text(self, span: Span, header: Span | None = None) -> str:
        """What is read of a span: not the data in it, and before it the header of its table."""
        start, end = span
        within = [(max(a, start), min(b, end)) for a, b in self.data if a < end and b > start]
        edges = [start, *chain.from_iterable(within), end]
        kept = "".join(self.text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
        return f"{self._text(header)}\n{kept}" if header else kept

    def _count(self, heading: str, spans: Sequence[Span], headers: Sequence[Span | None] = ()) -> list[int]:
        pairs = zip(spans, headers or [None] * len(spans), strict=True)
        return self.count_tokens([_with_context(self.title, heading, self._text(s, header)) for s, header in pairs])

    def _heading(self, path: tuple[str, ...]) -> str:
        """The path without the title, its outer levels given up until title and heading take half a chunk at most."""
        names = [name for name in path if normalise(name) != normalise(self.title)]
        while names and self._count(" > ".join(names), [(0, 0)])[0] * 2 > self.max_tokens:
            names.pop(0)
        return " > ".join(names)

    def _units(self, section: Section, heading: str, context_tokens: int) -> list[_Unit]:
        """Every piece of the section, the oversized ones cut until each fits a chunk of its own."""
        waiting = [
            (span, block, True)
            for block, spans in enumerate(section.blocks)
            for span in spans
            if self._text(span).strip()
        ]
        headers = self._headers(section, heading)
        fitting: list[_Unit] = []
        while waiting:
            above = [_above(span, headers.get(block)) for span, block, _ in waiting]
            counts = self._count(heading, [span for span, _, _ in waiting], above)
            oversized = []
            for (span, block, whole), header, tokens in zip(waiting, above, counts, strict=True):
                if tokens <= self.max_tokens:
                    taken = context_tokens + (self._tokens_of(header, heading, context_tokens) if header else 0)
                    fitting.append(_Unit(*span, block, max(tokens - taken, 0), whole, header))
                else:
                    oversized.append((span, block))
            waiting = [part for span, block in oversized for part in self._parts(span, block)]
        return sorted(fitting, key=lambda unit: unit.start)

    def _headers(self, section: Section, heading: str) -> dict[int, Span]:
        """The headers that leave half a chunk to the rows, by block."""
        blocks = list(section.headers)
        counts = self._count(heading, [section.headers[b] for b in blocks]) if blocks else []
        return {b: section.headers[b] for b, n in zip(blocks, counts, strict=True) if 2 * n <= self.max_tokens}

    def _tokens_of(self, header: Span, heading: str, context_tokens: int) -> int:
        if header not in self.counted:
            self.counted[header] = max(self._count(heading, [header])[0] - context_tokens, 0)
        return self.counted[header]

    def _parts(self, span: Span, block: int) -> list[tuple[Span, int, bool]]:
        if span[1] - span[0] <= 1:
            raise Unusable(
                f"max_tokens={self.max_tokens} cannot hold {self.text[span[0] : span[1]]!r} beside the title"
            )
        sentences = sentences_within(self.text, span)
        if len(sentences) > 1:
            return [(sentence, block, True) for sentence in sentences]
        return [(half, block, False) for half in _halves(self.text, span)]

    def _fill(
        self, units: list[_Unit], least: int, done: int, heading: str, context_tokens: int
    ) -> tuple[int, int, int]:
        """The units [first, last) of the next chunk, last > done, and its tokens; those from least to done may be its
        overlap.

        Counts of parts only estimate the count of their whole, so the chunk is counted again and trimmed if need be.
        """
        room = self.max_tokens - context_tokens
        if header := units[done].header:
            room -= self._tokens_of(header, heading, context_tokens)
        needed = _block_end(units, done, room) or done + 1
        first = self._overlap_start(units, least, done, room - sum(unit.tokens for unit in units[done:needed]))
        last, used = needed, sum(unit.tokens for unit in units[first:needed])
        while last < len(units) and used + units[last].tokens <= room:
            used += units[last].tokens
            last += 1
        last = _without_broken_block(units, done, last, room)
        while (tokens := self._whole_count(units, first, last, heading)) > self.max_tokens:
            first, last = (first + 1, last) if first < done else (first, last - 1)
        return first, last, tokens

    def _whole_count(self, units: list[_Unit], first: int, last: int, heading: str) -> int:
        return self._count(heading, [(units[first].start, units[last - 1].end)], [units[first].header])[0]

    def _overlap_start(self, units: list[_Unit], least: int, done: int, spare: int) -> int:
        first, allowed = done, min(self.overlap_tokens, spare)
        while first > least and units[first - 1].whole and units[first - 1].tokens <= allowed:
            first -= 1
            allowed -= units[first].tokens
        return first


def _above(span: Span, header: Span | None) -> Span | None:
    """The header for a piece of a table, None for the header itself and what stands before it."""
    return header if header and span[0] >= header[1] else None


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
