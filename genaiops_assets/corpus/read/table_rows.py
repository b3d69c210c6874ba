"""Tables of text: csv, a row a record. Belongs here: its dialects, and what a broken row takes with it. Does not belong
here: Parquet (`parquet.py`), tables inside documents."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, Record, folded
from genaiops_assets.corpus.read.streams import open_utf8, skip_line

SEPARATORS = (",", ";", "\t", "|")
_SAID = re.compile(r"^\"?sep=(.)\"?\r?\n?$")  # the first line that some spreadsheets write
_UNDECODED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes that are not UTF-8


class _TooLong(Exception):
    pass


class _Lines(Iterator[str]):
    """The lines of a text file, counted; one may be put back. Raises _TooLong in place of an endless line or row and
    goes on behind it."""

    def __init__(self, f: io.TextIOWrapper):
        self._file, self._back = f, list[str]()
        self.count = 0
        self.begin_row()

    def begin_row(self) -> None:
        self.start, self.first, self._length, self._quotes = self.count + 1, "", 0, list[int]()

    def put_back(self, line: str) -> None:
        self._back.append(line)
        self.count -= 1
        self.begin_row()

    def __next__(self) -> str:
        line = self._back.pop() if self._back else self._file.readline(outcomes.MAX_LINE + 1)
        if not line:
            raise StopIteration
        self.count += 1
        self.first = self.first or line[:200]
        self._length += len(line)
        self._quotes.append(line.replace('""', "").count('"'))
        if self._length > outcomes.MAX_LINE:
            if line[-1] not in "\r\n":
                skip_line(self._file)
            raise _TooLong
        return line

    def opened(self, at_end: bool) -> int:
        """The line of this row in which the quote was opened that is still open at its end, or, not `at_end`, that
        was closed in its last line where no cell ends."""
        is_open, at = False, self.start
        for number, quotes in enumerate(self._quotes, self.start):
            if not is_open or (quotes > 1 and (at_end or number < self.count)):
                at = number
            is_open ^= quotes % 2 == 1
        return at


def csv_rows(path: Path, name: str, wanted: frozenset[str] | None = None) -> Outcomes:
    """A row's line is its last one. A broken row does not keep the rows after it from being read, a broken header
    does. `wanted`: folded names of the columns that are read; None: all."""
    csv.field_size_limit(max(csv.field_size_limit(), outcomes.MAX_LINE))  # of the whole process: others read CSV too
    with io.TextIOWrapper(open_utf8(path), encoding="utf-8", errors="surrogateescape", newline="") as f:
        lines = _Lines(f)
        try:
            separator = _separator(lines, wanted or frozenset())
        except _TooLong:
            yield from _broken(name, lines, f"line longer than {outcomes.MAX_LINE} characters")
            return
        header: _Header | None = None
        reader = csv.reader(lines, delimiter=separator, strict=True)
        while True:
            lines.begin_row()
            try:
                row = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooLong) as error:
                too_long = f"line longer than {outcomes.MAX_LINE} characters"
                yield from _broken(name, lines, too_long if isinstance(error, _TooLong) else f"broken CSV: {error}")
                reader = csv.reader(lines, delimiter=separator, strict=True)  # the old one may be in a quoted cell
                if header is None:
                    return
                continue
            if not row:
                continue
            if header is not None:
                yield header.outcome(name, lines.count, row)
                continue
            header = _Header(row, wanted)
            if header.wrong:
                yield Problem(name, lines.count, "", header.wrong, str(row)[:200])
                return


class _Header:
    """The columns of a file, and which of them are read."""

    def __init__(self, names: list[str], wanted: frozenset[str] | None):
        self.columns = len(names)
        self._read = [(at, n) for at, n in enumerate(names) if wanted is None or folded(n) in wanted]
        self._unread = tuple(n[:50] for n in names if wanted is not None and folded(n) not in wanted)[:10]
        self.wrong = self._fault()

    def _fault(self) -> str:
        if self.columns > outcomes.MAX_COLUMNS:
            return f"{self.columns} columns, more than the {outcomes.MAX_COLUMNS} that are read"
        if any(_UNDECODED.search(n) for _, n in self._read) or any(_UNDECODED.search(n) for n in self._unread):
            return "not UTF-8: save the file as UTF-8"
        twice = [n for n, times in Counter(n for _, n in self._read).items() if times > 1 and n]
        return f"two columns are named {twice[0]!r}: rename one" if twice else ""

    def outcome(self, name: str, line: int, row: list[str]) -> Record | Problem:
        if len(row) != self.columns:
            reason = f"expected {self.columns} columns, found {len(row)}"
            return Problem(name, line, "", reason, str(row)[:200])
        fields = {column: row[at] for at, column in self._read}
        wrong = next((column for column, cell in fields.items() if _UNDECODED.search(cell)), None)
        if wrong is not None:
            return Problem(name, line, wrong, "not UTF-8", str(row)[:200])
        return Record(name, line, fields, unread=self._unread)


def _broken(name: str, lines: _Lines, reason: str) -> Iterator[Problem]:
    """Each line that a broken row took with it: a reader that lost them would count too few."""
    opened, last = lines.opened("expected after" not in reason), lines.count
    if last == lines.start:
        yield Problem(name, last, "", reason, lines.first)
        return
    taken = f"a quote opened in line {opened} takes lines {lines.start} to {last}, which are not read"
    yield Problem(name, opened, "", f"{reason}; {taken}", lines.first)
    for number in range(lines.start, last + 1):
        if number != opened:
            yield Problem(name, number, "", f"lost to a quote opened in line {opened}")


def _separator(lines: _Lines, wanted: frozenset[str]) -> str:
    """What the first line says, or else the one that divides the header into most of the names that are read."""
    first = next(lines, "")
    if said := _SAID.match(first):
        return said.group(1)
    if first:
        lines.put_back(first)

    def fit(separator: str) -> tuple[int, int]:
        names = {folded(n) for n in next(csv.reader([first], delimiter=separator), [])}
        return len(names & wanted), len(names)

    return max(SEPARATORS, key=fit)
