"""JSON: one value a line, or one array (or several values) in a file, streamed with the meaning and messages of
Python's `json`.

Belongs here: jsonl and json. A streaming parser such as yajl would be shorter, but it turns half surrogates into
question marks and gives no line numbers."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any, BinaryIO

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, object_of, record_or_problem
from genaiops_assets.corpus.read.streams import CHUNK, open_utf8, skip_line

_SPACE = re.compile(r"[ \t\n\r]*")


def json_lines(path: Path, name: str) -> Outcomes:
    """One value a line. A broken or endless line is one problem; the lines after it are read."""
    with open_utf8(path) as f:
        for number, raw in enumerate(iter(lambda: f.readline(outcomes.MAX_LINE + 1), b""), start=1):
            if len(raw) > outcomes.MAX_LINE:
                if not raw.endswith(b"\n"):
                    skip_line(f)
                yield Problem(name, number, "", f"line longer than {outcomes.MAX_LINE} bytes")
                continue
            if not raw.strip():
                continue
            try:
                text = raw.decode()
                value = json.loads(text, object_pairs_hook=object_of)
            except UnicodeDecodeError as error:
                yield Problem(name, number, "", f"not UTF-8 at byte {error.start} of the line", repr(raw[:80]))
            except (ValueError, RecursionError) as error:
                yield Problem(name, number, "", f"broken JSON: {error}", text[:200])
            else:
                yield record_or_problem(name, number, value)


def json_values(path: Path, name: str) -> Outcomes:
    """The elements of one array, or the values of a file one after another. What is broken ends the file: nobody can
    tell where the next element begins."""
    with open_utf8(path) as f:
        text = _Text(f)
        number = 0
        try:
            is_array = text.take("[")
            while not (text.take("]") if is_array else text.at_end()):
                if is_array and number:
                    text.expect(",")
                value = text.value()
                number += 1
                yield record_or_problem(name, number, value)
            if not text.at_end():
                raise text.broken("Extra data")
        except json.JSONDecodeError as error:
            yield Problem(name, text.line(error.pos), "", f"broken JSON: {error.msg}")
        except RecursionError:
            yield Problem(name, text.line(), "", "broken JSON: nested too deep")
        except ValueError as error:
            yield Problem(name, text.line(), "", str(error) if isinstance(error, _NotUtf8) else f"broken JSON: {error}")


class _NotUtf8(ValueError):
    pass


class _Text:
    """The characters of a JSON file, held from the value being read to the end of the last chunk."""

    def __init__(self, f: BinaryIO):
        self._file = f
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder(object_pairs_hook=object_of)
        self._text, self._at, self._bytes, self._lines, self._ended = "", 0, 0, 0, False

    def line(self, at: int | None = None) -> int:
        """Of a position in the text held, counted from 1."""
        return self._lines + self._text.count("\n", 0, self._at if at is None else at) + 1

    def take(self, mark: str) -> bool:
        """Step over one character after white space, if it is there."""
        self._skip_space()
        if not self._text.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def expect(self, mark: str) -> None:
        if not self.take(mark):
            raise self.broken(f"Expecting '{mark}' delimiter")
        self._skip_space()
        if self._text.startswith("]", self._at):
            raise self.broken("Expecting value")

    def at_end(self) -> bool:
        self._skip_space()
        return self._at == len(self._text)

    def broken(self, why: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(why, self._text, self._at)

    def value(self) -> Any:
        """The next value. A failure may mean that its end is not read yet: twice as much is read before the next
        try."""
        self._skip_space()
        while True:
            held = len(self._text) - self._at
            try:
                value, end = self._json.raw_decode(self._text, self._at)
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            except (ValueError, RecursionError) as error:
                if self._ended:
                    raise
                if held > outcomes.MAX_LINE:
                    raise self.broken(f"{error}, or a value longer than {outcomes.MAX_LINE} characters") from error
            self._read(max(CHUNK, held))

    def _skip_space(self) -> None:
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or self._ended:
                return
            self._read(CHUNK)

    def _read(self, size: int) -> None:
        self._lines += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :], 0
        waiting = len(self._decoder.getstate()[0])
        raw = self._file.read(size)
        self._ended = not raw
        try:
            self._text += self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError as error:
            raise _NotUtf8(f"not UTF-8 at byte {self._bytes - waiting + error.start}") from error
        self._bytes += len(raw)
