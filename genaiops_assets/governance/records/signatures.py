"""SSH signatures of records: where a person's key is registered, their records count only when signed.

Belongs here: asking OpenSSH whether a signature fits. Does not belong here: keys of machines. A record is signed with
`ssh-keygen -Y sign -n genaiops -f KEY FILE`, which writes FILE.sig (OpenSSH, PROTOCOL.sshsig).
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from genaiops_assets.text import same_person
from genaiops_assets.use_case import UseCase

NAMESPACE = "genaiops"
SECONDS = 20


def signature_problem(uc: UseCase, author: str, file: Path) -> str | None:
    """Why a record's signature does not count, or None. Unsigned is fine for an author without a registered key."""
    key = next((key for name, key in uc.people.keys.items() if same_person(name, author)), None)
    signature = file.with_name(file.name + ".sig")
    if key is None:
        return f"is signed, but people.keys holds no key of {author}" if signature.exists() else None
    if not signature.exists():
        return f"{author} has a key in people.keys: sign it with ssh-keygen -Y sign -n {NAMESPACE} -f KEY {file.name}"
    with tempfile.TemporaryDirectory() as folder:
        allowed = Path(folder) / "allowed_signers"
        allowed.write_text(f'author namespaces="{NAMESPACE}" {key.strip()}\n', encoding="utf-8")
        command = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-n",
            NAMESPACE,
            "-I",
            "author",
            "-f",
            str(allowed),
            "-s",
            str(signature),
        ]
        try:
            done = subprocess.run(command, input=file.read_bytes(), capture_output=True, timeout=SECONDS, check=False)
        except FileNotFoundError:
            return "ssh-keygen is not installed, so the signature cannot be checked: install OpenSSH's client"
        except subprocess.TimeoutExpired:
            return f"ssh-keygen did not answer within {SECONDS} seconds"
    return None if done.returncode == 0 else f"the signature is not {author}'s of this text: sign the file again"
