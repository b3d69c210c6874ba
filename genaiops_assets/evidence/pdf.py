"""HTML pages as PDF files, for documents that people file: A4, tagged, with nothing loaded from anywhere.

Belongs here: the print style and what can go wrong on a machine. Does not belong here: the page itself (`html.py`),
which documents are filed (`governance/documents/filing.py`)."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from genaiops_assets.errors import Unusable

MISSING = "notdef glyph"  # in WeasyPrint's warning on characters that no font has
PRINT = """
@page { size: A4; margin: 18mm 15mm 20mm; }
@page { @bottom-center { content: counter(page) " / " counter(pages); font: 9pt "Noto Sans", "DejaVu Sans"; } }
body { font: 10pt/1.45 "Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", sans-serif; max-width: none; padding: 0; }
html:lang(zh) body { font-family: "Noto Sans CJK SC", "DejaVu Sans", sans-serif; }
h1 { font-size: 17pt; }
h2 { font-size: 13pt; break-after: avoid; border-bottom: 0.5pt solid #888; padding-bottom: 1mm; margin-top: 7mm; }
h3 { font-size: 11pt; break-after: avoid; }
table { display: table; width: 100%; font-size: 8.5pt; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { padding: 0.8mm 1.6mm; overflow-wrap: break-word; border-color: #bbb; min-width: 12mm; }
th:first-child, td:first-child { min-width: 26mm; }
td:last-child code { font-size: 6.5pt; }
code { font-family: "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; font-size: 8pt; }
"""


def pdf_of(page: str) -> bytes:
    """The PDF of a self-contained HTML page; the same page gives the same bytes on the same machine. Pictures within
    the page are part of it; one that would be loaded raises weasyprint's FatalURLFetchingError. Raises Unusable saying
    what to install: the extra `pdf`, the libraries it draws with, or a font for characters that no font of this machine
    has."""
    weasyprint = _library()
    with _warnings() as found:
        printed = page.replace("</style>", f"{PRINT}</style>", 1)  # after the page's own style, so that it counts
        nothing = weasyprint.urls.URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
        made = weasyprint.HTML(string=printed, url_fetcher=nothing).write_pdf(
            pdf_identifier=hashlib.sha256(page.encode("utf-8")).digest()[:16],
            pdf_tags=True,
        )
    lacking = [warning for warning in found if MISSING in warning]
    if lacking:
        raise Unusable(
            f"no font of this machine has {_characters(lacking[0])}: install one, for Chinese "
            "`apt-get install fonts-noto-cjk` (Debian, Ubuntu) or `dnf install google-noto-sans-cjk-fonts` (Fedora)"
        )
    return bytes(made)


def _library() -> Any:
    try:
        import weasyprint
    except ImportError:
        raise Unusable("PDF files need the extra `pdf`: pip install 'genaiops-assets[pdf]'") from None
    except OSError as error:  # what it draws with is no Python package
        raise Unusable(
            "PDF files need Pango: `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` "
            f"(Debian, Ubuntu); {str(error).splitlines()[0][:120]}"
        ) from None
    return weasyprint


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What WeasyPrint says while it draws, instead of printing it."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    logger, keep = logging.getLogger("weasyprint"), Keep(level=logging.WARNING)
    before = logger.propagate
    logger.addHandler(keep)
    logger.propagate = False
    try:
        yield found
    finally:
        logger.removeHandler(keep)
        logger.propagate = before


def _characters(warning: str) -> str:
    """The characters a warning names."""
    return warning.partition("fonts: ")[2].strip()[:80] or "some characters of the page"
