"""Titles: what a document calls itself. Belongs here: front matter, headings, and names that programs give instead of
people. Does not belong here: where a format keeps its title."""

from __future__ import annotations

import re
import tomllib
from typing import Any

MOST = 20_000  # characters of front matter
_FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n(.*?)^(?:\1|\.\.\.)[ \t\r]*$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_PROGRAM = re.compile(r"^(?:Microsoft (?:Office )?(?:Word|Excel|PowerPoint)|LibreOffice|WPS\S*) +[-–] +", re.IGNORECASE)
_FILE = re.compile(r"\.(?:docx?|pptx?|xlsx?|odt|rtf|pdf|txt|wps|html?)$", re.IGNORECASE)
_THING = (
    r"(?:word |new |blank )?(?:document|dokument|documento|page|presentation|präsentation"
    r"|文档|文檔|文件|文稿|网页|網頁|页面)"
)
_NOBODYS = re.compile(
    r"(?:untitled|unbenannt(?:es)?|sans titre|sin título|senza titolo|无标题|無標題|未命名)"
    rf"(?:[ -]?{_THING})?[ -]?\(?\d*\)?|(?:新建 ?(?:microsoft word ?)?)?{_THING} ?\(?\d*\)?"
    r"|(?:microsoft )?(?:word|powerpoint)[ -](?:document|dokument|presentation|präsentation)",
    re.IGNORECASE,
)


def given(title: str) -> str:
    """A title that a person gave; "" for what a program writes where nobody did (`Document1`), without what programs
    put around it (`Microsoft Word - fees.doc` is `fees`)."""
    title = " ".join(title.split())
    bare = _PROGRAM.sub("", title)
    bare = _FILE.sub("", bare) if bare != title else bare
    return "" if _NOBODYS.fullmatch(bare) else bare


def title_of_text(text: str) -> str:
    """From the front matter of Markdown, or its first heading that is no code; "" without either. Lines with `#` in a
    script are comments, `#word` is a hashtag."""
    if text.startswith("#!"):
        return ""
    front = _FRONT.match(text[:MOST])
    if front and (title := _stated(front.group(1), front.group(2))):
        return title
    fence = ""
    for line in text[front.end() if front else 0 :].splitlines():
        mark = _FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence) and line.strip() == mark.group(1):
                fence = ""
        elif mark:
            fence = mark.group(1)
        elif (heading := _HEADING.match(line)) and heading.group(1).strip("# \t"):
            return heading.group(1).strip()
    return ""


def _stated(mark: str, front: str) -> str:
    import yaml

    try:  # every value is text for this loader: nothing is built, no date can be wrong
        fields: Any = tomllib.loads(front) if mark == "+++" else yaml.load(front, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        return ""
    title = next((v for k, v in fields.items() if str(k).lower() == "title"), "") if isinstance(fields, dict) else ""
    return " ".join(str(title).split()) if isinstance(title, str | int | float) else ""
