"""A real headless Chromium, and pictures of what it shows. `GENAIOPS_SCREENSHOTS` names the folder to keep them in.
Holds no tests."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PICTURES = Path(os.environ["GENAIOPS_SCREENSHOTS"]) if os.environ.get("GENAIOPS_SCREENSHOTS") else None


@contextmanager
def open_page() -> Iterator[Page]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "the UI test needs chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        yield page
        browser.close()


def keep(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)
    if PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


def answers(port: int) -> bool:
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0
