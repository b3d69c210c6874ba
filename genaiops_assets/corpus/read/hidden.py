"""What of a page nobody sees: text in it may be meant for the model that reads it, not for people.

Belongs here: the attribute `hidden`, styles on elements and simple rules in the page's own style sheets. Does not
belong here: style sheets elsewhere, or what a script hides or shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MAX_RULES = 500  # of one page that hide or show something
MAX_SELECTOR = 200  # characters
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SIMPLE = re.compile(r"^[\w\s.#>*,\[\]=\"'-]+$")
_HIDES = (
    ("display", re.compile(r"none")),
    ("visibility", re.compile(r"hidden|collapse")),
    ("font-size", re.compile(r"0*\.?0+[a-z%]*")),
    ("color", re.compile(r"transparent|rgba\(.*,0*\.?0+%?\)")),
    ("left", re.compile(r"-\d{4,}px")),
    ("top", re.compile(r"-\d{4,}px")),
    ("text-indent", re.compile(r"-\d{4,}px")),
)
_NOUGHT = re.compile(r"0*\.?0+%?")
_MOVES = {"transform", "transition", "animation", "will-change"}
_COLOUR = re.compile(r"#|rgb|hsl|white$|black$")
_CLIPPED = re.compile(r"rect\(0(px)?[ ,]0(px)?[ ,]0(px)?[ ,]0(px)?\)|inset\((50|100)%\)")


def hidden_nodes(tree: Any) -> set[int]:
    """The `mem_id` of each element that is hidden by itself; what lies in it is hidden too."""
    visible: dict[int, bool] = {}
    for selector, hides in _rules(tree):
        for node in _matching(tree, selector):
            visible[node.mem_id] = not hides
    for node in tree.css("[style]"):
        stated = _hides(node.attributes.get("style") or "")
        if stated is not None:
            visible[node.mem_id] = not stated
    for node in tree.css("[hidden]"):
        if (node.attributes.get("hidden") or "").lower() != "until-found":
            visible.setdefault(node.mem_id, False)
    return {mem_id for mem_id, is_visible in visible.items() if not is_visible}


def _rules(tree: Any) -> Iterator[tuple[str, bool]]:
    """Selector and whether it hides, in order: the last one counts. Rules in `@media` and the like hold sometimes."""
    left = MAX_RULES
    for sheet in tree.css("style"):
        for selector, declarations in _RULE.findall(_top_level(_COMMENT.sub("", sheet.text() or ""))):
            hides, selector = _hides(declarations), selector.strip()
            if hides is not None and len(selector) <= MAX_SELECTOR and _SIMPLE.match(selector):
                yield selector, hides
                left -= 1
                if not left:
                    return


def _top_level(sheet: str) -> str:
    """A style sheet without its `@` blocks."""
    kept, depth, at_block, start = list[str](), 0, False, 0
    for mark in re.finditer(r"[@{};]", sheet):
        sign = mark.group()
        if sign == "@" and depth == 0 and not at_block:
            kept.append(sheet[start : mark.start()])
            at_block = True
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth = max(0, depth - 1)
        if at_block and depth == 0 and sign in "};":
            at_block, start = False, mark.end()
    return "".join(kept) + ("" if at_block else sheet[start:])


def _matching(tree: Any, selector: str) -> list[Any]:
    try:
        return list(tree.css(selector))
    except Exception:  # a selector that the library does not know matches nothing
        return []


def _hides(declarations: str) -> bool | None:
    """Whether a style hides, shows, or says nothing of either (None)."""
    style = {}
    for declaration in declarations.lower().replace("!important", "").split(";"):
        name, _, value = declaration.partition(":")
        style[name.strip()] = " ".join(value.split()).replace(", ", ",")
    is_hidden = any(pattern.fullmatch(style.get(name, "")) for name, pattern in _HIDES)
    # Pages that fade in are written with an opacity of 0, which a script changes.
    is_hidden |= bool(_NOUGHT.fullmatch(style.get("opacity", ""))) and not style.keys() & _MOVES
    is_hidden |= bool(_CLIPPED.fullmatch(style.get("clip", style.get("clip-path", ""))))
    color, ground = style.get("color", ""), style.get("background-color") or style.get("background")
    is_hidden |= color == ground and bool(_COLOUR.match(color))
    return True if is_hidden else False if style.keys() & {"display", "visibility"} else None
