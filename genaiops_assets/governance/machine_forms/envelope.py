"""DSSE envelopes (secure-systems-lab/dsse, protocol v1.0.2): a statement signed with the key of the home.

Belongs here: making one. Does not belong here: keys (`release/signing.py`), what is stated (`in_toto.py`)."""

from __future__ import annotations

import base64
from typing import Any

from genaiops_assets.governance.machine_forms.record import Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def envelope(payload: bytes, signer: Signer) -> dict[str, Any]:
    signature = signer.sign(pre_authentication(payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": signer.key, "sig": base64.b64encode(signature).decode()}],
    }


def pre_authentication(payload: bytes) -> bytes:
    """What is signed: type and payload, each with its length in bytes."""
    kind = PAYLOAD_TYPE.encode()
    return b" ".join([b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload])
