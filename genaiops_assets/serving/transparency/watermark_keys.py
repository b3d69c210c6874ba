"""Keys of watermarks: one for each model version, derived from a secret of this home.

Belongs here: the secret's file, deriving, the public id of a key. Does not belong here: marking (`drawing.py`). The
secret leaves the home in no log, document or release; who has a version's key can find its mark, and fake it."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from genaiops_assets.governance.release import Bundle
from genaiops_assets.lake import Lake
from genaiops_assets.serving.transparency.drawing import Watermark
from genaiops_assets.use_case import UseCase

SECRET = "keys/watermark.secret"
PURPOSE = "genaiops/watermark/1"


def version_key(lake: Lake, use_case: str, version: str) -> bytes:
    """32 bytes. Makes the home's secret (permission 600) where there is none."""
    told = "\n".join((PURPOSE, use_case, version)).encode()
    return hmac.new(_secret(lake.home / SECRET), told, hashlib.sha256).digest()


def watermark_of(lake: Lake, uc: UseCase, bundle: Bundle | None) -> Watermark | None:
    """What the answers of a bundle bear; None where it marks none."""
    if bundle is None or not bundle.marking:
        return None
    key = version_key(lake, uc.name, bundle.model_version)
    return Watermark(bundle.marking["watermark"], bundle.marking["temperature"], key)


def has_secret(lake: Lake) -> bool:
    return (lake.home / SECRET).exists()


def key_id(key: bytes) -> str:
    """Names a key in public without giving it away."""
    return hashlib.sha256(f"{PURPOSE} id\n".encode() + key).hexdigest()[:16]


def _secret(file: Path) -> bytes:
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=file.parent) as folder:
            staged = Path(folder) / file.name
            with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(secrets.token_bytes(32))
            with suppress(FileExistsError):
                os.link(staged, file)
    return file.read_bytes()
