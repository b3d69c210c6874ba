"""RFC 3161 time-stamps by an authority of our own: openssl makes it and answers, a small server hands it on."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.anchors import Place, anchor_to, can_stamp, compare, read_anchors, stamped_at
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import Anchors, UseCase
from tests.support.lakes import V1, candidate

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and can_stamp()), reason="no openssl, or no rfc3161-client"
)
CONFIG = """
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ordering = no
tsa_name = no
ess_cert_id_chain = no
"""


class Authority:
    """A root, a certificate for time-stamping, and answers by `openssl ts -reply`. Without the root in the answer:
    openssl would put it behind the signer, and rfc3161-client reads no set of certificates that is not sorted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "tsa.cnf").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        (folder / "ext.cnf").write_text(
            "extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"
        )
        new = ["req", "-newkey", "rsa:2048", "-nodes"]
        self.run(*new, "-x509", "-days", "2", "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem")
        self.run(*new, "-subj", "/CN=Time", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = ["x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"]
        self.run(*signed, "-days", "2", "-extfile", "ext.cnf", "-out", "tsa.pem")

    def run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def answer(self, query: bytes) -> bytes:
        (self.folder / "q").write_bytes(query)
        own = ["-config", "tsa.cnf", "-signer", "tsa.pem", "-inkey", "tsa.key"]
        self.run("ts", "-reply", "-queryfile", "q", *own, "-out", "r")
        return (self.folder / "r").read_bytes()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def address(authority: Authority) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(given)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_stamp_is_on_the_anchor_of_its_time_and_verifies_with_the_authoritys_root(
    lake: Lake, uc: UseCase, tmp_path: Path, authority: Authority, address: str
) -> None:
    candidate(lake, uc, V1)
    place, root = Place("file", tmp_path / "anchors.jsonl"), authority.folder / "root.pem"
    assert anchor_to(lake, [place], address).problems == []
    (anchor,) = read_anchors(place).anchors
    assert anchor.timestamp["authority"] == address
    assert abs((stamped_at(anchor.statement(), anchor.timestamp["token"], root)).timestamp() - _at(anchor.made_at)) < 60
    stated = {"to": [str(place)], "tsa": address, "tsa_certificate": str(root)}
    found = compare(lake, [uc.model_copy(update={"anchors": Anchors.model_validate(stated)})])
    assert found.problems == [] and found.notes == []
    without = compare(lake, [uc.model_copy(update={"anchors": Anchors.model_validate({"to": [str(place)]})})])
    assert without.problems == [] and "the authority's signature is not checked" in without.notes[0]
    # another statement, another root, another time
    with pytest.raises(Refused, match="does not verify"):
        stamped_at(b"another statement", anchor.timestamp["token"], root)
    with pytest.raises(Refused, match="is on something else"):
        stamped_at(b"another statement", anchor.timestamp["token"], None)
    other = Authority(tmp_path / "other")
    with pytest.raises(Refused, match="does not verify"):
        stamped_at(anchor.statement(), anchor.timestamp["token"], other.folder / "root.pem")
    line = json.loads(place.path.read_text())
    line["made_at"] = "2020-01-01T00:00:00+00:00"
    place.path.write_text(json.dumps(line) + "\n")
    problems = " ".join(compare(lake, files=[place.path]).problems)
    assert "the time-stamp is on something else" in problems and "signature does not fit" in problems


def _at(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def test_an_authority_that_does_not_answer_leaves_the_anchor_and_is_named(
    lake: Lake, uc: UseCase, tmp_path: Path
) -> None:
    candidate(lake, uc, V1)
    place = Place("file", tmp_path / "anchors.jsonl")
    made = anchor_to(lake, [place], "http://127.0.0.1:9")
    assert made.written and "http://127.0.0.1:9: gave no time-stamp" in made.problems[0]
    assert read_anchors(place).anchors[0].timestamp == {}
    assert "has an address of http" in anchor_to(lake, [place], "file:///etc/passwd").problems[0]
