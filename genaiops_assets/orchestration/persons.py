"""Who stands behind a form: the person at the command line, or somebody the web page vouches for.

Belongs here: the seal that the web page's guard puts on a form, and its test before a person's job does anything. Does
not belong here: what that person may do (governance), one-time codes (`codes.py`).

A name typed into a form proves nothing: everybody who reaches the page can launch a job. So the guard, which alone has
redeemed a code or knows who signed in, seals the form: its content, the name and a number used once. A seal is of no
use for another form, and none can be made without the key, which lies in the home."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from genaiops_assets.errors import Refused
from genaiops_assets.use_case import UseCase

How = Literal["code", "signed_in"]
SEALED_FOR = 24 * 3600  # seconds; a run may wait in the queue
ACCEPTED: dict[str, tuple[How, ...]] = {"cli": (), "ui_with_code": ("code",), "ui_signed_in": ("signed_in", "code")}
_AT_THE_COMMAND_LINE = [0]  # in this process; a run that the daemon or the web page starts has a process of its own


@dataclass(frozen=True)
class Seal:
    """`form`: digest of the form it belongs to; `use_case`: empty for every one."""

    name: str
    how: How
    use_case: str
    form: str
    until: float
    number: str


@contextmanager
def at_the_command_line() -> Iterator[None]:
    """Jobs run inside are started by whoever typed the command: the operating system let them in."""
    _AT_THE_COMMAND_LINE[0] += 1
    try:
        yield
    finally:
        _AT_THE_COMMAND_LINE[0] -= 1


def seal_form(home: Path, form: Mapping[str, Any], name: str, how: How, use_case: str = "") -> str:
    """The text that goes into the form's `code` field."""
    seal = Seal(name, how, use_case, form_digest(form), time.time() + SEALED_FOR, secrets.token_hex(16))
    body = base64.urlsafe_b64encode(json.dumps(asdict(seal)).encode()).decode()
    return f"{body}.{_sign(home, body)}"


def require_person(home: Path, uc: UseCase, form: Mapping[str, Any]) -> None:
    """Raises Refused unless the person named in the form stands behind it, in a way this use case accepts."""
    if _AT_THE_COMMAND_LINE[0]:
        return
    accepted = ACCEPTED[uc.people.decisions]
    if not accepted:
        raise Refused(
            f"decisions on {uc.name} are made at the command line (genaiops approve, reject, promote, rollback, "
            "erase); people.decisions: ui_with_code in the use case file opens this form for one-time codes"
        )
    if not form.get("code"):
        how = "sign in, or " if "signed_in" in accepted else ""
        raise Refused(f"{how}give a one-time code: genaiops code --as {form.get('name') or 'NAME'}")
    seal = _opened(home, str(form["code"]))
    if seal is None or seal.form != form_digest(form):
        raise Refused("this form did not come through the web page of `genaiops up`, or was changed on its way")
    if seal.how not in accepted or seal.use_case not in ("", uc.name):
        raise Refused(f"this proof of who you are is not accepted for {uc.name} (people.decisions)")
    if seal.name != form.get("name"):
        raise Refused(f"the form says {form.get('name')!r}, the proof {seal.name!r}")
    _use_once(home, seal)


def form_digest(form: Mapping[str, Any]) -> str:
    """Of what a person filled in: empty fields count as left out, the code itself does not count."""
    filled = {key: value for key, value in form.items() if key != "code" and value}
    return hashlib.sha256(json.dumps(filled, sort_keys=True, default=str).encode()).hexdigest()


def _opened(home: Path, text: str) -> Seal | None:
    body, _, signature = text.partition(".")
    if not hmac.compare_digest(signature.encode(), _sign(home, body).encode()):
        return None
    seal = Seal(**json.loads(base64.urlsafe_b64decode(body)))
    return seal if time.time() <= seal.until else None


def _use_once(home: Path, seal: Seal) -> None:
    folder = home / "codes" / "used"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(folder / seal.number, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise Refused("this form was handed in before: fill it in anew") from None


def _sign(home: Path, body: str) -> str:
    return hmac.new(_key(home), body.encode(), hashlib.sha256).hexdigest()


def _key(home: Path) -> bytes:
    """Made once in the home, readable by its owner alone."""
    return secret_file(home, "seal_key").encode()


def secret_file(home: Path, name: str) -> str:
    """The secret of that name in the home's `codes` folder; made when first asked for."""
    file = home / "codes" / name
    with suppress(FileNotFoundError):
        return file.read_text("ascii")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged = file.with_name(f"{name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    with open(os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as out:
        out.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        os.link(staged, file)  # the first one stays
    staged.unlink()
    return file.read_text("ascii")
