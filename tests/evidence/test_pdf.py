"""PDF files of pages: real ones, in both languages, with nothing loaded, and clear words where this machine lacks
something."""

from __future__ import annotations

import builtins
import io
import logging
from typing import Any

import pytest

from genaiops_assets.errors import Unusable
from genaiops_assets.evidence import html_page, pdf_of

pytest.importorskip("weasyprint", reason="the extra pdf", exc_type=ImportError)
TABLE = "| Fact | Value |\n|---|---|\n| Parameters | 134,515,008 |\n"


def text_of(pdf: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_page_in_each_language_becomes_a_pdf_whose_words_can_be_read() -> None:
    english = text_of(pdf_of(html_page(f"# Technical documentation\n\nAll rows.\n\n{TABLE}")))
    assert "Technical documentation" in english and "134,515,008" in english and "1 / 1" in english
    chinese = text_of(pdf_of(html_page("# 模型技术文档\n\n市图书馆读者服务助手\n", "zh")))
    assert "模型技术文档" in chinese and "市图书馆读者服务助手" in chinese


def test_the_same_page_gives_the_same_bytes_and_another_one_others() -> None:
    page = html_page("# One\n\nText.\n")
    assert pdf_of(page) == pdf_of(page) != pdf_of(html_page("# Two\n\nText.\n"))


def test_a_character_without_a_font_is_an_error_that_says_what_to_install(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unusable, match=r"U\+E123.*apt-get install fonts-noto-cjk"):
        pdf_of(html_page("# Title\n\nA private character: \ue123\n"))
    assert not logging.getLogger("weasyprint").handlers or caplog.records == []


def test_nothing_is_loaded_from_anywhere() -> None:
    from weasyprint.urls import FatalURLFetchingError

    for place in ("http://example.org/spy.png", "file:///etc/hostname"):
        page = html_page("# Title\n").replace("</body>", f'<img src="{place}"></body>')
        with pytest.raises(FatalURLFetchingError):
            pdf_of(page)


def test_without_the_extra_or_its_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def lacking(error: Exception) -> Any:
        def load(name: str, *args: Any, **more: Any) -> Any:
            if name == "weasyprint":
                raise error
            return real(name, *args, **more)

        return load

    monkeypatch.setattr(builtins, "__import__", lacking(ImportError("no module")))
    with pytest.raises(Unusable, match=r"genaiops-assets\[pdf\]"):
        pdf_of(html_page("# Title\n"))
    monkeypatch.setattr(builtins, "__import__", lacking(OSError("cannot load library 'libpango-1.0-0'")))
    with pytest.raises(Unusable, match=r"libpango-1\.0-0"):
        pdf_of(html_page("# Title\n"))
