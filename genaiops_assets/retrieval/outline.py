"""Reads the outline of one document: its sections, and in each the pieces between which it may be cut.

Belongs here: headings, paragraphs, lists, tables and fenced code of Markdown and plain text, as spans of characters.
Does not: tokens, or what goes into which chunk (`chunking.py`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, takewhile

from genaiops_assets.text import sentence_spans

Span = tuple[int, int]
Block = tuple[str, list[Span]]  # kind, and the spans of its lines

_CELLS = " | "
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t\r\n]|$)")
_FENCE = re.compile(r" {0,3}(`{3,}+(?!.*`)|~{3,})")
_LIST_ITEM = re.compile(
    r"[ \t]*(?:(?:[-*+•]|[0-9]{1,3}[.)])[ \t]|[0-9]{1,3}、|[（(]?[一二三四五六七八九十]{1,3}[、）)])"
)


@dataclass
class Section:
    """The blocks under one heading. A block is a list of spans (sentences, items, rows) best kept together; the header
    of a table is its first rows down to the rule, or the first row of a table without one."""

    path: tuple[str, ...] = ()
    blocks: list[list[Span]] = field(default_factory=list)
    headers: dict[int, Span] = field(default_factory=dict)  # of tables, by the number of their block

    @property
    def span(self) -> Span:
        return self.blocks[0][0][0], self.blocks[-1][-1][1]

    def joined(self, after: "Section") -> "Section":
        """Both as one section, under what their paths have in common."""
        shared = takewhile(lambda names: names[0] == names[1], zip(self.path, after.path, strict=False))
        headers = self.headers | {len(self.blocks) + block: span for block, span in after.headers.items()}
        return Section(tuple(name for name, _ in shared), self.blocks + after.blocks, headers)

    def add(self, block: list[Span], header: Span | None = None) -> None:
        if header and len(block) > 1:
            self.headers[len(self.blocks)] = header
        self.blocks.append(block)


def outline(text: str) -> Iterator[Section]:
    """The sections of the document; a heading without a body of its own opens the section that follows."""
    section, levels, heading = Section(), list[tuple[int, str]](), list[Span]()
    for kind, lines in _one_table(text, _rows_apart(text, _blocks(text))):
        if kind == "heading":
            if section.blocks:
                yield section
            level, name = _read_heading(text[lines[0][0] : lines[0][1]])
            levels = [*(upper for upper in levels if upper[0] < level), (level, name)]
            section = Section(tuple(name for _, name in levels if name))
            heading += _pieces(text, kind, lines)
        else:
            pieces = _pieces(text, kind, lines)
            section.add(heading + pieces, pieces[0] if kind == "table" and pieces else None)
            heading = []
    if heading:
        section.blocks.append(heading)
    if section.blocks:
        yield section


def _blocks(text: str) -> Iterator[Block]:
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


def _rows_apart(text: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Neighbouring lines of a paragraph with as many cells (`a | b`, as tables of web pages come) are a table."""
    for kind, lines in blocks:
        if kind != "paragraph" or _CELLS not in text[lines[0][0] : lines[-1][1]]:
            yield kind, lines
            continue
        prose = list[Span]()
        for cells, group in groupby(lines, lambda span: text[slice(*span)].count(_CELLS)):
            rows = list(group)
            if cells and len(rows) > 1:
                if prose:
                    yield kind, prose
                yield "table", rows
                prose = []
            else:
                prose = prose + rows
        if prose:
            yield kind, prose


def _one_table(text: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Rows with as many cells that stand alone between blank lines, as tables of Word files come, are one table."""
    held = list[Span]()
    for kind, lines in blocks:
        is_row = kind == "table" and len(lines) == 1
        if held and not (is_row and _bars(text, held[-1]) == _bars(text, lines[0])):
            yield "table", held
            held = []
        if is_row:
            held = held + lines
        else:
            yield kind, lines
    if held:
        yield "table", held


def _bars(text: str, line: Span) -> int:
    return text[slice(*line)].count("|")


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
        return sentences_within(text, (lines[0][0], lines[-1][1]))
    pieces = [lines[0]]
    for start, end in lines[1:]:
        continues_item = kind == "list" and not _LIST_ITEM.match(text, start)
        is_rule_under_header = kind == "table" and len(pieces) == 1 and not text[start:end].strip(" \t\r\n|:-")
        if continues_item or is_rule_under_header:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return [piece for piece in (trimmed(text, *piece) for piece in pieces) if piece[0] < piece[1]]


def sentences_within(text: str, span: Span) -> list[Span]:
    return [(span[0] + start, span[0] + end) for start, end in sentence_spans(text[span[0] : span[1]])]


def trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
