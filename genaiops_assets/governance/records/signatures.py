"""Signatures of records: where a person's key is registered, their records count only when signed.

Belongs here: whether a record's file needs a signature and has one that fits. Does not belong here: verifying
(`governance/keys`), keys of machines. A record is signed with `ssh-keygen -Y sign -n genaiops -f KEY FILE`, which
writes FILE.sig (OpenSSH, PROTOCOL.sshsig).
"""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.governance.keys import NAMESPACE, mismatch
from genaiops_assets.text import same_person
from genaiops_assets.use_case import UseCase


def signature_problem(uc: UseCase, author: str, file: Path) -> str | None:
    """Why a record's signature does not count, or None. Unsigned is fine for an author without a registered key."""
    key = next((key for name, key in uc.people.keys.items() if same_person(name, author)), None)
    signature = file.with_name(file.name + ".sig")
    if key is None:
        return f"is signed, but people.keys holds no key of {author}" if signature.exists() else None
    if not signature.exists():
        return f"{author} has a key in people.keys: sign it with ssh-keygen -Y sign -n {NAMESPACE} -f KEY {file.name}"
    why = mismatch(key, file.read_bytes(), signature.read_bytes().decode("ascii", "replace"))
    return f"the signature is not {author}'s of this text: sign the file again ({why})" if why else None
