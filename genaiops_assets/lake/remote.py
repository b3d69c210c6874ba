"""What lies elsewhere, copied to a local cache: a file or folder of any fsspec URL.

Belongs here: copying; `{NAME}` in a reference is replaced by the environment variable only meanwhile. Does not belong
here: the rows of a database (`queries.py`), where a secret may stand (`secrets.py`), which reference means what
(`references.py`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from genaiops_assets.lake.canonical import digest_of_text
from genaiops_assets.lake.secrets import NotDelivered, with_secrets, without_secrets


def copy_of_url(ref: str, cache: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """A file, or all files below a folder (with HTTP: an address that ends in `/` and lists its files). Raises
    NotDelivered."""
    import fsspec

    url, used = with_secrets(ref, environment)
    place = cache / "url" / digest_of_text(ref)[:16]
    partial = place.with_name(f"{place.name}.{uuid4().hex[:8]}.partial")
    try:
        fs, path = fsspec.core.url_to_fs(url, use_listings_cache=False)
        is_folder = (
            path.endswith("/") if path.startswith(("http://", "https://")) else url.endswith("/") or fs.isdir(path)
        )
        name = PurePosixPath(ref.split("?")[0].rstrip("/")).name or "files"
        if is_folder:
            _copy_folder(fs, path, partial / name)
        else:
            _copy_file(fs, path, partial / name)
    except Exception as error:  # each of fsspec's systems has its own
        shutil.rmtree(partial, ignore_errors=True)
        raise NotDelivered(without_secrets(f"{type(error).__name__}: {error}", used)) from None
    return in_place(partial, place) / name


def _copy_folder(fs: Any, path: str, target: Path) -> None:
    root = path.rstrip("/")
    found = fs.find(root + "/" if path.startswith("http") else root)
    names = sorted(
        p for p in found if p.startswith(root + "/") and not p.endswith("/")
    )  # such an object of S3 only stands for a folder
    if not names:
        raise FileNotFoundError("no files there")
    for name in names:
        below = name[len(root) + 1 :]
        inner = PurePosixPath(unquote(below.split("?")[0]) if path.startswith("http") else below)
        if ".." in inner.parts or inner.is_absolute():
            raise ValueError(f"a file outside the folder: {inner}")
        _copy_file(fs, name, target / inner)


def _copy_file(fs: Any, path: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with fs.open(path, "rb") as source, open(target, "wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)


def in_place(partial: Path, place: Path) -> Path:
    """The new copy in the place of the old one."""
    old = place.with_name(f"{partial.name}.old")
    if place.exists():
        os.replace(place, old)
    os.replace(partial, place)
    shutil.rmtree(old, ignore_errors=True)
    return place
