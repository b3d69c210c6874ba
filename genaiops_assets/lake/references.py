"""References: a string that names a model or data set, made a local path with digest and licence.

    pkg:PACKAGE/PATH        a file or folder that an installed Python package carries (found, never imported)
    path:FILE  dir:FOLDER   on this machine, relative to the use case file
    hub:NAME@COMMIT         a Hugging Face model, pinned to a commit
    hub-dataset:NAME@REV    a Hugging Face data set
    s3://…, https://…       any fsspec URL: a file, or a folder
    sql:DIALECT://…         a database (SQLAlchemy URL), with a query

In a URL, `{NAME}` stands for an environment variable: secrets are never written down (`secrets.py`).

Belongs here: that one resolver. Does not belong here: copying from elsewhere (`remote.py`), loading what it finds.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake.canonical import digest_of, digest_of_file, digest_of_folder, files_under
from genaiops_assets.lake.network import hub_may_be_asked
from genaiops_assets.lake.queries import rows_of_query
from genaiops_assets.lake.remote import copy_of_url
from genaiops_assets.lake.secrets import NotDelivered, printed

COMMIT = re.compile(r"^[0-9a-f]{40}$")
SCHEMES = ("pkg", "path", "dir", "hub", "hub-dataset")
UNKNOWN = "NOASSERTION"  # SPDX's word for a licence nobody stated


class UnresolvedReference(GenaiopsError, ValueError):
    """A reference that leads nowhere; the message says what to do."""


@dataclass(frozen=True)
class Reference:
    ref: str
    path: str
    digest: str
    revision: str
    license: str
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Without the local path, which differs from machine to machine."""
        return {k: v for k, v in asdict(self).items() if k != "path"}


def resolve(ref: str, *, folder: Path, cache: Path, license: str | None = None, query: str = "") -> Reference:
    """Find what `ref` names. `folder`: where relative paths start; `cache`: where downloads go; `license`: what the
    use case states, over what the package or hub says; `query`: what a database is asked. Raises
    UnresolvedReference."""
    if "://" in ref:
        try:
            is_sql = ref.startswith("sql:")
            found = rows_of_query(ref.removeprefix("sql:"), query, folder, cache) if is_sql else copy_of_url(ref, cache)
        except NotDelivered as error:
            raise UnresolvedReference(f"{printed(ref)}: could not be read ({error})") from None
        return _described(ref, found, None, license or UNKNOWN)
    scheme, colon, rest = ref.partition(":")
    if not colon or not rest or scheme not in SCHEMES:
        near = get_close_matches(scheme, SCHEMES, 1) if scheme not in SCHEMES else []
        hint = f"; did you mean {near[0]}:?" if near else ""
        raise UnresolvedReference(f"{ref!r}: expected pkg:, path:, dir:, hub:, hub-dataset:, sql: or a URL{hint}")
    finders: dict[str, Callable[[], tuple[Path, str | None, str]]] = {
        "pkg": lambda: (_in_package(ref, rest), None, _license_of(rest.partition("/")[0])),
        "path": lambda: (_existing(ref, folder / Path(rest).expanduser()), None, UNKNOWN),
        "dir": lambda: (_existing(ref, folder / Path(rest).expanduser()), None, UNKNOWN),
        "hub": lambda: _from_hub(ref, rest, cache, "model"),
        "hub-dataset": lambda: _from_hub(ref, rest, cache, "dataset"),
    }
    path, revision, stated = finders[scheme]()
    return _described(ref, path, revision, license or stated)


def reference_stamp(ref: str, folder: Path) -> str:
    """Changes when what `ref` names may have changed; reads no content: local files by name, size and time, the rest
    by the name, which is pinned. Raises UnresolvedReference."""
    path = local_path(ref, folder)
    if path is None:
        return digest_of([ref])
    files = [(p, p.stat()) for p in (files_under(path) if path.is_dir() else [path])]
    return digest_of([ref, [[p.relative_to(path.parent).as_posix(), s.st_size, s.st_mtime_ns] for p, s in files]])


def local_path(ref: str, folder: Path) -> Path | None:
    """Where a `pkg:`, `path:` or `dir:` reference lies; None for what lies elsewhere. Raises UnresolvedReference."""
    scheme, _, rest = ref.partition(":")
    if "://" in ref or scheme not in ("pkg", "path", "dir"):
        return None
    return _in_package(ref, rest) if scheme == "pkg" else _existing(ref, folder / Path(rest).expanduser())


def _described(ref: str, path: Path, revision: str | None, license: str) -> Reference:
    digest = digest_of_folder(path) if path.is_dir() else digest_of_file(path)
    size = sum(p.stat().st_size for p in files_under(path)) if path.is_dir() else path.stat().st_size
    return Reference(ref, str(path), digest, revision or digest, license, size)


def _existing(ref: str, path: Path) -> Path:
    path = path.resolve()
    if not path.exists():
        raise UnresolvedReference(f"{ref}: {path} does not exist")
    return path


def _in_package(ref: str, rest: str) -> Path:
    package, _, inner = rest.partition("/")
    if any(part in (".", "..", "") for part in inner.rstrip("/").split("/")[: None if inner else 0]) or "\\" in inner:
        raise UnresolvedReference(f"{ref}: leaves its package; name a file or folder inside it, without . or ..")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise UnresolvedReference(
            f"{ref}: package {package} is not installed (`make demo` installs those of the examples)"
        )
    path = Path(next(iter(spec.submodule_search_locations))) / inner
    if not path.exists():
        near = get_close_matches(path.name, os.listdir(path.parent), 1) if path.parent.is_dir() else []
        raise UnresolvedReference(f"{ref}: {package} has no {inner}" + (f"; did you mean {near[0]}?" if near else ""))
    return path


def _license_of(package: str) -> str:
    """SPDX expression from the package's metadata; a one-word `License` field counts, a whole licence text does not."""
    for distribution in metadata.packages_distributions().get(package, []):
        about = metadata.metadata(distribution).json
        stated = str(about.get("license_expression") or about.get("license") or "")
        if stated and "\n" not in stated and len(stated) < 60:
            return {"MIT License": "MIT", "Apache License 2.0": "Apache-2.0", "Apache 2.0": "Apache-2.0"}.get(
                stated, stated
            )
    return UNKNOWN


def _from_hub(ref: str, rest: str, cache: Path, kind: str) -> tuple[Path, str, str]:
    name, at, revision = rest.partition("@")
    if not at or not revision:
        raise UnresolvedReference(
            f"{ref}: pin a revision, {ref.split('@')[0]}@COMMIT, so that a rerun finds the same bytes"
        )
    if kind == "model" and not COMMIT.match(revision):
        raise UnresolvedReference(f"{ref}: {revision!r} is a moving name; give the 40-digit commit")
    from huggingface_hub import HfApi, snapshot_download

    try:
        pickles = ["*.bin", "*.pt"]
        with hub_may_be_asked():
            path = snapshot_download(
                name, revision=revision, repo_type=kind, cache_dir=cache / "hub", ignore_patterns=pickles
            )
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        advice = "download it once where there is a network and use dir:"
        raise UnresolvedReference(f"{ref}: the hub did not deliver it ({why}); {advice}") from error
    try:
        with hub_may_be_asked():
            info: Any = HfApi().repo_info(name, revision=revision, repo_type=kind)
        stated = getattr(info.card_data, "license", None) or UNKNOWN
    except Exception:  # cached earlier and offline now: the bytes are pinned, only the licence is not known
        stated = UNKNOWN
    return Path(path), revision, stated
