"""What lies elsewhere, copied to a local cache: a file or folder of any fsspec URL.

Belongs here: copying, and keeping secrets out of every message: `{NAME}` in a reference is replaced by the environment
variable only while copying. Does not belong here: the rows of a database (`queries.py`), which reference means what
(`references.py`)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake.canonical import digest_of_text

SECRET = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
PASSWORD = re.compile(r"^[^?]*?://[^/?@:]*:(?!\{[A-Za-z_][A-Za-z0-9_]*\}@)[^/?@]+@")


class NotDelivered(GenaiopsError):
    """The other side did not give what was asked for; the message holds no secret."""


def states_a_password(ref: str) -> bool:
    """Whether a URL holds a password as it is, not the name of an environment variable."""
    return bool(PASSWORD.match(ref))


def with_secrets(ref: str, environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The reference with its placeholders filled, and {secret: placeholder}. Raises NotDelivered naming a missing
    variable."""
    if states_a_password(ref):
        raise NotDelivered("it holds a password; put that into an environment variable and write {NAME} in its place")
    missing = sorted({name for name in SECRET.findall(ref) if name not in environment})
    if missing:
        raise NotDelivered(f"the environment variable {', '.join(missing)} is not set")
    used = {environment[name]: f"{{{name}}}" for name in SECRET.findall(ref) if environment[name]}
    return SECRET.sub(lambda match: environment[match.group(1)], ref), used


def without_secrets(message: str, used: dict[str, str]) -> str:
    for secret in sorted(used, key=len, reverse=True):
        message = message.replace(secret, used[secret])
    return message


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
