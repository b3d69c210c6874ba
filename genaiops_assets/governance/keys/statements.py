"""What a person signs when they decide, and whether the ledger's signatures hold.

Belongs here: the statement of a ledger entry, signing it before it is appended, and judging signatures in the ledger.
Does not belong here: whose keys there are (`people_keys.py`), how a signature is verified (`verifying.py`), who may
decide (`governance/people.py`).

A statement is the canonical JSON (keys sorted, no blanks, UTF-8) of {kind: genaiops_statement, schema_version: 1, home:
id of the lake, entry: kind of the ledger's entry, body: the entry's body without `signature`}. `body.follows` is the
hash of the decision before it about the same thing, so that a signed decision cannot be used a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys.people_keys import (
    KEY_ADDED,
    KEY_WITHDRAWN,
    KeysInTime,
    PersonKey,
    standing_keys,
)
from genaiops_assets.governance.keys.verifying import mismatch
from genaiops_assets.lake import Entry, Lake, canonical_json, lake_id
from genaiops_assets.use_case import UseCase

Signer = Callable[[bytes], str]  # a statement in, a signature out
STATEMENT = "genaiops_statement"
# kind of entry → where its body names who decided
SIGNED_BY = {"approval": "name", "release": "by", "revocation": "by", KEY_ADDED: "by", KEY_WITHDRAWN: "by"}


def statement(home: str, kind: str, body: Mapping[str, Any]) -> bytes:
    """The bytes that are signed."""
    signed = {name: value for name, value in body.items() if name != "signature"}
    return canonical_json({"kind": STATEMENT, "schema_version": 1, "home": home, "entry": kind, "body": signed})


def signed_body(
    lake: Lake, uc: UseCase, kind: str, body: dict[str, Any], sign: Signer | None, *, first_key: str = ""
) -> dict[str, Any]:
    """The body of an entry as it is appended: with the signature of who decides, where they sign. `first_key`: a public
    key that may sign its own registration where its owner has no other. Raises Refused where a signature is required
    and missing, where nobody registered a key of this person, or where it does not fit."""
    person = str(body[SIGNED_BY[kind]])
    keys = [key.public_key for key in standing_keys(lake, uc, person)] or ([first_key] if first_key else [])
    if sign is None:
        if uc.people.require_signature and not first_key:
            raise Refused(unsigned(person, bool(keys)))
        return body
    if not keys:
        raise Refused(f"nobody registered a key of {person}: genaiops keys add PUBLIC_KEY --as {quoted(person)}")
    whole = {**body, "follows": decision_before(lake.ledger.entries(), kind, body)}
    text = statement(lake_id(lake.store), kind, whole)
    signature = sign(text)
    if not any(mismatch(key, text, signature) == "" for key in keys):
        raise Refused(f"the signature is not by a registered key of {person}, or not of this decision as it is now")
    return {**whole, "signature": signature}


def unsigned(person: str, has_key: bool) -> str:
    """What to do where a signature is required."""
    how = "sign it by adding --key KEY (your private key, or the public one of a key in your agent)"
    if has_key:
        return f"this use case takes signed decisions only (people.require_signature): {how}"
    register = f"genaiops keys add PUBLIC_KEY --as {quoted(person)} registers yours"
    return f"this use case takes signed decisions only (people.require_signature): {register}; then {how}"


def quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def decision_before(entries: Iterable[Entry], kind: str, body: Mapping[str, Any], before: int | None = None) -> str:
    """Hash of the last entry that decided about the same thing, "" for the first. `before`: number of the entry that
    is asked about."""
    last = ""
    for entry in entries:
        if before is not None and entry.seq >= before:
            break
        if entry.kind in SIGNED_BY and about(entry.kind, entry.body) == about(kind, body):
            last = entry.hash
    return last


def about(kind: str, body: Mapping[str, Any]) -> tuple[Any, ...]:
    """A model version of a use case, or the keys of a use case."""
    return (body.get("use_case"), "keys" if kind in (KEY_ADDED, KEY_WITHDRAWN) else body.get("model_version"))


def signature_of_entry(entry: Entry, keys: Iterable[PersonKey]) -> str:
    """Fingerprint of the key that signed an entry, "" where none of these did."""
    signature = entry.body.get("signature")
    if not isinstance(signature, str):
        return ""
    text = statement(entry.home, entry.kind, entry.body)
    return next((k.fingerprint for k in keys if mismatch(k.public_key, text, signature, entry.at) == ""), "")


def signature_problems(lake: Lake, use_case: str | None = None) -> list[str]:
    """Every decision in the ledger whose signature does not fit a key that its person had then, that was copied from
    another place, or that is unsigned where the recorded scope required a signature. One call of ssh-keygen for each
    signed entry: some 10 ms."""
    entries = list(lake.ledger.entries())
    names = {e.body.get("use_case") for e in entries if e.kind in SIGNED_BY}
    wanted = sorted(n for n in names if isinstance(n, str) and use_case in (None, n))
    return [problem for name in wanted for problem in _of_use_case(lake, name, entries)]


def _of_use_case(lake: Lake, use_case: str, entries: list[Entry]) -> Iterator[str]:
    told = KeysInTime(lake, use_case)
    for entry in entries:
        ours = entry.kind in SIGNED_BY and entry.body.get("use_case") == use_case
        if ours and (why := _wrong_with(entry, told, entries)):
            yield f"ledger/{entry.name}: {why}"
        told.after(entry)


def _wrong_with(entry: Entry, told: KeysInTime, entries: list[Entry]) -> str:
    person = str(entry.body.get(SIGNED_BY[entry.kind]))
    what, keys = f"the {entry.kind.replace('_', ' ')} by {person}", told.of(person)
    own = entry.body.get("public_key") if entry.kind == KEY_ADDED and not keys else None
    if "signature" not in entry.body:
        required = told.requires_signature and not own
        return f"{what} is unsigned, and the use case required signatures then" if required else ""
    if isinstance(own, str):
        text = statement(entry.home, entry.kind, entry.body)
        if mismatch(own, text, str(entry.body["signature"]), entry.at):
            return f"{what} is not signed by the key it registers"
    elif not keys:
        return f"{what} is signed, and no key of theirs was registered then"
    elif not signature_of_entry(entry, keys):
        return f"the signature of {what} does not fit: not by a key of theirs, or of another text"
    if entry.body.get("follows") != decision_before(entries, entry.kind, entry.body, entry.seq):
        return f"{what} was signed after another decision than the one before it: it was copied or moved"
    return ""
