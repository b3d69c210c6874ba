"""The text that tells raters what is better, with its version.

Belongs here: finding it: `labelling/guideline.en.md` and `guideline.zh.md` in the use case folder, or the packaged
ones. Does not belong here: showing it (`page/`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from genaiops_assets.errors import Unusable
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import UseCase

LANGUAGES = ("en", "zh")
PACKAGED = Path(__file__).parent / "guidelines"
LARGEST = 64 * 2**10  # bytes of one text


@dataclass(frozen=True)
class Guideline:
    """`texts`: language → text. Its version is the digest of all of them."""

    texts: dict[str, str]
    own: bool

    @property
    def version(self) -> str:
        return digest_of(self.texts)[:12]


def guideline_of(uc: UseCase) -> Guideline:
    """The use case's own where it has any; one language stands for the other where that is missing. Raises Unusable
    for a file that is no text."""
    own = read_texts(uc.folder / "labelling")
    texts = own or read_texts(PACKAGED)
    spare = next(iter(texts.values()))
    return Guideline({language: texts.get(language, spare) for language in LANGUAGES}, bool(own))


def read_texts(folder: Path) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        file = folder / f"guideline.{language}.md"
        if file.is_file():
            found[language] = read_text(file)
    return found


def read_text(file: Path) -> str:
    data = file.read_bytes()
    if len(data) > LARGEST:
        raise Unusable(f"{file}: longer than {LARGEST // 2**10} KiB; nobody reads that while rating")
    try:
        return data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Unusable(f"{file}: not UTF-8 text ({error.reason} at byte {error.start})") from error
