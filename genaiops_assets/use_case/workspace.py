"""The list of use cases of a home: packaged examples and people's folders, registered, found and loaded.

Belongs here: the list and the starter. Does not belong here: reading one file (`load.py`).
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

from genaiops_assets.errors import AlreadyThere, Unusable
from genaiops_assets.use_case.load import BrokenUseCase, load_use_case
from genaiops_assets.use_case.measures import nearest
from genaiops_assets.use_case.schema import UseCase
from genaiops_assets.use_case.yaml_file import FILE_NAME, UseCaseError

LIST_NAME = "use_cases.txt"


LIST_VARIABLE = "GENAIOPS_USE_CASES"


DEFAULT_ENTRIES = ("package:bank_support", "package:library_zh")


PACKAGED = Path(__file__).parent.parent / "examples"


STARTER = PACKAGED / "_starter"


def discover(home: Path) -> list[UseCase | BrokenUseCase]:
    """Every use case of the workspace in the order of its list; one that does not load never hides the others."""
    found: list[UseCase | BrokenUseCase] = []
    names: set[str] = set()
    for entry in entries_of(home):
        use_case = load_entry(home, entry)
        if isinstance(use_case, UseCase) and use_case.name in names:
            message = (
                f"{entry}: a use case named '{use_case.name}' is already loaded: give this one another name, or remove "
                "it"
            )
            use_case = BrokenUseCase(_dagster_name(use_case.folder.name), use_case.folder, message)
        if isinstance(use_case, UseCase):
            names.add(use_case.name)
        found.append(use_case)
    return [case if isinstance(case, UseCase) else _with_free_name(case, names) for case in found]


def register(home: Path, entry: str) -> Path:
    """Adds an entry to the list, in place of an earlier one for the same folder; the first one is added to the
    default."""
    entry, file = entry.strip(), home / LIST_NAME
    if not entry or "\n" in entry:
        raise Unusable("an entry is one line: package:NAME[#preset] or FOLDER[#preset]")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else list(DEFAULT_ENTRIES)
    target = target_of(home, entry)[0]
    entries = [_entry_in(home, line) for line in lines]
    same = [i for i, known in enumerate(entries) if known and target_of(home, known)[0] == target]
    at = same[0] if same else len(lines)
    kept = [line for i, line in enumerate(lines) if i not in same]
    home.mkdir(parents=True, exist_ok=True)
    staged = file.with_suffix(f".{os.getpid()}.tmp")
    staged.write_text("\n".join([*kept[:at], entry, *kept[at:]]) + "\n", encoding="utf-8")
    os.replace(staged, file)
    return file


def write_starter(folder: Path) -> list[Path]:
    """Copies the starter into a folder; all of it, or nothing where a file would be overwritten."""
    copies = {source: folder / source.relative_to(STARTER) for source in sorted(STARTER.rglob("*")) if source.is_file()}
    taken = [str(copy) for copy in copies.values() if copy.exists()]
    if taken:
        raise AlreadyThere(f"nothing written, these files exist already: {', '.join(taken)}")
    for source, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    return list(copies.values())


def entries_of(home: Path) -> list[str]:
    """The entries of the list, of the environment variable that replaces it, or the packaged examples."""
    listed = os.environ.get(LIST_VARIABLE, "").strip()
    file = home / LIST_NAME
    if listed:
        lines = _split_variable(listed)
    else:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else list(DEFAULT_ENTRIES)
    return [entry for line in lines if (entry := _entry_in(home, line))]


def _split_variable(text: str) -> list[str]:
    """Splits at commas and path separators; the colon of `package:NAME` is no separator."""
    pieces: list[str] = []
    for piece in re.split(f"[,{re.escape(os.pathsep)}]", text):
        if pieces and pieces[-1].strip() == "package":
            pieces[-1] += f":{piece}"
        else:
            pieces.append(piece)
    return pieces


def _entry_in(home: Path, line: str) -> str:
    """The entry of a line of the list without its comment; a preset's '#' has no space before it, and a '#' in the name
    of a folder that is there is neither."""
    whole = line.strip()
    if "#" in whole and any(_place(home, reading).exists() for reading in (whole, whole.rpartition("#")[0]) if reading):
        return whole
    return re.split(r"(?:^|\s)#", line.strip(), maxsplit=1)[0].strip()


def target_of(home: Path, entry: str) -> tuple[Path, str | None]:
    """Folder or file, and preset, that an entry names."""
    if _place(home, entry).exists():  # a '#' in its name begins no preset
        return _place(home, entry), None
    place, _, preset = entry.rpartition("#") if "#" in entry else (entry, "", "")
    return _place(home, place), preset or None


def _place(home: Path, name: str) -> Path:
    """The folder or file that an entry without preset names."""
    if name.startswith("package:"):
        return PACKAGED / name.removeprefix("package:")
    return (home.resolve().parent / Path(name).expanduser()).resolve()


def load_entry(home: Path, entry: str) -> UseCase | BrokenUseCase:
    """What an entry of the list stands for, registered or not."""
    path, preset = target_of(home, entry)
    packaged = sorted(p.parent.name for p in PACKAGED.glob(f"[!_]*/{FILE_NAME}"))
    if entry.startswith("package:") and path.name not in packaged:
        return BrokenUseCase(
            _dagster_name(path.name), path, f"{entry}: no packaged use case ({nearest(path.name, packaged)})"
        )
    try:
        return load_use_case(path, preset)
    except UseCaseError as e:
        folder = path.parent if path.suffix in (".yaml", ".yml") else path
        return BrokenUseCase(_dagster_name(folder.name), path, str(e))


def _dagster_name(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return name if name.strip("_") else "use_case"


def _with_free_name(broken: BrokenUseCase, names: set[str]) -> BrokenUseCase:
    """The placeholder under a name that no other use case has."""
    candidates = (broken.name if n == 1 else f"{broken.name}_{n}" for n in range(1, len(names) + 2))
    name = next(candidate for candidate in candidates if candidate not in names)
    names.add(name)
    return replace(broken, name=name)
