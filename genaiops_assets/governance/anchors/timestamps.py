"""RFC 3161 time-stamps on anchors: an authority says that a statement existed at a time.

Belongs here: asking an authority, and judging its token. Does not belong here: when that is asked (only by `--tsa` or
`anchors.tsa`: nothing else opens a socket), what is stamped (`lake/anchors.py`). Needs the extra `timestamp`
(rfc3161-client)."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from genaiops_assets.errors import Refused

SECONDS, LONGEST = 30, 1_000_000  # of an answer, in bytes
HOW_TO = "install the extra: pip install 'genaiops-assets[timestamp]'"


def can_stamp() -> bool:
    return all(find_spec(name) is not None for name in ("rfc3161_client", "cryptography"))


def stamp(statement: bytes, authority: str) -> dict[str, str]:
    """{authority, token} (base64 of the whole answer) for a statement; sends its SHA-512 and nothing else. Raises
    Refused."""
    if not can_stamp():
        raise Refused(f"time-stamps cannot be asked for here: {HOW_TO}")
    if urlsplit(authority).scheme not in ("http", "https"):
        raise Refused(f"{authority}: a time-stamping authority has an address of http or https")
    from rfc3161_client import TimestampRequestBuilder, decode_timestamp_response

    asked = TimestampRequestBuilder().data(statement).build()
    request = Request(authority, asked.as_bytes(), {"Content-Type": "application/timestamp-query"})
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            token = answer.read(LONGEST)
    except (URLError, OSError) as error:
        raise Refused(f"{authority}: gave no time-stamp ({getattr(error, 'reason', error)})") from error
    try:
        given = decode_timestamp_response(token)
        imprint = given.tst_info.message_imprint.message
    except ValueError as error:
        raise Refused(f"{authority}: its answer is no time-stamp ({error})") from error
    if imprint != asked.message_imprint.message:
        raise Refused(f"{authority}: stamped something else than was asked for")
    return {"authority": authority, "token": base64.b64encode(token).decode()}


def stamped_at(statement: bytes, token: str, certificate: Path | None) -> datetime:
    """When the authority saw a statement (UTC). `certificate`: PEM with its root (and what lies between), without which
    the signature cannot be judged and only the statement is compared. Raises Refused saying what is wrong."""
    if not can_stamp():
        raise Refused(f"a time-stamp cannot be verified here: {HOW_TO}")
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        given = decode_timestamp_response(base64.b64decode(token, validate=True))
        moment = given.tst_info.gen_time
    except (ValueError, binascii.Error) as error:
        raise Refused(f"the time-stamp is damaged ({error})") from None
    if certificate is None:
        if given.tst_info.message_imprint.message != _imprint(given, statement):
            raise Refused("the time-stamp is on something else")
        return moment
    builder: Any = VerifierBuilder()
    for one in _certificates(certificate):
        builder = (
            builder.add_root_certificate(one)
            if one.subject == one.issuer
            else builder.add_intermediate_certificate(one)
        )
    try:
        builder.build().verify_message(given, statement)
    except (VerificationError, ValueError) as error:
        raise Refused(f"the time-stamp does not verify ({error})") from None
    return moment


def _imprint(given: Any, statement: bytes) -> bytes:
    import hashlib

    names = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
    algorithm = given.tst_info.message_imprint.hash_algorithm.dotted_string
    if algorithm not in names:
        raise Refused(f"the time-stamp uses {algorithm}, which is not among SHA-2")
    return hashlib.new(names[algorithm], statement).digest()


def _certificates(file: Path) -> list[Any]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"{file}: holds no certificate ({error})") from None
