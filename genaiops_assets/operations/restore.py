"""Making a home from a backup.

Belongs here: reading the file with every digest checked, and the move to its place in one step. Does not belong here:
what was erased since (`erased_since.py`).

Nothing of a backup is believed before the whole of it was read: it is written beside the new home's place, compared
with the manifest at its end, and only then gets that place's name."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from genaiops_assets.errors import AlreadyThere, Refused, Unusable
from genaiops_assets.lake import RESTORED, Lake, is_sealed, known_id, refuse_unsafe_key
from genaiops_assets.operations.archive import INSIDE, MANIFEST, PIECE, Hashing, members, read_manifest
from genaiops_assets.operations.backup import KEY_CHECK, LAKE_KEY
from genaiops_assets.operations.erased_since import keep_out_again, refuse_without_key

PRIVATE_FOLDER, PRIVATE_FILE, PRIVATE_UMASK = 0o700, 0o600, 0o077


@dataclass(frozen=True)
class Restored:
    """`manifest` of the backup; `erased_since`: sentences on erasures that the newer home has and the backup lacks."""

    home: Path
    manifest: dict[str, Any]
    erased_since: list[str]


def restore_home(
    file: Path,
    home: Path,
    *,
    keys: Path | None = None,
    erased_in: Path | None = None,
    progress: Callable[[str], Any] = lambda what: None,
) -> Restored:
    """`keys`: a folder with the keys of that lake, where the backup holds none; `erased_in`: a newer home of the same
    lake, whose erasures count here too. Raises AlreadyThere unless `home` is missing or empty, Unusable for a damaged
    file, Refused where what was erased could come in again."""
    file, home = file.expanduser().absolute(), home.expanduser().absolute()
    refuse_used(home)
    home.parent.mkdir(parents=True, exist_ok=True)
    os.umask(PRIVATE_UMASK)  # as prepare_home does: a home is its owner's
    beside = home.with_name(f".{home.name}.{uuid4().hex[:8]}.restoring")
    try:
        beside.mkdir(mode=PRIVATE_FOLDER)
        manifest, sha256 = unpacked(file, beside, progress)
        take_keys(beside, manifest, keys)
        since = []
        if not manifest["lake_url"]:
            lake = Lake(beside)
            refuse_without_key(lake, manifest)
            since = keep_out_again(lake, erased_in) if erased_in else []
            if manifest["ledger"]:
                lake.ledger.append(RESTORED, {"sha256": sha256, **manifest["ledger"], "made_at": manifest["made_at"]})
        elif erased_in:
            raise Refused(f"the lake lies at {manifest['lake_url']}: erasures are taken from there, not from a home")
        refuse_used(home)
        os.rename(beside, home)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Restored(home, manifest, since)


def refuse_used(home: Path) -> None:
    if home.is_symlink() or (home.exists() and not home.is_dir()) or (home.is_dir() and any(home.iterdir())):
        raise AlreadyThere(f"{home} is not empty: a backup is restored into a new home only; nothing was written")


def unpacked(file: Path, folder: Path, progress: Callable[[str], Any]) -> tuple[dict[str, Any], str]:
    """Write all files of a backup below a folder. Returns its manifest and its own SHA-256. Raises Unusable naming the
    first file that is not as the manifest says."""
    try:
        with file.open("rb") as opened:
            return read_whole(opened, file.name, folder, progress)
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror or error}") from error
    except tarfile.TarError as error:
        raise Unusable(f"{file.name}: not a backup, or cut off ({error})") from error


def read_whole(
    opened: IO[bytes], name_of_file: str, folder: Path, progress: Callable[[str], Any]
) -> tuple[dict[str, Any], str]:
    found: dict[str, tuple[str, int]] = {}
    manifest: dict[str, Any] | None = None
    whole = Hashing(opened)
    for name, content in members(whole, name_of_file):  # type: ignore[arg-type]
        if name == MANIFEST:
            manifest = read_manifest(content.read(), name_of_file)
        elif manifest is not None or not name.startswith(INSIDE) or (path := name.removeprefix(INSIDE)) in found:
            raise Unusable(f"{name_of_file}: {name!r} stands where no backup has it")
        else:
            progress(path)
            found[path] = written(folder / refuse_unsafe_key(path), content)
    while whole.read(PIECE):
        pass
    if manifest is None:
        raise Unusable(f"{name_of_file}: has no manifest at its end: the file was cut off")
    refuse_difference(name_of_file, found, manifest["files"])
    return manifest, whole.sha256.hexdigest()


def written(path: Path, content: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size of what was written."""
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=PRIVATE_FOLDER)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
        through = Hashing(content)
        while data := through.read(PIECE):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return through.sha256.hexdigest(), through.size


def refuse_difference(name: str, found: dict[str, tuple[str, int]], listed: list[dict[str, Any]]) -> None:
    wanted = {f["path"]: (f["sha256"], f["bytes"]) for f in listed}
    for path in sorted({*wanted, *found}):
        if wanted.get(path) != found.get(path):
            why = "is missing" if path not in found else "is not listed" if path not in wanted else "was altered"
            raise Unusable(f"{name}: {path} {why}; nothing was restored")


def take_keys(home: Path, manifest: dict[str, Any], keys: Path | None) -> None:
    """Put the keys of the lake in place. Raises Unusable where they are those of another lake."""
    for path in sorted(p for p in keys.expanduser().iterdir() if p.is_file()) if keys else []:
        if not (home / "keys" / path.name).exists():  # one that came into being after the backup
            with path.open("rb") as file:
                written(home / "keys" / path.name, file)
    check = manifest["key_check"]
    store = Lake(home).store
    if check and (home / LAKE_KEY).exists() and not is_sealed(store, KEY_CHECK, check):
        raise Unusable(f"{LAKE_KEY} is the key of another lake than {known_id(store)}; nothing was restored")
